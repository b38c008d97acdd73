"""`scanner quarantine` as the people see it who decide about what was blocked."""

import json
import os
from pathlib import Path

import pytest

from scanner.pipeline import handle
from tests.intake.places import NAMES
from tests.studio import DELIVERIES, Home, call, sha256

HELD, BLOCKED, CLEAN = "not_media.exr", "comfyui.png", "signed_camera.jpg"
BY = ("--by", "Ada Lovelace", "--reason", "cleared by legal")


def taken(home: Home, sample: str, name: str | None = None) -> str:
    """A sample that has gone through; its id."""
    delivery_id = home.take(sample, name)
    with home.open() as studio:
        handle(studio, delivery_id)
    return delivery_id


def listed_ids(home: Home, *options: str) -> set[str]:
    out = call("quarantine", "list", "--format", "json", *options, cwd=home.folder).stdout
    return {record["delivery_id"] for record in json.loads(out)}


def test_held_and_quarantined_deliveries_are_listed(home: Home) -> None:
    blocked = {taken(home, HELD), taken(home, BLOCKED)}
    taken(home, CLEAN)

    assert listed_ids(home) == blocked


def test_all_deliveries_are_listed_when_asked_for(home: Home) -> None:
    ids = {taken(home, sample) for sample in (HELD, CLEAN)}

    assert listed_ids(home, "--all") == ids


def test_what_was_released_is_not_listed_any_more(home: Home) -> None:
    delivery_id = taken(home, HELD)
    call("quarantine", "release", delivery_id, *BY, cwd=home.folder)

    assert listed_ids(home) == set()


def test_an_empty_list_says_so(home: Home) -> None:
    said = call("quarantine", "list", cwd=home.folder)

    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("form", ["table", "json", "html"])
def test_a_delivery_is_shown_with_what_was_found(form: str, home: Home) -> None:
    delivery_id = taken(home, BLOCKED)

    assert "AI-GENERATOR" in call("quarantine", "show", delivery_id, "--format", form, cwd=home.folder).stdout


def test_a_page_about_a_delivery_is_written_where_asked(home: Home) -> None:
    delivery_id = taken(home, BLOCKED)
    call("quarantine", "show", delivery_id, "--format", "html", "-o", "page.html", cwd=home.folder)

    assert "<html" in (home / "page.html").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_an_error_of_usage(home: Home) -> None:
    delivery_id = taken(home, BLOCKED)
    done = call("quarantine", "show", delivery_id, "--format", "html", "-o", "no/page.html", cwd=home.folder)

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


def test_a_released_delivery_is_in_cleared_byte_for_byte(home: Home) -> None:
    delivery_id = taken(home, BLOCKED)
    done = call("quarantine", "release", delivery_id, *BY, cwd=home.folder)

    assert (done.returncode, sha256(home / "cleared" / BLOCKED)) == (0, sha256(DELIVERIES / BLOCKED))


def test_releasing_says_where_it_went_and_nothing_else(home: Home) -> None:
    delivery_id = taken(home, BLOCKED)
    done = call("quarantine", "release", delivery_id, *BY, cwd=home.folder)

    assert (done.stdout, done.stderr) == (f"Released to {home / 'cleared' / BLOCKED}\n", "")


def test_a_restored_delivery_is_where_it_was_dropped(home: Home) -> None:
    delivery_id = taken(home, BLOCKED)
    done = call("quarantine", "restore", delivery_id, *BY, cwd=home.folder)

    assert (done.returncode, sha256(home / "drop" / BLOCKED)) == (0, sha256(DELIVERIES / BLOCKED))


def test_an_altered_delivery_is_refused_and_stays(home: Home) -> None:
    delivery_id = taken(home, HELD)
    place = home / "held" / delivery_id / "payload" / HELD
    place.write_bytes(place.read_bytes().replace(b"a", b"b", 1))
    done = call("quarantine", "release", delivery_id, *BY, cwd=home.folder)

    assert (done.returncode, "not what was examined" in done.stderr, place.exists()) == (2, True, True)


def test_an_occupied_place_is_refused(home: Home) -> None:
    delivery_id = taken(home, HELD)
    home.write(HELD, "another")
    done = call("quarantine", "restore", delivery_id, *BY, cwd=home.folder)

    assert (done.returncode, "is taken" in done.stderr, (home / "drop" / HELD).read_text()) == (3, True, "another")


def test_a_delivery_is_ruled_on_once(home: Home) -> None:
    delivery_id = taken(home, HELD)
    call("quarantine", "release", delivery_id, *BY, cwd=home.folder)
    done = call("quarantine", "restore", delivery_id, *BY, cwd=home.folder)

    assert (done.returncode, "any more" in done.stderr) == (3, True)


@pytest.mark.parametrize("given", ["nothing of the kind", "20", ""])
def test_an_id_that_names_no_single_delivery_is_refused(given: str, home: Home) -> None:
    taken(home, HELD, "one.exr")
    taken(home, HELD, "two.exr")
    done = call("quarantine", "release", given, *BY, cwd=home.folder)

    assert (done.returncode, done.stdout, home.files("cleared")) == (3, "", {})


def test_the_beginning_of_an_id_will_do(home: Home) -> None:
    delivery_id = taken(home, HELD)
    done = call("quarantine", "release", delivery_id[:-2], *BY, cwd=home.folder)

    assert done.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_only_one_has_will_do(name: str, home: Home) -> None:
    taken(home, BLOCKED, name)
    done = call("quarantine", "show", "--format", "json", "--", name, cwd=home.folder)

    assert done.returncode == 0, done.stderr


def test_a_name_that_several_have_is_refused(home: Home) -> None:
    ids = [taken(home, HELD), taken(home, HELD)]
    done = call("quarantine", "release", HELD, *BY, cwd=home.folder)

    assert (done.returncode, all(delivery_id in done.stderr for delivery_id in ids)) == (3, True)


def test_a_name_that_a_vendor_chose_never_stands_for_the_id_of_another(home: Home) -> None:
    meant = taken(home, HELD, "meant.exr")
    taken(home, BLOCKED, meant)
    call("quarantine", "release", meant, *BY, cwd=home.folder)

    assert os.listdir(home / "cleared") == ["meant.exr"]  # noqa: PTH208


@pytest.mark.parametrize(
    "options",
    [
        ("--by", "", "--reason", "ok"),
        ("--by", "  ", "--reason", "ok"),
        ("--by", "Ada", "--reason", "\t"),
        ("--by", "Ada"),
        ("--reason", "ok"),
        ("--by", "Ada", "--reason", "ok", "--approval", "ESC-none"),
    ],
)
def test_a_ruling_without_grounds_is_refused(options: tuple[str, ...], home: Home) -> None:
    delivery_id = taken(home, HELD)
    done = call("quarantine", "release", delivery_id, *options, cwd=home.folder)

    assert (done.returncode, home.record(HELD).rulings) == (3, ())


def test_there_is_nothing_to_release_in_what_was_cleared(home: Home) -> None:
    delivery_id = taken(home, CLEAN)
    done = call("quarantine", "release", delivery_id, *BY, cwd=home.folder)

    assert (done.returncode, "nothing to rule on" in done.stderr) == (3, True)


def test_a_ruling_needs_a_studio(tmp_path: Path) -> None:
    assert call("quarantine", "release", "20", *BY, cwd=tmp_path).returncode == 3


def test_a_missing_database_is_not_an_empty_list(home: Home) -> None:
    (home / "scanner.db").unlink()
    done = call("quarantine", "list", cwd=home.folder)

    assert (done.returncode, (home / "scanner.db").exists()) == (2, False)
