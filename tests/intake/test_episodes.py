"""What season and episode delivered names say, and where they leave a doubt."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.intake.bench import Receipt, as_bytes, bench_entry, from_bytes
from scanner.intake.episodes import in_series, season_and_episode
from scanner.intake.receive import receive
from scanner.model import Delivery, DropClass


@pytest.mark.parametrize(
    ("names", "season", "found"),
    [
        (["AGM_s01e04_final.mov"], None, ("1", "4")),
        (["AGM/S02E11/reel.mxf", "AGM"], None, ("2", "11")),
        (["s01e04/a.mov", "s01e04/b.mov"], None, ("1", "4")),
        (["s01e04/a.mov", "s01e05/b.mov"], None, ("1", None)),
        (["s01e04.mov", "s02e04.mov"], None, (None, None)),
        (["classes01e04.mov", "plans01e04x.mov"], None, (None, None)),
        (["AGM_104_065_010_0040_comp_NFX_v001.mov"], None, (None, "104")),
        (["AGM_104_065_010_comp_NFX_v001.mov"], None, (None, None)),
        (["AGM_104_065_010_comp_NFX_v001.mov"], "S01", (None, "4")),
        (["AGM_104_065_010_comp_NFX_v001.mov"], "2", (None, None)),
        (["AGM_104_010_comp_v001.mov", "AGM_105_010_comp_v001.mov"], "1", (None, None)),
        (["AGM_065_010_comp_NFX_v001.mov"], None, (None, None)),
        (["s01e04/AGM_104_010_comp_NFX_v001.mov"], None, ("1", "4")),
        (["s01e05/AGM_104_010_comp_NFX_v001.mov"], None, ("1", None)),
        (["2026_001_002_003_comp_v001.mov"], None, (None, None)),
        (["reel.mov", "", "a/b//c"], None, (None, None)),
    ],
)
def test_an_episode_is_known_only_where_names_leave_no_doubt(
    names: list[str], season: str | None, found: tuple[str | None, str | None]
) -> None:
    assert season_and_episode(names, season=season) == found


def test_what_a_door_says_lies_in_the_receipt_and_survives_a_restart(tmp_path: Path) -> None:
    (tmp_path / "reel.mov").write_bytes(b"reel")
    taken = receive(
        tmp_path / "reel.mov",
        work=tmp_path / "work",
        delivery_id="20261122-000000-abcdef",
        title="AGM",
        vendor=None,
        drop_class=DropClass.FINAL,
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
        season="1",
        episode="104",
        territories=("US", "EU"),
    )

    receipt = bench_entry(taken.folder).receipt

    assert receipt is not None
    assert (receipt.season, receipt.episode, receipt.territories) == ("1", "104", ("US", "EU"))


def test_a_receipt_of_before_says_nothing_of_it() -> None:
    receipt = Receipt(
        delivery_id="d1",
        name="a.mov",
        origin="/drop/a.mov",
        title=None,
        vendor=None,
        drop_class=DropClass.FINAL,
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    told = json.loads(as_bytes(receipt))
    for key in ("season", "episode", "territories"):
        del told[key]

    assert from_bytes(json.dumps(told).encode()) == receipt


def test_a_doors_own_word_goes_before_that_of_the_names() -> None:
    delivery = Delivery(
        delivery_id="d1",
        name="AGM_s01e04.mov",
        origin="drop",
        title=None,
        vendor=None,
        drop_class=DropClass.FINAL,
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
    )

    told = in_series(replace(delivery, season="2", episode="7"))

    assert (in_series(delivery).season, in_series(delivery).episode) == ("1", "4")
    assert (told.season, told.episode) == ("2", "7")
