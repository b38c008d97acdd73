"""New versions of papers: what is kept back is judged again, and what went on is searched."""

from dataclasses import replace

from scanner.judging_again import due, standing
from scanner.looking_back import is_recall_due, recall_now
from scanner.model import (
    Approval,
    ApprovalStatus,
    Check,
    Condition,
    Consent,
    ConsentKind,
    Outcome,
    Paper,
    PaperKind,
    Person,
    RecallReason,
    Scope,
    SubjectType,
    Terms,
    Trigger,
)
from scanner.studio import Studio

from .studio import TITLE, Home
from .test_judging_again import before, home, judged, outcome, record_id, studio, the_one

__all__ = ["before", "home", "studio"]

CONSENT = Consent(
    consent_id="C-1",
    subject_id="P-1",
    subject_type=SubjectType.RIGHTS_HOLDER,
    consent_kind=ConsentKind.INPUT_REFERENCE,
    title=TITLE,
)


def put(studio: Studio, kind: PaperKind, content: Approval | Consent | Person, *, by: str = "kim") -> None:
    name = getattr(content, f"{kind}_id")
    studio.kept.put_papers([Paper(kind=kind, paper_id=name, content=content)], by=by, at=studio.now())


def agreed(studio: Studio, **given: object) -> Approval:
    values = {
        "approval_id": "ESC-1",
        "title": TITLE,
        "status": ApprovalStatus.APPROVED,
        "scope": Scope(records=(record_id(studio),)),
        "approver": "Robin",
        "created_at": studio.now(),
    }
    return Approval(**values | given)  # type: ignore[arg-type]


def test_a_new_version_of_an_approval_lets_it_go_on_and_another_recalls_it(home: Home, studio: Studio) -> None:
    pending = agreed(studio, status=ApprovalStatus.PENDING)
    put(studio, PaperKind.APPROVAL, pending)
    judged(studio)
    assert outcome(the_one(home)) is Outcome.QUARANTINE
    before = standing(studio)

    put(studio, PaperKind.APPROVAL, replace(pending, status=ApprovalStatus.APPROVED, decided_at=studio.now()))

    assert standing(studio) != before
    (delivery_id,) = judged(studio)
    assert outcome(the_one(home)) is Outcome.PASS
    assert recall_now(studio) == 0

    put(studio, PaperKind.APPROVAL, replace(pending, status=ApprovalStatus.DENIED), by="grace")

    assert is_recall_due(studio)
    assert recall_now(studio) == 1
    (recall,) = studio.kept.recalls()
    assert (recall.delivery_id, recall.reason, recall.by) == (delivery_id, RecallReason.REVOKED, "grace")
    assert not is_recall_due(studio)


def test_more_words_on_an_approval_recall_nothing(home: Home, studio: Studio) -> None:
    put(studio, PaperKind.APPROVAL, agreed(studio))
    judged(studio)
    recall_now(studio)

    put(studio, PaperKind.APPROVAL, agreed(studio, note="as discussed"))

    assert not is_recall_due(studio)


def test_any_paper_makes_what_is_kept_back_due_and_its_evidence_stands(home: Home, studio: Studio) -> None:
    judged(studio)
    before = the_one(home).verdicts_before

    put(studio, PaperKind.PERSON, Person(person_id="robin", name="Robin"))

    assert due(studio)
    judged(studio)
    assert the_one(home).verdicts_before == before


def test_a_revoked_consent_recalls_what_rested_on_it(home: Home, studio: Studio) -> None:
    signed = replace(CONSENT, signed_at=studio.now())
    put(studio, PaperKind.CONSENT, signed)
    terms = Terms(
        triggers=(Trigger.P4, Trigger.FINAL_DELIVERABLE),
        conditions=(Condition(condition_id="1", text="all have consented", check=Check.CONSENTS),),
        consents=("C-1",),
    )
    put(studio, PaperKind.APPROVAL, agreed(studio, status=ApprovalStatus.APPROVED_WITH_CONDITIONS, terms=terms))
    (delivery_id,) = judged(studio)
    assert outcome(the_one(home)) < Outcome.HOLD
    recall_now(studio)

    put(studio, PaperKind.CONSENT, replace(signed, revoked_at=studio.now()), by="lee")

    assert is_recall_due(studio)
    assert recall_now(studio) == 1
    (recall,) = studio.kept.recalls()
    assert (recall.delivery_id, recall.reason, recall.by) == (delivery_id, RecallReason.CONSENT_REVOKED, "lee")
