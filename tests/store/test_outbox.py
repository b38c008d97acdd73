"""The outbox: messages are written with what they tell of, once, and are claimed by one sender at a time."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from scanner.model import Event, Outcome, RulingAction, Subscription
from scanner.store import Store

from .values import delivery, recall, record, ruling, verdict

LEASE = timedelta(minutes=1)
EVERYTHING = (Subscription(target="hook", events=frozenset(Event)),)


class LostError(Exception):
    """Power is gone in the middle of a transaction."""


@pytest.fixture
def told(store: Store) -> Store:
    """A store whose events one target is told of, with a delivery that is quarantined."""
    store.subscriptions = EVERYTHING
    store.received(delivery(), place="/bench")
    store.decided(verdict(), (), (), place="/there")
    return store


def events(store: Store) -> list[str]:
    return sorted(message.event for message in store.outbox.messages())


def test_nothing_is_told_before_it_is_carried_out(told: Store) -> None:
    assert events(told) == []

    told.carried_out("d1", place="/there")

    assert events(told) == ["delivery.quarantined"]


def test_a_step_that_is_repeated_tells_nothing_twice(told: Store) -> None:
    for _ in range(3):
        told.decided(verdict(), (), (), place="/there")
        told.carried_out("d1", place="/there")
        told.ruled("d1", ruling(), place="/cleared")

    assert events(told) == ["delivery.quarantined", "delivery.ruled"]


def test_what_is_undone_is_not_told(told: Store) -> None:
    with suppress(LostError), told._database.writing() as connection:
        told.outbox.carried_out(connection, "d1")
        raise LostError

    assert events(told) == []


def test_a_second_verdict_is_told_as_judged_again_and_then_as_what_it_is(told: Store) -> None:
    told.carried_out("d1", place="/there")
    told.decided(verdict(outcome=Outcome.PASS), (), (), place="/cleared")
    told.carried_out("d1", place="/cleared")

    assert events(told) == ["delivery.cleared", "delivery.quarantined", "delivery.rejudged"]


def test_what_is_kept_back_and_judged_again_is_told_in_the_same_way(told: Store) -> None:
    told.carried_out("d1", place="/there")

    told.judging.judged_again(verdict(outcome=Outcome.PASS), (), (), after=1, place="/there")
    assert events(told) == ["delivery.quarantined", "delivery.rejudged"]
    told.judging.arrived("d1", after=2, place="/cleared")

    assert events(told) == ["delivery.cleared", "delivery.quarantined", "delivery.rejudged"]


def test_a_verdict_that_replaces_another_on_the_bench_is_not_told_as_judged_again(told: Store) -> None:
    told.decided(verdict(outcome=Outcome.HOLD), (), (), place="/held")
    told.carried_out("d1", place="/held")

    assert events(told) == ["delivery.held"]


def test_each_ruling_is_told(told: Store) -> None:
    told.carried_out("d1", place="/there")
    told.ruled("d1", ruling(), place="/cleared")
    told.ruled("d1", ruling(action=RulingAction.RESTORE, reason="after all"), place="/drop")

    assert events(told).count("delivery.ruled") == 2


def test_a_recall_is_told_once_and_only_if_it_is_new(told: Store) -> None:
    told.carried_out("d1", place="/there")
    told.add_records([(record("a"), {})])
    for _ in range(2):
        told.add_recalls([recall()])

    assert events(told).count("recall.opened") == 1


def test_every_target_gets_a_message_of_its_own_if_it_wants_the_event(told: Store) -> None:
    told.subscriptions = (
        *EVERYTHING,
        Subscription(target="other", events=frozenset({Event.QUARANTINED})),
        Subscription(target="deaf", events=frozenset({Event.CLEARED})),
    )
    told.carried_out("d1", place="/there")

    messages = told.outbox.messages()
    assert sorted(message.target for message in messages) == ["hook", "other"]
    assert len({message.message_id for message in messages}) == 2


def test_a_message_is_claimed_by_one_of_many_that_ask_at_once(told: Store) -> None:
    told.carried_out("d1", place="/there")
    claimed = []
    threads = [
        threading.Thread(target=lambda: claimed.append(told.outbox.claim("hook", lease=LEASE))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (message,) = [each for each in claimed if each is not None]
    assert message.tries == 1


def test_what_was_claimed_and_not_marked_is_due_again_after_the_lease(told: Store) -> None:
    told.carried_out("d1", place="/there")

    first = told.outbox.claim("hook", lease=timedelta(0))
    again = told.outbox.claim("hook", lease=LEASE)

    assert first is not None
    assert again is not None
    assert (again.message_id, again.tries) == (first.message_id, 2)
    assert told.outbox.claim("hook", lease=LEASE) is None


def test_the_backlog_says_what_waits_and_what_was_given_up(told: Store) -> None:
    told.carried_out("d1", place="/there")
    told.ruled("d1", ruling(), place="/cleared")
    message = told.outbox.claim("hook", lease=LEASE)
    assert message is not None
    told.outbox.sent(message.message_id)

    (left,) = told.outbox.backlog()

    assert (left.target, left.waiting, left.given_up) == ("hook", 1, 0)
    assert left.oldest is not None
