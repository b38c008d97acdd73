"""What only all members together show: a delivered log that contradicts what its neighbours carry."""

from scanner.model import MemberEvidence


def across(members: tuple[MemberEvidence, ...]) -> tuple[MemberEvidence, ...]:
    """The members' evidence with what follows from several of them."""
    return members
