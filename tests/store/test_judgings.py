"""What is judged again: which deliveries are kept back, what has changed, and one story whoever tells it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scanner.model import Code, Outcome, RecallReason, Stage, Verdict
from scanner.store import Store

from .values import HOUR, NOON, approval, asset, delivery, finding, recall, record, ruling, verdict

SOON = timedelta(seconds=1)


def decided(key: str, outcome: Outcome, **given: object) -> Verdict:
    return replace(verdict(key), outcome=outcome, **given)  # type: ignore[arg-type]


@pytest.fixture
def kept(store: Store) -> Store:
    """A store with a delivery in quarantine."""
    store.received(delivery("d1"), place="/bench")
    store.decided(decided("d1", Outcome.QUARANTINE), (), (), place="/quarantine")
    store.carried_out("d1", place="/quarantine")
    return store


def again(store: Store, outcome: Outcome = Outcome.PASS, *, after: int = 1) -> bool:
    new = decided("d1", outcome, judged_at=NOON + after * HOUR)
    return store.judging.judged_again(new, (), (), after=after, place="/quarantine")


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("carried_out", [True, False])
def test_what_is_held_or_in_quarantine_is_kept_back(store: Store, outcome: Outcome, *, carried_out: bool) -> None:
    store.received(delivery("d1"), place="/bench")
    store.decided(decided("d1", outcome), (), (), place="/there")
    if carried_out:
        store.carried_out("d1", place="/there")

    found = [(item.delivery_id, item.stage, item.verdict.outcome) for item in store.judging.kept_back()]

    assert found == ([("d1", Stage.CARRIED_OUT, outcome)] if carried_out and outcome >= Outcome.HOLD else [])


def test_what_a_person_ruled_on_is_not_kept_back(kept: Store) -> None:
    kept.ruled("d1", ruling(), place="/cleared")

    assert kept.judging.kept_back() == ()
    assert not again(kept)


def test_a_new_verdict_stands_beside_the_old_and_the_delivery_stays_where_it_is(kept: Store) -> None:
    assert again(kept)

    now = kept.delivery("d1")
    assert now.verdict is not None
    assert (now.verdict.outcome, now.verdicts_before) == (Outcome.PASS, 1)
    assert (now.stage, now.place) == (Stage.JUDGED_AGAIN, "/quarantine")
    assert [item.delivery_id for item in kept.judging.kept_back()] == ["d1"]
    assert kept.went_on() == ()


def test_of_two_that_judge_the_first_is_kept(kept: Store) -> None:
    assert (again(kept), again(kept, Outcome.FLAG)) == (True, False)
    assert kept.delivery("d1").verdicts_before == 1


def test_it_goes_and_arrives_once(kept: Store) -> None:
    again(kept)
    judging = kept.judging

    assert judging.going("d1", after=2, place="/cleared")
    assert [judging.arrived("d1", after=2, place="/cleared") for _ in range(2)] == [True, False]
    assert not judging.going("d1", after=2, place="/elsewhere")
    assert (kept.delivery("d1").stage, kept.delivery("d1").place) == (Stage.CARRIED_OUT, "/cleared")
    assert kept.went_on() == ("d1",)


def test_what_is_under_way_by_an_older_verdict_does_not_arrive(kept: Store) -> None:
    again(kept)
    again(kept, Outcome.HOLD, after=2)

    assert not kept.judging.going("d1", after=2, place="/cleared")
    assert not kept.judging.arrived("d1", after=2, place="/cleared")


def test_closing_the_first_story_again_does_not_close_the_second(kept: Store) -> None:
    again(kept)

    kept.carried_out("d1", place="/quarantine")

    assert kept.delivery("d1").stage is Stage.JUDGED_AGAIN


def test_the_standing_counts_changes_and_borders_that_are_past(store: Store) -> None:
    first = store.judging.standing(NOON)
    store.add_approval(approval("a", decided_at=None, valid_from=NOON, valid_to=NOON + HOUR))

    standings = [store.judging.standing(at) for at in (NOON - SOON, NOON, NOON + HOUR - SOON, NOON + HOUR)]

    assert standings == [(first[0] + 1, count) for count in (0, 1, 1, 2)]


def test_borders_are_told_by_title(store: Store) -> None:
    store.add_approval(approval("a", title="Dusk", decided_at=None, valid_from=NOON, valid_to=NOON + HOUR))

    assert store.judging.borders(NOON + SOON) == {"Dusk": (NOON,)}


def test_changes_of_approvals_concern_their_title_and_changes_of_records_all(store: Store) -> None:
    store.add_record(record("a"))
    store.add_approval(approval("a", title="Dusk"))
    store.add_approval(approval("b", title="Dawn"))
    changes = store.judging.last_changes()

    assert changes.records < changes.concerning("Dusk") < changes.concerning("Dawn")
    assert changes.concerning("Noon") == changes.concerning(None) == changes.records


def test_what_was_registered_and_revoked_is_to_be_searched_for_until_it_was(store: Store) -> None:
    store.add_record(record("a", created_by="kim"))
    store.add_approval(approval("e"))
    store.revoke("approval-e", by="robin", reason="no", at=NOON)

    new = store.judging.to_search()

    assert (new.assets, new.revoked) == ({asset("a").asset_id: "kim"}, {"approval-e": "robin"})
    store.judging.searched(new.version, at=NOON)
    later = store.judging.to_search()
    assert (later.assets, later.revoked, later.version) == ({}, {}, new.version)
    assert store.judging.to_search(after=0) == new


def test_how_far_was_searched_never_goes_back(store: Store) -> None:
    store.judging.searched(7, at=NOON)
    store.judging.searched(3, at=NOON)

    assert store.judging.to_search().version == 7


def test_what_rests_on_an_approval_is_found(store: Store) -> None:
    store.received(delivery("d1"), place="/bench")
    covered = finding(code=Code.AI_APPROVED, outcome=Outcome.PASS, approval="e")
    store.decided(decided("d1", Outcome.PASS, findings=(covered,)), (), (), place="/cleared")

    assert store.judging.resting_on("e") == {"d1": (covered,)}
    assert store.judging.resting_on("other") == {}


def test_a_recall_may_be_for_a_revoked_approval(kept: Store) -> None:
    kept.add_record(record("a"))
    why = recall(reason=RecallReason.REVOKED)

    assert kept.add_recalls([why]) == [(why, True)]
