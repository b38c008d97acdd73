"""Approved escalations: what was agreed in writing, for what, until when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.papers import Action, Prominence, Trigger


class DropClass(StrEnum):
    """What a delivery is for. Unknown counts as final (guidelines 2, drop classes)."""

    FINAL = "final"
    WORK_IN_PROGRESS = "work-in-progress"
    TEST_REEL = "test-reel"
    TRAILER = "trailer"
    ARTWORK = "artwork"
    SOUND = "sound"
    TIMED_TEXT = "timed-text"
    CAMERA = "camera"


class ApprovalStatus(StrEnum):
    """Where an escalation stands. The two approved ones approve; `denied` denies; the others say nothing yet."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimecodeRange:
    """A stretch of programme time, first frame to first frame after it, as SMPTE ST 12 text (`HH:MM:SS:FF`)."""

    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an approval is for. An empty dimension does not restrict; a filled one must be met."""

    drop_classes: tuple[DropClass, ...] = ()
    records: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    shots: tuple[str, ...] = ()
    timecodes: tuple[TimecodeRange, ...] = ()
    file_patterns: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    tool_versions: tuple[str, ...] = ()
    sha256: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    max_prominence: Prominence | None = None


class Check(StrEnum):
    """A condition that a machine can check on what was delivered."""

    CREDIT = "credit"
    DISCLOSURE = "disclosure"
    REVIEWED = "reviewed"
    FINAL_APPROVAL = "final_approval"
    CONSENTS = "consents"
    MAX_SECONDS = "max_seconds"
    MAX_PROMINENCE = "max_prominence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition of an approval. `limit`: what `check` compares with; `satisfied_by`: a document that shows it met."""

    condition_id: str
    text: str
    check: Check | None = None
    limit: str | None = None
    satisfied_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """What an approval permits beyond its words. A replica of talent and fine-tuning are never meant silently."""

    final_use: bool = True
    talent_replica: bool = False
    fine_tuning: bool = False
    credit_exempt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an escalation asked for and what was granted, beside its scope (guidelines 6.5).

    No `triggers`: final use is meant, and nothing that must be approved explicitly. `document_altered_at`: when the
    document was found to be another than that whose `document_sha256` was kept.
    """

    action: Action = Action.ESCALATE
    triggers: tuple[Trigger, ...] = ()
    permits: Permits = Permits()
    conditions: tuple[Condition, ...] = ()
    consents: tuple[str, ...] = ()
    requested_by: str | None = None
    requested_at: datetime | None = None
    legal_review_ref: str | None = None
    document_sha256: str | None = None
    document_altered_at: datetime | None = None
    supersedes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An escalation and what was decided on it (guidelines 6.5). Denied and pending ones approve nothing."""

    approval_id: str
    title: str
    status: ApprovalStatus
    scope: Scope
    approver: str
    approver_role: str | None = None
    decided_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    document: str | None = None
    note: str | None = None
    terms: Terms = Terms()
    created_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None
