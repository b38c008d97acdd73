"""Seasons and episodes, in the ways in which people and file names write them. Pure."""

import re

_SEASON = re.compile(r"(?:season|s|series)?[\s._-]*0*(\d{1,3})", re.IGNORECASE)
_EPISODE = re.compile(r"(?:episode|ep|e)?[\s._-]*0*(\d{1,4})", re.IGNORECASE)
_BOTH = re.compile(r"s(?:eason)?[\s._-]*0*(\d{1,3})[\s._-]*ep?(?:isode)?[\s._-]*0*(\d{1,4})", re.IGNORECASE)
_HUNDRED = 100


def same_season(one: str, other: str) -> bool:
    """Whether two seasons are the same: `1`, `S01` and `season 1` are."""
    return _plain(_SEASON, one) == _plain(_SEASON, other)


def same_episode(stated: str, season: str | None, episode: str) -> bool:
    """Whether what is stated is this episode of this season: `4`, `E04`, `s01e04`, and with season 1 also `104`."""
    return bool(_forms(season, episode) & _forms(season if not _BOTH.fullmatch(stated.strip()) else None, stated))


def maybe_same_episode(stated: str, season: str | None, episode: str) -> bool:
    """As `same_episode`, also where it could be only if the season were known."""
    if same_episode(stated, season, episode):
        return True
    if season is not None:
        return False
    one, other = _number(stated), _number(episode)
    if one is None or other is None:
        return True
    return min(one, other) < _HUNDRED and one % _HUNDRED == other % _HUNDRED


def _number(episode: str) -> int | None:
    both = _BOTH.fullmatch(episode.strip())
    text = both[2] if both else _plain(_EPISODE, episode)
    return int(text) if text.isdecimal() else None


def _forms(season: str | None, episode: str) -> set[str]:
    """Every way of saying it: by its number, with its season, and by the two in one number."""
    both = _BOTH.fullmatch(episode.strip())
    if both:
        return {f"s{int(both[1])}e{int(both[2])}"}
    plain = _plain(_EPISODE, episode)
    number = int(plain) if plain.isdecimal() else None
    of_season = _plain(_SEASON, season) if season else ""
    if number is None or not of_season.isdecimal():
        return {plain}
    first, rest = divmod(number, _HUNDRED)
    within = rest if first == int(of_season) and rest else number
    return {plain, f"s{of_season}e{within}"}


def _plain(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.fullmatch(text.strip())
    return str(int(found[1])) if found else text.strip().casefold()
