"""Recalls: registered material that was found in a delivery after that had gone on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.judgement import Finding, Outcome
from scanner.model.register import AssetRef


class RecallReason(StrEnum):
    """Why past deliveries were searched: material is new, its approval or a consent was revoked, or a person asked."""

    REGISTERED = "registered"
    REVOKED = "approval revoked"
    CONSENT_REVOKED = "consent revoked"
    ASKED = "asked for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """An asset found in a delivery that was cleared, flagged or released before. Open until a person closes it.

    `outcome` and `findings` are what policy made of this asset alone at `at`; `by`: who registered, revoked or asked.
    """

    recall_id: str
    delivery_id: str
    asset: AssetRef
    at: datetime
    by: str
    reason: RecallReason
    outcome: Outcome
    findings: tuple[Finding, ...]
    closed_at: datetime | None = None
    closed_by: str | None = None
    closed_reason: str | None = None
