"""Recalls: which deliveries are searched, and that each recall is written down and closed once."""

from dataclasses import replace

import pytest

from scanner.errors import UnknownIdError
from scanner.model import AssetRef, Outcome, RulingAction, Stage, Verdict
from scanner.store import Store

from .values import HOUR, NOON, asset, delivery, recall, record, ruling, verdict


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with two registered assets and two deliveries."""
    store.add_records([(record("a"), {}), (record("b", assets=(asset("b"),)), {})])
    for key in ("d1", "d2"):
        store.received(delivery(key), place="/bench")
    return store


def decided(key: str, outcome: Outcome) -> Verdict:
    return replace(verdict(key), outcome=outcome)


def judged(store: Store, key: str, outcome: Outcome, *, carried_out: bool = True) -> None:
    store.decided(decided(key, outcome), (), (), place="/there")
    if carried_out:
        store.carried_out(key, place="/there")


def test_a_recall_comes_back_exactly(filled: Store) -> None:
    assert filled.add_recalls([recall()]) == [(recall(), True)]
    assert filled.recalls() == (recall(),)


def test_the_same_recall_again_is_the_one_that_is_there(filled: Store) -> None:
    filled.add_recalls([recall()])

    assert filled.add_recalls([recall("r2", at=NOON + HOUR, by="kim")]) == [(recall(), False)]
    assert filled.recalls() == (recall(),)


@pytest.mark.parametrize(("outcome", "new"), [(Outcome.FLAG, False), (Outcome.HOLD, False), (Outcome.QUARANTINE, True)])
def test_only_what_is_worse_is_another_recall(filled: Store, outcome: Outcome, *, new: bool) -> None:
    filled.add_recalls([recall(outcome=Outcome.HOLD)])

    ((_, added),) = filled.add_recalls([recall("r2", outcome=outcome)])

    assert added is new


@pytest.mark.parametrize(
    "other", [{"delivery_id": "d2"}, {"asset": AssetRef(asset_id="asset-b", record_id="record-b", name="b.mov")}]
)
def test_another_delivery_or_asset_is_another_recall(filled: Store, other: dict[str, object]) -> None:
    filled.add_recalls([recall()])

    assert filled.add_recalls([recall("r2", **other)]) == [(recall("r2", **other), True)]


def test_a_recall_is_closed_with_name_reason_and_time(filled: Store) -> None:
    filled.add_recalls([recall()])

    closed = filled.close_recall("r1", by="grace", reason="replaced", at=NOON)

    assert closed == recall(closed_at=NOON, closed_by="grace", closed_reason="replaced")
    assert filled.recalls() == (closed,)
    assert filled.recalls(closed=False) == ()


def test_the_first_closing_stands(filled: Store) -> None:
    filled.add_recalls([recall()])
    first = filled.close_recall("r1", by="grace", reason="replaced", at=NOON)

    assert filled.close_recall("r1", by="ada", reason="other", at=NOON + HOUR) == first


def test_an_unknown_recall_cannot_be_closed(filled: Store) -> None:
    with pytest.raises(UnknownIdError, match="'r9'"):
        filled.close_recall("r9", by="grace", reason="replaced", at=NOON)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("carried_out", [True, False])
def test_what_was_or_will_be_cleared_or_flagged_is_searched(
    filled: Store, outcome: Outcome, *, carried_out: bool
) -> None:
    judged(filled, "d1", outcome, carried_out=carried_out)

    assert filled.went_on() == (("d1",) if outcome < Outcome.HOLD else ())


@pytest.mark.parametrize("action", list(RulingAction))
def test_what_was_ruled_on_is_searched(filled: Store, action: RulingAction) -> None:
    judged(filled, "d1", Outcome.QUARANTINE)
    filled.ruled("d1", ruling(action=action), place=None)

    assert filled.delivery("d1").stage is Stage.RULED
    assert filled.went_on() == ("d1",)


def test_what_nobody_decided_on_is_not_searched(filled: Store) -> None:
    assert filled.went_on() == ()


@pytest.mark.parametrize(("hours", "count"), [(0, 1), (1, 1), (2, 0)])
def test_deliveries_since_a_time_are_those_received_or_judged_since(filled: Store, hours: int, count: int) -> None:
    judged(filled, "d1", Outcome.PASS)

    assert len(filled.went_on(NOON + hours * HOUR)) == count


def test_what_each_record_in_force_is_for_is_told(store: Store) -> None:
    for key, title in (("a", "Dusk"), ("b", "Dawn"), ("c", "*"), ("d", "Dawn")):
        store.add_record(record(key, title=title))
    store.retire("record-d", by="grace", reason="cut", at=NOON)

    assert store.records_in_force("Dawn").keys() == {"record-b", "record-c"}
    assert store.records_in_force().keys() == {"record-a", "record-b", "record-c"}
