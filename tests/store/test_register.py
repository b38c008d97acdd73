from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone
from fractions import Fraction

import pytest

from scanner.errors import RegisterInputError, UnknownIdError
from scanner.model import AssetRef, ProvenanceRecord, Use
from scanner.store import Store

from .values import HOUR, NOON, asset, codes, record, sha256, thumbnail

NON_UTF8 = b"caf\xe9 \xff.mov".decode("utf-8", "surrogateescape")


def without_codes(item: ProvenanceRecord) -> ProvenanceRecord:
    return replace(item, assets=tuple(replace(each, codes=()) for each in item.assets))


def test_a_record_comes_back_exactly(store: Store) -> None:
    whole = record(
        tool_version="2",
        shot="EP101_0010",
        vendor="acme",
        note="new\nline \x00 \ud800 女王",
        assets=(asset("a", codes=(codes(1), codes(9, algorithm="other"))), asset("b", file_hashes=("1", "2"))),
    )

    store.add_record(whole)

    assert store.record("record-a") == whole


def test_a_new_record_is_said_to_be_new(store: Store) -> None:
    assert store.add_record(record()) == (record(), True)


def test_the_same_bytes_for_the_same_title_are_the_record_that_is_there(store: Store) -> None:
    store.add_record(record())
    again = record(record_id="other", assets=(asset("a", asset_id="other"),), created_at=NOON + HOUR)

    assert store.add_record(again) == (without_codes(record()), False)
    assert len(store.records()) == 1


def test_the_same_bytes_for_another_title_are_another_record(store: Store) -> None:
    store.add_record(record())
    elsewhere = record(record_id="other", title="Other Film", assets=(asset("a", asset_id="other"),))

    assert store.add_record(elsewhere)[1]


def test_an_id_with_other_bytes_is_refused(store: Store) -> None:
    store.add_record(record())

    with pytest.raises(RegisterInputError, match=r"'record-a'.*other bytes"):
        store.add_record(record(assets=(asset("b"),)))


def test_an_asset_id_with_other_bytes_is_refused(store: Store) -> None:
    store.add_record(record())

    with pytest.raises(RegisterInputError, match=r"'asset-a'.*other bytes"):
        store.add_record(record("b", assets=(asset("b", asset_id="asset-a"),)))


def test_a_record_of_which_only_a_part_is_registered_is_refused(store: Store) -> None:
    store.add_record(record())

    with pytest.raises(RegisterInputError, match="only some of its bytes are registered already, in 'record-a'"):
        store.add_record(record("b", assets=(asset("a", asset_id="x"), asset("b"))))


def test_a_record_without_assets_may_be_given_twice(store: Store) -> None:
    store.add_record(record(assets=()))

    assert store.add_record(record(assets=(), created_at=NOON + HOUR))[1] is False


def test_a_record_without_assets_and_with_other_content_is_refused(store: Store) -> None:
    store.add_record(record(assets=()))

    with pytest.raises(RegisterInputError, match="other content"):
        store.add_record(record(assets=(), tool="Midjourney"))


def test_thumbnails_of_a_strange_asset_are_refused(store: Store) -> None:
    with pytest.raises(RegisterInputError, match="none of its assets"):
        store.add_record(record(), {"asset-z": [thumbnail()]})


def test_a_name_that_no_file_can_have_is_refused(store: Store) -> None:
    with pytest.raises(RegisterInputError, match="cannot be a file's name"):
        store.add_record(record(assets=(asset(name="\ud800", asset_id="a"),)))


def test_records_go_in_together(store: Store) -> None:
    added = store.add_records([(record("a"), {}), (record("b"), {}), (record("a"), {})])

    assert [new for _, new in added] == [True, True, False]


def test_of_many_that_register_the_same_bytes_at_once_one_is_first(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: store.add_record(record()), range(16)))

    assert [new for _, new in results].count(True) == 1
    assert len(store.records()) == 1


def test_no_record_of_a_batch_goes_in_when_one_is_refused(store: Store) -> None:
    with pytest.raises(RegisterInputError, match="Nothing was registered"):
        store.add_records([(record("a"), {}), (record("b", assets=(asset("c"), asset("c"))), {})])

    assert store.records() == ()


def test_every_refused_record_of_a_batch_is_named(store: Store) -> None:
    twice = (asset("c"), asset("c"))

    with pytest.raises(RegisterInputError) as caught:
        store.add_records([(record("a", assets=twice), {}), (record("b", assets=twice), {})])

    assert "'record-a'" in str(caught.value)
    assert "'record-b'" in str(caught.value)


def test_an_unknown_record_is_told(store: Store) -> None:
    with pytest.raises(UnknownIdError, match="'record-z'"):
        store.record("record-z")


def test_records_are_listed_oldest_first_and_without_fingerprints(store: Store) -> None:
    store.add_records([(record("a", created_at=NOON + HOUR), {}), (record("b"), {})])

    assert store.records() == (without_codes(record("b")), without_codes(record("a", created_at=NOON + HOUR)))


def test_records_are_listed_with_fingerprints_when_asked_for(store: Store) -> None:
    store.add_record(record())

    assert store.records(codes=True) == (record(),)


def test_records_of_one_title_are_listed(store: Store) -> None:
    store.add_records([(record("a"), {}), (record("b", title="Other Film"), {})])

    assert [item.record_id for item in store.records(title="Other Film")] == ["record-b"]


def test_records_are_found_by_their_ids(store: Store) -> None:
    store.add_records([(record(str(number)), {}) for number in range(3)])

    found = store.records_by_id(["record-2", "record-0", "record-0", "record-9"])

    assert found == {name: without_codes(record(name[-1])) for name in ("record-0", "record-2")}


def test_more_ids_than_one_statement_takes_can_be_asked_for(store: Store) -> None:
    store.add_record(record())
    ids = [f"record-{number}" for number in range(1200)]

    assert list(store.records_by_id([*ids, "record-a"])) == ["record-a"]


def test_a_retired_record_says_since_when_and_why(store: Store) -> None:
    store.add_record(record())

    retired = store.retire("record-a", by="grace", reason="cut", at=NOON + HOUR)

    assert (retired.retired_at, retired.retired_reason) == (NOON + HOUR, "cut")


def test_the_first_retirement_stands(store: Store) -> None:
    store.add_record(record())
    first = store.retire("record-a", by="grace", reason="cut", at=NOON)

    assert store.retire("record-a", by="ada", reason="other", at=NOON + HOUR) == first


def test_a_retired_record_comes_back_once(store: Store) -> None:
    store.add_record(record())
    store.retire("record-a", by="grace", reason="cut", at=NOON)

    kept, is_back = store.reinstate("record-a", by="ada", reason="by mistake", at=NOON + HOUR)

    assert (kept.retired_at, kept.retired_reason, is_back) == (None, None, True)
    assert kept == store.record("record-a")
    assert store.reinstate("record-a", by="ada", reason="again", at=NOON + HOUR) == (kept, False)


def test_what_comes_back_is_a_change_for_which_the_past_is_searched(store: Store) -> None:
    kept, _ = store.add_record(record())
    store.retire("record-a", by="grace", reason="cut", at=NOON)
    before = store.register_version()

    store.reinstate("record-a", by="ada", reason="by mistake", at=NOON + HOUR)

    assert store.register_version() == before + 1
    assert store.judging.to_search(after=before).assets.keys() == {asset.asset_id for asset in kept.assets}


@pytest.mark.parametrize("as_a_whole", [True, False])
def test_what_is_known_to_be_good_by_now_does_not_come_back(store: Store, *, as_a_whole: bool) -> None:
    store.add_record(record())
    store.retire("record-a", by="grace", reason="never AI", at=NOON)
    files = () if as_a_whole else (sha256("a"),)
    good = asset("a" if as_a_whole else "z", asset_id="g", file_hashes=files)
    store.add_record(record("good", title="*", use=Use.KNOWN_GOOD, note="logo", assets=(good,)))

    with pytest.raises(RegisterInputError, match=r"known to be good \('record-good': logo\)"):
        store.reinstate("record-a", by="ada", reason="by mistake", at=NOON + HOUR)
    assert store.record("record-a").retired_at == NOON


def test_known_good_records_do_not_come_back(store: Store) -> None:
    store.add_record(record(use=Use.KNOWN_GOOD))
    store.retire("record-a", by="grace", reason="old logo", at=NOON)

    with pytest.raises(RegisterInputError, match="known to be good, no AI material"):
        store.reinstate("record-a", by="ada", reason="by mistake", at=NOON + HOUR)


def test_an_unknown_record_cannot_be_retired(store: Store) -> None:
    with pytest.raises(UnknownIdError):
        store.retire("record-z", by="grace", reason="cut", at=NOON)


def test_retired_records_can_be_left_out(store: Store) -> None:
    store.add_records([(record("a"), {}), (record("b"), {})])
    store.retire("record-a", by="grace", reason="cut", at=NOON)

    assert [item.record_id for item in store.records(retired=False)] == ["record-b"]


def test_fingerprints_of_retired_records_are_still_compared(store: Store) -> None:
    store.add_record(record())
    store.retire("record-a", by="grace", reason="cut", at=NOON)

    ref = AssetRef(asset_id="asset-a", record_id="record-a", name="a.mov")
    assert list(store.registered_codes(algorithm="pdq", version=1)) == [(ref, codes())]


@pytest.mark.parametrize(("algorithm", "version"), [("pdq", 2), ("other", 1)])
def test_fingerprints_of_other_algorithms_are_not_compared(store: Store, algorithm: str, version: int) -> None:
    store.add_record(record())

    assert list(store.registered_codes(algorithm=algorithm, version=version)) == []


def test_fingerprints_of_one_title_are_read(store: Store) -> None:
    store.add_records([(record("a"), {}), (record("b", title="Other Film"), {})])

    found = store.registered_codes(title="Other Film", algorithm="pdq", version=1)

    assert [ref.asset_id for ref, _ in found] == ["asset-b"]


def test_more_fingerprints_than_one_page_are_all_read_once(store: Store) -> None:
    store.add_records([(record(str(number)), {}) for number in range(405)])

    found = [ref.asset_id for ref, _ in store.registered_codes(algorithm="pdq", version=1)]

    assert found == [f"asset-{number}" for number in range(405)]


def test_the_register_can_be_written_while_fingerprints_are_read(store: Store) -> None:
    store.add_records([(record("a"), {}), (record("b"), {})])
    reading = store.registered_codes(algorithm="pdq", version=1)
    next(reading)

    store.add_record(record("c"))

    assert [ref.asset_id for ref, _ in reading] == ["asset-b"]


def test_an_asset_is_found_by_its_own_hash_and_by_its_files(store: Store) -> None:
    store.add_record(record(assets=(asset("a", file_hashes=("f1", "f2")),)))
    ref = AssetRef(asset_id="asset-a", record_id="record-a", name="a.mov")

    assert store.asset_by_file_hash([sha256("a"), "f2", "f9"]) == {sha256("a"): ref, "f2": ref}


def test_an_asset_of_another_title_is_not_found_when_one_title_is_asked_for(store: Store) -> None:
    store.add_record(record())

    assert store.asset_by_file_hash([sha256("a")], title="Other Film") == {}


def test_an_asset_in_force_is_found_before_a_retired_one(store: Store) -> None:
    store.add_record(record("a", assets=(asset("a", file_hashes=("f",)),)))
    store.add_record(record("b", assets=(asset("b", file_hashes=("f",)),)))
    store.retire("record-a", by="grace", reason="cut", at=NOON)

    assert store.asset_by_file_hash(["f"])["f"].asset_id == "asset-b"


@pytest.mark.parametrize(("asked", "given"), [(Fraction(0), 1), (Fraction(29, 10), 3), (Fraction(99), 5)])
def test_the_nearest_thumbnail_is_shown(store: Store, asked: Fraction, given: int) -> None:
    store.add_record(record(), {"asset-a": [thumbnail(at, bytes([at])) for at in (1, 3, 5)]})

    assert store.thumbnail("asset-a", asked) == thumbnail(given, bytes([given]))


def test_a_thumbnail_keeps_its_exact_time(store: Store) -> None:
    store.add_record(record(), {"asset-a": [thumbnail(Fraction(1001, 24000))]})

    assert store.thumbnail("asset-a", Fraction(0)) == thumbnail(Fraction(1001, 24000))


def test_an_asset_may_have_no_thumbnail(store: Store) -> None:
    store.add_record(record())

    assert store.thumbnail("asset-a", Fraction(0)) is None


def test_an_unknown_asset_has_no_thumbnail_to_show(store: Store) -> None:
    with pytest.raises(UnknownIdError, match="'asset-z'"):
        store.thumbnail("asset-z", Fraction(0))


def test_every_change_of_the_register_raises_its_version(store: Store) -> None:
    versions = [store.register_state(NOON).version]
    store.add_record(record())
    versions.append(store.register_state(NOON).version)
    store.retire("record-a", by="grace", reason="cut", at=NOON)
    versions.append(store.register_state(NOON).version)

    assert versions[0] < versions[1] < versions[2]


def test_what_changes_nothing_does_not_raise_the_version(store: Store) -> None:
    store.add_record(record())
    store.retire("record-a", by="grace", reason="cut", at=NOON)
    before = store.register_state(NOON)

    store.add_record(record())
    store.retire("record-a", by="grace", reason="cut", at=NOON)

    assert store.register_state(NOON) == before


def test_the_state_counts_records_and_keeps_when_it_was_read(store: Store) -> None:
    store.add_records([(record("a"), {}), (record("b"), {})])

    state = store.register_state(NOON)

    assert (state.records, state.approvals, state.read_at) == (2, 0, NOON)


def test_an_asset_keeps_a_name_that_is_not_utf8(store: Store) -> None:
    store.add_record(record(assets=(asset("a", name=NON_UTF8),)))

    assert store.record("record-a").assets[0].name == NON_UTF8


def test_times_of_other_zones_come_back_in_utc(store: Store) -> None:
    store.add_record(record(created_at=NOON.astimezone(timezone(timedelta(hours=9)))))

    assert store.record("record-a").created_at.isoformat() == NOON.isoformat()


def test_a_naive_time_is_refused(store: Store) -> None:
    store.add_record(record())

    with pytest.raises(ValueError, match="no time zone"):
        store.retire("record-a", by="grace", reason="cut", at=NOON.replace(tzinfo=None))


def test_bytes_that_are_known_to_be_good_are_not_registered_as_ai_material(store: Store) -> None:
    store.add_record(record("good", title="*", use=Use.KNOWN_GOOD, note="logo", assets=(asset("a", asset_id="g"),)))

    with pytest.raises(RegisterInputError, match=r"known to be good \('record-good': logo\)"):
        store.add_record(record())


def test_bytes_of_ai_material_are_not_registered_as_known_to_be_good(store: Store) -> None:
    store.add_record(record())

    with pytest.raises(RegisterInputError, match=r"AI material \('record-a', title Ghost Light\)"):
        store.add_record(record("good", title="*", use=Use.KNOWN_GOOD, assets=(asset("a", asset_id="g"),)))


def test_what_was_known_to_be_good_may_be_ai_material_once_that_is_retired(store: Store) -> None:
    store.add_record(record("good", title="*", use=Use.KNOWN_GOOD, assets=(asset("a", asset_id="g"),)))
    store.retire("record-good", by="grace", reason="wrong", at=NOON)

    assert store.add_record(record())[1]
