"""`scanner init`: a studio is made, completed, and never overwritten."""

from pathlib import Path

import pytest

from scanner.settings import read_policy, read_settings
from tests.studio import Home, call, listed

FOLDERS = {"drop", "work", "cleared", "flagged", "held", "quarantine", "reports"}


def test_a_studio_has_its_folders_settings_policy_and_database(tmp_path: Path) -> None:
    call("init", "studio", cwd=tmp_path)

    assert {path.name for path in (tmp_path / "studio").iterdir()} == {
        *FOLDERS,
        "scanner.toml",
        "policy.toml",
        "scanner.db",
    }


def test_the_folder_one_is_in_is_made_a_studio_when_none_is_named(tmp_path: Path) -> None:
    call("init", cwd=tmp_path)

    assert read_settings(tmp_path / "scanner.toml").home == tmp_path


def test_the_settings_and_the_policy_can_be_read(tmp_path: Path) -> None:
    call("init", "studio", "--title", "AGM", cwd=tmp_path)

    assert read_settings(tmp_path / "studio/scanner.toml").studio.title == "AGM"
    assert read_policy(tmp_path / "studio/policy.toml").same_frame_distance > 0


@pytest.mark.parametrize(
    "title",
    [
        '"; evil = true #',
        "a\\b",
        "two\nlines",
        "\x1b[31m",
        "\x7f",
        "東京 🎬",
        "'''",
        '"""',
        "= x",
        "\u2028",
        "title = 1",
    ],
)
def test_a_title_is_kept_as_it_was_given(title: str, tmp_path: Path) -> None:
    call("init", "studio", "--title", title, cwd=tmp_path)

    assert read_settings(tmp_path / "studio/scanner.toml").studio.title == title


def test_a_title_that_is_no_text_is_refused_and_nothing_made(tmp_path: Path) -> None:
    done = call("init", "studio", "--title", "caf\udce9", cwd=tmp_path)

    assert (done.returncode, (tmp_path / "studio/scanner.toml").exists()) == (3, False)


def test_a_studio_is_never_overwritten(home: Home) -> None:
    before = listed(home.folder)
    done = call("init", ".", "--title", "Another", cwd=home.folder)

    assert (done.returncode, listed(home.folder)) == (0, before)


@pytest.mark.parametrize("missing", ["policy.toml", "scanner.db", "scanner.toml"])
def test_what_is_missing_is_added(missing: str, home: Home) -> None:
    (home / missing).unlink()
    call("init", ".", cwd=home.folder)

    assert (home / missing).is_file()


def test_a_missing_folder_is_added(home: Home) -> None:
    (home / "flagged").rmdir()
    call("init", ".", cwd=home.folder)

    assert (home / "flagged").is_dir()


@pytest.mark.parametrize("place", ["file", "file/studio", "/proc/studio"])
def test_a_place_where_none_can_be_made_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call("init", place, cwd=tmp_path)

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


def test_an_address_that_cannot_be_one_is_refused_and_not_kept(tmp_path: Path) -> None:
    done = call("init", "studio", "--store", "mysql://films", cwd=tmp_path)

    assert (done.returncode, (tmp_path / "studio/scanner.toml").exists()) == (3, False)


def test_a_database_out_of_reach_can_be_named_better_at_the_next_try(tmp_path: Path) -> None:
    done = call("init", "studio", "--store", "postgresql://nobody@127.0.0.1:1/films", cwd=tmp_path)
    again = call("init", "studio", "--store", "sqlite:///films.db", cwd=tmp_path)

    assert (done.returncode, again.returncode, (tmp_path / "studio/films.db").is_file()) == (2, 0, True)


def test_broken_settings_are_told_and_left_as_they_are(home: Home) -> None:
    home.config.write_text("[studio\n")
    done = call("init", ".", cwd=home.folder)

    assert (done.returncode, home.config.read_text()) == (3, "[studio\n")
