"""Scan results as one HTML file that needs nothing else: no script, no request, pictures inside."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scanner.model import Finding, Heard, LookAlike, Picture, Thumbnail
from scanner.report.plain import GRADE_MEANINGS, checked_words, coverage_words, tally
from scanner.report.scanned import Scanned
from scanner.report.templating import filled
from scanner.report.timeline import Bar, place_of, timeline

# So near to the edge of the frame an outline shows nothing.
_EDGE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Found and registered sound, and in each the stretch that matched: from and to, in percent of the excerpt."""

    picture: Picture
    found: tuple[float, float] | None = None
    registered: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finding with its number, its pictures and sounds, and the outline of what was found: `x,y ...` in percent."""

    number: int
    finding: Finding
    pictures: tuple[Picture, ...]
    outline: str | None
    sounds: tuple[Played, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One delivery as the page shows it."""

    anchor: str
    scanned: Scanned
    findings: tuple[Shown, ...]
    spare: tuple[Picture, ...]
    spare_sounds: tuple[Played, ...]
    bars: tuple[Bar, ...]
    coverage: str


def html(scanned: Sequence[Scanned], *, shortest_shot: int | None = None, heading: str = "Scan report") -> str:
    """The whole report. `shortest_shot`, in frames, is the shot that no sampling step may miss."""
    return filled(
        "report.html.j2",
        heading=heading,
        tally=tally(each.verdict.outcome for each in scanned),
        worst=max((each.verdict.outcome for each in scanned), default=None),
        sections=[_section(number, each, shortest_shot) for number, each in enumerate(scanned, 1)],
        grades=GRADE_MEANINGS,
        data_uri=data_uri,
        sound_uri=sound_uri,
    )


def data_uri(thumbnail: Thumbnail) -> str:
    """The picture itself as the address of an image."""
    return "data:image/jpeg;base64," + b64encode(thumbnail.jpeg).decode("ascii")


def sound_uri(excerpt: Thumbnail) -> str:
    """The sound itself as the address of a recording."""
    return "data:audio/mpeg;base64," + b64encode(excerpt.sound).decode("ascii")


def _section(number: int, scanned: Scanned, shortest_shot: int | None) -> Section:
    findings = scanned.verdict.findings
    owners = [_owner(picture, findings) for picture in scanned.pictures]
    owned = list(zip(owners, scanned.pictures, strict=True))
    covered = coverage_words(scanned.verdict, shortest_shot=shortest_shot)
    return Section(
        anchor=f"delivery-{number}",
        scanned=scanned,
        findings=tuple(
            Shown(
                number=position,
                finding=finding,
                pictures=tuple(each for owner, each in owned if owner == position and not each.is_sound),
                outline=_outline(finding),
                sounds=tuple(_played(each, finding) for owner, each in owned if owner == position and each.is_sound),
            )
            for position, finding in enumerate(findings, 1)
        ),
        spare=tuple(each for owner, each in owned if owner is None and not each.is_sound),
        spare_sounds=tuple(Played(picture=each) for owner, each in owned if owner is None and each.is_sound),
        bars=timeline(scanned),
        coverage=" ".join(filter(None, (covered, checked_words(scanned.record.members)))),
    )


def _owner(picture: Picture, findings: Sequence[Finding]) -> int | None:
    """The finding that a picture shows: of those with its member and asset the one at its time, or else the first."""
    alike = [
        (position, finding)
        for position, finding in enumerate(findings, 1)
        if (finding.member, finding.asset and finding.asset.asset_id) == (picture.member, picture.asset_id)
        and isinstance(finding.evidence, Heard) is picture.is_sound
    ]
    there = (position for position, finding in alike if _at_its_time(picture, finding))
    return next(there, alike[0][0] if alike else None)


def _at_its_time(picture: Picture, finding: Finding) -> bool:
    place = place_of(finding)
    if place is None or picture.found is None:
        return False
    begin, end = picture.found.seconds, picture.found.seconds + picture.found.length
    return place.seconds_in <= begin < place.seconds_out or begin <= place.seconds_in < end


def _played(picture: Picture, finding: Finding) -> Played:
    heard = finding.evidence
    if not isinstance(heard, Heard):
        return Played(picture=picture)
    return Played(
        picture=picture,
        found=_stretch(picture.found, heard.place.seconds_in, heard.place.seconds_out),
        registered=_stretch(picture.registered, heard.asset_seconds_in, heard.asset_seconds_out),
    )


def _stretch(excerpt: Thumbnail | None, begin: Fraction, end: Fraction) -> tuple[float, float] | None:
    """From and to, in percent of an excerpt; None where it holds nothing of it."""
    if excerpt is None or not excerpt.length:
        return None
    first, after = (_percent(float((at - excerpt.seconds) / excerpt.length)) for at in (begin, end))
    return (first, after) if first < after else None


def _outline(finding: Finding) -> str | None:
    """The corners of what was found; None where that is as good as the whole frame."""
    evidence = finding.evidence
    if not isinstance(evidence, LookAlike) or _fills(evidence.region):
        return None
    x, y, width, height = evidence.region
    corners = evidence.polygon or ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return " ".join(f"{_percent(across)},{_percent(down)}" for across, down in corners)


def _fills(region: tuple[float, float, float, float]) -> bool:
    x, y, width, height = region
    return x <= _EDGE and y <= _EDGE and x + width >= 1 - _EDGE and y + height >= 1 - _EDGE


def _percent(share: float) -> float:
    return round(min(max(share, 0.0), 1.0) * 100, 2)
