"""Where the compositions (CPL) of a delivery show what was found in a track file: nowhere, once or several times."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from scanner.media.timecode import shown
from scanner.model import Composition, Evidence, Heard, LookAlike, Member, MemberEvidence, Place, Shown, TrackUse

_MOST = 100
_MOST_NAMED = 10


def in_compositions(members: tuple[MemberEvidence, ...]) -> tuple[MemberEvidence, ...]:
    """The same evidence; what has a place in a track file is told in the time of every composition that shows it.

    Nothing changes where no composition was delivered. To be asked last: ends that are moved move these places too.
    """
    compositions = {
        item.member.name: item.member.composition for item in members if item.member.composition is not None
    }
    if not compositions:
        return members

    def told(evidence: Evidence, asset_ids: tuple[str, ...]) -> Evidence:
        if not isinstance(evidence, LookAlike | Heard) or evidence.place is None:
            return evidence
        return replace(evidence, place=replace(evidence.place, shown=places(evidence.place, asset_ids, compositions)))

    return tuple(
        replace(item, evidence=tuple(told(evidence, item.member.asset_ids) for evidence in item.evidence))
        for item in members
    )


def of_other_deliveries(members: tuple[MemberEvidence, ...], known: Mapping[str, str]) -> tuple[MemberEvidence, ...]:
    """The same; coverage names what a composition shows and did not come with it (supplemental packages): no error.

    `known`: in words, where the track files of other deliveries are, by UUID.
    """
    return tuple(
        replace(item, coverage=replace(item.coverage, notes=(*item.coverage.notes, *_absent(item.member, known))))
        if item.member.composition is not None and item.member.composition.absent
        else item
        for item in members
    )


def absent_from(members: Iterable[Member]) -> tuple[str, ...]:
    """The track files that compositions show and that did not come with them, each once."""
    compositions = (member.composition for member in members if member.composition is not None)
    return tuple(dict.fromkeys(track_file for each in compositions for track_file in each.absent))


def _absent(member: Member, known: Mapping[str, str]) -> Iterator[str]:
    absent = member.composition.absent if member.composition else ()
    for track_file in absent[:_MOST_NAMED]:
        where = known.get(track_file, "which deliveries came before was not asked")
        yield f"its track file {track_file} was not delivered with it and not examined here: {where}"
    if len(absent) > _MOST_NAMED:
        yield f"{len(absent) - _MOST_NAMED} more of its track files were not delivered with it nor examined here"


def places(place: Place, asset_ids: tuple[str, ...], compositions: dict[str, Composition]) -> tuple[Shown, ...]:
    """Where compositions, by the member that each was read from, show a place of the track file with these UUIDs."""
    found: list[Shown] = []
    for file, composition in compositions.items():
        spans = sorted(span for use in composition.uses if use.track_file in asset_ids for span in _spans(use, place))
        found += (_shown(begin, end, composition, file) for begin, end in _joined(spans))
    return tuple(found[:_MOST])


def _spans(use: TrackUse, place: Place) -> Iterator[tuple[Fraction, Fraction]]:
    """From when to when one use of the track file shows the place; once for each repetition, the first of them."""
    begin = max(place.seconds_in, use.entry)
    end = min(place.seconds_out, use.entry + use.duration)
    if begin < end:
        for number in range(min(use.repeats, _MOST)):
            at = use.start + number * use.duration - use.entry
            yield at + begin, at + end


def _joined(spans: list[tuple[Fraction, Fraction]]) -> Iterator[tuple[Fraction, Fraction]]:
    """Spans that follow one another without a frame between them are one: a track file used in two pieces."""
    begin = end = None
    for first, after in spans:
        if begin is not None and end is not None and first <= end:
            end = max(end, after)
            continue
        if begin is not None and end is not None:
            yield begin, end
        begin, end = first, after
    if begin is not None and end is not None:
        yield begin, end


def _shown(begin: Fraction, end: Fraction, composition: Composition, file: str) -> Shown:
    rate, start = composition.edit_rate, composition.start_timecode
    return Shown(
        composition=composition.title,
        composition_id=composition.composition_id,
        file=file,
        seconds_in=begin,
        seconds_out=end,
        timecode_in=shown(begin, rate, start),
        timecode_out=shown(end, rate, start),
    )
