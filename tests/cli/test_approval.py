"""`scanner approval`: write down, list, show, revoke, import."""

from pathlib import Path

import click
import pytest

from scanner.cli.init import make_studio
from scanner.errors import RegisterInputError, SettingsError, UnknownIdError
from scanner.model import DropClass, TimecodeRange
from tests.cli.conftest import Scanner
from tests.media_files import still

APPROVED = ("--status", "approved", "--approver", "J. Okafor")


def add(scanner: Scanner, *options: str, name: str = "ESC-1") -> str:
    return str(scanner("approval", "add", "--id", name, *options).stdout)


@pytest.fixture
def record_id(scanner: Scanner, tmp_path: Path) -> str:
    """A registered record."""
    path = still(tmp_path / "registered.png", 5)
    added = scanner("provenance", "add", path, "--tool", "Runway", "--use", "final")
    return str(added.stdout.split("\t")[0])


def test_an_approval_is_written_down_and_told(scanner: Scanner) -> None:
    told = add(scanner, *APPROVED, "--shot", "AGM_010", "--valid-to", "2099-12-31")

    assert told == (
        "ESC-1 is written down: approved, title AGM\n  for shots AGM_010\n  valid until 2100-01-01 00:00 UTC\n"
    )


def test_every_dimension_of_the_scope_is_kept(scanner: Scanner, record_id: str) -> None:
    asset_id = record_id.replace("PR-", "AS-")
    scope = {
        "drop-class": ["final", "trailer"],
        "record": [record_id],
        "asset": [asset_id],
        "shot": ["010", "020"],
        "timecode": ["01:00:00:00-01:00:02:00", "01:00:04;00-01:00:05;00"],
        "file": ["EP101_*"],
        "tool": ["Runway", "Runway"],
    }

    add(
        scanner, *APPROVED, *(part for name, values in scope.items() for each in values for part in (f"--{name}", each))
    )

    with scanner.store() as store:
        kept = store.approval("ESC-1").scope
    assert kept.drop_classes == (DropClass.FINAL, DropClass.TRAILER)
    assert (kept.records, kept.assets, kept.shots) == ((record_id,), (asset_id,), ("010", "020"))
    assert kept.timecodes[0] == TimecodeRange(first="01:00:00:00", last="01:00:02:00")
    assert (kept.file_patterns, kept.tools) == (("EP101_*",), ("Runway",))


def test_a_decision_is_of_now_unless_a_time_is_given(scanner: Scanner) -> None:
    add(scanner, *APPROVED, "--shot", "010", name="ESC-1")
    add(scanner, *APPROVED, "--shot", "010", "--decided-at", "2026-03-04", name="ESC-2")

    first, second = scanner.json("approval", "list")
    assert first["decided_at"] >= first["created_at"][:10]
    assert second["decided_at"] == "2026-03-04T00:00:00Z"


def test_the_same_again_is_there_already(scanner: Scanner) -> None:
    add(scanner, *APPROVED, "--shot", "010")

    assert "was there already" in add(scanner, *APPROVED, "--shot", "010")


def test_one_id_cannot_say_two_things(scanner: Scanner) -> None:
    add(scanner, *APPROVED, "--shot", "010")

    with pytest.raises(RegisterInputError, match="with other content"):
        add(scanner, *APPROVED, "--shot", "020")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--status", "approved", "--shot", "010"), "--approver: an approved one must say who"),
        (APPROVED, "--whole-title: its scope is empty"),
        ((*APPROVED, "--shot", "010", "--whole-title"), "--whole-title: the whole title is not meant"),
        (
            (*APPROVED, "--shot", "010", "--valid-from", "2026-03-05", "--valid-to", "2026-03-04"),
            "--valid-to: this ends before",
        ),
        ((*APPROVED, "--record", "PR-0"), "--record: 'PR-0' is not in the register"),
        ((*APPROVED, "--asset", "AS-0"), "--asset: 'AS-0' is not in the register"),
    ],
)
def test_an_approval_that_cannot_stand_is_refused(scanner: Scanner, options: tuple[str, ...], told: str) -> None:
    with pytest.raises(RegisterInputError) as refused:
        add(scanner, *options)

    assert told in str(refused.value)
    assert scanner.json("approval", "list") == []


def test_everything_that_is_wrong_with_an_approval_is_told_at_once(scanner: Scanner) -> None:
    with pytest.raises(RegisterInputError) as refused:
        add(scanner, "--status", "approved", "--record", "PR-0", "--record", "PR-1")

    assert len(str(refused.value).splitlines()) == 4


def test_the_whole_title_is_approved_when_it_is_said(scanner: Scanner) -> None:
    assert "everything of this title" in add(scanner, *APPROVED, "--whole-title")


@pytest.mark.parametrize(
    "options",
    [
        ("--timecode", "01:00:02:00-01:00:01:00"),
        ("--timecode", "01:00:02:00"),
        ("--valid-to", "31.12.2026"),
        ("--decided-at", "2026-03-04 18:00"),
        ("--drop-class", "finals"),
        ("--shot", ""),
    ],
)
def test_a_value_that_cannot_be_read_is_a_usage_error(scanner: Scanner, options: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        add(scanner, *APPROVED, *options)


def test_without_any_title_nothing_is_written_down(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="name one with --title"):
        add(Scanner(config=make_studio(tmp_path / "untitled")), *APPROVED, "--shot", "010")


def test_an_approval_clears_what_it_is_for(scanner: Scanner, record_id: str, tmp_path: Path) -> None:
    before = scanner("scan", tmp_path / "registered.png")
    add(scanner, *APPROVED, "--record", record_id)

    after = scanner("scan", tmp_path / "registered.png")

    assert "QUARANTINE" in before.stdout
    assert "PASS" in after.stdout


def test_a_revoked_approval_clears_nothing(scanner: Scanner, record_id: str, tmp_path: Path) -> None:
    add(scanner, *APPROVED, "--record", record_id)

    told = scanner("approval", "revoke", "ESC-1", "--reason", "wrong cut", "--by", "kim").stdout

    assert told == "ESC-1 is revoked: it clears nothing any more. It is kept for history.\n"
    assert "QUARANTINE" in scanner("scan", tmp_path / "registered.png").stdout


def test_revoking_twice_changes_nothing(scanner: Scanner) -> None:
    add(scanner, *APPROVED, "--shot", "010")
    scanner("approval", "revoke", "ESC-1", "--reason", "wrong cut")

    assert "already; nothing was changed" in scanner("approval", "revoke", "ESC-1", "--reason", "again").stdout
    assert scanner.json("approval", "show", "ESC-1")["revoked_reason"] == "wrong cut"


def test_an_approval_is_shown_as_it_stands(scanner: Scanner) -> None:
    add(scanner, *APPROVED, "--shot", "010", "--valid-to", "2020-01-01")

    assert "standing: expired\n" in scanner("approval", "show", "ESC-1").stdout


def test_an_unknown_approval_is_an_error(scanner: Scanner) -> None:
    with pytest.raises(UnknownIdError):
        scanner("approval", "show", "ESC-404")


def test_the_list_is_of_one_title_when_one_is_named(scanner: Scanner) -> None:
    add(scanner, *APPROVED, "--shot", "010", name="ESC-1")
    add(scanner, *APPROVED, "--shot", "010", "--title", "Dusk", name="ESC-2")

    assert scanner("approval", "list", "--title", "Dusk").stdout.startswith("ESC-2\tapproved\tDusk\tshots 010\t")


def test_a_list_is_imported(scanner: Scanner, record_id: str, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"id,status,approver,decided_at,record\nESC-1,approved,Okafor,2026-03-04,{record_id}\n")

    assert scanner("approval", "import", file).stdout == "1 approval written down.\n"
    assert scanner("approval", "import", file).stdout == "0 approvals written down, 1 already there.\n"


def test_exit_code_3_when_a_list_is_refused_and_nothing_of_it_is_written_down(scanner: Scanner, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "id,status,approver,decided_at,record\nESC-1,pending,,,\nESC-2,approved,Okafor,2026-03-04,PR-404|PR-405\n"
    )

    done = scanner.process("approval", "import", file)

    assert done.returncode == 3
    assert "row 3, column record: 'PR-404' is not in the register" in done.stderr
    assert "row 3, column record: 'PR-405' is not in the register" in done.stderr
    assert scanner.json("approval", "list") == []
