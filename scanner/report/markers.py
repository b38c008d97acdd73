"""The disclosure map as markers for editing systems: EDL with locators, OTIO, FCPXML, Avid marker text.

OpenTimelineIO and its adapters write all but Avid's text, which is lines of tab-separated fields.
"""

from collections.abc import Iterator
from fractions import Fraction

import opentimelineio as otio

from scanner.errors import NothingToMarkError
from scanner.model import PictureTrack
from scanner.report.disclosure import Disclosed, DisclosureMap
from scanner.report.plain import shown

_DROP_RATES = {Fraction(30000, 1001), Fraction(60000, 1001)}
_FALLBACK_RATE = Fraction(24)
_ZERO = "00:00:00:00"
_ADAPTERS = {"edl": "cmx_3600", "otio": "otio_json", "fcpxml": "fcpx_xml"}
FORMATS = (*_ADAPTERS, "avid")


def markers(mapped: DisclosureMap, form: str, *, member: str | None = None) -> str:
    """The markers of one member of the delivery: the only one that has any, or the one named.

    Raises NothingToMarkError where no member has a place in a picture, or several have and none was named.
    """
    name = _meant(mapped, member)
    rows = [row for row in mapped.rows if row.member == name and row.seconds_in is not None]
    track = mapped.tracks[name]
    if form == "avid":
        return "".join(f"{line}\n" for line in _avid_lines(rows))
    timeline = _timeline(name, rows, track, mapped.durations.get(name, Fraction(0)), counted=form == "edl")
    text: str = otio.adapters.write_to_string(timeline, _ADAPTERS[form])
    # The adapter leaves it empty for rates with a fraction, and editing systems refuse that.
    exact = track.frame_rate or _FALLBACK_RATE
    text = text.replace('frameDuration=""', f'frameDuration="{exact.denominator}/{exact.numerator}s"')
    return text if text.endswith("\n") else text + "\n"


def _meant(mapped: DisclosureMap, member: str | None) -> str:
    placed = {row.member for row in mapped.rows if row.seconds_in is not None} & mapped.tracks.keys()
    if member is not None and member in placed:
        return member
    if member is None and len(placed) == 1:
        return placed.pop()
    names = ", ".join(shown(name) for name in sorted(placed))
    if not placed:
        msg = "nothing in it has a place in a picture track: there is nothing to mark. Use csv, html or json"
    else:
        msg = f"markers are for one file. Name it with --member: {names}"
    raise NothingToMarkError(msg)


def _timeline(
    name: str, rows: list[Disclosed], track: PictureTrack, duration: Fraction, *, counted: bool
) -> otio.schema.Timeline:
    """One clip with its markers. `counted`: without a fraction in the rate, as non-drop-frame timecode is counted."""
    exact = track.frame_rate or _FALLBACK_RATE
    drop = ";" in (track.start_timecode or _ZERO) and exact in _DROP_RATES
    rate = float(exact) if drop or not counted else float(round(exact))
    first = _frames(track.start_timecode, exact, drop=drop)
    last = max([duration, *(row.seconds_out for row in rows if row.seconds_out is not None)])
    length = max(1, round(last * exact))
    whole = _range(first, length, rate)
    clip = otio.schema.Clip(
        shown(name),
        source_range=whole,
        media_reference=otio.schema.ExternalReference(shown(name), available_range=whole),
    )
    for row in rows:
        begin, end = row.seconds_in or Fraction(0), row.seconds_out or Fraction(0)
        where = _range(first + round(begin * exact), max(1, round((end - begin) * exact)), rate)
        clip.markers.append(otio.schema.Marker(_label(row), where, _colour(row), comment=_comment(row)))
    video = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    video.append(clip)
    timeline = otio.schema.Timeline(f"AI disclosure {shown(name)}", global_start_time=whole.start_time)
    timeline.tracks.append(video)
    return timeline


def _range(first: int, length: int, rate: float) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(length, rate))


def _frames(timecode: str | None, rate: Fraction, *, drop: bool) -> int:
    """How many frames after midnight a timecode is (SMPTE ST 12-1)."""
    counted = float(rate) if drop else float(round(rate))
    try:
        return int(otio.opentime.from_timecode(timecode or _ZERO, counted).value)
    except ValueError:
        return 0


def _avid_lines(rows: list[Disclosed]) -> Iterator[str]:
    """User, timecode, track, colour, comment, length: as Media Composer's Markers window exports and imports them."""
    for row in rows:
        length = "1"
        yield "\t".join(("scanner", row.timecode_in or _ZERO, "V1", _colour(row).lower(), _one_line(row), length))


def _one_line(row: Disclosed) -> str:
    return f"{_label(row)}: {_comment(row)}".replace("\t", " ")


def _label(row: Disclosed) -> str:
    return shown(f"AI {row.record_id or row.tool or row.track} ({row.approval or 'no approval'})")


def _comment(row: Disclosed) -> str:
    told = (
        row.asset,
        row.tool,
        row.ground,
        f"credit: {row.credit}" if row.credit else None,
        f"disclose: {row.disclosure}" if row.disclosure else None,
        f"to {row.timecode_out}" if row.timecode_out else None,
    )
    return shown("; ".join(each for each in told if each))


def _colour(row: Disclosed) -> str:
    return str(otio.schema.MarkerColor.GREEN if row.is_settled else otio.schema.MarkerColor.RED)
