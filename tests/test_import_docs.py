"""What docs/import.md shows can be imported as it stands."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.cli.init import make_studio
from scanner.importing import import_approvals, import_records
from scanner.intake.approval_forms import APPROVAL_COLUMNS
from scanner.intake.forms import RECORD_COLUMNS
from scanner.settings import read_settings
from scanner.studio import Studio
from tests.media_files import clip, sequence, still

DOCUMENT = (Path(__file__).parents[1] / "docs" / "import.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(csv|json) (provenance|approval)\n(.*?)```", DOCUMENT, re.DOTALL)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_there_are_examples_of_both_in_both_forms() -> None:
    assert {(form, what) for form, what, _ in EXAMPLES} == {
        (form, what) for form in ("csv", "json") for what in ("provenance", "approval")
    }


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, what, text in EXAMPLES if what == "provenance"])
def test_every_example_of_records_can_be_imported(tmp_path: Path, form: str, text: str) -> None:
    sequence(tmp_path / "plates", 1, 2, 3)
    still(tmp_path / "plates" / "sky.png")
    clip(tmp_path / "plates" / "rain.mp4")
    (tmp_path / f"list.{form}").write_text(text, encoding="utf-8")

    with Studio.open(read_settings(make_studio(tmp_path / "studio", title="AGM"))) as studio:
        registered = import_records(studio, tmp_path / f"list.{form}", by="kim")

    assert len(registered) > 1
    assert all(result.new for result in registered)


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, what, text in EXAMPLES if what == "approval"])
def test_every_example_of_approvals_can_be_imported(tmp_path: Path, form: str, text: str) -> None:
    (tmp_path / f"list.{form}").write_text(text, encoding="utf-8")

    with Studio.open(read_settings(make_studio(tmp_path / "studio", title="AGM"))) as studio:
        results = import_approvals(studio.kept, tmp_path / f"list.{form}", at=NOON)

    assert [new for _, new in results] == [True, True]


@pytest.mark.parametrize(("heading", "columns"), [("Provenance", RECORD_COLUMNS), ("Approvals", APPROVAL_COLUMNS)])
def test_every_column_is_explained(heading: str, columns: tuple[str, ...]) -> None:
    section = DOCUMENT.split(f"## {heading}")[1].split("\n## ")[0]

    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == sorted(columns)
