"""Laws of the rules about people and action, whatever a record, its papers and its approvals say."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import (
    AiUse,
    Answer,
    Code,
    Consent,
    ConsentKind,
    ConsentScope,
    Disclosure,
    DropClass,
    ElementKind,
    Outcome,
    Particulars,
    Perceived,
    Permits,
    Principles,
    Prominence,
    Realism,
    Socialised,
    SubjectType,
    Talent,
    TalentException,
    TalentUse,
    Trigger,
    UnionImpact,
    Use,
)
from tests.policy.builders import DAY, NOON, TITLE
from tests.policy.records.builders import USED, consent, naming, papers, said, standing, step, told

OF_CONSENT = {Code.TALENT_NO_CONSENT, Code.TALENT_CONSENT_NOT_VALID}
_ANSWERS = st.none() | st.sampled_from(Answer)
_YES_NO = st.none() | st.booleans()
_TIMES = st.none() | st.sampled_from([USED - DAY, USED, USED + DAY, NOON - DAY, NOON, NOON + DAY])
_PLACES = st.sampled_from([(), ("US",), ("EU",), ("DE", "US-NY"), ("*",)])
_TALENT = st.builds(
    Talent,
    performer_id=st.sampled_from(["lena", "max"]),
    use=st.sampled_from(TalentUse),
    exception=st.sampled_from(TalentException),
    living=_YES_NO,
    public_figure=_YES_NO,
    consent_ids=st.sampled_from([(), ("con-1",), ("con-9",), ("con-9", "con-1")]),
    consistent_with_work=_YES_NO,
)
_PARTICULARS: st.SearchStrategy[Particulars] = st.builds(
    told,
    element_kind=st.none() | st.sampled_from(ElementKind),
    ai_use=st.none() | st.sampled_from(AiUse),
    perceived=st.none() | st.sampled_from(Perceived),
    prominence=st.sampled_from(Prominence),
    steps=st.sampled_from([(), (step(),), (step(model="lena-v1", model_custom=True, used_from=None),)]),
    principles=st.none() | st.builds(Principles, p1=_ANSWERS, p2=_ANSWERS, p3=_ANSWERS, p4=_ANSWERS, p5=_ANSWERS),
    socialised=st.none() | st.just(Socialised(with_whom="Sam")),
    talent=st.lists(_TALENT, max_size=2).map(tuple),
    realism=st.none() | st.builds(Realism, depicts_real_person=_YES_NO, could_mislead=_ANSWERS),
    union_impact=st.none() | st.builds(UnionImpact, affected=st.booleans(), agreement_ref=st.sampled_from([None, "A"])),
    disclosure=st.none()
    | st.builds(Disclosure, required=_YES_NO, text=st.sampled_from([None, "x"]), placement=st.just("y")),
    replaced_by=st.sampled_from([None, "record-2"]),
)
_CONSENTS: st.SearchStrategy[Consent] = st.builds(
    consent,
    st.just("con-1"),
    subject_type=st.sampled_from(SubjectType),
    consent_kind=st.sampled_from(ConsentKind),
    title=st.sampled_from([TITLE, "Night Harbour"]),
    signed_at=_TIMES,
    valid_from=_TIMES,
    valid_to=_TIMES,
    revoked_at=_TIMES,
    model_ids=st.sampled_from([(), ("lena-v1",), ("lena-v2",)]),
    scope=st.builds(ConsentScope, shots=st.sampled_from([(), ("042",), ("043",)]), territories=_PLACES),
)
_DELIVERED = st.fixed_dictionaries(
    {"drop_class": st.sampled_from(DropClass), "territories": _PLACES, "title": st.sampled_from([TITLE, None])}
)
_OF = st.fixed_dictionaries({"use": st.sampled_from([use for use in Use if use is not Use.KNOWN_GOOD])})
EVERYTHING = naming(*Trigger, permits=Permits(talent_replica=True, fine_tuning=True))


@given(says=_PARTICULARS, on_record=_CONSENTS, delivered=_DELIVERED, of=_OF)
@settings(max_examples=100, deadline=None)
def test_laws(says: Particulars, on_record: Consent, delivered: dict[str, Any], of: dict[str, Any]) -> None:
    def found(*approvals: Any, **more: Any) -> dict[Code, Outcome]:
        findings = said(says, *approvals, papers_=papers(on_record), of=of, **delivered, **more)
        assert all(each.rule and each.clears_when and each.member for each in findings)
        return {each.code: each.outcome for each in findings}

    plain, approved, strict = found(), found(EVERYTHING), found(policy=standing(strict=True))

    # No approval takes a consent's place; a stricter house finds no less.
    assert OF_CONSENT & plain.keys() == OF_CONSENT & approved.keys()
    assert max(plain.values(), default=Outcome.PASS) <= max(strict.values(), default=Outcome.PASS)
    # Where all is approved nothing is left to be escalated, and nothing new is found.
    if delivered["title"] == TITLE:
        assert Code.ONLY_SOCIALISED not in approved
    assert not (approved.keys() - plain.keys()) & {Code.ONLY_SOCIALISED, Code.NOT_SOCIALISED, Code.KEY_ELEMENT}
    # What is asked for is one of the two.
    assert not {Code.ONLY_SOCIALISED, Code.NOT_SOCIALISED} <= plain.keys()
