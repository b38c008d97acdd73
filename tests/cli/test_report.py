"""`scanner report`: the night's report is written, or printed, for the day that was asked for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.pipeline import handle
from tests.studio import Home, call


@pytest.fixture
def night(home: Home) -> Home:
    """A studio in which something was stopped tonight."""
    delivery_id = home.take("comfyui.png")
    with home.open() as studio:
        handle(studio, delivery_id)
    return home


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def test_it_is_written_as_text_and_as_a_page(night: Home) -> None:
    call("report", cwd=night.folder)

    assert sorted(path.suffix for path in (night / "reports").iterdir()) == [".html", ".txt"]


def test_it_names_the_files_that_it_wrote(night: Home) -> None:
    named = call("report", cwd=night.folder).stdout.split("\n")[:-1]

    assert sorted(map(str, (night / "reports").iterdir())) == sorted(named, key=lambda name: name)


@pytest.mark.parametrize("form", ["text", "html"])
def test_it_tells_what_was_stopped(form: str, night: Home) -> None:
    assert "comfyui.png" in call("report", "--format", form, cwd=night.folder).stdout


@pytest.mark.parametrize("form", ["text", "html"])
def test_printing_it_writes_nothing(form: str, night: Home) -> None:
    call("report", "--format", form, cwd=night.folder)

    assert not list((night / "reports").iterdir())


def test_the_day_that_was_asked_for_is_told(night: Home) -> None:
    assert "comfyui.png" in call("report", "--date", today(), "--format", "text", cwd=night.folder).stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("--date", "yesterday"),
        ("--date", "2026-13-01"),
        ("--date", "9999-12-31"),
        ("--date", "0001-01-01", "--zone", "Asia/Tokyo"),
        ("--zone", "Europe"),
        ("--zone", "../etc/passwd"),
        ("--zone", ""),
        ("--zone", "Nowhere/Land"),
        ("--format", "pdf"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: tuple[str, ...], home: Home) -> None:
    done = call("report", *wrong, cwd=home.folder)

    assert (done.returncode, "Traceback" in done.stderr, list((home / "reports").iterdir())) == (3, False, [])


def test_a_day_to_come_is_refused(home: Home) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=2)

    assert call("report", "--date", f"{tomorrow:%Y-%m-%d}", cwd=home.folder).returncode == 3


def test_a_day_that_the_clocks_make_longer_is_told_whole(home: Home) -> None:
    """Berlin, 25 October 2026: from 22:00 to 23:00 UTC on the next day, 25 hours."""
    said = call("report", "--date", "2026-10-25", "--zone", "Europe/Berlin", cwd=home.folder).stdout

    assert "night_2026-10-25_2300.txt" in said


def test_a_folder_that_cannot_be_written_to_is_an_error_of_settings(night: Home) -> None:
    (night / "reports").rmdir()
    (night / "reports").write_text("a file of that name")
    done = call("report", cwd=night.folder)

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


def test_it_needs_a_studio(tmp_path: Path) -> None:
    assert call("report", cwd=tmp_path).returncode == 3


def test_a_missing_database_is_not_a_quiet_night(home: Home) -> None:
    (home / "scanner.db").unlink()

    assert call("report", cwd=home.folder).returncode == 2
