"""The audit log: one story for each delivery; whoever changes it, or what it vouches for, is found out."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.exc import DBAPIError

from scanner.errors import StoreUnavailableError
from scanner.model import Entry, Fault, Head, Order, Outcome, Tampered, Verified, What, Wrong
from scanner.model.audit import LOG, NOTHING_BEFORE, canonical, content_of, digest_of, entry_of_line, line_of
from scanner.settings import default_policy
from scanner.store import Store
from scanner.store.audit import Note, add_all
from scanner.store.audit_chain import verify_lines
from scanner.store.audit_check import verify
from scanner.store.audit_entries import begin
from scanner.store.server_tables import audit
from tests.store.values import (
    HOUR,
    NOON,
    approval,
    delivery,
    member,
    member_evidence,
    picture,
    recall,
    record,
    ruling,
    verdict,
)

LATER = verdict(outcome=Outcome.PASS, findings=(), judged_at=NOON + 2 * HOUR)
ADDING = """
import sys
from scanner.store import Store
from tests.store.values import delivery
with Store.open(sys.argv[1]) as store:
    for number in range(20):
        store.received(delivery(f"{sys.argv[2]}-{number}"), place="/work")
"""


def told(store: Store) -> list[Entry]:
    return list(store.audit.entries())


def whats(store: Store, delivery_id: str | None = None) -> list[str]:
    return [entry.what for entry in store.audit.entries(delivery_id=delivery_id) if entry.what != What.BEGUN]


def facts(entry: Entry) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(entry.facts)
    return known


def handled(store: Store, key: str = "d1") -> None:
    """A delivery from receipt to quarantine."""
    store.received(delivery(key), place=f"/work/{key}")
    store.described(delivery(key))
    store.examined(key)
    store.decided(verdict(key), [member_evidence()], [picture()], place=f"/quarantine/{key}")
    store.carried_out(key, place=f"/quarantine/{key}")


@pytest.fixture
def filled(store: Store) -> Store:
    """A store to which everything happened once."""
    store.add_record(record())
    store.add_record(record("b"))
    store.retire("record-b", by="kim", reason="entered twice", at=NOON)
    store.add_approvals([approval(), approval("b")])
    store.revoke("approval-b", by="grace", reason="withdrawn", at=NOON)
    handled(store)
    handled(store, "d2")
    store.ruled("d1", ruling(), place="/cleared/d1")
    store.add_recalls([recall(), recall("r2", delivery_id="d2")])
    store.close_recall("r2", by="kim", reason="replaced", at=NOON)
    return store


def by_hand(connection: Connection, *statements: Any) -> None:
    """Change the database as somebody would who has rights to it and knows about the triggers."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("drop trigger audit_no_update"))
        connection.execute(text("drop trigger audit_no_delete"))
    else:
        connection.execute(text("alter table audit disable trigger audit_no_change"))
    for statement in statements:
        connection.execute(text(statement) if isinstance(statement, str) else statement)


def verified(store: Store, *statements: Any, noted: Head | None = None) -> Verified | Tampered:
    """What a check finds after these changes, which are taken back then."""
    with store._database.engine.connect() as connection, connection.begin() as transaction:
        by_hand(connection, *statements)
        result = verify(connection, noted)
        transaction.rollback()
    return result


def entry(store: Store, what: What, delivery_id: str | None = None) -> Entry:
    """The first entry that says this."""
    return next(each for each in store.audit.entries(delivery_id=delivery_id) if each.what == what)


def faults(store: Store, *statements: Any, noted: Head | None = None) -> tuple[Fault, ...]:
    result = verified(store, *statements, noted=noted)
    assert isinstance(result, Tampered), statements
    return result.faults


def fault(store: Store, *statements: Any, noted: Head | None = None) -> Fault:
    """The only fault."""
    found = faults(store, *statements, noted=noted)
    assert len(found) == 1, found
    return found[0]


# ---- The story


def test_a_delivery_has_one_story(filled: Store) -> None:
    assert whats(filled, "d1") == ["received", "examined", "decided", "carried-out", "ruled", "recalled"]


def test_the_register_has_a_story_too(filled: Store) -> None:
    assert whats(filled)[:6] == [
        "record-added",
        "record-added",
        "record-retired",
        "approval-added",
        "approval-added",
        "approval-revoked",
    ]


def test_numbers_have_no_gaps_and_each_entry_follows_the_one_before(filled: Store) -> None:
    entries = told(filled)

    assert [each.number for each in entries] == list(range(1, len(entries) + 1))
    assert [each.previous for each in entries] == [NOTHING_BEFORE, *(each.digest for each in entries[:-1])]
    assert filled.audit.head() == entries[-1].head


def test_a_decision_says_on_what_it_rests(filled: Store) -> None:
    said = facts(entry(filled, What.DECIDED, "d1"))

    assert said["outcome"] == "quarantine"
    assert said["codes"] == ["AI-LOOK-ALIKE", "AI-CREDENTIALS"]
    assert said["members"] == [["reel.mov", member().sha256]]
    assert (said["policy"], said["examiner"], said["register"]) == ("abc", "1", 7)
    assert (said["stage"], said["place"], said["goes_to"]) == ("decided", "/quarantine/d1", "/quarantine/d1")


def test_a_record_that_comes_back_has_a_story_of_both(filled: Store) -> None:
    filled.reinstate("record-b", by="ada", reason="it was not", at=NOON + HOUR)

    said = told(filled)[-1]
    assert (said.what, said.who) == ("record-reinstated", "ada")
    assert (facts(said)["record"], facts(said)["reason"]) == ("record-b", "it was not")
    assert facts(said)["was_retired"] == {"at": NOON.isoformat(), "reason": "entered twice"}
    assert isinstance(filled.audit.verify(), Verified)


def test_it_may_be_retired_and_come_back_again(filled: Store) -> None:
    for _ in range(2):
        filled.reinstate("record-b", by="ada", reason="it was not", at=NOON)
        assert isinstance(filled.audit.verify(), Verified)
        filled.retire("record-b", by="kim", reason="it was", at=NOON + HOUR)
        assert isinstance(filled.audit.verify(), Verified)


def test_a_retirement_that_was_changed_before_it_was_ended_is_found(filled: Store) -> None:
    with filled._database.engine.begin() as connection:
        connection.execute(text("update records set retired_by = 'mallory' where record_id = 'record-b'"))
    filled.reinstate("record-b", by="ada", reason="it was not", at=NOON + HOUR)

    found = fault(filled)

    assert (found.wrong, found.number) == (Wrong.ROW_CHANGED, entry(filled, What.RECORD_RETIRED).number)


def test_a_record_that_came_back_and_is_retired_by_hand_is_found(filled: Store) -> None:
    filled.reinstate("record-b", by="ada", reason="it was not", at=NOON + HOUR)

    found = fault(filled, "update records set retired_at = created_at where record_id = 'record-b'")

    assert "no entry tells of retirement of record record-b" in found.says


def test_a_ruling_names_the_person_and_the_server(filled: Store) -> None:
    said = entry(filled, What.RULED)

    assert said.who == "grace"
    assert facts(said)["reason"] == "agreed by telephone"
    assert facts(said)["server"].startswith("scanner ")


def test_the_program_names_itself_and_its_server(ready_sqlite_url: str) -> None:
    with Store.open(ready_sqlite_url, who="scanner 9 on ingest-2") as store:
        store.received(delivery(), place="/work")

        assert told(store)[-1].who == "scanner 9 on ingest-2"


def test_a_step_that_is_repeated_is_not_told_again(filled: Store) -> None:
    head = filled.audit.head()

    handled(filled)
    filled.ruled("d1", ruling(), place="/cleared/d1")
    filled.add_record(record())
    filled.retire("record-b", by="kim", reason="again", at=NOON + HOUR)
    filled.add_approvals([approval()])
    filled.revoke("approval-b", by="kim", reason="again", at=NOON + HOUR)
    filled.add_recalls([recall()])
    filled.close_recall("r2", by="ada", reason="again", at=NOON + HOUR)

    assert filled.audit.head() == head


def test_judging_again_is_another_entry(store: Store) -> None:
    handled(store)

    store.decided(LATER, [], [], place="/cleared/d1")
    store.carried_out("d1", place="/cleared/d1")

    assert whats(store)[-2:] == ["decided", "carried-out"]
    assert "place" not in facts(told(store)[-2])
    assert isinstance(store.audit.verify(), Verified)


def test_what_is_kept_back_and_judged_again_has_its_story_too(store: Store) -> None:
    handled(store)

    assert store.judging.judged_again(LATER, [], [], after=1, place="/quarantine/d1")
    assert store.judging.going("d1", after=2, place="/cleared/d1")
    assert store.judging.arrived("d1", after=2, place="/cleared/d1")

    assert whats(store)[-4:] == ["decided", "judged-again", "moved", "carried-out"]
    assert isinstance(store.audit.verify(), Verified)


def test_an_order_is_told_with_the_person_and_the_reason(store: Store) -> None:
    store.sharing.give_order(Order(name="pause", value="on", by="kim", reason="disk full", at=NOON))

    said = told(store)[-1]
    assert (said.what, said.who) == ("order", "kim")
    assert (facts(said)["name"], facts(said)["reason"]) == ("pause", "disk full")


def test_another_place_than_was_decided_is_told(store: Store) -> None:
    handled_until_decided(store)

    store.decided(verdict(), [], [], place="/quarantine/d1-2")
    store.carried_out("d1", place="/quarantine/d1-2")

    assert whats(store)[-2:] == ["moved", "carried-out"]
    assert isinstance(store.audit.verify(), Verified)


def handled_until_decided(store: Store) -> None:
    store.received(delivery(), place="/work/d1")
    store.examined("d1")
    store.decided(verdict(), [], [], place="/quarantine/d1")


def test_a_thing_and_its_entry_are_written_together_or_not_at_all(filled: Store) -> None:
    head = filled.audit.head()

    with pytest.raises(ValueError, match="time zone"):
        filled.ruled("d2", ruling(at=datetime(2025, 3, 1)), place=None)  # noqa: DTZ001

    assert filled.audit.head() == head
    assert filled.delivery("d2").rulings == ()


def test_names_of_any_bytes_can_be_told(store: Store) -> None:
    wild = "reel\udcff\x00\x1a.mov"

    store.received(delivery(name=wild, origin=wild, members=(member(wild),)), place=f"/work/{wild}")
    store.decided(verdict(), [], [], place=f"/held/{wild}")
    store.carried_out("d1", place=f"/held/{wild}")

    assert isinstance(store.audit.verify(), Verified)
    assert isinstance(verify_lines(map(line_of, told(store))), Verified)


def test_the_database_refuses_to_change_the_log(filled: Store) -> None:
    for change in ("update audit set who = 'x'", "delete from audit"):
        with filled._database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))


def test_a_policy_is_told_of_when_it_changes(store: Store) -> None:
    policies = [replace(default_policy(), digest=digest, text=f"# {digest}") for digest in ("a", "a", "b", "a")]

    assert [store.audit.policy_in_force(policy) for policy in policies] == [True, False, True, True]
    assert whats(store) == ["policy-changed"] * 3
    assert [json.loads(entry.facts)["text"] for entry in store.audit.entries() if entry.what == "policy-changed"] == [
        "# a",
        "# b",
        "# a",
    ]


# ---- Whole


def test_a_log_to_which_nobody_did_anything_is_whole(filled: Store) -> None:
    result = filled.audit.verify()

    assert result == Verified(entries=len(told(filled)), head=filled.audit.head())


def test_an_empty_store_is_whole(store: Store) -> None:
    assert isinstance(store.audit.verify(), Verified)


def test_every_head_that_was_noted_is_in_the_log(filled: Store) -> None:
    assert all(isinstance(filled.audit.verify(each.head), Verified) for each in told(filled))


# ---- Tampering with the log


def test_a_changed_field_is_found_and_its_entry_named(filled: Store) -> None:
    number = entry(filled, What.RULED).number
    for change in (
        "who = 'nobody'",
        "what = 'examined'",
        "delivery_id = 'd2'",
        "facts = '{}'",
        "facts = 'no JSON'",
        "at = '2020-01-01 00:00:00.000000'",
        "digest = 'x'",
        "previous = 'x'",
    ):
        found = faults(filled, f"update audit set {change} where number = {number}")

        (told_of,) = [each for each in found if each.wrong is Wrong.CHANGED]
        assert told_of.number == number, change
        assert f"entry {number} (" in told_of.says
        assert told_of.delivery_id == ("d2" if "d2" in change else "d1")


def test_what_is_no_entry_any_more_is_found(ready_sqlite_url: str) -> None:
    with Store.open(ready_sqlite_url) as store:
        handled(store)
        for change in ("at = 'noon'", "who = x'00ff'", "facts = 7.5", "number = 'three'"):
            found = faults(store, f"update audit set {change} where number = 3")
            assert Wrong.UNREADABLE in {each.wrong for each in found} or "facts" in change

        with store._database.engine.begin() as connection:
            by_hand(connection, "update audit set who = x'00ff' where number = 3")
        with pytest.raises(StoreUnavailableError, match="audit verify"):
            told(store)


def test_an_entry_changed_with_its_digest_is_found_by_the_next(filled: Store) -> None:
    ruled = entry(filled, What.RULED)
    forged = digest_of(content_of(replace(ruled, who="mallory")))

    found = fault(filled, f"update audit set who = 'mallory', digest = '{forged}' where number = {ruled.number}")

    assert (found.wrong, found.number) == (Wrong.REPLACED, ruled.number)


def test_an_entry_deleted_in_the_middle_is_found(filled: Store) -> None:
    gone = entry(filled, What.EXAMINED).number

    found = fault(filled, f"delete from audit where number = {gone}")

    assert (found.wrong, found.number) == (Wrong.MISSING, gone)
    assert "deleted" in found.says


def test_entries_deleted_at_the_beginning_are_found(filled: Store) -> None:
    wrong = {each.wrong for each in faults(filled, "delete from audit where number <= 3")}
    renumbered = faults(filled, "delete from audit where number <= 3", *renumber("number > 3", "number - 3"))

    assert Wrong.MISSING in wrong
    assert "was written as entry 4" in renumbered[0].says


def renumber(which: str, number: str) -> tuple[str, str]:
    """Give these entries another number: at no moment may two have the same."""
    return f"update audit set number = -({number}) where {which}", "update audit set number = -number where number < 0"


def test_entries_deleted_at_the_end_are_found_with_a_head_and_by_what_they_told_of(filled: Store) -> None:
    noted = filled.audit.head()
    cut = f"delete from audit where number = {noted.number}"

    assert [each.wrong for each in faults(filled, cut)] == [Wrong.NOT_LOGGED]
    assert [(each.wrong, each.number) for each in faults(filled, cut, noted=noted)] == [
        (Wrong.MISSING, noted.number),
        (Wrong.NOT_LOGGED, None),
    ]


def test_a_log_that_was_written_anew_does_not_have_the_head(filled: Store) -> None:
    noted = entry(filled, What.RULED).head
    before, rewritten = NOTHING_BEFORE, []
    for each in told(filled):
        changed = replace(each, who="x", previous=before)
        rewritten.append(replace(changed, digest=digest_of(content_of(changed))))
        before = rewritten[-1].digest
    anew = ("delete from audit", insert(audit).values([row(each) for each in rewritten]))

    assert isinstance(verified(filled, *anew), Verified)
    assert fault(filled, *anew, noted=noted).wrong is Wrong.REWRITTEN


def row(each: Entry) -> dict[str, Any]:
    return {name: getattr(each, name) for name in Entry.__slots__}


def put_in(each: Entry) -> Any:
    """A forged entry with the digest that it must have."""
    return insert(audit).values(row(replace(each, digest=digest_of(content_of(each)))))


def test_two_entries_that_were_swapped_are_found_and_named(filled: Store) -> None:
    one, other = (entry(filled, what, "d2").number for what in (What.EXAMINED, What.CARRIED_OUT))

    found = faults(filled, *renumber(f"number in ({one}, {other})", f"{one + other} - number"))

    chain = [(each.wrong, each.number) for each in found if each.wrong is Wrong.MOVED]
    assert chain == [(Wrong.MOVED, one), (Wrong.MOVED, other)]
    assert any(f"written as entry {one}" in each.says for each in found)


def test_an_entry_that_was_put_in_is_found(filled: Store) -> None:
    before = entry(filled, What.RULED)
    forged = replace(before, number=before.number + 1, what="examined", previous=before.digest, facts="{}")

    found = faults(filled, *renumber(f"number > {before.number}", "number + 1"), put_in(forged))

    assert found[0].number == forged.number + 1
    assert f"written as entry {forged.number}" in found[0].says


def test_what_was_put_in_at_the_end_is_found_where_it_tells_what_is_not_so(filled: Store) -> None:
    head = filled.audit.head()
    ruled = replace(entry(filled, What.RULED), number=head.number + 1, previous=head.digest)
    for forged, wrong in (
        (ruled, Wrong.REPEATED),
        (replace(ruled, what="begun", facts="{}"), Wrong.REPEATED),
        (replace(ruled, what="received", facts="{}", delivery_id="d9"), Wrong.ROW_GONE),
        (replace(ruled, what="carried-out", facts='{"place":"/cleared/d1","stage":"carried-out"}'), Wrong.ROW_CHANGED),
    ):
        found = faults(filled, put_in(forged))
        assert {(each.wrong, each.number) for each in found} == {(wrong, head.number + 1)}


def test_of_very_many_faults_the_first_are_told_and_the_others_counted(store: Store) -> None:
    with store._database.writing() as connection:
        add_all(connection, [Note(what=What.ORDER)] * 150)

    result = verified(store, "update audit set who = 'x'")

    assert isinstance(result, Tampered)
    assert len(result.faults) + result.more == len(told(store))
    assert result.more >= 50


# ---- Tampering with what the log vouches for

CHANGES = {
    "update verdicts set outcome = 0 where delivery_id = 'd2'": What.DECIDED,
    "update verdicts set document = replace(document, 'abc', 'abd') where delivery_id = 'd2'": What.DECIDED,
    "update findings set outcome = 0 where delivery_id = 'd2' and position = 0": What.DECIDED,
    "delete from findings where delivery_id = 'd2' and position = 0": What.DECIDED,
    "delete from evidence where delivery_id = 'd2'": What.DECIDED,
    "update members set sha256 = 'x' where delivery_id = 'd2'": What.DECIDED,
    "update deliveries set title = 'Other' where delivery_id = 'd2'": What.DECIDED,
    "update deliveries set outcome = 0 where delivery_id = 'd2'": What.DECIDED,
    "update deliveries set verdicts = 0 where delivery_id = 'd2'": What.DECIDED,
    "update deliveries set stage = 'ruled' where delivery_id = 'd2'": What.CARRIED_OUT,
    "update rulings set by = 'ada' where delivery_id = 'd1'": What.RULED,
    "update rulings set reason = 'none' where delivery_id = 'd1'": What.RULED,
    "delete from rulings": What.RULED,
    "update approvals set approver = 'mallory' where approval_id = 'approval-a'": What.APPROVAL_ADDED,
    "update approvals set scope = '{}' where approval_id = 'approval-a'": What.APPROVAL_ADDED,
    "update approvals set revoked_at = null": What.APPROVAL_REVOKED,
    "update approvals set revoked_by = 'ada'": What.APPROVAL_REVOKED,
    "update records set tool = 'a camera' where record_id = 'record-a'": What.RECORD_ADDED,
    "update assets set sha256 = 'x' where record_id = 'record-a'": What.RECORD_ADDED,
    "update records set retired_at = null": What.RECORD_RETIRED,
    "update recalls set outcome = 0 where recall_id = 'r1'": What.RECALLED,
    "update recalls set closed_by = 'ada' where recall_id = 'r2'": What.RECALL_CLOSED,
    "delete from recalls where recall_id = 'r1'": What.RECALLED,
}


def test_what_was_changed_in_the_tables_is_found(filled: Store) -> None:
    for change, what in CHANGES.items():
        expected = entry(filled, what, "d2" if "'d2'" in change else None)

        found = faults(filled, change)

        assert expected.number in {each.number for each in found}, change
        assert {each.wrong for each in found} <= {Wrong.ROW_CHANGED, Wrong.ROW_GONE}, change


def test_a_place_that_was_changed_is_found(filled: Store) -> None:
    moved = text("update deliveries set place = :place where delivery_id = 'd2'").bindparams(place=b"/cleared/d2")

    found = fault(filled, moved)

    assert (found.wrong, found.delivery_id) == (Wrong.ROW_CHANGED, "d2")
    assert "'/cleared/d2' in the database, '/quarantine/d2' in entry" in found.says


FORGED_RULING = (
    "insert into rulings values ('d2', 0, 1, 'release', 'mallory', 'why', null, '2025-03-01 12:00:00', '{}')"
)
FORGED_VERDICT = (
    "insert into verdicts select delivery_id, 2, 0, judged_at, document from verdicts where delivery_id = 'd2'"
)
FORGED_APPROVAL = (
    "insert into approvals select 'forged', title, status, scope, approver, approver_role, decided_at, valid_from, "
    "valid_to, document, note, created_at, revoked_at, revoked_by, revoked_reason, '{}' from approvals "
    "where approval_id = 'approval-a'"
)
PUT_IN = {
    FORGED_RULING: "ruling d2/0",
    FORGED_VERDICT: "verdict d2/2",
    FORGED_APPROVAL: "approval forged",
    "update records set retired_at = created_at where record_id = 'record-a'": "retirement of record record-a",
    "update recalls set closed_at = at where recall_id = 'r1'": "closing of recall r1",
}


def test_what_was_put_into_the_tables_is_found(filled: Store) -> None:
    for change, what in PUT_IN.items():
        found = fault(filled, change)

        assert found.wrong is Wrong.NOT_LOGGED
        assert f"no entry tells of {what}," in found.says
        assert found.delivery_id == ("d2" if "d2" in what else None)


def test_a_delivery_that_was_deleted_is_found(filled: Store) -> None:
    children = ("findings", "evidence", "member_coverage", "pictures", "verdicts", "members", "recalls", "deliveries")

    found = fault(filled, *(f"delete from {table} where delivery_id = 'd2'" for table in children))

    assert (found.wrong, found.delivery_id) == (Wrong.ROW_GONE, "d2")


# ---- What was there before the log


@pytest.fixture
def older(filled: Store) -> Store:
    """A store whose log was begun after everything had happened."""
    with filled._database.writing() as connection:
        by_hand(connection, "delete from audit")
        begin(connection)
        begin(connection)
        if connection.dialect.name == "sqlite":
            for change in ("update", "delete"):
                connection.execute(
                    text(f"create trigger audit_no_{change} before {change} on audit begin select 1; end")
                )
    return filled


def test_a_retirement_of_before_the_log_may_be_undone_and_done_again(older: Store) -> None:
    older.reinstate("record-b", by="ada", reason="it was not", at=NOON)
    assert isinstance(older.audit.verify(), Verified)

    older.retire("record-b", by="kim", reason="it was", at=NOON + HOUR)

    assert isinstance(older.audit.verify(), Verified)


def test_what_was_there_before_the_log_is_not_tampered_with(older: Store) -> None:
    assert [each.what for each in told(older)] == ["begun"]
    assert facts(told(older)[0])["before"]["verdict"][0] == 2
    assert isinstance(older.audit.verify(), Verified)


def test_what_happens_later_to_what_was_there_before_is_told(older: Store) -> None:
    older.decided(LATER, [], [], place="/cleared/d1")
    older.carried_out("d1", place="/cleared/d1")
    older.ruled("d2", ruling(), place="/cleared/d2")
    older.close_recall("r1", by="kim", reason="replaced", at=NOON)
    older.revoke("approval-a", by="grace", reason="withdrawn", at=NOON)
    handled(older, "d3")

    assert isinstance(older.audit.verify(), Verified)


def test_what_was_there_before_the_log_cannot_be_changed_either(older: Store) -> None:
    for change in (
        "update verdicts set outcome = 0 where delivery_id = 'd2'",
        "update members set sha256 = 'x' where delivery_id = 'd2'",
        "update approvals set approver = 'mallory' where approval_id = 'approval-a'",
        "delete from recalls where recall_id = 'r1'",
        FORGED_RULING,
    ):
        assert fault(older, change).wrong is Wrong.NOT_LOGGED, change


def test_a_database_of_an_earlier_schema_begins_a_log(fresh_url: str) -> None:
    engine = create_engine(fresh_url.replace("postgresql://", "postgresql+psycopg://"))
    config = Config()
    config.set_main_option("script_location", "scanner.store:migrations")
    config.set_main_option("path_separator", "os")
    columns = "delivery_id, name, origin, drop_class, received_at, refused, stage, verdicts"
    values = "'old', :name, :name, 'final', '2025-03-01 12:00:00.000000', '[]', 'received', 0"
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(text(f"insert into deliveries ({columns}) values ({values})"), {"name": b"reel"})
    engine.dispose()

    with Store.open(fresh_url) as store:
        digest = hashlib.sha256(b"old -\n").hexdigest()
        assert facts(told(store)[0])["before"] == {"receipt of delivery": [1, digest]}
        store.examined("old")
        assert isinstance(store.audit.verify(), Verified)
        assert fault(store, "update deliveries set stage = 'received'").delivery_id == "old"


# ---- The log by itself


def lines(store: Store) -> Iterator[str]:
    return map(line_of, told(store))


def test_an_exported_log_is_verified_by_itself(filled: Store) -> None:
    assert verify_lines(lines(filled), filled.audit.head()) == filled.audit.verify()


def test_an_entry_survives_its_line(filled: Store) -> None:
    assert list(map(entry_of_line, lines(filled))) == told(filled)


def test_the_digest_is_that_of_the_canonical_json_of_the_rest(filled: Store) -> None:
    for line in lines(filled):
        content = json.loads(line)
        digest = content.pop("digest")
        assert content["log"] == LOG
        assert hashlib.sha256(canonical(content).encode()).hexdigest() == digest


def test_lines_in_another_order_are_found(filled: Store) -> None:
    exported = list(lines(filled))
    exported[2], exported[3] = exported[3], exported[2]

    result = verify_lines(exported)

    assert isinstance(result, Tampered)
    assert {each.wrong for each in result.faults} == {Wrong.MISSING, Wrong.MOVED}


def test_a_line_that_is_none_is_found(filled: Store) -> None:
    for line in ("", "{}", "[]", "null", "nonsense", '{"log":"scanner-audit/1"}', "[" * 100_000):
        result = verify_lines([*lines(filled), line])

        assert isinstance(result, Tampered), line[:20]
        assert result.faults[-1].wrong is Wrong.UNREADABLE


# ---- Many at once


def test_threads_make_one_chain(store: Store) -> None:
    def work(thread: int) -> None:
        for number in range(5):
            store.received(delivery(f"{thread}-{number}"), place="/work")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))

    assert whats(store) == ["received"] * 40
    assert isinstance(store.audit.verify(), Verified)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_make_one_chain(request: pytest.FixtureRequest, kind: str) -> None:
    url: str = request.getfixturevalue(f"ready_{kind}_url")

    # Empty: it finds the tests in the current folder, where nothing of the scanner's own would look.
    environment = {**os.environ, "PYTHONSAFEPATH": ""}

    commands = [[sys.executable, "-c", ADDING, url, name] for name in ("one", "two")]
    started = [subprocess.Popen(command, env=environment) for command in commands]

    assert [process.wait() for process in started] == [0, 0]
    with Store.open(url) as store:
        assert whats(store) == ["received"] * 40
        assert isinstance(store.audit.verify(), Verified)
