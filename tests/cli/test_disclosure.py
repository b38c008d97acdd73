"""`scanner disclosure`: what went out with AI in it is told as a table, a page, and as markers; nothing else is."""

import csv
import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

from scanner.pipeline import handle, rule
from scanner.receipts import make_key
from tests.studio import Home, call, ruling

TITLES = "approved_titles.mov"


@pytest.fixture(scope="module")
def told(filled_home: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, str]]:
    """A studio through which three deliveries went: approved, clean, and stopped. To read only."""
    folder = tmp_path_factory.mktemp("disclosure") / "studio"
    shutil.copytree(filled_home.folder, folder)
    home = Home(folder=folder)
    taken = {name: home.take(name) for name in (TITLES, "clean_scene.mov", "comfyui.png")}
    with home.open() as studio:
        for delivery_id in taken.values():
            handle(studio, delivery_id)
        make_key(studio.settings.receipt_key)
    return home, taken


def mapped(told: tuple[Home, dict[str, str]], form: str, *more: str, of: str = TITLES) -> str:
    home, taken = told
    done = call("disclosure", "map", taken[of], "--format", form, *more, cwd=home.folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_names_the_place_the_record_and_the_approval(told: tuple[Home, dict[str, str]]) -> None:
    (row,) = csv.DictReader(io.StringIO(mapped(told, "csv")))

    assert (row["member"], row["asset"], row["approval"], row["tool"]) == (
        TITLES,
        "poster_key_art.jpg",
        "ESC-7",
        "Midjourney",
    )
    assert row["timecode_in"] < row["timecode_out"]
    assert row["ground"] == "approved: ESC-7, Robin Example"


def test_json_says_the_same(told: tuple[Home, dict[str, str]]) -> None:
    (row,) = csv.DictReader(io.StringIO(mapped(told, "csv")))
    (entry,) = json.loads(mapped(told, "json"))["entries"]

    assert (entry["timecode_in"], entry["asset_id"], entry["is_settled"]) == (row["timecode_in"], row["asset_id"], True)


def test_the_page_needs_nothing_else(told: tuple[Home, dict[str, str]]) -> None:
    page = mapped(told, "html")

    assert "poster_key_art.jpg" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_markers_lie_where_the_table_says(told: tuple[Home, dict[str, str]], tmp_path: Path) -> None:
    (row,) = csv.DictReader(io.StringIO(mapped(told, "csv")))

    for form, adapter in (("edl", "cmx_3600"), ("otio", "otio_json")):
        timeline = otio.adapters.read_from_string(mapped(told, form), adapter)
        (clip,) = timeline.find_clips()
        (marker,) = clip.markers
        assert otio.opentime.to_timecode(marker.marked_range.start_time) == row["timecode_in"], form
        assert "ESC-7" in marker.name
    assert row["timecode_in"] in mapped(told, "avid").split("\t")[1]


def test_fcpxml_has_the_marker(told: tuple[Home, dict[str, str]]) -> None:
    (marker,) = ElementTree.fromstring(mapped(told, "fcpxml")).iter("marker")

    assert "ESC-7" in marker.attrib["value"]


def test_of_a_clean_delivery_it_says_that_none_was_found(told: tuple[Home, dict[str, str]]) -> None:
    assert json.loads(mapped(told, "json", of="clean_scene.mov"))["entries"] == []
    assert "No AI evidence was found" in mapped(told, "html", of="clean_scene.mov")


def test_what_was_stopped_has_nothing_to_disclose(told: tuple[Home, dict[str, str]]) -> None:
    home, taken = told

    done = call("disclosure", "map", taken["comfyui.png"], cwd=home.folder)

    assert (done.returncode, "was not cleared" in done.stderr) == (3, True)


def test_without_a_place_there_is_nothing_to_mark(told: tuple[Home, dict[str, str]]) -> None:
    home, taken = told

    done = call("disclosure", "map", taken["clean_scene.mov"], "--format", "edl", cwd=home.folder)

    assert (done.returncode, "nothing to mark" in done.stderr) == (3, True)


def test_what_a_person_released_is_in_the_map_with_the_reason(stocked: Home) -> None:
    delivery_id = stocked.take("comfyui.png")
    with stocked.open() as studio:
        handle(studio, delivery_id)
        rule(studio, delivery_id, ruling(studio, by="Ada", why="mock-up"))

    (entry, *_) = json.loads(call("disclosure", "map", delivery_id, "--format", "json", cwd=stocked.folder).stdout)[
        "entries"
    ]

    assert entry["ground"] == "released by Ada: mock-up"


def test_the_pack_has_hashes_records_approvals_and_a_receipt(told: tuple[Home, dict[str, str]], tmp_path: Path) -> None:
    home, taken = told
    out = tmp_path / "pack.html"

    done = call("disclosure", "pack", taken[TITLES], "--out", out, cwd=home.folder)

    page = out.read_text()
    assert done.returncode == 0
    assert home.record(TITLES).delivery.members[0].sha256 in page
    assert "Robin Example" in page
    assert "scanner-receipt/1" in page


def test_a_file_that_cannot_be_written_is_an_error_with_its_name(told: tuple[Home, dict[str, str]]) -> None:
    home, taken = told

    done = call("disclosure", "map", taken[TITLES], "--out", "/nowhere/map.csv", cwd=home.folder)

    assert (done.returncode, "/nowhere/map.csv" in done.stderr) == (3, True)
