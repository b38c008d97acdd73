"""How drops are watched, and by which door."""

from pathlib import Path

import pytest

from scanner.errors import SettingsError
from scanner.inward import Door, WatchingTable
from scanner.settings import Settings, read_settings


def settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "scanner.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_a_door_is_watched_like_all_others_unless_it_says_otherwise() -> None:
    watching = WatchingTable(quiet_seconds=3, stalled_seconds=60, manifest="ignore", partial=("*.a",), litter=("b",))

    assert Door(folder="acme").watched(watching) == watching


def test_a_door_has_its_own_patience_and_adds_its_own_names(tmp_path: Path) -> None:
    read = settings(
        tmp_path,
        """
        [watching]
        quiet_seconds = 3.0
        partial = ["*.upload"]
        [[doors]]
        folder = "acme"
        quiet_seconds = 0.0
        stalled_seconds = 90.0
        manifest = "required"
        partial = ["busy-*"]
        litter = ["*.log"]
        """,
    )

    watched = read.doors[0].watched(read.watching)

    assert (watched.quiet_seconds, watched.stalled_seconds, watched.manifest) == (0, 90, "required")
    assert (watched.partial, watched.litter) == (("*.upload", "busy-*"), ("*.log",))
    assert watched.sweep_seconds == read.watching.sweep_seconds


@pytest.mark.parametrize(
    "line",
    [
        *('manifest = "sometimes"', "manifest = true", "stalled_seconds = 0.0", "stalled_seconds = -1.0"),
        *("quiet_seconds = -1.0", 'quiet_seconds = "10"', "stalled_seconds = inf", "quiet = 1.0"),
        *('partial = ["*"]', 'partial = [""]', 'partial = ["?*"]', 'partial = ["a/b"]', 'partial = "*.x"'),
        *("partial = [1]", 'litter = ["**"]', 'litter = ["a/*"]'),
    ],
)
@pytest.mark.parametrize("table", ["[watching]", '[[doors]]\nfolder = "acme"'])
def test_what_cannot_be_meant_is_refused(tmp_path: Path, table: str, line: str) -> None:
    with pytest.raises(SettingsError, match=r"watching|doors"):
        settings(tmp_path, f"{table}\n{line}\n")
