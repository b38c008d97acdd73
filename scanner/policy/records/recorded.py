"""A record whose material was found, in its case: what every rule about records is given."""

from dataclasses import dataclass, field

from scanner.model import (
    Approval,
    AssetRef,
    Case,
    Code,
    Evidence,
    Finding,
    Grade,
    Heard,
    LookAlike,
    MemberEvidence,
    Outcome,
    Particulars,
    Policy,
    Prominence,
    ProvenanceRecord,
    Standards,
    Trigger,
)
from scanner.policy.approvals import granted
from scanner.policy.handbook import HANDBOOK
from scanner.policy.meant import Meant
from scanner.policy.quality import Relied, shortfalls
from scanner.policy.seen import made_with, prominence_of
from scanner.policy.showing import material_of

_NOTHING = Particulars()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A provenance record, the asset of it that was found, and by what; ready to become findings.

    `kept`: approvals by the tool that they were looked up for.
    """

    record: ProvenanceRecord
    asset: AssetRef
    evidence: Evidence
    item: MemberEvidence
    case: Case
    policy: Policy
    kept: dict[tuple[str | None, bool], tuple[Approval, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def told(self) -> Particulars:
        """What the record says; nothing where it says no more than its tool and use."""
        return self.record.particulars or _NOTHING

    @property
    def is_bare(self) -> bool:
        """Whether the record says nothing of how the material was made."""
        return self.record.particulars is None

    @property
    def is_final(self) -> bool:
        """Whether the delivery is for use, not one in which temporary material is expected (rule 4d)."""
        return self.case.delivery.drop_class not in self.policy.temporary_allowed_in

    @property
    def meant(self) -> Meant:
        """The record and where its material goes, as the rules about people and action ask."""
        return Meant(
            record=self.record,
            papers=self.case.papers,
            standards=self.standards,
            at=self.case.at,
            is_final=self.is_final,
            delivery=self.case.delivery,
            member=self.item.member.name,
        )

    @property
    def standards(self) -> Standards:
        return self.policy.standards

    @property
    def prominence(self) -> Prominence:
        """Unknown is judged as story-relevant (rule 19)."""
        return prominence_of(self.case, self.asset) or Prominence.STORY_RELEVANT

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """The approvals that cover this material here, the narrowest first; none where one denies it.

        One that is short of something for which it is stopped (rule 22) is left out.
        """
        return self.approvals_for(made_with(self.record), whole=True)

    def approvals_for(self, tool: str | None, *, whole: bool = False) -> tuple[Approval, ...]:
        """Those that cover it as made with this tool; looked up once. `whole`: and with all others of its making."""
        if (tool, whole) not in self.kept:
            place = self.evidence.place if isinstance(self.evidence, LookAlike | Heard) else None
            material = material_of(
                self.case, self.policy, self.item, self.evidence, tool=tool, asset=self.asset, place=place, whole=whole
            )
            found = granted(material, self.case.approvals, at=self.case.at, is_final=self.is_final)
            self.kept[tool, whole] = tuple(approval for approval in found if not self._is_stopped(approval))
        return self.kept[tool, whole]

    def _is_stopped(self, approval: Approval) -> bool:
        """Whether it is short of something for which material is kept back."""
        relied = Relied(
            approval=approval,
            evidence=self.evidence,
            item=self.item,
            asset=self.asset,
            case=self.case,
            policy=self.policy,
        )
        drop_class = self.case.delivery.drop_class
        return any(
            max(short.at_least, self.policy.outcome(short.code, drop_class, self.prominence)) >= Outcome.HOLD
            for short in shortfalls(relied)
        )

    def approved(self, *triggers: Trigger) -> Approval | None:
        """The narrowest approval that covers this material and names one of the triggers explicitly."""
        return next((a for a in self.approvals if set(triggers) & set(a.terms.triggers)), None)

    def finding(
        self,
        code: Code,
        message: str,
        *,
        grade: Grade = Grade.E0,
        approval: str | None = None,
        clears_when: str | None = None,
    ) -> Finding:
        """A finding about the record; the message says what the record says, and names no prompt."""
        return Finding(
            code=code,
            outcome=self.policy.outcome(code, self.case.delivery.drop_class, self.prominence),
            rule=HANDBOOK[code].cited,
            grade=grade,
            member=self.item.member.name,
            message=f"{self.record.record_id}: {message}",
            clears_when=clears_when or HANDBOOK[code].clears_when,
            evidence=self.evidence,
            tool=made_with(self.record),
            asset=self.asset,
            approval=approval,
        )
