"""Content Credentials in a file of their own: which member of the delivery they were signed for."""

from dataclasses import replace
from pathlib import PurePosixPath

from scanner.model import Credentials, CredentialState, Member, MemberEvidence

_MISMATCH = "assertion.dataHash.mismatch"
_SIDECAR = "c2pa"


def bound(members: tuple[MemberEvidence, ...]) -> tuple[MemberEvidence, ...]:
    """Sidecars go to the member whose very bytes they were signed for; they are broken where it is another file now.

    Those whose manifest does not tell the whole file's SHA-256 (MP4, MOV, HEIF) stay where they are.
    """
    sidecars = [item for item in members if item.member.format == _SIDECAR]
    if not sidecars:
        return members
    changed = {item.member.name: item for item in members}
    for item in sidecars:
        for credentials in item.evidence:
            if isinstance(credentials, Credentials) and credentials.binds is not None:
                _bind(changed, item.member, credentials)
    return tuple(changed[item.member.name] for item in members)


def _bind(members: dict[str, MemberEvidence], sidecar: Member, credentials: Credentials) -> None:
    beside = [item for item in members.values() if _is_media_of(sidecar, item.member)]
    signed = [item for item in beside if item.member.sha256 == credentials.binds]
    home = members[sidecar.name]
    if credentials.state is CredentialState.APART and signed:
        rest = tuple(one for one in home.evidence if one is not credentials)
        members[sidecar.name] = replace(home, evidence=rest)
        for item in signed:
            found = replace(item, evidence=(*item.evidence, _fitting(credentials, sidecar)))
            members[item.member.name] = found
    elif credentials.state is CredentialState.APART and beside:
        broken = replace(
            credentials, state=CredentialState.BROKEN, validation=tuple(sorted({*credentials.validation, _MISMATCH}))
        )
        kept = tuple(broken if one is credentials else one for one in home.evidence)
        members[sidecar.name] = replace(home, evidence=kept)


def _is_media_of(sidecar: Member, member: Member) -> bool:
    """Whether the member has the sidecar's place and name, but for the ending (C2PA 2.2, 11.4)."""
    mine, other = PurePosixPath(sidecar.name), PurePosixPath(member.name)
    return (
        member.format != _SIDECAR
        and len(member.files) == 1
        and (mine.parent, mine.stem)
        in (
            (other.parent, other.stem),
            (other.parent, other.name),
        )
    )


def _fitting(credentials: Credentials, sidecar: Member) -> Credentials:
    state = CredentialState.TRUSTED if credentials.trusted else CredentialState.UNTRUSTED
    return replace(credentials, state=state, notes=(*credentials.notes, f"they lie in {sidecar.name}"))
