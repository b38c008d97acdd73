"""Papers as they are entered, and the versions of them that are kept. A version is never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from scanner.model.approvals import Approval
from scanner.model.papers import Consent, PaperKind, Particulars, Person, Tool

PaperContent: TypeAlias = Particulars | Tool | Consent | Approval | Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What one paper says. `paper_id`: of a record, the id that it is registered under."""

    kind: PaperKind
    paper_id: str
    content: PaperContent


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVersion:
    """One version of a paper: what it said from then on, who entered it, and why. The first is number 1."""

    paper: Paper
    version: int
    at: datetime
    by: str
    reason: str | None
    digest: str
