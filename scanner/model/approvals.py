"""Approved escalations: what was agreed in writing, for what, until when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    """Where an escalation stands. Only `approved` approves; `denied` denies; the others say nothing yet."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
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
    created_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None
