"""Papers are entered all or none, keep every version, and the audit log vouches for each."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from scanner.errors import RegisterInputError, UnknownIdError
from scanner.model import (
    Approval,
    ApprovalStatus,
    Condition,
    Consent,
    ConsentKind,
    Input,
    InputClass,
    Paper,
    PaperKind,
    Particulars,
    Person,
    Prominence,
    Scope,
    Step,
    SubjectType,
    Tool,
    Verified,
    What,
    Wrong,
)
from scanner.store import Store
from scanner.store.audit_check import verify
from tests.dense_papers import every_kind

from .values import NOON, approval, record

LATER = NOON + timedelta(days=1)


def tool(name: str = "runway", **given: Any) -> Paper:
    content = Tool(tool_id=name, vendor="Runway", product="Gen-4", **given)
    return Paper(kind=PaperKind.TOOL, paper_id=name, content=content)


def told(name: str = "record-a", **given: Any) -> Paper:
    return Paper(kind=PaperKind.RECORD, paper_id=name, content=Particulars(**given))


def consent(name: str = "C-1", **given: Any) -> Paper:
    values: dict[str, Any] = {
        "consent_id": name,
        "subject_id": "P-1",
        "subject_type": SubjectType.PERFORMER,
        "consent_kind": ConsentKind.VOICE,
        "title": "Ghost Light",
    }
    return Paper(kind=PaperKind.CONSENT, paper_id=name, content=Consent(**values | given))


def agreed(item: Approval) -> Paper:
    return Paper(kind=PaperKind.APPROVAL, paper_id=item.approval_id, content=item)


def put(store: Store, *papers: Paper, by: str = "kim", reason: str | None = None, at: datetime = NOON) -> list[int]:
    return [each.version for each in store.put_papers(papers, by=by, reason=reason, at=at)]


@pytest.fixture
def filled(store: Store) -> Store:
    store.add_records([(record(key), {}) for key in "ab"])
    return store


def test_what_says_something_new_becomes_the_next_version(filled: Store) -> None:
    assert put(filled, tool(), consent()) == [1, 1]
    assert put(filled, tool(), consent()) == []
    assert put(filled, tool(versions=("4.1",)), by="ada", reason="new terms", at=LATER) == [2]

    history = filled.paper_history(PaperKind.TOOL, "runway")
    assert [(each.version, each.by, each.reason, each.at) for each in history] == [
        (1, "kim", None, NOON),
        (2, "ada", "new terms", LATER),
    ]
    assert history[0].paper == tool()
    assert filled.papers(PaperKind.TOOL, ["runway", "other"]) == {"runway": tool(versions=("4.1",)).content}


def test_every_field_of_every_kind_is_kept(filled: Store) -> None:
    papers = every_kind(("record-a", "record-b"))

    put(filled, *papers)

    for paper in papers:
        assert filled.papers(paper.kind, [paper.paper_id]) == {paper.paper_id: paper.content}
    assert isinstance(filled.audit.verify(), Verified)


def test_a_record_comes_with_what_is_told_of_it(filled: Store) -> None:
    put(filled, told(prominence=Prominence.INCIDENTAL, steps=(Step(number=1, tool_id="runway"),)), tool())

    (found,) = filled.records_by_id(["record-a"]).values()
    assert found.particulars is not None
    assert found.particulars.prominence is Prominence.INCIDENTAL
    assert set(filled.papers_named_by([found], ()).tools) == {"runway"}


def test_papers_are_listed_by_kind_and_title(filled: Store) -> None:
    person = Person(person_id="grace", name="Grace", titles=("Other",))
    roving = Person(person_id="ada", name="Ada")
    people = [Paper(kind=PaperKind.PERSON, paper_id=each.person_id, content=each) for each in (person, roving)]
    filled.add_approval(approval())
    put(filled, tool(), consent(), consent("C-2", title="Other"), told(), *people)

    assert filled.paper_ids(PaperKind.CONSENT) == ["C-1", "C-2"]
    here = {kind: filled.paper_ids(kind, title="Ghost Light") for kind in PaperKind}
    assert here == {
        PaperKind.RECORD: ["record-a"],
        PaperKind.TOOL: ["runway"],
        PaperKind.CONSENT: ["C-1"],
        PaperKind.APPROVAL: ["approval-a"],
        PaperKind.PERSON: ["ada"],
    }


def test_a_paper_that_there_is_not_has_no_history(filled: Store) -> None:
    with pytest.raises(UnknownIdError, match="no consent has the id 'C-9'"):
        filled.paper_history(PaperKind.CONSENT, "C-9")


REFUSED = {
    "is there twice": (tool(), tool(versions=("2",))),
    "no provenance record has this id": (told("record-z"),),
    "would come to replace itself: 'record-a' -> 'record-a'": (told(replaced_by="record-a"),),
    "it is of title 'Ghost Light'": (agreed(approval(title="Other")),),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_entered(filled: Store, why: str) -> None:
    filled.add_approval(approval())
    before = filled.audit.head()

    with pytest.raises(RegisterInputError, match=why):
        put(filled, consent(), *REFUSED[why])

    assert filled.papers(PaperKind.CONSENT, ["C-1"]) == {}
    assert filled.audit.head() == before
    assert why in filled.refused_papers(REFUSED[why])[0][1]


def test_a_circle_over_what_is_there_already_is_refused(filled: Store) -> None:
    put(filled, told("record-a", replaced_by="record-b"))
    first = approval("1")
    filled.add_approvals([first, approval("2", terms=replace(first.terms, supersedes="approval-1"))])

    with pytest.raises(RegisterInputError, match="'record-b' -> 'record-a' -> 'record-b'"):
        put(filled, told("record-b", replaced_by="record-a"))
    with pytest.raises(RegisterInputError, match="'approval-1' -> 'approval-2' -> 'approval-1'"):
        put(filled, agreed(replace(first, terms=replace(first.terms, supersedes="approval-2"))))
    assert put(filled, told("record-b", replaced_by="gone")) == [1]


def test_an_approval_becomes_what_its_paper_says(filled: Store) -> None:
    filled.add_approval(approval(status=ApprovalStatus.PENDING, decided_at=None))
    decided = approval(
        scope=Scope(shots=("s1",)),
        terms=replace(approval().terms, conditions=(Condition(condition_id="1", text="credit it"),)),
        created_at=LATER,
    )

    assert put(filled, agreed(decided), reason="signed", at=LATER) == [2]

    assert filled.approval("approval-a") == replace(decided, created_at=NOON)
    first, second = filled.paper_history(PaperKind.APPROVAL, "approval-a")
    assert isinstance(first.paper.content, Approval)
    assert (first.paper.content.status, first.at) == (ApprovalStatus.PENDING, NOON)
    assert second.paper.content == filled.approval("approval-a")
    assert isinstance(filled.audit.verify(), Verified)


def test_a_new_approval_is_in_force_at_once(filled: Store) -> None:
    assert put(filled, agreed(approval("new"))) == [1]

    assert filled.approvals(title="Ghost Light") == (approval("new"),)
    assert isinstance(filled.audit.verify(), Verified)


def test_a_revocation_is_a_version_and_is_not_taken_back(filled: Store) -> None:
    put(filled, agreed(approval()))
    filled.revoke("approval-a", by="grace", reason="withdrawn", at=LATER)

    latest = filled.paper_history(PaperKind.APPROVAL, "approval-a")[-1]

    assert (latest.version, latest.by, latest.paper.content) == (2, "grace", filled.approval("approval-a"))
    with pytest.raises(RegisterInputError, match="was revoked, and cannot be given back"):
        put(filled, agreed(approval()))
    assert isinstance(filled.audit.verify(), Verified)


def test_what_was_revoked_comes_in_revoked(filled: Store) -> None:
    put(filled, agreed(approval(revoked_at=LATER, revoked_by="grace", revoked_reason="withdrawn")))

    assert filled.approval("approval-a").revoked_by == "grace"
    assert isinstance(filled.audit.verify(), Verified)


def test_the_log_tells_of_every_version(filled: Store) -> None:
    put(filled, tool(), reason="as agreed")

    (entry,) = [entry for entry in filled.audit.entries() if entry.what == What.PAPER_ADDED]

    version = filled.paper_history(PaperKind.TOOL, "runway")[0]
    assert entry.who == "kim"
    for part in ('"id":"runway"', '"kind":"tool"', '"version":1', version.digest, '"reason":"as agreed"'):
        assert part in entry.facts


TAMPERED = {
    "update papers set content = replace(content, 'Gen-4', 'Gen-5')": Wrong.ROW_CHANGED,
    "update papers set by = 'mallory'": Wrong.ROW_CHANGED,
    "delete from papers": Wrong.ROW_GONE,
    "insert into papers select kind, paper_id, version + 9, title, label, content, digest, at, by, 'x' from papers": (
        Wrong.NOT_LOGGED
    ),
    "update approvals set terms = '{}'": Wrong.ROW_GONE,
    "update approvals set terms = replace(terms, 'escalate', 'socialise')": Wrong.ROW_CHANGED,
    "update approvals set status = 'denied'": Wrong.ROW_CHANGED,
}


def test_what_somebody_changes_by_hand_is_found(ready_sqlite_url: str) -> None:
    with Store.open(ready_sqlite_url) as store:
        put(store, tool(), tool("other"))
        put(store, agreed(approval(scope=Scope())))
        put(store, agreed(approval(scope=Scope(), note="more")))
        for change, wrong in TAMPERED.items():
            with store._database.engine.connect() as connection, connection.begin() as transaction:
                connection.execute(text(change))
                found = verify(connection, None)
                transaction.rollback()
            assert not isinstance(found, Verified), change
            assert {fault.wrong for fault in found.faults} == {wrong}, change


def test_changes_are_counted_for_those_who_judge_again(filled: Store) -> None:
    filled.add_approval(approval())
    state = filled.register_state(NOON).version
    put(filled, tool(), consent())

    last = filled.judging.last_changes()
    assert last.papers == state + 2
    assert last.records < state < last.concerning("any title") == last.papers

    put(filled, agreed(approval(note="only a word")))
    put(filled, agreed(approval(status=ApprovalStatus.DENIED)), by="grace")
    put(filled, consent(revoked_at=LATER), by="lee")
    put(filled, consent(revoked_at=LATER, signed_by="sam"))
    search = filled.judging.to_search(after=state)
    assert search.revoked == {"approval-a": "grace"}
    assert search.withdrawn == {"C-1": "kim"}


def test_what_names_a_consent_is_found(filled: Store) -> None:
    given = Input(asset_id="a", input_class=InputClass.THIRD_PARTY, rights_ref='C "1"')
    put(filled, told(steps=(Step(number=1, tool_id="runway", inputs=(given,)),)), told("record-b"))
    filled.add_approval(approval(terms=replace(approval().terms, consents=('C "1"',))))

    named = filled.judging.consented_by('C "1"')

    assert (named.records, named.approvals) == ({"record-a"}, {"approval-a"})
