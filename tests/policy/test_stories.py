"""Stories that the studio's guidance tells, as a whole judgement of them: the outcome, the findings, the clause."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from scanner.model import (
    Answer,
    Approval,
    ApprovalStatus,
    Code,
    ConsentKind,
    Deployment,
    Disclosure,
    DropClass,
    ElementKind,
    Evidence,
    InputClass,
    Outcome,
    Papers,
    Particulars,
    Permits,
    Policy,
    Principles,
    Prominence,
    Realism,
    SubjectType,
    TalentException,
    TalentUse,
    Trigger,
    UnionImpact,
    Use,
    Verdict,
)
from scanner.policy.judge import judge
from tests.policy.builders import ASSET, DAY, NOON, POLICY, REEL, case, identical, look_alike, record, seen
from tests.policy.records.builders import ASSETS, USED, consent, given, naming, papers, step, talent, told, tool

IN_TIME = {"decided_at": USED - 5 * DAY, "approver": "edith", "legal_review_ref": "L-1"}
TOLD = Disclosure(text="Contains a digital replica.", placement="end card")
DOCUMENTARY = POLICY.with_profile(POLICY.profiles["documentary"])


def approved(*triggers: Trigger, **more: Any) -> Approval:
    """An approval that was there before the material was."""
    return naming(*triggers, **IN_TIME | more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is delivered and recorded; what is made of it. `stops`: what blocks it, and by which clause."""

    says: Particulars | None
    outcome: Outcome
    stops: dict[Code, str] = field(default_factory=dict)
    flags: tuple[Code, ...] = ()
    approvals: tuple[Approval, ...] = ()
    on_record: Papers = field(default_factory=papers)
    use: Use = Use.FINAL
    evidence: Evidence = field(default_factory=identical)
    policy: Policy = POLICY
    name: str = REEL
    drop_class: DropClass = DropClass.FINAL
    territories: tuple[str, ...] = ("US",)

    def judged(self) -> Verdict:
        found = record(use=self.use, assets=ASSETS, particulars=self.says)
        made = case(
            seen(self.evidence, name=self.name),
            approvals=self.approvals,
            records={ASSET.record_id: found},
            papers=self.on_record,
            drop_class=self.drop_class,
            territories=self.territories,
        )
        return judge(made, self.policy)


DATA = '"Always escalate" 1 (data use)'
CREATIVE = '"Always escalate" 2 (creative output)'
TALENT = '"Always escalate" 3 (talent)'
ETHICS = '"Always escalate" 4 (ethics)'
DUTY_B = "duty B (written approval before proceeding)"

# A second giant doll for Squid Game: a key visual of the story.
DOLL = told(element_kind=ElementKind.KEY_VISUAL, prominence=Prominence.PROMINENT)
# A news segment with a real journalist who never said it, on a television in the background.
NEWS = told(
    element_kind=ElementKind.BACKGROUND,
    talent=(talent(TalentUse.REPLICA_INDEPENDENT, performer_id="the journalist", public_figure=True, consent_ids=()),),
    realism=Realism(
        depicts_real_person=True,
        depicts_real_event=True,
        depicts_real_statement=True,
        could_mislead=Answer.YES,
    ),
    disclosure=TOLD,
)
# Lips and face changed to dialogue that was never spoken.
ADR = told(
    element_kind=ElementKind.PERFORMANCE,
    talent=(talent(TalentUse.ALTERATION),),
)
# An actor made younger for scenes that were not performed.
YOUNGER = told(element_kind=ElementKind.PERFORMANCE, talent=(talent(),), disclosure=TOLD)
CLONE = told(element_kind=ElementKind.VOICE, talent=(talent(TalentUse.VOICE),), disclosure=TOLD)
CONSUMER = papers(tool(deployment=Deployment.CONSUMER))
SCRIPT = (step(inputs=(given(InputClass.PROPRIETARY, asset_id="script page 12"),)),)
DEAD = told(element_kind=ElementKind.PERFORMANCE, talent=(talent(living=False),), disclosure=TOLD)
OF_ESTATE = consent(subject_type=SubjectType.ESTATE)
SIGN = told(element_kind=ElementKind.SIGNAGE, final_approval=None)

EVENT = told(
    element_kind=ElementKind.PROP,
    realism=Realism(
        depicts_real_person=False, depicts_real_event=True, depicts_real_statement=False, could_mislead=Answer.NO
    ),
)
MAY_REPLICATE = approved(Trigger.REPLICA, permits=Permits(talent_replica=True))

NO_APPROVAL = {Code.AI_FINAL_UNAPPROVED: DUTY_B, Code.ONLY_SOCIALISED: DUTY_B}
ALTERATION = papers(consent(consent_kind=ConsentKind.ALTERATION))
VOICE = papers(consent(consent_kind=ConsentKind.VOICE))
PROP = told(element_kind=ElementKind.PROP)
AFTER = naming(decided_at=USED + DAY, approver="edith")
STRICT = replace(POLICY, standards=replace(POLICY.standards, strict=True))


def quarantined(stops: dict[Code, str], says: Particulars, /, *flags: Code, **more: Any) -> Story:
    return Story(says=says, outcome=Outcome.QUARANTINE, stops=stops, flags=flags, **more)


def flagged(says: Particulars, /, *flags: Code, **more: Any) -> Story:
    return Story(says=says, outcome=Outcome.FLAG, flags=flags, **more)


def passed(says: Particulars, /, **more: Any) -> Story:
    return Story(says=says, outcome=Outcome.PASS, **more)


STORIES: dict[str, Story] = {
    # The killer doll
    "a killer doll that was only socialised": quarantined(NO_APPROVAL | {Code.KEY_ELEMENT: CREATIVE}, DOLL),
    "a killer doll with leave that does not say so": quarantined(
        {Code.KEY_ELEMENT: CREATIVE, Code.ONLY_SOCIALISED: DUTY_B}, DOLL, approvals=(approved(),)
    ),
    "a killer doll with leave": passed(DOLL, approvals=(approved(Trigger.KEY_ELEMENT),)),
    "a killer doll in a test reel": passed(DOLL, use=Use.TEMPORARY, drop_class=DropClass.TEST_REEL),
    # The poster in the background
    "a poster in the background, within the principles": flagged(told(), Code.INCIDENTAL),
    "a poster that is seen in the picture": flagged(told(), Code.INCIDENTAL, evidence=look_alike()),
    "a poster that nobody was told of": quarantined(
        {Code.AI_FINAL_UNAPPROVED: DUTY_B}, told(socialised=None), Code.NOT_SOCIALISED
    ),
    "a poster that the story turns on": quarantined(
        NO_APPROVAL | {Code.KEY_ELEMENT: CREATIVE}, told(prominence=Prominence.STORY_RELEVANT)
    ),
    "a poster after somebody's work": quarantined(
        NO_APPROVAL | {Code.ORIGINALITY_DOUBTED: "principle 1"},
        told(principles=Principles(p1=Answer.UNSURE, p2=Answer.YES, p3=Answer.YES, p4=Answer.YES, p5=Answer.YES)),
    ),
    "a poster in a strict house": quarantined(NO_APPROVAL | {Code.KEY_ELEMENT: CREATIVE}, told(), policy=STRICT),
    # The news segment
    "a news segment with a real journalist, on a television": quarantined(
        NO_APPROVAL | {Code.MISLEADING: ETHICS, Code.TALENT_NO_CONSENT: TALENT, Code.REAL_PERSON: CREATIVE},
        NEWS,
    ),
    "a news segment that only ethics allowed": quarantined(
        {Code.TALENT_NO_CONSENT: TALENT, Code.REAL_PERSON: CREATIVE, Code.ONLY_SOCIALISED: DUTY_B},
        NEWS,
        approvals=(approved(Trigger.MISLEADING),),
    ),
    "a real event made for a documentary": quarantined(
        NO_APPROVAL | {Code.MISLEADING: ETHICS}, EVENT, policy=DOCUMENTARY
    ),
    "a real event made for a documentary, with leave": passed(
        EVENT, policy=DOCUMENTARY, approvals=(approved(Trigger.MISLEADING),)
    ),
    "a documentary that does not say whether it is real": Story(
        says=replace(PROP, realism=None),
        outcome=Outcome.HOLD,
        stops={Code.MISLEADING_NOT_STATED: ETHICS},
        policy=DOCUMENTARY,
        approvals=(approved(),),
    ),
    # Visual ADR
    "lips changed to new words, without a word to the actor": quarantined(
        NO_APPROVAL | {Code.TALENT_NO_CONSENT: TALENT, Code.TALENT_ALTERED: TALENT}, ADR
    ),
    "lips changed to new words, with the actor's consent alone": quarantined(
        NO_APPROVAL | {Code.TALENT_ALTERED: TALENT}, ADR, on_record=ALTERATION
    ),
    "lips changed to new words, with consent and leave": passed(
        ADR, on_record=ALTERATION, approvals=(approved(Trigger.ALTERATION),)
    ),
    "lips moved in time with the words of the script": passed(
        told(
            element_kind=ElementKind.PERFORMANCE,
            talent=(talent(TalentUse.ALTERATION, exception=TalentException.AS_SCRIPTED, consent_ids=()),),
        ),
        approvals=(approved(),),
    ),
    # The re-aged actor
    "an actor made younger, with consent alone": quarantined(NO_APPROVAL, YOUNGER, on_record=papers(consent())),
    "an actor made younger, with leave for finals in general": quarantined(
        {Code.ONLY_SOCIALISED: DUTY_B}, YOUNGER, on_record=papers(consent()), approvals=(approved(),)
    ),
    "an actor made younger, with consent and leave": passed(
        YOUNGER, on_record=papers(consent()), approvals=(MAY_REPLICATE,)
    ),
    "an actor made younger in a test reel, without consent": quarantined(
        {Code.TALENT_NO_CONSENT: TALENT, Code.ONLY_SOCIALISED: DUTY_B},
        YOUNGER,
        use=Use.TEMPORARY,
        drop_class=DropClass.TEST_REEL,
    ),
    # The voice clone
    "a cloned voice with leave and no consent": quarantined(
        {Code.TALENT_NO_CONSENT: TALENT}, CLONE, approvals=(MAY_REPLICATE,)
    ),
    "a cloned voice whose consent was revoked": quarantined(
        {Code.TALENT_CONSENT_NOT_VALID: TALENT},
        CLONE,
        on_record=papers(consent(consent_kind=ConsentKind.VOICE, revoked_at=NOON - DAY)),
        approvals=(MAY_REPLICATE,),
    ),
    "a cloned voice with a consent for another title": quarantined(
        {Code.TALENT_CONSENT_NOT_VALID: TALENT},
        CLONE,
        on_record=papers(consent(consent_kind=ConsentKind.VOICE, title="Night Harbour")),
        approvals=(MAY_REPLICATE,),
    ),
    "a cloned voice with consent and leave": passed(CLONE, on_record=VOICE, approvals=(MAY_REPLICATE,)),
    "a cloned voice that the audience is not told of": flagged(
        replace(CLONE, disclosure=None), Code.TALENT_NOT_DISCLOSED, on_record=VOICE, approvals=(MAY_REPLICATE,)
    ),
    "a synthetic face in a trailer for New York": quarantined(
        {Code.DISCLOSURE_MISSING: "396-b"},
        told(talent=(talent(TalentUse.SYNTHETIC_PERFORMER, consent_ids=()),)),
        drop_class=DropClass.TRAILER,
        territories=("US-NY",),
        approvals=(approved(),),
    ),
    # The consumer-tier tool
    "a consumer's tool with a page of the script": quarantined(
        NO_APPROVAL | {Code.TOOL_CONSUMER_INPUT: "own material", Code.TOOL_INPUT_NOT_ALLOWED: DATA},
        told(steps=SCRIPT),
        on_record=CONSUMER,
    ),
    "a consumer's tool with a page of the script, with leave": passed(
        told(steps=SCRIPT), on_record=CONSUMER, approvals=(approved(Trigger.DATA),)
    ),
    "a consumer's tool with the artist's own sketch": flagged(
        told(), Code.INCIDENTAL, Code.TOOL_NOT_SECURE, on_record=CONSUMER
    ),
    # Approvals
    "leave for another shot": quarantined(NO_APPROVAL, PROP, approvals=(approved(shots=("043",)),)),
    "leave for this shot": passed(PROP, approvals=(approved(shots=("042",)),)),
    "leave after the fact": flagged(PROP, Code.APPROVAL_AFTER_USE, approvals=(AFTER,)),
    "leave after the fact, in a strict house": quarantined(
        NO_APPROVAL | {Code.APPROVAL_AFTER_USE: DUTY_B}, PROP, approvals=(AFTER,), policy=STRICT
    ),
    "leave that is still waited for": quarantined(
        NO_APPROVAL | {Code.APPROVAL_NOT_YET: DUTY_B}, PROP, approvals=(naming(status=ApprovalStatus.PENDING),)
    ),
    "leave that was withdrawn": quarantined(
        NO_APPROVAL | {Code.APPROVAL_NOT_VALID: DUTY_B}, PROP, approvals=(approved(revoked_at=NOON - DAY),)
    ),
    # The dead
    "a dead actor with a consent of his own": quarantined(
        {Code.REAL_PERSON: "3344.1", Code.TALENT_CONSENT_NOT_VALID: TALENT},
        DEAD,
        on_record=papers(consent()),
        approvals=(MAY_REPLICATE,),
    ),
    "a dead actor with the estate's consent": passed(DEAD, on_record=papers(OF_ESTATE), approvals=(MAY_REPLICATE,)),
    "a dead actor with the estate's consent alone": quarantined(NO_APPROVAL, DEAD, on_record=papers(OF_ESTATE)),
    # Signs
    "an incidental sign that nobody reviewed": flagged(SIGN, Code.INCIDENTAL, Code.SIGNAGE_TO_CLEAR, Code.NOT_REVIEWED),
    "an incidental sign that was reviewed": flagged(told(element_kind=ElementKind.SIGNAGE), Code.INCIDENTAL),
    "a letter that is read aloud": quarantined(
        NO_APPROVAL | {Code.KEY_ELEMENT: CREATIVE},
        told(element_kind=ElementKind.SIGNAGE, prominence=Prominence.PROMINENT),
    ),
    # What nobody may forget
    "a matte painter's work": quarantined(
        NO_APPROVAL | {Code.UNION_NOT_AGREED: ETHICS},
        replace(PROP, union_impact=UnionImpact(affected=True, role="matte painter")),
    ),
    "what was replaced and is still there": quarantined(
        {Code.AI_REPLACED: "principle 4"}, replace(PROP, replaced_by="record-2"), approvals=(approved(),)
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_ends_as_the_guidance_has_it(name: str) -> None:
    story = STORIES[name]

    verdict = story.judged()

    found = {outcome: {each.code for each in verdict.findings if each.outcome is outcome} for outcome in Outcome}
    blocking = found[Outcome.HOLD] | found[Outcome.QUARANTINE]
    assert (verdict.outcome, blocking, found[Outcome.FLAG]) == (story.outcome, set(story.stops), set(story.flags))


@pytest.mark.parametrize("name", STORIES)
def test_the_clause_is_named_and_what_would_clear_it(name: str) -> None:
    story = STORIES[name]

    for finding in story.judged().findings:
        if finding.outcome >= Outcome.HOLD:
            assert story.stops[finding.code] in finding.rule
            assert finding.clears_when
