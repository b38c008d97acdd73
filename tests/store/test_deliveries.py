from collections.abc import Callable

import pytest

from scanner.errors import UnknownIdError
from scanner.model import DropClass, Outcome, Stage
from scanner.store import Store

from .values import HOUR, NOON, delivery, member, ruling, verdict

NON_UTF8 = b"EP\xff101\n\x1b[31m.mov".decode("utf-8", "surrogateescape")

STEPS: list[tuple[Stage, Callable[[Store], None]]] = [
    (Stage.RECEIVED, lambda store: store.received(delivery(), place="/work/d1")),
    (Stage.RECEIVED, lambda store: store.described(delivery())),
    (Stage.EXAMINED, lambda store: store.examined("d1")),
    (Stage.DECIDED, lambda store: store.decided(verdict(), [], [], place="/quarantine/d1")),
    (Stage.CARRIED_OUT, lambda store: store.carried_out("d1", place="/quarantine/d1")),
    (Stage.RULED, lambda store: store.ruled("d1", ruling(), place="/cleared/d1")),
]


def through(store: Store, last: int) -> None:
    for _, step in STEPS[: last + 1]:
        step(store)


def test_a_received_delivery_is_on_the_bench(store: Store) -> None:
    store.received(delivery(), place="/work/d1")

    record = store.delivery("d1")

    assert (record.delivery, record.stage, record.place) == (delivery(), Stage.RECEIVED, "/work/d1")


def test_a_delivery_has_no_verdict_before_it_is_judged(store: Store) -> None:
    store.received(delivery(), place="/work/d1")

    record = store.delivery("d1")

    assert (record.verdict, record.verdicts_before, record.rulings) == (None, 0, ())


@pytest.mark.parametrize("last", range(len(STEPS)))
def test_each_step_brings_a_delivery_to_its_stage(store: Store, last: int) -> None:
    through(store, last)

    assert store.delivery("d1").stage is STEPS[last][0]


@pytest.mark.parametrize(("again", "last"), [(again, last) for last in range(len(STEPS)) for again in range(last + 1)])
def test_no_step_that_is_repeated_changes_anything(store: Store, again: int, last: int) -> None:
    through(store, last)
    before = store.delivery("d1")

    STEPS[again][1](store)

    assert store.delivery("d1") == before


def test_a_description_tells_what_the_delivery_holds(store: Store) -> None:
    store.received(delivery(members=(), refused=(), title=None, drop_class=DropClass.CAMERA), place="/work/d1")
    known = delivery(members=(member("a"), member("b")))

    store.described(known)

    assert store.delivery("d1").delivery == known


def test_a_description_may_be_corrected_until_something_is_decided(store: Store) -> None:
    through(store, 2)

    store.described(delivery(members=(member("other"),)))

    assert store.delivery("d1").delivery.members == (member("other"),)


def test_a_description_stands_once_something_is_decided(store: Store) -> None:
    through(store, 3)

    store.described(delivery(members=()))

    assert store.delivery("d1").delivery == delivery()


@pytest.mark.parametrize("step", range(1, len(STEPS)))
def test_no_step_is_taken_with_an_unknown_delivery(store: Store, step: int) -> None:
    with pytest.raises(UnknownIdError, match="'d1'"):
        STEPS[step][1](store)


def test_a_delivery_that_was_handed_on_has_no_place(store: Store) -> None:
    through(store, 4)

    store.ruled("d1", ruling(), place=None)

    assert store.delivery("d1").place is None


def test_rulings_are_kept_in_their_order(store: Store) -> None:
    through(store, 5)
    second = ruling(by="ada", at=NOON + 3 * HOUR)

    store.ruled("d1", second, place="/cleared/d1")

    assert store.delivery("d1").rulings == (ruling(), second)


def test_an_earlier_ruling_that_is_repeated_does_not_move_the_delivery(store: Store) -> None:
    through(store, 5)
    store.ruled("d1", ruling(by="ada"), place=None)

    store.ruled("d1", ruling(), place="/cleared/d1")

    assert store.delivery("d1").place is None


def test_a_delivery_is_found_by_the_start_of_its_id(store: Store) -> None:
    store.received(delivery("4f00"), place="/work")
    store.received(delivery("4e00"), place="/work")

    assert store.delivery("4f").delivery.delivery_id == "4f00"


def test_a_whole_id_goes_before_the_start_of_others(store: Store) -> None:
    store.received(delivery("4f"), place="/work")
    store.received(delivery("4f00"), place="/work")

    assert store.delivery("4f").delivery.delivery_id == "4f"


@pytest.mark.parametrize(
    ("start", "told"), [("4", "more than one"), ("4F", "no delivery"), ("%", "no delivery"), ("", "no delivery")]
)
def test_a_start_that_names_no_single_delivery_is_told(store: Store, start: str, told: str) -> None:
    store.received(delivery("4f00"), place="/work")
    store.received(delivery("4e00"), place="/work")

    with pytest.raises(UnknownIdError, match=told):
        store.delivery(start)


def test_deliveries_are_listed_newest_first(store: Store) -> None:
    for name, hours in (("a", 1), ("b", 3), ("c", 2)):
        store.received(delivery(name, received_at=NOON + hours * HOUR), place="/work")

    assert [item.delivery.delivery_id for item in store.deliveries()] == ["b", "c", "a"]


def test_listed_deliveries_have_everything_but_pictures(store: Store) -> None:
    through(store, 5)

    assert store.deliveries() == (store.delivery("d1"),)


def test_deliveries_are_listed_by_stage(store: Store) -> None:
    through(store, 3)
    store.received(delivery("d2"), place="/work")

    assert [item.delivery.delivery_id for item in store.deliveries(stages=[Stage.RECEIVED])] == ["d2"]


def test_deliveries_are_listed_by_outcome(store: Store) -> None:
    through(store, 3)
    store.received(delivery("d2"), place="/work")

    found = store.deliveries(outcomes={Outcome.QUARANTINE, Outcome.HOLD})

    assert [item.delivery.delivery_id for item in found] == ["d1"]


def test_no_stage_asked_for_lists_nothing(store: Store) -> None:
    through(store, 3)

    assert store.deliveries(stages=()) == ()


@pytest.mark.parametrize(
    ("since", "until", "listed"),
    [(0, None, 1), (0, 1, 1), (1, 2, 1), (2, 3, 1), (3, None, 0), (None, 0, 0), (None, 9, 1), (None, None, 1)],
)
def test_deliveries_are_listed_by_when_they_were_received_judged_or_ruled_on(
    store: Store, since: int | None, until: int | None, listed: int
) -> None:
    through(store, 5)

    found = store.deliveries(
        since=None if since is None else NOON + since * HOUR, until=None if until is None else NOON + until * HOUR
    )

    assert len(found) == listed


def test_a_name_that_is_not_utf8_survives_everywhere(store: Store) -> None:
    odd = delivery(name=NON_UTF8, origin=f"/drop/{NON_UTF8}", title=NON_UTF8, members=(member(NON_UTF8),))

    store.received(odd, place=f"/work/{NON_UTF8}")

    record = store.delivery("d1")
    assert (record.delivery, record.place) == (odd, f"/work/{NON_UTF8}")


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        store.received(delivery(received_at=NOON.replace(tzinfo=None)), place="/work")


def test_a_naive_time_cannot_be_asked_for(store: Store) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        store.deliveries(since=NOON.replace(tzinfo=None))


ONE, TWO = "0eb3d1b9-b77b-4d3f-bbe5-7c69b15dca85", "61d91654-2650-4abf-abbc-ad2c7f640bf8"


def test_the_newest_delivery_of_the_title_that_holds_a_track_file_is_told(store: Store) -> None:
    came = [("first", "GHL", (ONE,)), ("second", "GHL", (ONE,)), ("elsewhere", "another", (ONE, TWO))]
    for hours, (name, title, asset_ids) in enumerate(came):
        held = member(f"{name}.mxf", asset_ids=asset_ids)
        given = {"title": title, "members": (held,), "received_at": NOON + hours * HOUR}
        store.received(delivery(name, **given), place="/work")

    assert store.track_files("GHL", [ONE, TWO]) == {ONE: ("second", "second.mxf")}
    assert store.track_files("GHL", ["", "%", "_" * 36, "x' or 1=1 --", ONE[:-1]]) == {}
    assert store.track_files("GHL", []) == {}
