"""`scanner audit`: verify, list, head, export; and the script of the guide that verifies without a scanner."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.cli.conftest import Scanner
from tests.store.values import delivery, member_evidence, ruling, verdict

GUIDE = Path(__file__).parents[2] / "docs/operators-guide.md"
WHOLE, TAMPERED, UNREADABLE, USAGE = 0, 1, 2, 3


@pytest.fixture
def scanner(scanner: Scanner) -> Scanner:
    """The command line in a studio in which a delivery was quarantined and released."""
    with scanner.store() as store:
        store.received(delivery(), place="/work/d1")
        store.examined("d1")
        store.decided(verdict(), [member_evidence()], [], place="/quarantine/d1")
        store.carried_out("d1", place="/quarantine/d1")
        store.ruled("d1", ruling(), place="/cleared/d1")
    return scanner


def by_hand(scanner: Scanner, statement: str) -> None:
    with sqlite3.connect(scanner.config.parent / "scanner.db") as connection:
        for change in ("update", "delete"):
            connection.execute(f"drop trigger if exists audit_no_{change}")
        connection.execute(statement)
    connection.close()


def test_a_whole_log_is_said_to_be_whole(scanner: Scanner) -> None:
    done = scanner.process("audit", "verify")

    assert done.returncode == WHOLE
    assert "The audit log is whole: 6 entries, and the records are as it says." in done.stdout


def test_a_changed_entry_is_named(scanner: Scanner) -> None:
    by_hand(scanner, "update audit set who = 'mallory' where what = 'ruled'")

    done = scanner.process("audit", "verify")

    assert done.returncode == TAMPERED
    assert "entry 6 (ruled, delivery d1) was changed after it was written" in " ".join(done.stdout.split())


def test_a_changed_record_is_named(scanner: Scanner) -> None:
    by_hand(scanner, "update rulings set by = 'mallory'")

    told = scanner.json("audit", "verify")

    assert told["whole"] is False
    assert [(each["wrong"], each["number"], each["delivery_id"]) for each in told["faults"]] == [
        ("row changed", 6, "d1")
    ]


def test_a_cut_end_is_found_with_a_head(scanner: Scanner) -> None:
    head = scanner("audit", "head").stdout.strip()
    by_hand(scanner, "delete from audit where what = 'ruled'")

    assert re.fullmatch(r"6:[0-9a-f]{64}", head)
    assert "the end of the log was cut off" in scanner("audit", "verify", "--head", head).stdout


def test_a_head_that_is_in_the_log_is_confirmed(scanner: Scanner) -> None:
    head = scanner("audit", "head").stdout.strip()
    with scanner.store() as store:
        store.received(delivery("d2"), place="/work/d2")

    assert scanner.exit_code("audit", "verify", "--head", head) == WHOLE


def test_a_head_that_is_none_is_refused(scanner: Scanner) -> None:
    with pytest.raises(click.UsageError, match="NUMBER:DIGEST"):
        scanner("audit", "verify", "--head", "6")


def test_a_log_that_cannot_be_read_is_no_whole_log(scanner: Scanner) -> None:
    (scanner.config.parent / "scanner.db").unlink()

    assert scanner.exit_code("audit", "verify") == UNREADABLE
    assert scanner.exit_code("audit", "verify", "--file", "nothing") == UNREADABLE


def test_the_entries_are_listed(scanner: Scanner) -> None:
    rows = [line.split("\t") for line in scanner("audit", "list").stdout.splitlines()]

    assert [row[2] for row in rows] == ["begun", "received", "examined", "decided", "carried-out", "ruled"]
    assert rows[3][5] == "quarantine; AI-LOOK-ALIKE, AI-CREDENTIALS; to /quarantine/d1"
    assert rows[5][4:] == ["grace", "release; agreed by telephone; to /cleared/d1"]


def test_the_entries_of_one_delivery_are_listed(scanner: Scanner) -> None:
    with scanner.store() as store:
        store.received(delivery("other"), place="/work")

    assert [each["delivery_id"] for each in scanner.json("audit", "list", "--delivery", "oth")] == ["other"]
    assert scanner.json("audit", "list", "--delivery", "%") == []


def test_the_entries_since_a_day_are_listed(scanner: Scanner) -> None:
    assert len(scanner.json("audit", "list", "--since", "2020-01-01")) == 6
    assert scanner.json("audit", "list", "--since", "2999-01-01") == []


def test_entries_are_lines_of_json(scanner: Scanner) -> None:
    lines = scanner("audit", "list", "--format", "jsonl").stdout.splitlines()

    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3, 4, 5, 6]


def test_an_export_is_verified_by_itself(scanner: Scanner, tmp_path: Path) -> None:
    exported = tmp_path / "audit.jsonl"

    scanner("audit", "export", exported)

    assert "whole: 6 entries." in scanner("audit", "verify", "--file", exported).stdout
    exported.write_text(exported.read_text(encoding="utf-8").replace("grace", "mallory"), encoding="utf-8")
    assert scanner.exit_code("audit", "verify", "--file", exported) == TAMPERED


def test_an_export_overwrites_nothing(scanner: Scanner, tmp_path: Path) -> None:
    exported = tmp_path / "audit.jsonl"
    exported.write_text("mine", encoding="utf-8")

    assert scanner.exit_code("audit", "export", exported) == UNREADABLE
    assert exported.read_text(encoding="utf-8") == "mine"


def test_the_script_of_the_guide_verifies_an_export(scanner: Scanner, tmp_path: Path) -> None:
    scripts = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (script,) = [each for each in scripts if "previous" in each]
    whole, forged = tmp_path / "whole.jsonl", tmp_path / "forged.jsonl"
    exported = scanner.process("audit", "export", "-").stdout
    whole.write_text(exported, encoding="utf-8")
    forged.write_text(exported.replace("grace", "mallory"), encoding="utf-8")

    def run(file: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-c", script, file], capture_output=True, text=True, check=False)

    head = scanner("audit", "head").stdout.strip()
    assert (run(whole).returncode, run(whole).stdout.strip()) == (0, f"whole, up to {head}")
    assert (run(forged).returncode, run(forged).stderr.strip()) == (1, "entry 6 was tampered with")


def test_the_night_s_report_names_the_head(scanner: Scanner) -> None:
    head = scanner("audit", "head").stdout.strip()

    assert head in scanner("report", "--format", "text").stdout.splitlines()
    assert head in scanner("report", "--format", "html").stdout
