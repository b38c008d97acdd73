"""`scanner doctor`: what it says of the register."""

from pathlib import Path

from tests.cli.conftest import Scanner
from tests.media_files import still

ADD = ("--tool", "Runway", "--use", "temporary")


def test_what_is_known_to_be_good_is_no_register(scanner: Scanner, tmp_path: Path) -> None:
    scanner("known-good", "add", still(tmp_path / "logo.png"), "--why", "logo", "--by", "Ada")

    assert "register: empty" in scanner.process("doctor").stdout


def test_material_that_another_version_registered_is_named(scanner: Scanner, tmp_path: Path) -> None:
    scanner("provenance", "add", still(tmp_path / "sky.png"), *ADD)
    with scanner.store() as store, store._database.writing() as connection:
        connection.exec_driver_sql("update fingerprints set version = 0")

    done = scanner.process("doctor")

    assert done.returncode == 2
    assert "register again: sky.png [PR-" in done.stdout


def test_the_trust_lists_and_their_dates_are_shown(scanner: Scanner) -> None:
    assert "trust: C2PA Trust List of 2026-08-05, 19 certificates" in scanner.process("doctor").stdout
