"""What is heard: kept once, channel by channel, for assets and for examinations; and excerpts of assets."""

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import func, select

from scanner.model import SoundMarks, Thumbnail
from scanner.store import Store
from scanner.store.sound_tables import sound_sets
from scanner.store.sounds import packed, unpacked

from .values import NOON, asset, examination, record, sha256

KIND = {"algorithm": "landmarks", "version": 1}


def marks(seed: int = 1, **given: Any) -> SoundMarks:
    source = random.Random(seed)
    times = sorted(source.randrange(5000) for _ in range(300))
    values: dict[str, Any] = {
        **KIND,
        "stream": 0,
        "channel": "C",
        "start": Fraction(1, 3),
        "hop": Fraction(2, 125),
        "hops": 5000,
        "codes": source.randbytes(4 * 300),
        "times": b"".join(each.to_bytes(4, "little") for each in times),
        "informative": ((0, 700), (900, 5000)),
    }
    return SoundMarks(**values | given)


def excerpt(seconds: int, **given: Any) -> Thumbnail:
    return Thumbnail(seconds=Fraction(seconds), jpeg=b"jpeg", sound=b"mp3", length=Fraction(10), **given)


def count(store: Store) -> int:
    with store._database.reading() as connection:
        return connection.execute(select(func.count()).select_from(sound_sets)).scalar_one()


@pytest.mark.parametrize("times", [(), (0,), (0, 0, 7), (5, 6, 2**32 - 1)])
def test_times_are_unpacked_exactly(times: tuple[int, ...]) -> None:
    told = b"".join(each.to_bytes(4, "little") for each in times)

    assert unpacked(packed(told)) == told


def test_an_assets_sounds_come_back_exactly(store: Store) -> None:
    whole = record(assets=(asset("a", sounds=(marks(1), marks(2, channel="mix"))), asset("b")))

    store.add_record(whole)

    assert store.record("record-a") == whole


def test_an_examinations_sounds_come_back_exactly_where_they_are_wanted(store: Store) -> None:
    made = examination(sounds=(marks(1), marks(2, stream=1), marks(1)))
    store.keep_examination(sha256("x"), made)

    assert store.examination(sha256("x"), "1") == made
    assert store.examination(sha256("x"), "1", features=False) == replace(made, sounds=())


def test_what_assets_and_deliveries_share_is_kept_once(store: Store) -> None:
    store.add_record(record("a", assets=(asset("a", sounds=(marks(),)),)))
    store.add_record(record("b", assets=(asset("b", sounds=(marks(),)),)))
    store.keep_examination(sha256("x"), examination(sounds=(marks(),)))

    assert count(store) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"algorithm": "other"},
        {"stream": 1},
        {"channel": "L"},
        {"start": Fraction(0)},
        {"hops": 1},
        {"codes": bytes(1200)},
        {"times": bytes(1200)},
        {"informative": ()},
    ],
)
def test_what_differs_in_anything_is_another(store: Store, changed: dict[str, object]) -> None:
    store.keep_examination(sha256("x"), examination(sounds=(marks(), marks(**changed))))

    assert count(store) == 2


def test_registered_sounds_are_read_asset_by_asset_with_their_last_number(store: Store) -> None:
    for key in "abc":
        sounds = (marks(ord(key)), marks(ord(key), channel="mix"), marks(ord(key), version=2))
        store.add_record(record(key, title="Dawn" if key == "b" else "Dusk", assets=(asset(key, sounds=sounds),)))

    found = list(store.registered_sounds(**KIND))  # type: ignore[arg-type]

    assert [(ref.asset_id, len(heard)) for _, ref, heard in found] == [("asset-a", 2), ("asset-b", 2), ("asset-c", 2)]
    (last,) = store.registered_sounds(**KIND, after=found[1][0])  # type: ignore[arg-type]
    assert last == found[2]
    (only,) = store.registered_sounds(**KIND, title="Dawn")  # type: ignore[arg-type]
    assert only == found[1]


def test_sounds_can_be_added_to_an_asset_once(store: Store) -> None:
    store.add_record(record())
    before = store.register_state(NOON).version

    assert store.add_fingerprints("asset-a", codes=(), features=(), sounds=(marks(),), at=NOON)
    assert not store.add_fingerprints("asset-a", codes=(), features=(), sounds=(marks(),), at=NOON)

    assert store.record("record-a").assets[0].sounds == (marks(),)
    assert store.register_state(NOON).version == before + 1


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({}, True),
        ({"sounds": (marks(),)}, False),
        ({"sounds": (marks(version=2),)}, True),
        ({"size": 0}, False),
        ({"kind": "still"}, False),
    ],
)
def test_media_that_were_not_listened_to_are_told(store: Store, given: dict[str, object], *, lacks: bool) -> None:
    from scanner.model import MediaKind

    given = given | ({"kind": MediaKind(given["kind"])} if "kind" in given else {"kind": MediaKind.SOUND})
    store.add_record(record(assets=(asset("a", codes=(), **given),)))

    asked = {"codes": ("pdq", 1), "features": ("orb", 1)}
    assert bool(store.outdated(**asked, sounds=("landmarks", 1))) is lacks  # type: ignore[arg-type]
    assert store.outdated(**asked) == ()  # type: ignore[arg-type]


def test_excerpts_are_kept_beside_thumbnails_and_found_by_their_middle(store: Store) -> None:
    shown = {"asset-a": (Thumbnail(seconds=Fraction(0), jpeg=b"frame"), excerpt(0), excerpt(7))}
    store.add_record(record(), shown)

    assert store.thumbnail("asset-a", Fraction(0)) == Thumbnail(seconds=Fraction(0), jpeg=b"frame")
    assert store.excerpt("asset-a", Fraction(6)) == excerpt(0)
    assert store.excerpt("asset-a", Fraction(10)) == excerpt(7)
    assert store.excerpt("asset-b", Fraction(10)) is None


def test_excerpts_that_are_there_stay(store: Store) -> None:
    store.add_record(record(), {"asset-a": (excerpt(0),)})

    store.add_excerpts("asset-a", [replace(excerpt(0), sound=b"other"), excerpt(7)])

    assert [store.excerpt("asset-a", Fraction(at)) for at in (0, 20)] == [excerpt(0), excerpt(7)]
