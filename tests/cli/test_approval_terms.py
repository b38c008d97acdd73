"""`scanner approval`: scope and terms in full, decisions with their history, and documents that were altered."""

import json
from pathlib import Path

import click
import pytest

from scanner.errors import RegisterInputError
from scanner.intake.approval_terms import condition, condition_text, permit_words, permits
from scanner.model import Action, ApprovalStatus, Check, Condition, Permits, Prominence, Scope, Terms, Trigger
from tests.cli.conftest import Scanner
from tests.media_files import still

APPROVED = ("--status", "approved", "--approver", "J. Okafor")
SHA = "ab" * 32
SCOPE = Scope(
    sha256=(SHA,),
    tool_versions=(">=2,<3", "7"),
    seasons=("1",),
    episodes=("s01e04", "5"),
    territories=("US-NY", "EU"),
    vendors=("acme",),
    max_prominence=Prominence.INCIDENTAL,
)
TERMS = Terms(
    action=Action.ESCALATE,
    triggers=(Trigger.KEY_ELEMENT, Trigger.P1),
    permits=Permits(talent_replica=True, credit_exempt=True),
    conditions=(
        Condition(condition_id="c1", text="four seconds at most", check=Check.MAX_SECONDS, limit="4"),
        Condition(condition_id="c2", text="Ann agrees", satisfied_by="letter.pdf"),
    ),
    consents=("C-1",),
    requested_by="Kim",
    legal_review_ref="L-9",
    document_sha256=SHA,
    supersedes="ESC-0",
)


def add(scanner: Scanner, *options: str, name: str = "ESC-1") -> str:
    return str(scanner("approval", "add", "--id", name, *options).stdout)


def test_every_term_and_dimension_can_be_given(scanner: Scanner) -> None:
    options = (
        *("--status", "approved_with_conditions", "--approver", "J. Okafor", "--sha256", SHA.upper()),
        *("--tool-version", ">=2,<3", "--tool-version", "7", "--season", "1", "--episode", "s01e04", "--episode", "5"),
        *("--territory", "US-NY", "--territory", "EU", "--vendor", "acme", "--max-prominence", "incidental"),
        *("--trigger", "2A", "--trigger", "p1", "--permit", "talent-replica", "--permit", "credit_exempt"),
        *("--condition", "c1: four seconds at most [max_seconds=4]", "--condition", "c2: Ann agrees [by letter.pdf]"),
        *("--consent", "C-1", "--requested-by", "Kim", "--legal-review", "L-9", "--supersedes", "ESC-0"),
    )
    told = add(scanner, *options)

    with scanner.store() as store:
        kept = store.approval("ESC-1")
    assert (kept.scope, kept.terms) == (SCOPE, Terms(**_but(TERMS, document_sha256=None)))
    assert "approved_with_conditions" in told
    shown = str(scanner("approval", "show", "ESC-1").stdout)
    assert "c1: four seconds at most [max_seconds=4]" in shown
    assert scanner.json("approval", "show", "ESC-1")["terms"]["permits"]["talent_replica"] is True


def _but(terms: Terms, **given: object) -> dict[str, object]:
    return {name: getattr(terms, name) for name in Terms.__slots__} | given


ROW = {
    "id": "ESC-1",
    "status": "approved_with_conditions",
    "approver": "J. Okafor",
    "decided_at": "2026-03-04",
    "sha256": SHA,
    "tool_version": ">=2,<3|7",
    "season": "1",
    "episode": "s01e04|5",
    "territory": "US-NY|EU",
    "vendor": "acme",
    "max_prominence": "incidental",
    "trigger": "2a|P1",
    "permit": "talent-replica|credit-exempt",
    "condition": "c1: four seconds at most [max_seconds=4]|c2: Ann agrees [by letter.pdf]",
    "consent": "C-1",
    "requested_by": "Kim",
    "legal_review_ref": "L-9",
    "document_sha256": SHA,
    "supersedes": "ESC-0",
}


def test_a_row_of_a_list_says_the_same(scanner: Scanner, tmp_path: Path) -> None:
    file = tmp_path / "approvals.csv"
    cells = [f'"{value}"' for value in ROW.values()]
    file.write_text("\n".join([",".join(ROW), ",".join(cells)]), encoding="utf-8")
    scanner("approval", "import", file)

    with scanner.store() as store:
        kept = store.approval("ESC-1")
    assert (kept.scope, kept.terms) == (SCOPE, TERMS)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("trigger", "9z", "is not one of"),
        ("permit", "anything", "is not one of no-final-use"),
        ("condition", "four seconds", "is no condition like"),
        ("condition", "c1: long [max_seconds=four]", "needs a number of seconds"),
        ("condition", "c1: seen [max_prominence=unknown]", "needs one of incidental"),
        ("condition", "c1: credit [credit=4]", "has no limit"),
        ("condition", "c1: x [maxx_seconds=4]", "did you mean max_seconds?"),
        ("condition", "", "must say on which"),
        ("status", "approved", "one with conditions is approved_with_conditions"),
        ("tool_version", ">=", "is no version"),
        ("sha256", "abc", "is not a SHA-256"),
        ("max_prominence", "unknown", "is not one of"),
        ("supersedes", "ESC-1", "it cannot take its own place"),
    ],
)
def test_what_cannot_stand_is_told_by_its_cell(
    scanner: Scanner, tmp_path: Path, column: str, value: str, told: str
) -> None:
    file = tmp_path / "approvals.json"
    row = {name: text.split("|") if "|" in text else text for name, text in ROW.items()} | {column: value}
    file.write_text(json.dumps([row]), encoding="utf-8")

    with pytest.raises(RegisterInputError) as refused:
        scanner("approval", "import", file)

    assert told in str(refused.value)
    assert scanner.json("approval", "list") == []


@pytest.mark.parametrize(
    "options",
    [("--trigger", "9z"), ("--condition", "c1"), ("--tool-version", ">="), ("--sha256", "x"), ("--permit", "all")],
)
def test_an_option_that_cannot_be_read_is_a_usage_error(scanner: Scanner, options: tuple[str, str]) -> None:
    with pytest.raises(click.UsageError):
        add(scanner, *APPROVED, *options)


@pytest.mark.parametrize("told", TERMS.conditions)
def test_a_condition_is_read_as_it_is_written(told: Condition) -> None:
    assert condition(condition_text(told)) == told


def test_what_is_permitted_is_read_as_it_is_written() -> None:
    assert permits(permit_words(Permits(final_use=False, fine_tuning=True))) == Permits(
        final_use=False, fine_tuning=True
    )


# ---- Decisions


def test_what_was_asked_is_decided_under_its_id_and_its_history_is_kept(scanner: Scanner) -> None:
    add(scanner, "--status", "pending", "--shot", "010")

    told = scanner("approval", "decide", "ESC-1", "--status", "approved", "--approver", "J. Okafor", "--by", "kim")

    assert "ESC-1 is written down: approved" in told.stdout
    with scanner.store() as store:
        kept = store.approval("ESC-1")
    assert (kept.status, kept.approver, kept.scope.shots) == (ApprovalStatus.APPROVED, "J. Okafor", ("010",))
    assert kept.decided_at is not None
    versions = scanner.json("approval", "show", "ESC-1", "--history")["versions"]
    assert [each["said"]["status"] for each in versions] == ["pending", "approved"]
    assert "version 2, " in scanner("approval", "show", "ESC-1", "--history").stdout


def test_a_decision_that_cannot_stand_is_refused(scanner: Scanner) -> None:
    add(scanner, "--status", "pending", "--shot", "010")

    with pytest.raises(RegisterInputError, match="must say who approved it"):
        scanner("approval", "decide", "ESC-1", "--status", "approved", "--by", "kim")


# ---- Documents


def test_a_document_that_is_here_is_known_by_its_bytes(scanner: Scanner, tmp_path: Path) -> None:
    document = tmp_path / "ESC-1.pdf"
    document.write_bytes(b"agreed")
    add(scanner, *APPROVED, "--shot", "010", "--document", str(document))
    add(scanner, *APPROVED, "--shot", "010", "--document", "box://ESC-2.pdf", name="ESC-2")

    whole = scanner.process("approval", "check")
    document.write_bytes(b"agreed, and more")
    altered = scanner.process("approval", "check")
    with scanner.store() as store:
        found = store.approval("ESC-1")
    document.write_bytes(b"agreed")
    again = scanner.process("approval", "check", "ESC-1")
    document.unlink()
    gone = scanner.process("approval", "check")

    assert (whole.returncode, whole.stdout) == (0, "1 document registered: 1 as it was.\n")
    assert (altered.returncode, "is altered" in altered.stdout) == (1, True)
    assert found.terms.document_altered_at is not None
    assert (again.returncode, gone.returncode, "is not here" in gone.stdout) == (0, 0, True)
    with scanner.store() as store:
        assert store.approval("ESC-1").terms.document_altered_at is None


# ---- A scan says of which episode and where it is shown


def test_an_approval_for_an_episode_clears_it_where_it_is_known_to_be(scanner: Scanner, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png", 5)
    scanner("provenance", "add", path, "--tool", "Runway", "--use", "final")
    add(scanner, *APPROVED, "--season", "1", "--episode", "104", "--territory", "US")
    shown = ("--season", "1", "--episode", "4", "--territory")

    outcomes = [
        json.loads(scanner("scan", path, *options, "--format", "json").stdout)["outcome"]
        for options in ((), (*shown, "US-NY"), (*shown, "US", "--territory", "DE"), (*shown[:3], "5", *shown[4:], "US"))
    ]

    assert outcomes == ["quarantine", "pass", "quarantine", "quarantine"]
