"""Composition playlists (CPL) of IMF (SMPTE ST 2067-3) and DCP (ST 429-7, and Interop): which track file is shown when.

Times become exact seconds. Only what names a track file is kept: markers and the like are passed over.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

from scanner.intake.records import Node, UnreadableManifestError, read_records
from scanner.model import Composition, TrackUse

_MOST_NODES = 120_000
_MOST_USES = 10_000
_LONGEST_TITLE = 200
_PASSED_OVER = frozenset({
    *("EssenceDescriptorList", "ExtensionProperties", "LocaleList", "Signer", "Signature", "MarkerSequence"),
    *("ContentVersionList", "RatingList"),
})  # fmt: skip
# What stands among the tracks of a reel and is none.
_NO_TRACKS = frozenset({"MainMarkers", "CompositionMetadataAsset"})
_RATE = re.compile(r"([0-9]{1,9})(?:[ \t]+([0-9]{1,9}))?")
_TIMECODE = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}[:;][0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,12}")
_URN = "urn:uuid:"


def composition(data: bytes) -> Composition:
    """A composition playlist. Raises UnreadableManifestError."""
    found: list[Node] = []
    read_records(
        data,
        root="CompositionPlaylist",
        records=("CompositionPlaylist",),
        on_record=found.append,
        most=_MOST_NODES,
        without=_PASSED_OVER,
    )
    (whole,) = found
    uses = tuple(_most(_segments(whole) if any(whole.below("Segment")) else _reels(whole)))
    rate = _rate(whole.first("EditRate")) or next((rate for reel in _pictures(whole) if (rate := _own(reel))), None)
    if rate is None:
        msg = "it has no edit rate"
        raise UnreadableManifestError(msg)
    title = whole.first("ContentTitle") or whole.first("ContentTitleText") or whole.first("AnnotationText")
    return Composition(
        composition_id=_uuid(whole.first("Id")),
        title=title[:_LONGEST_TITLE],
        edit_rate=rate,
        start_timecode=_start(whole),
        uses=uses,
    )


def _start(whole: Node) -> str:
    """The composition's first timecode, with a semicolon if it drops frames."""
    timecode = next(whole.children_called("CompositionTimecode"), None)
    start = timecode.first("TimecodeStartAddress") if timecode else ""
    if timecode is None or not _TIMECODE.fullmatch(start):
        return "00:00:00:00"
    drops = timecode.first("TimecodeDropFrame").lower() in ("1", "true")
    return f"{start[:8]};{start[9:]}" if drops else f"{start[:8]}:{start[9:]}"


def _segments(whole: Node) -> Iterator[TrackUse]:
    """IMF: segments one after the other; in each, sequences side by side; in each, resources one after the other."""
    usual = _rate(whole.first("EditRate"))
    begins = Fraction(0)
    for segment in whole.below("Segment"):
        longest = Fraction(0)
        for resources in segment.below("ResourceList"):
            at = begins
            for resource in resources.children_called("Resource"):
                entry, duration = _part(resource, "SourceDuration", usual)
                repeats = _count(resource.first("RepeatCount"))
                repeats = 1 if repeats is None else repeats
                # A stereoscopic resource has one for each eye.
                for track_file in resource.below("TrackFileId"):
                    if repeats:
                        used = _uuid(track_file.text)
                        yield TrackUse(track_file=used, start=at, entry=entry, duration=duration, repeats=repeats)
                at += duration * repeats
            longest = max(longest, at - begins)
        begins += longest


def _reels(whole: Node) -> Iterator[TrackUse]:
    """DCP: reels one after the other; in each, a picture, sound and text side by side."""
    begins = Fraction(0)
    for reel in whole.below("Reel"):
        picture = next(_pictures(reel), None)
        usual, longest = (_own(picture) if picture else None), Fraction(0)
        for assets in reel.below("AssetList"):
            for track in assets.children:
                if track.name in _NO_TRACKS or not track.first("IntrinsicDuration"):
                    continue
                entry, duration = _part(track, "Duration", usual)
                yield TrackUse(track_file=_uuid(track.first("Id")), start=begins, entry=entry, duration=duration)
                longest = max(longest, duration)
        begins += _part(picture, "Duration", usual)[1] if picture else longest


def _pictures(whole: Node) -> Iterator[Node]:
    return whole.below("MainPicture", "MainStereoscopicPicture")


def _own(track: Node) -> Fraction | None:
    return _rate(track.first("EditRate"))


def _part(resource: Node, duration: str, usual: Fraction | None) -> tuple[Fraction, Fraction]:
    """From where on, and for how long, a track file is shown, in its seconds; without a duration, to its end."""
    rate = _own(resource) or usual
    entry = _count(resource.first("EntryPoint")) or 0
    whole = _count(resource.first("IntrinsicDuration"))
    shown = _count(resource.first(duration))
    if rate is None or (whole is None and shown is None):
        msg = "it does not say how long a track file is shown"
        raise UnreadableManifestError(msg)
    frames = shown if shown is not None else max(0, (whole or 0) - entry)
    return entry / rate, frames / rate


def _most(uses: Iterator[TrackUse]) -> Iterator[TrackUse]:
    for number, use in enumerate(uses):
        if number == _MOST_USES:
            msg = f"it uses more than {_MOST_USES} pieces of track files"
            raise UnreadableManifestError(msg)
        yield use


def _rate(text: str) -> Fraction | None:
    """`24000 1001`, or `24` alone."""
    match = _RATE.fullmatch(text)
    if match is None:
        return None
    above, below = int(match[1]), int(match[2] or 1)
    return Fraction(above, below) if above and below else None


def _count(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) else None


def _uuid(text: str) -> str:
    return text.lower().removeprefix(_URN)[:64]
