"""Local features: kept once, frame by frame, for assets and for examinations."""

from dataclasses import replace
from fractions import Fraction

import pytest
from sqlalchemy import func, select

from scanner.errors import UnknownIdError
from scanner.model import AssetRef, PictureFeatures
from scanner.store import Store
from scanner.store.features import keep_features
from scanner.store.tables import feature_frames, feature_sets

from .values import NOON, asset, codes, examination, features, record, sha256

REF = AssetRef(asset_id="asset-a", record_id="record-a", name="a.mov")
ORB = {"algorithm": "orb", "version": 1}


def rows(store: Store) -> tuple[int, int]:
    """How many sets and how many frames there are."""
    with store._database.reading() as connection:
        counts = [connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (SETS, FRAMES)]
    return counts[0], counts[1]


SETS, FRAMES = feature_sets, feature_frames


def test_an_assets_features_come_back_exactly(store: Store) -> None:
    whole = record(assets=(asset("a", features=(features(1), features(2, algorithm="other"))), asset("b")))

    store.add_record(whole)

    assert store.record("record-a") == whole


def test_an_examinations_features_come_back_exactly(store: Store) -> None:
    store.keep_examination(sha256("x"), examination(features=features()))

    assert store.examination(sha256("x"), "1") == examination(features=features())


def test_an_examination_is_read_without_its_features_when_they_are_not_wanted(store: Store) -> None:
    store.keep_examination(sha256("x"), examination(features=features()))

    assert store.examination(sha256("x"), "1", features=False) == examination()


def test_no_frame_with_features_is_not_the_same_as_no_features(store: Store) -> None:
    store.keep_examination(sha256("x"), examination(features=features(count=0)))

    assert store.examination(sha256("x"), "1") == examination(features=features(count=0))


@pytest.mark.parametrize("count", [63, 64, 65, 130])
def test_more_frames_than_one_page_are_kept_in_their_order(store: Store, count: int) -> None:
    store.keep_examination(sha256("x"), examination(features=features(count=count)))

    assert store.examination(sha256("x"), "1") == examination(features=features(count=count))


def test_a_set_that_assets_and_deliveries_share_is_kept_once(store: Store) -> None:
    store.add_record(record("a", assets=(asset("a", features=(features(),)),)))
    store.add_record(record("b", assets=(asset("b", features=(features(),)),)))
    store.keep_examination(sha256("x"), examination(features=features()))

    assert rows(store) == (1, 3)


@pytest.mark.parametrize("changed", [{"version": 2}, {"algorithm": "other"}, {"time_base": Fraction(1, 24)}])
def test_a_set_of_another_algorithm_version_or_clock_is_another(store: Store, changed: dict[str, object]) -> None:
    for number, each in enumerate((features(), features(**changed))):
        store.keep_examination(sha256(str(number)), examination(features=each))

    assert rows(store) == (2, 6)


@pytest.mark.parametrize(
    "changed", [{"pts": 1}, {"width": 1}, {"height": 1}, {"descriptors": b""}, {"points": b""}, {"grey": b""}]
)
def test_a_set_that_differs_in_one_frame_is_another(store: Store, changed: dict[str, object]) -> None:
    first, *others = features().frames
    other = features(frames=(replace(first, **changed), *others))  # type: ignore[arg-type]
    for number, each in enumerate((features(), other)):
        store.keep_examination(sha256(str(number)), examination(features=each))

    assert rows(store) == (2, 6)


def test_a_set_that_was_cut_short_is_gone_on_with(store: Store) -> None:
    whole = features(count=200)
    with pytest.raises(MemoryError):
        keep_features(store._database, replace(whole, frames=_Failing(whole.frames)))

    assert rows(store) == (1, 128)
    keep_features(store._database, whole)
    assert rows(store) == (1, 200)
    store.keep_examination(sha256("x"), examination(features=whole))
    assert store.examination(sha256("x"), "1") == examination(features=whole)


class _Failing(tuple):  # type: ignore[type-arg]
    """Frames that cannot be had from the hundred and twenty-eighth on."""

    def __getitem__(self, item: slice) -> object:  # type: ignore[override]
        if item.start >= 128:
            raise MemoryError
        return tuple(self)[item]


def registered(store: Store, **given: object) -> list[tuple[AssetRef, PictureFeatures]]:
    return [(ref, found) for _, ref, found in store.registered_features(**ORB | given)]  # type: ignore[arg-type]


def test_registered_features_are_read_with_their_assets(store: Store) -> None:
    store.add_record(record(assets=(asset("a", features=(features(),)),)))

    assert registered(store) == [(REF, features())]


@pytest.mark.parametrize("other", [{"algorithm": "sift"}, {"version": 2}])
def test_registered_features_of_other_kinds_are_not_given(store: Store, other: dict[str, object]) -> None:
    store.add_record(record(assets=(asset("a", features=(features(),)),)))

    assert registered(store, **other) == []


def test_registered_features_of_a_title_are_its_own_and_those_of_every_title(store: Store) -> None:
    for key, title in (("a", "Dusk"), ("b", "Dawn"), ("c", "*")):
        store.add_record(record(key, title=title, assets=(asset(key, features=(features(ord(key)),)),)))

    assert [ref.asset_id for ref, _ in registered(store, title="Dawn")] == ["asset-b", "asset-c"]


def test_registered_codes_of_a_title_are_its_own_and_those_of_every_title(store: Store) -> None:
    for key, title in (("a", "Dusk"), ("b", "Dawn"), ("c", "*")):
        store.add_record(record(key, title=title))

    found = store.registered_codes(title="Dawn", algorithm="pdq", version=1)

    assert [ref.asset_id for ref, _ in found] == ["asset-b", "asset-c"]


def test_only_what_was_registered_since_is_read_when_a_row_is_named(store: Store) -> None:
    for key in "ab":
        store.add_record(record(key, assets=(asset(key, features=(features(ord(key)),)),)))
    last_codes = [row for row, _, _ in store.numbered_codes(algorithm="pdq", version=1)][-1]
    last_features = [row for row, _, _ in store.registered_features(**ORB)][-1]  # type: ignore[arg-type]
    store.add_record(record("c", assets=(asset("c", features=(features(9),)),)))

    new_codes = list(store.registered_codes(algorithm="pdq", version=1, after=last_codes))

    assert [ref.asset_id for ref, _ in new_codes] == ["asset-c"]
    assert [ref.asset_id for ref, _ in registered(store, after=last_features)] == ["asset-c"]


def test_fingerprints_can_be_added_to_an_asset(store: Store) -> None:
    store.add_record(record())
    newer, found = codes(algorithm="pdq", version=2), features()

    assert store.add_fingerprints("asset-a", codes=(newer,), features=(found,), at=NOON)

    (held,) = store.record("record-a").assets
    assert (held.codes, held.features) == ((codes(), newer), (found,))


def test_added_fingerprints_change_the_state_of_the_register(store: Store) -> None:
    store.add_record(record())
    before = store.register_state(NOON).version

    store.add_fingerprints("asset-a", codes=(), features=(features(),), at=NOON)

    assert store.register_state(NOON).version > before


def test_fingerprints_that_are_there_are_not_added_again(store: Store) -> None:
    store.add_record(record(assets=(asset("a", features=(features(),)),)))
    before = store.register_state(NOON)

    assert not store.add_fingerprints("asset-a", codes=(codes(),), features=(features(),), at=NOON)

    assert store.register_state(NOON) == before
    assert store.record("record-a") == record(assets=(asset("a", features=(features(),)),))


def test_fingerprints_cannot_be_added_to_an_unknown_asset(store: Store) -> None:
    with pytest.raises(UnknownIdError):
        store.add_fingerprints("asset-z", codes=(), features=(features(),), at=NOON)


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({"features": (features(),)}, False),
        ({}, True),
        ({"codes": (codes(version=2),), "features": (features(),)}, True),
        ({"features": (features(version=2),)}, True),
        ({"codes": (codes(version=2), codes()), "features": (features(version=2), features())}, False),
        ({"codes": (), "features": ()}, False),
        ({"size": 0}, False),
        ({"size": 0, "codes": (codes(version=2),)}, True),
    ],
    ids=["both", "no features", "old codes", "old features", "old and new", "no picture", "no media", "old, no media"],
)
def test_a_picture_without_fingerprints_of_today_is_told(
    store: Store, given: dict[str, object], *, lacks: bool
) -> None:
    store.add_record(record(assets=(asset("a", **given),)))

    found = store.outdated(codes=("pdq", 1), features=("orb", 1))

    assert found == ((REF,) if lacks else ())


def test_of_a_retired_record_no_fingerprints_are_missed(store: Store) -> None:
    store.add_record(record())
    store.retire("record-a", by="grace", reason="cut", at=NOON)

    assert store.outdated(codes=("pdq", 1), features=("orb", 1)) == ()
