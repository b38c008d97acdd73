from fractions import Fraction

import pytest
from sqlalchemy import select

from scanner.errors import UnknownIdError
from scanner.model import Outcome, Picture, RegisterState, Stage, Unreadable, Verdict
from scanner.store import Store
from scanner.store.tables import findings, verdicts

from .values import HOUR, NOON, delivery, member, member_evidence, picture, ruling, thumbnail, verdict

LATER = verdict(outcome=Outcome.PASS, findings=(), judged_at=NOON + 5 * HOUR)


@pytest.fixture
def judged(store: Store) -> Store:
    """A store with a delivery that has been judged once."""
    store.received(delivery(), place="/work/d1")
    store.decided(verdict(), [member_evidence()], [picture()], place="/quarantine/d1")
    return store


def test_a_verdict_comes_back_exactly(judged: Store) -> None:
    assert judged.delivery("d1").verdict == verdict()


def test_a_verdict_without_a_register_comes_back_exactly(store: Store) -> None:
    store.received(delivery(), place="/work/d1")

    store.decided(verdict(register=None), [], [], place="/held/d1")

    assert store.delivery("d1").verdict == verdict(register=None)


def test_a_decided_delivery_says_where_it_will_be_carried(judged: Store) -> None:
    record = judged.delivery("d1")

    assert (record.stage, record.place) == (Stage.DECIDED, "/quarantine/d1")


def test_the_same_verdict_twice_is_one_verdict(judged: Store) -> None:
    judged.decided(verdict(), [member_evidence()], [picture()], place="/quarantine/d1")

    assert judged.delivery("d1").verdicts_before == 0


def test_another_verdict_is_added_and_is_the_one_in_force(judged: Store) -> None:
    judged.decided(LATER, [], [], place="/cleared/d1")

    record = judged.delivery("d1")
    assert (record.verdict, record.verdicts_before) == (LATER, 1)


def test_an_earlier_verdict_given_again_is_a_new_one(judged: Store) -> None:
    judged.decided(LATER, [], [], place="/cleared/d1")

    judged.decided(verdict(), [], [], place="/quarantine/d1")

    assert judged.delivery("d1").verdicts_before == 2


def test_no_verdict_is_ever_overwritten(judged: Store) -> None:
    judged.decided(LATER, [], [], place="/cleared/d1")

    with judged._database.reading() as connection:
        kept = connection.execute(select(verdicts.c.sequence, verdicts.c.outcome).order_by(verdicts.c.sequence)).all()
        first = connection.execute(select(findings.c.document).where(findings.c.sequence == 1)).scalars().all()

    assert [tuple(row) for row in kept] == [(1, Outcome.QUARANTINE), (2, Outcome.PASS)]
    assert tuple(first) == verdict().findings


def test_a_delivery_judged_again_stays_where_it_is_until_that_is_carried_out(judged: Store) -> None:
    judged.carried_out("d1", place="/quarantine/d1")

    judged.decided(LATER, [], [], place="/cleared/d1")

    record = judged.delivery("d1")
    assert (record.stage, record.place) == (Stage.CARRIED_OUT, "/quarantine/d1")


def test_a_verdict_after_another_is_carried_out(judged: Store) -> None:
    judged.carried_out("d1", place="/quarantine/d1")
    judged.decided(LATER, [], [], place="/cleared/d1")

    judged.carried_out("d1", place="/cleared/d1")

    assert judged.delivery("d1").place == "/cleared/d1"


def test_a_verdict_after_a_ruling_is_carried_out(judged: Store) -> None:
    judged.ruled("d1", ruling(), place="/held/d1")
    judged.decided(LATER, [], [], place="/cleared/d1")

    judged.carried_out("d1", place="/cleared/d1")

    record = judged.delivery("d1")
    assert (record.stage, record.place) == (Stage.RULED, "/cleared/d1")


def test_a_delivery_is_listed_by_the_outcome_in_force(judged: Store) -> None:
    judged.decided(LATER, [], [], place="/cleared/d1")

    assert judged.deliveries(outcomes=[Outcome.QUARANTINE]) == ()
    assert len(judged.deliveries(outcomes=[Outcome.PASS])) == 1


def test_evidence_comes_back_exactly(judged: Store) -> None:
    assert judged.evidence("d1") == (member_evidence(),)


def test_a_member_without_evidence_keeps_its_coverage(store: Store) -> None:
    held = (member("a"), member("b"))
    seen = [member_evidence(held[1], Unreadable(source="x", reason="\udcff\x00")), member_evidence(held[0])]
    store.received(delivery(members=held), place="/work")

    store.decided(verdict(), seen, [], place="/held")

    assert store.evidence("d1") == tuple(seen)


def test_evidence_of_a_member_that_the_delivery_does_not_list_is_kept(store: Store) -> None:
    store.received(delivery(members=()), place="/work")

    store.decided(verdict(), [member_evidence()], [], place="/held")

    assert store.evidence("d1") == (member_evidence(),)


def test_evidence_is_that_of_the_verdict_in_force(judged: Store) -> None:
    judged.decided(LATER, [], [], place="/cleared/d1")

    assert judged.evidence("d1") == ()


def test_there_is_no_evidence_for_an_unknown_delivery(store: Store) -> None:
    with pytest.raises(UnknownIdError):
        store.evidence("d1")


@pytest.mark.parametrize(
    "shown",
    [
        picture(),
        picture(found=None, asset_id=None),
        picture(registered=None, member="\udcff"),
        picture(found=thumbnail(Fraction(1, 3), b"")),
    ],
)
def test_pictures_come_back_exactly(store: Store, shown: Picture) -> None:
    store.received(delivery(), place="/work")

    store.decided(verdict(), [], [shown], place="/held")

    assert store.delivery("d1").pictures == (shown,)


def test_a_list_of_deliveries_carries_no_pictures(judged: Store) -> None:
    assert judged.deliveries()[0].pictures == ()


def test_many_deliveries_are_listed_with_their_own_verdicts(store: Store) -> None:
    for number in range(5):
        store.received(delivery(f"d{number}"), place="/work")
        store.decided(verdict(f"d{number}"), [], [], place="/held")

    assert all(item.verdict == verdict(item.delivery.delivery_id) for item in store.deliveries())


@pytest.mark.parametrize(
    "naive",
    [
        verdict(judged_at=NOON.replace(tzinfo=None)),
        verdict(register=RegisterState(version=1, records=1, approvals=1, read_at=NOON.replace(tzinfo=None))),
    ],
)
def test_a_verdict_with_a_naive_time_is_refused(store: Store, naive: Verdict) -> None:
    store.received(delivery(), place="/work")

    with pytest.raises(ValueError, match="no time zone"):
        store.decided(naive, [], [], place="/held")

    assert store.delivery("d1").verdict is None
