"""What is heard, to be played: an excerpt of the delivered sound and one of the registered sound, side by side."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from scanner.examine.job import Job
from scanner.model import Heard, Member, MemberEvidence, Picture, SoundSpan, Thumbnail
from scanner.studio import Studio, Whereabouts, job_of

# More than this of one delivery nobody listens to; of one asset in one file, the first few.
_MOST, _MOST_OF_ONE = 12, 3
_LONGEST = Fraction(12)
_AROUND = Fraction(1)


def sounds_of(studio: Studio, evidence: Iterable[MemberEvidence], where: Whereabouts) -> tuple[Picture, ...]:
    """Excerpts for the people who look at the verdict. Raises ExaminerLostError."""
    told: list[Picture] = []
    for item in evidence:
        heard = _worth_playing(item)[: _MOST - len(told)]
        if heard:
            told += _of_member(studio, item.member, heard, job_of(studio, item.member, where.root(item.member)))
    return tuple(told)


def _worth_playing(item: MemberEvidence) -> list[Heard]:
    kept: list[Heard] = []
    count: defaultdict[str, int] = defaultdict(int)
    for each in item.evidence:
        if isinstance(each, Heard):
            count[each.asset.asset_id] += 1
            if count[each.asset.asset_id] <= _MOST_OF_ONE:
                kept.append(each)
    return kept


def _of_member(studio: Studio, member: Member, heard: list[Heard], job: Job) -> list[Picture]:
    registered = [
        studio.kept.excerpt(each.asset.asset_id, (each.asset_seconds_in + each.asset_seconds_out) / 2) for each in heard
    ]
    spans = [_span(each, piece) for each, piece in zip(heard, registered, strict=True)]
    found = studio.pool.excerpts(job, spans)
    return [
        Picture(member=member.name, found=excerpt, registered=piece, asset_id=each.asset.asset_id)
        for each, excerpt, piece in zip(heard, found, registered, strict=True)
        if excerpt is not None or piece is not None
    ]


def _span(heard: Heard, piece: Thumbnail | None) -> SoundSpan:
    """What to play of the delivered sound: where it lies against the registered piece, or else around the match."""
    begin, end = heard.place.seconds_in, heard.place.seconds_out
    first, after = begin - _AROUND, end + _AROUND
    if piece is not None and piece.seconds < heard.asset_seconds_out and heard.asset_seconds_in < _end(piece):
        speed = Fraction(heard.speed).limit_denominator(1000) or Fraction(1)
        first = begin + (piece.seconds - heard.asset_seconds_in) / speed
        after = first + piece.length / speed
    first = max(Fraction(0), first)
    return SoundSpan(
        stream=heard.stream, channel=heard.channel, start=first, length=min(max(after - first, _AROUND), _LONGEST)
    )


def _end(piece: Thumbnail) -> Fraction:
    return piece.seconds + piece.length
