"""`scanner escalation draft`: the request for written approval, as text, page and JSON, ready to be sent."""

import json
import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.model import (
    AiUse,
    Answer,
    Consent,
    ConsentKind,
    Deployment,
    ElementKind,
    Paper,
    PaperContent,
    PaperKind,
    Particulars,
    Person,
    Principles,
    Prominence,
    Realism,
    Socialised,
    Step,
    SubjectType,
    Talent,
    TalentUse,
    Tool,
    UnionImpact,
)
from scanner.pipeline import handle
from tests.studio import TITLE, Home, call

SHOWS = "temp_in_final.mov"
USED = datetime(2026, 11, 1, tzinfo=UTC)
PROMPT = "b" * 64
SAID = Particulars(
    episode="101",
    element_kind=ElementKind.PERFORMANCE,
    ai_use=AiUse.GENERATED,
    prominence=Prominence.PROMINENT,
    steps=(
        Step(
            number=1,
            tool_id="runway",
            tool_version="4",
            model="gen-4",
            used_from=USED,
            operator="Ada",
            prompt_sha256=PROMPT,
            prompt_names=("Banksy",),
        ),
        Step(number=2, tool_id="unheard of"),
    ),
    principles=Principles(p1=Answer.YES, p2=Answer.UNSURE, p3=Answer.YES, p4=Answer.NO, p5=Answer.NO),
    socialised=Socialised(with_whom="Sam <the contact>", at=USED),
    talent=(
        Talent(performer_id="lena", use=TalentUse.REPLICA_EMPLOYMENT, living=True, consent_ids=("C-1",)),
        Talent(performer_id="max", use=TalentUse.VOICE, living=True),
    ),
    realism=Realism(could_mislead=Answer.NO),
    union_impact=UnionImpact(affected=True, role="stunt performer"),
)
TOOL = Tool(
    tool_id="runway",
    vendor="Runway",
    product="Gen-4",
    deployment=Deployment.CONSUMER,
    licence_tier="Pro",
    terms_reviewed_at=USED,
)
CONSENT = Consent(
    consent_id="C-1",
    subject_id="lena",
    subject_type=SubjectType.PERFORMER,
    consent_kind=ConsentKind.REPLICA,
    title=TITLE,
    use_description="the flight over the storm",
    signed_at=USED - timedelta(days=9),
)
GRACE = Person(person_id="grace", name="Grace Hopper", role="Post executive", may=("approve",), titles=(TITLE,))
ELSEWHERE = Person(person_id="edith", name="Edith Clarke", may=("approve",), titles=("Another",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """A studio with a delivery that shows a registered element; the ids of both, and of a record that says nothing."""

    home: Home
    record: str
    bare: str
    delivery: str

    def draft(self, *more: str | Path, of: str | None = None) -> Any:
        return call("escalation", "draft", of or self.record, "--by", "Ada", *more, cwd=self.home.folder)

    def said(self, *more: str, of: str | None = None) -> str:
        done = self.draft(*more, of=of)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    def object(self, *more: str, of: str | None = None) -> dict[str, Any]:
        return dict(json.loads(self.said("--format", "json", *more, of=of)))

    def put(self, kind: PaperKind, paper_id: str, content: PaperContent) -> None:
        with self.home.store() as store:
            store.put_papers([Paper(kind=kind, paper_id=paper_id, content=content)], by="a test", at=USED)


@pytest.fixture(scope="module")
def told(filled_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Stocked:
    """To read only."""
    folder = tmp_path_factory.mktemp("escalation") / "studio"
    shutil.copytree(filled_home.folder, folder)
    home = Home(folder=folder)
    taken = home.take(SHOWS)
    with home.open() as studio:
        handle(studio, taken)
        found = studio.kept.delivery(taken).verdict
        assert found is not None
        (record,) = {each.asset.record_id for each in found.findings if each.asset}
        bare = next(each.record_id for each in studio.kept.records() if each.record_id != record)
    made = Stocked(home=home, record=record, bare=bare, delivery=taken)
    made.put(PaperKind.RECORD, record, SAID)
    made.put(PaperKind.TOOL, "runway", TOOL)
    made.put(PaperKind.CONSENT, "C-1", CONSENT)
    made.put(PaperKind.PERSON, "grace", GRACE)
    made.put(PaperKind.PERSON, "edith", ELSEWHERE)
    return made


# ---- What it says


def test_it_asks_for_every_trigger_by_its_clause(told: Stocked) -> None:
    made = told.object("--delivery", told.delivery)

    asked = {each["trigger"]: each for each in made["triggers"]}
    assert (made["action"], made["use_case"]) == ("escalate", "talent replication")
    assert set(asked) == {"P2", "P4", "P5", "2b", "3a", "talent_likeness", "2a", "4b", "final_deliverable"}
    assert '"Always escalate" 3 (talent)' in asked["3a"]["clause"]
    assert all(each["open"] for each in asked.values())
    assert asked["2b"]["lead"]


def test_it_says_where_it_was_found(told: Stocked) -> None:
    (place,) = told.object("--delivery", told.delivery)["places"]

    assert place == {"member": SHOWS, "timecode_in": "01:00:01:06", "timecode_out": "01:00:02:18"}


def test_it_names_the_consents_that_there_are_and_those_that_are_missing(told: Stocked) -> None:
    lena, max_ = told.object("--delivery", told.delivery)["consents"]

    assert (lena["consent_id"], lena["missing"]) == ("C-1", [])
    assert (max_["performer_id"], max_["consent_id"], max_["needed"]) == ("max", None, True)


def test_the_text_says_all_of_it(told: Stocked) -> None:
    text = told.said("--delivery", told.delivery)

    assert text.startswith(f"Subject: Request for written approval of AI use: {TITLE}, DEMO_101_020_040\n")
    flat = re.sub(r"\s+", " ", text)
    for words in (
        "To: Grace Hopper (Post executive)",
        "From: Ada",
        "Meant: for use (final)",
        "Use case: talent replication (stop: escalate)",
        f"{SHOWS}: 01:00:01:06 to 01:00:02:18",
        "P2: tools do not store, reuse or train: unsure",
        "Step 1: runway 4; model gen-4",
        "Gen-4 of Runway, consumer; tier Pro; terms reviewed 2026-11-01",
        "unheard of: not on record: its terms are not known",
        "consent: C-1 (replica, signed 2026-10-23): the flight over the storm",
        "consent MISSING: none is named",
        "Union work: affected (stunt performer): no agreement is recorded",
        "Socialised: with Sam <the contact>, 2026-11-01",
        "DECISION",
    ):
        assert words in flat
    assert all(len(line) <= 78 for line in text.splitlines() if "SHA-256" not in line and "Subject" not in line)


def test_the_page_shows_the_found_and_the_registered_frame(told: Stocked) -> None:
    page = told.said("--delivery", told.delivery, "--format", "html")

    assert page.count("data:image/jpeg;base64,") == 2
    assert "Sam &lt;the contact&gt;" in page
    assert not re.search(r"<script|https?://", page)


def test_prompts_are_never_in_it(told: Stocked) -> None:
    for form in ("text", "html", "json"):
        said = told.said("--delivery", told.delivery, "--format", form)
        assert PROMPT not in said
        assert "Banksy" not in said


def test_who_is_asked_may_be_named(told: Stocked) -> None:
    assert told.object("--to", "Legal", "--to", "Casting")["asked_of"] == ["Legal", "Casting"]


# ---- Without a delivery, and of other records


def test_without_a_delivery_it_shows_what_is_registered(told: Stocked) -> None:
    made = told.object()

    assert (made["delivery_id"], made["places"], made["pictures"], made["final"]) == (None, [], 1, False)
    assert "final_deliverable" not in {each["trigger"] for each in made["triggers"]}
    assert told.said("--format", "html").count("data:image/jpeg;base64,") == 1


def test_a_record_that_says_nothing_asks_for_everything(told: Stocked) -> None:
    text = told.said(of=told.bare)

    assert "P1: principle 1 was not answered, which counts as no." in text
    assert "its steps are not recorded" in re.sub(r"\s+", " ", text)


def test_where_only_telling_is_asked_for_it_is_a_notice(stocked: Home) -> None:
    with stocked.store() as store:
        record = next(iter(store.records())).record_id
    yes = Principles(p1=Answer.YES, p2=Answer.YES, p3=Answer.YES, p4=Answer.YES, p5=Answer.YES)
    mock_up = Stocked(home=stocked, record=record, bare=record, delivery="")
    mock_up.put(PaperKind.RECORD, record, Particulars(principles=yes))

    text = mock_up.said()

    assert text.startswith("Subject: Notice of AI use")
    assert "no approval is asked" in re.sub(r"\s+", " ", text)
    assert "DECISION" not in text

    mock_up.put(PaperKind.RECORD, record, replace(SAID, ai_use=AiUse.NONE))
    done = mock_up.draft()
    assert (done.returncode, "no AI was used" in done.stderr) == (3, True)


def test_what_an_approval_answers_is_not_asked_again(stocked: Home) -> None:
    taken = stocked.take("approved_titles.mov")
    with stocked.open() as studio:
        handle(studio, taken)
        (record,) = studio.kept.records_by_id(
            {each.asset.record_id for each in studio.kept.delivery(taken).verdict.findings if each.asset}  # type: ignore[union-attr]
        )
    titles = Stocked(home=stocked, record=record, bare=record, delivery=taken)
    yes = Principles(p1=Answer.YES, p2=Answer.YES, p3=Answer.YES, p4=Answer.NO, p5=Answer.YES)
    titles.put(
        PaperKind.RECORD,
        record,
        Particulars(element_kind=ElementKind.PROP, prominence=Prominence.INCIDENTAL, principles=yes),
    )

    made = titles.object("--delivery", taken)

    assert {each["trigger"]: each["open"] for each in made["triggers"]} == {"P4": False, "final_deliverable": False}
    assert [each["approval_id"] for each in made["approvals"]] == ["ESC-7"]
    assert "nothing: all is approved" in titles.said("--delivery", taken)


# ---- Files, and what cannot be


def test_it_is_written_as_text_and_page(told: Stocked, tmp_path: Path) -> None:
    done = told.draft("--delivery", told.delivery, "--out", tmp_path / "requests")

    written = sorted((tmp_path / "requests").iterdir())
    assert done.stdout.split() == [str(path) for path in sorted(written, key=lambda path: path.suffix, reverse=True)]
    assert [path.suffix for path in written] == [".html", ".txt"]
    assert all(told.record in path.name for path in written)


def test_one_form_is_written_where_one_is_named(told: Stocked, tmp_path: Path) -> None:
    told.draft("--format", "json", "--out", tmp_path)

    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text())["record_id"] == told.record


@pytest.mark.parametrize(
    ("more", "of", "said"),
    [
        ((), "rec-unknown", "rec-unknown"),
        (("--delivery", "unknown"), None, "unknown"),
        (("--format", "pdf"), None, "pdf"),
    ],
)
def test_what_is_not_there_is_said(told: Stocked, more: tuple[str, ...], of: str | None, said: str) -> None:
    done = told.draft(*more, of=of)

    assert (done.returncode, said in done.stderr) == (3, True)


def test_a_delivery_that_shows_nothing_of_it_is_said(told: Stocked) -> None:
    done = told.draft("--delivery", told.delivery, of=told.bare)

    assert (done.returncode, "shows nothing of" in done.stderr) == (3, True)


def test_a_folder_that_cannot_be_written_is_said(told: Stocked, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    done = told.draft("--out", tmp_path / "taken" / "below")

    assert (done.returncode, "cannot be written" in done.stderr) == (3, True)
