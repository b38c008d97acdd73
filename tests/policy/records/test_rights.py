"""Rules 6 and 7: consents to inputs, and rights in what models were trained on."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from scanner.model import (
    Code,
    Consent,
    ConsentKind,
    ConsentScope,
    Finding,
    InputClass,
    Outcome,
    Permits,
    Rights,
    SubjectType,
    TrainingData,
    Trigger,
)
from tests.policy.builders import DAY, NOON, TITLE
from tests.policy.records.builders import USED, codes, consent, given, naming, papers, said, step, talent, told

OTHERS = InputClass.THIRD_PARTY
LIKENESS = InputClass.TALENT_LIKENESS
RIGHTS = (Code.RIGHTS_NO_CONSENT, Code.RIGHTS_CONSENT_LATE)


def licence(**more: Any) -> Consent:
    """A rights holder's consent that covers the input."""
    values: dict[str, Any] = {"subject_type": SubjectType.RIGHTS_HOLDER, "consent_kind": ConsentKind.INPUT_REFERENCE}
    return consent("lic-1", **values | more)


def rights(
    *consents: Consent, of: InputClass = OTHERS, ref: str | None = "lic-1", shot: str | None = None, **more: Any
) -> list[Finding]:
    """What rule 6 says of an input that names this reference."""
    particulars = told(steps=(step(inputs=(given(of, rights_ref=ref, clearance_ref="C-1"),)),))
    found = said(particulars, papers_=papers(*consents), of={"shot": shot}, **more)
    return [each for each in found if each.code in RIGHTS]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, None),
        ({"title": "*"}, None),
        ({"title": "Another"}, Code.RIGHTS_NO_CONSENT),
        ({"consent_kind": ConsentKind.TRAINING}, Code.RIGHTS_NO_CONSENT),
        ({"signed_at": None}, Code.RIGHTS_NO_CONSENT),
        ({"signed_at": USED}, None),
        ({"signed_at": USED + timedelta(seconds=1)}, Code.RIGHTS_CONSENT_LATE),
        ({"revoked_at": USED + DAY}, Code.RIGHTS_NO_CONSENT),
        ({"revoked_at": USED + 2 * DAY}, None),
        ({"valid_to": USED + DAY}, Code.RIGHTS_NO_CONSENT),
        ({"valid_to": USED + 2 * DAY}, None),
        ({"valid_from": USED}, None),
        ({"valid_from": USED + DAY}, Code.RIGHTS_NO_CONSENT),
        ({"scope": ConsentScope(shots=("042",))}, None),
        ({"scope": ConsentScope(shots=("043",))}, Code.RIGHTS_NO_CONSENT),
        ({"scope": ConsentScope(episodes=("102",))}, Code.RIGHTS_NO_CONSENT),
        ({"scope": ConsentScope(territories=("DE",))}, Code.RIGHTS_NO_CONSENT),
        ({"scope": ConsentScope(territories=("EU",))}, None),
    ],
)
def test_a_consent_is_for_a_title_a_time_and_a_scope(fields: dict[str, Any], code: Code | None) -> None:
    found = rights(licence(**fields), shot="042", episode="101", territories=("DE", "FR"))

    assert [each.code for each in found] == ([code] if code else [])


def test_outcomes_of_a_consent_that_is_missing_or_late() -> None:
    (missing,) = rights(ref=None)
    (late,) = rights(licence(signed_at=NOON))

    assert (missing.outcome, late.outcome) == (Outcome.QUARANTINE, Outcome.FLAG)
    assert "its input plate-1 names C-1, of which there is no record" in missing.message
    assert "was signed on 2026-11-20, and it was used on 2026-10-31" in late.message


def test_an_input_that_names_nothing_has_no_consent() -> None:
    particulars = told(steps=(step(inputs=(given(OTHERS),)),))

    (found,) = [each for each in said(particulars) if each.code is Code.RIGHTS_NO_CONSENT]

    assert "names no consent" in found.message


def test_one_consent_that_covers_it_is_enough() -> None:
    particulars = told(steps=(step(inputs=(given(OTHERS, rights_ref="lic-1", clearance_ref="lic-2"),)),))
    both = papers(licence(title="Another"), consent("lic-2", consent_kind=ConsentKind.INPUT_REFERENCE))

    assert not codes(said(particulars, papers_=both)) & set(RIGHTS)


@pytest.mark.parametrize("input_class", InputClass)
def test_whose_consent_is_asked(input_class: InputClass) -> None:
    """Of a likeness the consents of talent speak, where talent is recorded."""
    assert bool(rights(of=input_class, ref=None)) is (input_class in (OTHERS, LIKENESS))

    particulars = told(talent=(talent(),), steps=(step(inputs=(given(LIKENESS),)),))
    assert not codes(said(particulars)) & set(RIGHTS)


@pytest.mark.parametrize("kind", ConsentKind)
def test_a_consent_of_a_person_does_for_their_likeness(kind: ConsentKind) -> None:
    assert bool(rights(licence(consent_kind=kind), of=LIKENESS)) is (kind is ConsentKind.TRAINING)


@pytest.mark.parametrize("trigger", [Trigger.PROTECTED_INPUT, Trigger.THIRD_PARTY, Trigger.P1])
def test_an_approval_of_the_input_takes_a_consent_s_place(trigger: Trigger) -> None:
    particulars = told(steps=(step(inputs=(given(OTHERS),)),))

    assert (Code.RIGHTS_NO_CONSENT in codes(said(particulars, naming(trigger)))) is (trigger is Trigger.P1)


def training(*data: Rights, custom: bool | None = False, ref: str | None = None) -> Any:
    refs = tuple(TrainingData(dataset_id=f"set-{n}", rights=each, clearance_ref=ref) for n, each in enumerate(data))
    return told(steps=(step(model_custom=custom),), training=refs)


@pytest.mark.parametrize(("rights_", "custom"), list(product((None, *Rights), (None, False, True))))
def test_what_a_model_was_trained_on_is_settled_or_not(rights_: Rights | None, *, custom: bool | None) -> None:
    found = codes(said(training(*((rights_,) if rights_ else ()), custom=custom)))

    is_settled = rights_ in (Rights.OWNED, Rights.CLEARED)
    assert (Code.TRAINING_NOT_CLEARED in found) is (
        rights_ is Rights.NOT_CLEARED or (custom is True and not is_settled)
    )
    is_unsaid = custom is None or (custom is False and rights_ in (None, Rights.UNKNOWN))
    assert (Code.TRAINING_NOT_STATED in found) is is_unsaid


def test_one_data_set_that_is_not_cleared_is_enough() -> None:
    found = said(training(Rights.OWNED, Rights.NOT_CLEARED, Rights.CLEARED, custom=True))

    (left,) = [each for each in found if each.code is Code.TRAINING_NOT_CLEARED]
    assert (left.outcome, "set-1" in left.message) == (Outcome.QUARANTINE, True)


@pytest.mark.parametrize(
    ("fields", "raised"),
    [
        ({}, False),
        ({"title": "Another"}, True),
        ({"consent_kind": ConsentKind.REPLICA}, True),
        ({"revoked_at": USED - DAY}, True),
    ],
)
def test_a_consent_that_training_rests_on_must_cover_it(fields: dict[str, Any], *, raised: bool) -> None:
    agreed = consent("tr-1", **{"consent_kind": ConsentKind.TRAINING, "title": TITLE} | fields)
    found = codes(said(training(Rights.CLEARED, custom=True, ref="tr-1"), papers_=papers(agreed)))

    assert (Code.TRAINING_NOT_CLEARED in found) is raised


@pytest.mark.parametrize(
    ("approval", "clears"),
    [
        (naming(Trigger.TRAINING), True),
        (naming(permits=Permits(fine_tuning=True)), True),
        (naming(Trigger.DATA), False),
        (naming(), False),
    ],
)
def test_an_approval_that_names_training_clears_it(approval: Any, *, clears: bool) -> None:
    settled = codes(said(training(Rights.NOT_CLEARED, custom=True), approval))
    stated = codes(said(training(custom=None), approval))

    assert (Code.TRAINING_NOT_CLEARED not in settled) is clears
    assert (Code.TRAINING_NOT_STATED not in stated) is clears
