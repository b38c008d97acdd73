"""Policy, findings and verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from scanner.model.approvals import DropClass
from scanner.model.evidence import Evidence
from scanner.model.examinations import Coverage
from scanner.model.register import AssetRef, RegisterState


class Outcome(IntEnum):
    """The strictest wins. HOLD means could not be examined or decided: never a pass."""

    PASS = 0
    FLAG = 1
    HOLD = 2
    QUARANTINE = 3

    @property
    def label(self) -> str:
        return self.name.lower()

    @property
    def exit_code(self) -> int:
        """0 pass, 4 needs review, 2 could not scan, 1 blocked."""
        return {Outcome.PASS: 0, Outcome.FLAG: 4, Outcome.HOLD: 2, Outcome.QUARANTINE: 1}[self]


class Code(StrEnum):
    """The stable codes of findings: mail, web, command line, approvals and the handbook share them."""

    AI_IDENTICAL = "AI-IDENTICAL"
    AI_LOOK_ALIKE = "AI-LOOK-ALIKE"
    AI_LOOK_ALIKE_EVERYWHERE = "AI-LOOK-ALIKE-EVERYWHERE"
    AI_CREDENTIALS = "AI-CREDENTIALS"
    AI_LABEL = "AI-LABEL"
    AI_GENERATOR = "AI-GENERATOR"
    AI_WATERMARK = "AI-WATERMARK"
    AI_WATERMARK_ONCE = "AI-WATERMARK-ONCE"
    AI_DECLARED = "AI-DECLARED"
    AI_IN_TIMELINE = "AI-IN-TIMELINE"
    AI_NAME = "AI-NAME"
    AI_MAYBE = "AI-MAYBE"
    AI_FINAL_UNAPPROVED = "AI-FINAL-UNAPPROVED"
    AI_APPROVED = "AI-APPROVED"
    AI_TEMPORARY_ALLOWED = "AI-TEMPORARY-ALLOWED"
    APPROVAL_DENIED = "APPROVAL-DENIED"
    APPROVAL_NOT_YET = "APPROVAL-NOT-YET"
    APPROVAL_NOT_VALID = "APPROVAL-NOT-VALID"
    APPROVAL_OTHER_SCOPE = "APPROVAL-OTHER-SCOPE"
    STATEMENT_CONTRADICTED = "STATEMENT-CONTRADICTED"
    CREDENTIALS_BROKEN = "CREDENTIALS-BROKEN"
    CREDENTIALS_ELSEWHERE = "CREDENTIALS-ELSEWHERE"
    NOT_INFORMATIVE = "NOT-INFORMATIVE"
    UNREADABLE = "UNREADABLE"
    PARTLY_READ = "PARTLY-READ"
    INCOMPLETE = "INCOMPLETE"
    ALTERED = "ALTERED"
    UNLISTED = "UNLISTED"
    STRAY = "STRAY"
    NOT_OPENED = "NOT-OPENED"
    NOTHING_DELIVERED = "NOTHING-DELIVERED"
    REGISTER_OUT_OF_REACH = "REGISTER-OUT-OF-REACH"


class Grade(StrEnum):
    """How strong evidence is (guidelines 6.1); `NONE` for findings that rest on what could not be seen."""

    E0 = "E0"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"
    E5 = "E5"
    NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What policy makes of one piece of evidence: the rule and clause, what and where, and what would clear it."""

    code: Code
    outcome: Outcome
    rule: str
    grade: Grade
    member: str
    message: str
    clears_when: str
    evidence: Evidence | None = None
    tool: str | None = None
    asset: AssetRef | None = None
    approval: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The house's outcomes and thresholds, as read from policy.toml. `digest` names this very `text` of it."""

    digest: str
    text: str
    same_frame_distance: int
    same_run_distance: int
    shortest_run_frames: int
    same_part_score: float
    same_part_run_score: float
    flood_places: int
    least_quality: int
    temporary_allowed_in: frozenset[DropClass]
    outcomes: Mapping[Code, Outcome]
    outcomes_by_class: Mapping[DropClass, Mapping[Code, Outcome]]

    def outcome(self, code: Code, drop_class: DropClass) -> Outcome:
        """The outcome of a finding in a drop class; the class's own table wins over the general one."""
        return self.outcomes_by_class.get(drop_class, {}).get(code, self.outcomes[code])


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The strictest finding, with all of them, what was covered, and the versions and register it rests on."""

    delivery_id: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    coverage: tuple[tuple[str, Coverage], ...]
    approvals_used: tuple[str, ...]
    examiner: str
    policy: str
    register: RegisterState | None
    judged_at: datetime
