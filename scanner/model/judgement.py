"""Policy, findings and verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum

from scanner.model.approvals import DropClass
from scanner.model.deliveries import Delivery
from scanner.model.evidence import Evidence
from scanner.model.examinations import Coverage
from scanner.model.papers import Prominence
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
    AI_HEARD = "AI-HEARD"
    AI_HEARD_EVERYWHERE = "AI-HEARD-EVERYWHERE"
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
    ORIGINALITY_DOUBTED = "ORIGINALITY-DOUBTED"
    INPUT_NOT_CLEARED = "INPUT-NOT-CLEARED"
    PROMPT_NAMES_OTHERS = "PROMPT-NAMES-OTHERS"
    TOOL_KEEPS_DATA = "TOOL-KEEPS-DATA"
    TOOL_NOT_KNOWN = "TOOL-NOT-KNOWN"
    TOOL_INPUT_NOT_ALLOWED = "TOOL-INPUT-NOT-ALLOWED"
    TOOL_NOT_SECURE = "TOOL-NOT-SECURE"
    TOOL_CONSUMER_INPUT = "TOOL-CONSUMER-INPUT"
    AI_REPLACED = "AI-REPLACED"
    TALENT_NO_CONSENT = "TALENT-NO-CONSENT"
    TALENT_CONSENT_NOT_VALID = "TALENT-CONSENT-NOT-VALID"
    TALENT_ALTERED = "TALENT-ALTERED"
    MODEL_OTHER_TITLE = "MODEL-OTHER-TITLE"
    TALENT_CUSTOMARY = "TALENT-CUSTOMARY"
    RIGHTS_NO_CONSENT = "RIGHTS-NO-CONSENT"
    RIGHTS_CONSENT_LATE = "RIGHTS-CONSENT-LATE"
    TRAINING_NOT_CLEARED = "TRAINING-NOT-CLEARED"
    TRAINING_NOT_STATED = "TRAINING-NOT-STATED"
    TALENT_NOT_DISCLOSED = "TALENT-NOT-DISCLOSED"
    RECORD_MISSING = "RECORD-MISSING"
    RECORD_BARE = "RECORD-BARE"
    RECORD_INCOMPLETE = "RECORD-INCOMPLETE"
    RECORD_DATES = "RECORD-DATES"
    RECORD_OTHER_BYTES = "RECORD-OTHER-BYTES"
    RECORD_CONTRADICTED = "RECORD-CONTRADICTED"
    CREDIT_MISSING = "CREDIT-MISSING"
    NOT_REVIEWED = "NOT-REVIEWED"
    APPROVED_OTHER_BYTES = "APPROVED-OTHER-BYTES"
    REVIEWER_NOT_TRAINED = "REVIEWER-NOT-TRAINED"
    DISCLOSURE_MISSING = "DISCLOSURE-MISSING"
    MISLEADING = "MISLEADING"
    MISLEADING_NOT_STATED = "MISLEADING-NOT-STATED"
    REAL_PERSON = "REAL-PERSON"
    UNION_NOT_AGREED = "UNION-NOT-AGREED"
    UNION_NOT_STATED = "UNION-NOT-STATED"
    PERSONAL_DATA = "PERSONAL-DATA"
    KEY_ELEMENT = "KEY-ELEMENT"
    INCIDENTAL = "INCIDENTAL"
    SIGNAGE_TO_CLEAR = "SIGNAGE-TO-CLEAR"
    NOT_SOCIALISED = "NOT-SOCIALISED"
    ONLY_SOCIALISED = "ONLY-SOCIALISED"
    APPROVAL_AFTER_USE = "APPROVAL-AFTER-USE"
    APPROVAL_CONDITION = "APPROVAL-CONDITION"
    APPROVER_NOT_KNOWN = "APPROVER-NOT-KNOWN"
    APPROVAL_DOCUMENT = "APPROVAL-DOCUMENT"
    STEP_GAP = "STEP-GAP"
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


HOUSE_RULES = frozenset(
    {
        Code.RIGHTS_NO_CONSENT,
        Code.RIGHTS_CONSENT_LATE,
        Code.TRAINING_NOT_STATED,
        Code.TALENT_NOT_DISCLOSED,
        Code.RECORD_MISSING,
        Code.RECORD_BARE,
        Code.RECORD_INCOMPLETE,
        Code.RECORD_DATES,
        Code.RECORD_OTHER_BYTES,
        Code.RECORD_CONTRADICTED,
        Code.CREDIT_MISSING,
        Code.NOT_REVIEWED,
        Code.APPROVED_OTHER_BYTES,
        Code.REVIEWER_NOT_TRAINED,
        Code.DISCLOSURE_MISSING,
        Code.STATEMENT_CONTRADICTED,
    }
)
"""Findings that rest on rules of the house: they can be switched off, and are never cited as the studio's."""


NEVER_A_PASS = frozenset(
    {
        Code.UNREADABLE,
        Code.PARTLY_READ,
        Code.INCOMPLETE,
        Code.NOT_OPENED,
        Code.NOTHING_DELIVERED,
        Code.REGISTER_OUT_OF_REACH,
    }
)
"""What could not be looked at: it may be let through with a ticket for a person, never without a word."""


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


class RecordsRequired(StrEnum):
    """For which members of a final delivery there must be a provenance record, whatever is found in them."""

    NONE = "none"
    VFX = "vfx"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """What the rules about records ask for (guidelines 6.6).

    `strict`: incidental use and approvals after the fact are stopped too. `guarded_names`: works, artists and people
    that prompts must not name. `vfx_names`: patterns of names of VFX shots. `territories`: where the work is shown,
    when a delivery does not say.
    """

    strict: bool = False
    nonfiction: bool = False
    advertising: bool = False
    terms_months: int = 12
    records_required: RecordsRequired = RecordsRequired.NONE
    vfx_names: tuple[str, ...] = ()
    guarded_names: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    house_rules_off: frozenset[Code] = frozenset()
    roster_required: bool = False
    second_person_for: frozenset[Outcome] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is different for a kind of work: documentaries, advertising, artwork."""

    strict: bool = False
    nonfiction: bool = False
    advertising: bool = False
    outcomes: Mapping[Code, Outcome] = field(default_factory=dict)


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
    same_sound_score: float = 28.0
    flood_places: int
    least_quality: int
    temporary_allowed_in: frozenset[DropClass]
    outcomes: Mapping[Code, Outcome]
    outcomes_by_class: Mapping[DropClass, Mapping[Code, Outcome]]
    outcomes_by_prominence: Mapping[Prominence, Mapping[Code, Outcome]] = field(default_factory=dict)
    standards: Standards = Standards()
    profile: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    profile_for: Mapping[str, str] = field(default_factory=dict)
    profile_for_class: Mapping[DropClass, str] = field(default_factory=dict)

    def outcome(self, code: Code, drop_class: DropClass, prominence: Prominence | None = None) -> Outcome:
        """The outcome of a finding: the drop class's own table wins over that of the prominence, that over all.

        Of the prominence and the drop class the stricter wins where both speak.
        """
        of_class = self.outcomes_by_class.get(drop_class, {}).get(code)
        of_prominence = self.outcomes_by_prominence.get(prominence, {}).get(code) if prominence else None
        said = [outcome for outcome in (of_class, of_prominence) if outcome is not None]
        return max(said, default=self.outcomes[code])

    def applies(self, code: Code) -> bool:
        """Whether the rule is in force; only house rules can be switched off."""
        return code not in self.standards.house_rules_off

    def of(self, delivery: Delivery) -> "Policy":
        """The policy as it is for one delivery: with the profile of its title, and of its drop class, laid over it."""
        names = [
            self.profile_for.get(delivery.title or "", self.profile),
            self.profile_for_class.get(delivery.drop_class),
        ]
        policy = self
        for name in dict.fromkeys(names):
            if name and name in self.profiles:
                policy = policy.with_profile(self.profiles[name])
        return policy

    def with_profile(self, profile: Profile) -> "Policy":
        """The policy with what a profile says laid over it."""
        return replace(
            self,
            outcomes={**self.outcomes, **profile.outcomes},
            standards=replace(
                self.standards,
                strict=self.standards.strict or profile.strict,
                nonfiction=self.standards.nonfiction or profile.nonfiction,
                advertising=self.standards.advertising or profile.advertising,
            ),
        )


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
