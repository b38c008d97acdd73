"""Content Credentials (C2PA) as evidence, and what a declaration may mean."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Meaning(StrEnum):
    """What a declared source type says about generative AI (guidelines 3.2)."""

    AI = "ai"
    MAYBE = "maybe"


class CredentialState(StrEnum):
    """How far Content Credentials can be believed. Absence is not a state: it yields no evidence.

    `APART`: in a file of their own, signed whole; whether the media still fit them cannot be told from it alone.
    """

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    BROKEN = "broken"
    APART = "apart"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True, kw_only=True)
class AiClaim:
    """One statement inside Content Credentials: which manifest, what it says, which tool it names.

    `gathered`: its signer passes it on and does not vouch for it; `mark`: it names an AI vendor's watermark, no more.
    """

    manifest: str
    says: str
    meaning: Meaning
    tool: str | None = None
    gathered: bool = False
    mark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Content Credentials (C2PA) of a file: whether they are valid, whether the signer is trusted, what they say of AI.

    Of the active manifest: `state`, `trusted`, `signer`, `generator`; `claims` and `validation` (status codes of C2PA)
    of all. `trust_lists`: what was asked, with dates. `identities`: who says to have made it (CAWG), and how far that
    was verified. `notes`: what else is to be known and is no evidence of AI. `binds`: SHA-256 of the one file that a
    sidecar was signed for, where its manifest tells it.
    """

    kind: Literal["credentials"] = "credentials"
    state: CredentialState
    trusted: bool = False
    signer: str | None = None
    generator: str | None = None
    claims: tuple[AiClaim, ...] = ()
    validation: tuple[str, ...] = ()
    location: str | None = None
    trust_lists: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    binds: str | None = None

    @property
    def valid(self) -> bool | None:
        """Whether signature and content fit each other; None where the content is not at hand."""
        match self.state:
            case CredentialState.TRUSTED | CredentialState.UNTRUSTED:
                return True
            case CredentialState.APART | CredentialState.REMOTE:
                return None
            case _:
                return False

    @property
    def says_ai(self) -> Meaning | None:
        """The strongest that any claim says of generative AI."""
        meanings = {claim.meaning for claim in self.claims}
        return next((meaning for meaning in Meaning if meaning in meanings), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchors:
    """Certificates whose signers are trusted, as PEM text, and from which lists they are: names with dates."""

    pem: str = ""
    lists: tuple[str, ...] = ()
