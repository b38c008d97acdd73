"""Looking names up in the register: of clips, reels and sources in timelines, and of the delivered files and folders.

Pure, and done at every judgement, so that an asset that is registered later is found too. A name is a lead: common
words, numbers and short names lead nowhere and are never looked up alone.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote

from scanner.model import (
    Evidence,
    Heard,
    Identical,
    LookAlike,
    Member,
    Mention,
    Named,
    NamedAsset,
    SuspectName,
)

MOST_PLACES = 10
_LEAST_LETTERS = 5
_MOST_WORDS = 64
_LONGEST = 400
# Of a path: the file, and the two folders around it.
_PARTS = 3
_SEPARATORS = re.compile(r"[\W_]+")
_VERSION = re.compile(r"(?:v|ver|version|rev|r)\d{1,4}|\d{1,8}")
# Frames of an image sequence, as intake and as compositing programs name them: [1001-1100], %04d, ####.
_FRAMES = re.compile(r"\[\d+-\d+\]|%0\d+d|#+")
# What editing programs add to the name of a clip.
_ADDED = frozenset({"new", "copy", "sub", "exported", "subclip", "phys", "aaf", "mixdown"})
_MEDIA_TEXT = """
mov mp4 m4v mxf mkv webm avi wav aif aiff flac mp3 m4a jpg jpeg png tif tiff webp exr dpx psd gif
heic avif
"""
_COMMON_TEXT = """
a ai an and at audio background bars bg black by camera clip clips comp composite copy credits cut dailies day
delivery demo draft dsc edit element end episode export exported ext fade fg file final footage for frame
frames from full gen grade graded hd image images img import in insert int key layer left logo main mask
master matte media mix mixdown montage move movie music new night no note of old on opening output part pic
picture plate plates poster preview prod project proxy raw reel ref reference render renders reverse right
roll scan scene screen seq sequence shot shots slate slow small sound source still stills stock sub take temp
temporary test tests text the timeline title titles to track trailer uhd untitled update upload v var version
versions vfx video videos view voice wide wip with work xml
"""
_MEDIA, _COMMON = frozenset(_MEDIA_TEXT.split()), frozenset(_COMMON_TEXT.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that the register knows, by their words. A name of one word counts only where it stands alone."""

    assets: tuple[NamedAsset, ...] = ()
    _by_words: Mapping[tuple[str, ...], tuple[tuple[NamedAsset, str], ...]] = field(default_factory=dict)
    _lengths: tuple[int, ...] = ()
    _by_record: Mapping[str, NamedAsset] = field(default_factory=dict)

    @classmethod
    def of(cls, assets: Iterable[NamedAsset]) -> "Names":
        """To look up these assets by their names and by the shots that they are for."""
        known = tuple(assets)
        by_words: dict[tuple[str, ...], list[tuple[NamedAsset, str]]] = defaultdict(list)
        for each in known:
            told = f"{each.asset.name} [{each.asset.record_id}]"
            for name, why in ((each.asset.name, f"the registered {told}"), (each.shot, f"the shot of {told}")):
                key = _core(words(name or ""))
                if _distinguishes(key):
                    by_words[key].append((each, why))
        return cls(
            assets=known,
            _by_words={key: tuple(assets) for key, assets in by_words.items()},
            _lengths=tuple(sorted({len(key) for key in by_words}, reverse=True)),
            _by_record={each.asset.record_id: each for each in reversed(known)},
        )

    def known(self, name: str) -> dict[str, tuple[NamedAsset, str]]:
        """What this name or path is known as, by asset id: the asset, and why. Where more words agree, they count."""
        found: dict[str, tuple[NamedAsset, str]] = {}
        path = _FRAMES.sub(" ", name[-_LONGEST:])
        parts = (unquote(path) if "%" in path else path).replace("\\", "/").split("/")
        for part in reversed(parts[-_PARTS:]):
            for asset, why in self._in_part(words(part)):
                found.setdefault(asset.asset.asset_id, (asset, why))
        return found

    def recorded(self, record_id: str) -> NamedAsset | None:
        """The first asset of a record, None where the register has no such record in force."""
        return self._by_record.get(record_id)

    def _in_part(self, said: tuple[str, ...]) -> Iterator[tuple[NamedAsset, str]]:
        for length in self._lengths:
            spans = [said[at : at + length] for at in range(len(said) - length + 1)] if length > 1 else [_core(said)]
            for span in spans:
                yield from self._by_words.get(span, ())


def stem(name: str) -> tuple[str, ...]:
    """The words of a file's name without its ending; its version is one of them."""
    found = words(name)
    return found[:-1] if len(found) > 1 and found[-1] in _MEDIA else found


def words(name: str) -> tuple[str, ...]:
    """The words of a name; upper and lower case are one, and the frames of a sequence are left out."""
    plain = unicodedata.normalize("NFKC", _FRAMES.sub(" ", name)).casefold()
    return tuple(islice(filter(None, _SEPARATORS.split(plain)), _MOST_WORDS))


def _core(said: tuple[str, ...]) -> tuple[str, ...]:
    """Without versions at the end, numbers of copies, and endings that became words."""
    end = len(said)
    while end > 1 and (said[end - 1] in _ADDED or said[end - 1] in _MEDIA or _is_count(said, end)):
        end -= 1
    return said[:end]


def _is_count(said: tuple[str, ...], end: int) -> bool:
    """A version is one; a bare number only behind a word that editing programs add."""
    last = said[end - 1]
    return bool(_VERSION.fullmatch(last)) and (not last.isdigit() or said[end - 2] in _ADDED)


def _distinguishes(said: tuple[str, ...]) -> bool:
    """Whether a name says enough to be looked up: five letters or digits in words that are not common, and a letter."""
    telling = [word for word in said if word not in _COMMON and not (_VERSION.fullmatch(word) and not word.isdigit())]
    return sum(map(len, telling)) >= _LEAST_LETTERS and any(not word.isdigit() for word in telling)


def leads(member: Member, evidence: Iterable[Evidence], names: Names) -> Iterator[SuspectName]:
    """The names of a member and inside it that the register knows; each asset once for each timeline.

    What the bytes or pictures show already needs no lead.
    """
    seen = tuple(evidence)
    shown = {each.asset.asset_id for each in seen if isinstance(each, Identical | LookAlike | Heard)}
    yield from _of_the_member(member, names, shown)
    kept: dict[str, dict[str, tuple[NamedAsset, str]]] = {}
    places: dict[tuple[str, str | None], list[tuple[Mention, NamedAsset, str]]] = defaultdict(list)
    for mention in seen:
        if isinstance(mention, Mention):
            known = kept.get(mention.name)
            if known is None:
                known = kept[mention.name] = names.known(mention.name)
            for asset_id, (asset, why) in known.items():
                places[asset_id, mention.timeline].append((mention, asset, why))
    yield from map(_grouped, places.values())


def _of_the_member(member: Member, names: Names, shown: set[str]) -> Iterator[SuspectName]:
    """A file's own name goes before those of the folders around it."""
    *folders, leaf = member.name.split("/")
    told = set(shown)
    for name, named in ((leaf, Named.FILE), *((folder, Named.FOLDER) for folder in reversed(folders))):
        for asset_id, (asset, why) in names.known(name).items():
            if asset_id not in told:
                told.add(asset_id)
                yield SuspectName(named=named, name=name, why=f"it is {why}", tool=asset.tool, asset=asset.asset)


def _grouped(places: list[tuple[Mention, NamedAsset, str]]) -> SuspectName:
    """One lead for all places; one with timecode goes first, and several names in one place are one place."""
    by_place: dict[tuple[str | None, ...], Mention] = {}
    for mention, _, _ in places:
        by_place.setdefault((mention.track, mention.record_in, mention.record_out), mention)
    timed = [each for each in by_place.values() if each.record_in]
    first, *more = timed or list(by_place.values())
    _, asset, why = next(place for place in places if place[0] == first)
    return SuspectName(
        named=first.named,
        name=first.name,
        why=f"it is {why}",
        tool=asset.tool,
        asset=asset.asset,
        mention=first,
        more=tuple(more[: MOST_PLACES - 1]),
        places=1 + len(more),
    )


def looked_up(evidence: Iterable[Evidence], names: Names | None) -> Iterator[str]:
    """How many names inside a member were looked up, and among how many, for the coverage; None: no register to ask."""
    count = len({each.name for each in evidence if isinstance(each, Mention)})
    if not count:
        return
    told = "1 name in it was" if count == 1 else f"{count} different names in it were"
    if names is None:
        yield f"{told} not looked up: no register was asked"
    else:
        assets = "1 registered asset" if len(names.assets) == 1 else f"{len(names.assets)} registered assets"
        yield f"{told} looked up among {assets}"
