"""Season and episode from delivered names, where the naming conventions leave no doubt (guidelines 2, names). Pure.

`s##e##` as a word says both. The name of a VFX shot, `showID_episode_(seq)_(scene)_shot#_task_vendor_v###`, says the
episode where it is sure that its first number is one: with all four numbers, or where it begins with the season.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from scanner.model import Delivery

_Found = tuple[str | None, str | None]
_BOTH = re.compile(r"(?<![A-Za-z0-9])s([0-9]{1,2})e([0-9]{1,3})(?![A-Za-z0-9])", re.IGNORECASE)
_SHOT = re.compile(r"[A-Za-z][A-Za-z0-9]{1,9}_([0-9]{3})((?:_[0-9]{2,4}){1,3})_[A-Za-z]+(?:_[A-Za-z0-9]+)?_v[0-9]{2,4}")


def season_and_episode(names: Iterable[str], *, season: str | None = None) -> _Found:
    """What the names of a delivery and of its members say together; None where they are silent, or do not agree.

    `season`: what is known of it otherwise.
    """
    parts = [part for name in dict.fromkeys(names) for part in name.split("/")]
    stated = {(str(int(s)), str(int(e))) for part in parts for s, e in _BOTH.findall(part)}
    seasons = {said for said, _ in stated}
    known = season or (seasons.pop() if len(seasons) == 1 else None)
    episodes = {episode for _, episode in stated} | set(_of_shots(parts, known))
    agreed = len(episodes) == 1 and len({said for said, _ in stated}) <= 1
    return (known if season is None else None), (episodes.pop() if agreed else None)


def in_series(delivery: Delivery) -> Delivery:
    """The delivery with the season and episode that its names say, where its door does not say them."""
    names = (delivery.name, *(member.name for member in delivery.members))
    season, episode = season_and_episode(names, season=delivery.season)
    return replace(delivery, season=delivery.season or season, episode=delivery.episode or episode)


def _of_shots(parts: Iterable[str], season: str | None) -> Iterator[str]:
    """The episodes that names of VFX shots say; within a known season by their number in it."""
    number = season and re.fullmatch(r"(?:s|season)?\s*0*([0-9]{1,2})", season, re.IGNORECASE)
    for part in parts:
        found = _SHOT.match(part)
        if found is None:
            continue
        within = number and found[1].startswith(number[1]) and len(number[1]) == 1
        if within:
            yield str(int(found[1][1:]))
        elif len(found[2].split("_")) == 4:
            yield found[1]
