"""Open watermarks of all members counted together: one picture's bits may agree by chance, several do not."""

from collections import defaultdict
from dataclasses import replace

from scanner.model import Evidence, MemberEvidence, Watermark


def counted_together(members: tuple[MemberEvidence, ...]) -> tuple[MemberEvidence, ...]:
    """The same, but that each watermark tells in how many pictures of the delivery it is. The same bytes count once."""
    frames: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for item in members:
        for mark in item.evidence:
            if isinstance(mark, Watermark):
                frames[mark.scheme, mark.tool][item.member.sha256] = mark.frames
    if not frames:
        return members

    def told(evidence: Evidence) -> Evidence:
        if not isinstance(evidence, Watermark):
            return evidence
        return replace(evidence, frames=sum(frames[evidence.scheme, evidence.tool].values()))

    return tuple(replace(item, evidence=tuple(map(told, item.evidence))) for item in members)
