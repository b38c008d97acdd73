"""What only all members together show: a log that contradicts its neighbours; a stray among the frames of a shot."""

from collections import defaultdict
from dataclasses import replace

from scanner.match.claims import compared
from scanner.match.marks import counted_together
from scanner.match.sidecars import bound
from scanner.media.formats import KINDS
from scanner.model import MediaKind, Member, MemberEvidence, Stray

# Only where the frames are many and what lies beside them is little is the folder that of a sequence.
_FEWEST_FRAMES = 24
_FRAMES_A_STRAY = 10
_STILL_ENDINGS = frozenset(
    {name for name, kind in KINDS.items() if kind is MediaKind.STILL} | {"jpg", "tif", "heic", "j2c", "cin"}
)


def across(members: tuple[MemberEvidence, ...]) -> tuple[MemberEvidence, ...]:
    """The members' evidence with what follows from several of them."""
    members = bound(counted_together(members))
    strays = _strays([item.member for item in members])
    return compared(
        tuple(
            replace(item, evidence=(*item.evidence, strays[item.member.name])) if item.member.name in strays else item
            for item in members
        )
    )


def _strays(members: list[Member]) -> dict[str, Stray]:
    """Single pictures beside a sequence, by name. What only is named like one (an empty file) is one too."""
    sequences: dict[str, Member] = {}
    beside: dict[str, list[str]] = defaultdict(list)
    for member in members:
        folder = member.files[0].rpartition("/")[0] if member.files else ""
        if member.kind is MediaKind.SEQUENCE:
            largest = sequences.get(folder)
            if largest is None or len(member.files) > len(largest.files):
                sequences[folder] = member
        elif _is_picture(member):
            beside[folder].append(member.name)
    return {
        name: Stray(file=name, sequence=sequence.name)
        for folder, sequence in sequences.items()
        if len(sequence.files) >= max(_FEWEST_FRAMES, _FRAMES_A_STRAY * len(beside[folder]))
        for name in beside[folder]
    }


def _is_picture(member: Member) -> bool:
    return member.kind is MediaKind.STILL or member.name.rpartition(".")[2].lower() in _STILL_ENDINGS
