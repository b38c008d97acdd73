"""What is where at this moment, asked of both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scanner.model import Code, Outcome, Priority, ServerState, Stage
from scanner.store import Store

from .values import HOUR, NOON, delivery, finding, recall, record, ruling, verdict


def blocked(store: Store, key: str, outcome: Outcome = Outcome.QUARANTINE, *, hours: int = 1) -> None:
    """A delivery that was judged so many hours after noon, and carried out."""
    store.received(delivery(key), place=f"work/{key}")
    strict = finding(outcome=outcome)
    given = verdict(
        key, outcome=outcome, findings=(finding(outcome=Outcome.FLAG), strict), judged_at=NOON + hours * HOUR
    )
    store.decided(given, (), (), place=f"held/{key}")
    store.carried_out(key, place=f"held/{key}")


def test_nothing_is_counted_in_an_empty_studio(store: Store) -> None:
    counts = store.status.counts()

    assert (counts.stages, counts.blocked, counts.reasons, counts.servers) == ({}, {}, {}, {})
    assert (counts.blocked_since, counts.open_recalls, counts.unsent) == (None, 0, 0)
    assert abs((counts.now - store.status.clock()).total_seconds()) < 60


def test_deliveries_are_counted_by_stage_outcome_and_reason(store: Store) -> None:
    blocked(store, "a", hours=3)
    blocked(store, "b", Outcome.HOLD, hours=2)
    store.received(delivery("c"), place="work/c")

    counts = store.status.counts()

    assert counts.stages == {Stage.CARRIED_OUT: 2, Stage.RECEIVED: 1}
    assert counts.blocked == {Outcome.QUARANTINE: 1, Outcome.HOLD: 1}
    assert counts.blocked_since == NOON + 2 * HOUR
    assert counts.reasons == {(Outcome.QUARANTINE, Code.AI_LOOK_ALIKE): 1, (Outcome.HOLD, Code.AI_LOOK_ALIKE): 1}


def test_what_a_person_has_ruled_on_is_not_blocked(store: Store) -> None:
    blocked(store, "a")
    store.ruled("a", ruling(), place="cleared/a")

    assert store.status.counts().blocked == {}
    assert store.status.blocked() == ()


def test_a_delivery_is_blocked_since_its_first_verdict_for_what_its_last_one_says(store: Store) -> None:
    blocked(store, "a", Outcome.QUARANTINE)
    again = verdict("a", outcome=Outcome.HOLD, findings=(finding(outcome=Outcome.HOLD, code=Code.UNREADABLE),))
    store.decided(replace(again, judged_at=NOON + 9 * HOUR), (), (), place="held/a")

    (row,) = store.status.blocked()

    assert (row.outcome, row.since) == (Outcome.HOLD, NOON + HOUR)
    assert row.worst is not None
    assert row.worst.code is Code.UNREADABLE


def test_what_was_judged_again_and_passes_is_kept_back_until_it_has_moved(store: Store) -> None:
    blocked(store, "a")
    passed = verdict("a", outcome=Outcome.PASS, findings=(), judged_at=NOON + 9 * HOUR)
    store.decided(passed, (), (), place="held/a")
    with store._database.writing() as connection:
        connection.exec_driver_sql("update deliveries set stage = 'judged-again'")

    (row,) = store.status.blocked()

    assert (row.outcome, row.stage, row.since, row.worst) == (Outcome.PASS, Stage.JUDGED_AGAIN, NOON + HOUR, None)
    assert store.status.counts().blocked == {Outcome.PASS: 1}


def test_the_first_of_the_strictest_findings_stands_for_all(store: Store) -> None:
    blocked(store, "a")
    store.received(delivery("b", name="none"), place="work/b")
    store.decided(verdict("b", outcome=Outcome.HOLD, findings=()), (), (), place="held/b")

    rows = store.status.blocked()

    assert [(row.delivery_id, row.worst.outcome if row.worst else None) for row in rows] == [
        ("a", Outcome.QUARANTINE),
        ("b", None),
    ]
    assert (rows[0].name, rows[0].title, rows[0].vendor, rows[0].place) == ("EP101_v3", "Ghost Light", "acme", "held/a")


def test_what_has_waited_longest_comes_first(store: Store) -> None:
    for key, hours in (("a", 3), ("b", 1), ("c", 2)):
        blocked(store, key, hours=hours)

    assert [row.delivery_id for row in store.status.blocked()] == ["b", "c", "a"]


def test_what_is_under_way_comes_in_the_order_in_which_it_came(store: Store) -> None:
    store.received(delivery("b", received_at=NOON + HOUR), place="work/b")
    store.received(delivery("a", priority=Priority.URGENT), place="work/a")
    blocked(store, "done")

    rows = store.status.under_way()

    assert [(row.delivery_id, row.stage, row.priority, row.begun) for row in rows] == [
        ("a", Stage.RECEIVED, Priority.URGENT, 0),
        ("b", Stage.RECEIVED, Priority.NORMAL, 0),
    ]


def test_a_server_tells_what_it_does_for_as_long_as_it_lives(store: Store) -> None:
    for name in ("one", "two"):
        store.sharing.sign_on(instance=f"{name}-1", name=name, host="here", process=1)
        store.status.tell(f"{name}-1", {f"d-{name}": ("examine", 100.0)})
    store.sharing.sign_off("two-1")

    (work,) = store.status.told().at_work

    assert (work.delivery_id, work.server, work.step) == ("d-one", "one", "examine")
    assert work.seconds == pytest.approx(100, abs=60)
    assert store.status.counts().servers == {ServerState.RUNNING: 1, ServerState.STOPPED: 1}

    store.status.tell("one-1", {})
    assert store.status.told().at_work == ()


def test_a_server_tells_of_a_few_deliveries_only(store: Store) -> None:
    store.sharing.sign_on(instance="one-1", name="one", host="here", process=1)
    names = [f"d{number}" for number in range(1000)]
    store.status.tell("one-1", dict.fromkeys(names, ("examine", 1.0)), dict.fromkeys(names, "a reason " * 1000))

    told = store.status.told()

    assert (len(told.at_work), len(told.waits)) == (64, 64)
    assert {len(why) for why in told.waits.values()} == {300}


def test_a_name_that_is_not_text_is_told_as_it_is(store: Store) -> None:
    store.sharing.sign_on(instance="one-1", name="one", host="here", process=1)
    store.status.tell("one-1", {}, {"drop/\udcff\x00.mov": "stalled"})

    assert store.status.told().waits == {"drop/\udcff\x00.mov": "stalled"}


def test_servers_of_long_ago_are_not_counted(store: Store) -> None:
    store.sharing.sign_on(instance="one-1", name="one", host="here", process=1)
    store.sharing.sign_off("one-1")
    with store._database.writing() as connection:
        connection.exec_driver_sql("update servers set seen_at = '2020-01-01 00:00:00'")

    assert store.status.counts().servers == {}
    assert store.sharing.servers(ended_within=timedelta(days=1)) == ()


def test_open_recalls_are_counted(store: Store) -> None:
    store.add_record(record())
    store.received(delivery(), place="work/d1")
    store.add_recalls([recall()])

    assert store.status.counts().open_recalls == 1

    store.close_recall("r1", by="ada", reason="replaced", at=NOON)
    assert store.status.counts().open_recalls == 0
