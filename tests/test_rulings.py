"""Rulings that move nothing, second persons, waivers and their end, and what rulings teach."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from scanner.errors import RulingError
from scanner.judging_again import due, judge_again
from scanner.model import (
    ApprovalStatus,
    Code,
    Lesson,
    Outcome,
    Ruling,
    RulingAction,
    RulingTerms,
    Stage,
    Tampered,
    Unreadable,
    Use,
    Verified,
    Waived,
    Waiver,
)
from scanner.pipeline import handle, rule
from scanner.policy.judge import judge
from scanner.releasing import Grounds
from scanner.report.quarantine import ruling_words
from scanner.report.standing import Standing, standing_of, waits_on
from scanner.rulings import needs_second
from scanner.studio import Studio
from scanner.teaching import teach
from tests.policy.builders import NOON, POLICY, case, look_alike, record, seen, tag

from .studio import TITLE, Home, call, new_home
from .test_judging_again import approved, delivered, entered, the_one

SKY, OTHER = 3, 4
NAME, MARKED = "copy.jpg", "comfyui.png"
BY = ("--by", "Ada Lovelace", "--role", "post supervisor", "--reason", "looked at it")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio with a registered picture, a copy of it in quarantine, and a file with marks of its own."""
    home = new_home(tmp_path_factory.mktemp("before") / "studio")
    with home.open() as studio:
        entered(studio, home.folder, SKY)
        delivered(home, studio, NAME, SKY)
        handle(studio, home.take(MARKED))
    return home


@pytest.fixture
def home(before: Home, tmp_path: Path) -> Home:
    shutil.copytree(before.folder, tmp_path / "studio")
    return Home(folder=tmp_path / "studio")


@pytest.fixture
def studio(home: Home) -> Iterator[Studio]:
    with home.open() as opened:
        yield opened


def ruled(studio: Studio, home: Home, action: RulingAction, *, name: str = NAME, **given: object) -> Ruling:
    """Carry out a ruling on a delivery; `given` goes to its terms but for `approval`."""
    approval = given.pop("approval", None)
    ruling = Ruling(
        action=action,
        by="Ada",
        reason="looked at it",
        approval=approval,  # type: ignore[arg-type]
        terms=RulingTerms(**given),  # type: ignore[arg-type]
        at=studio.now(),
    )
    rule(studio, the_one(home, name).delivery.delivery_id, ruling)
    return ruling


def waived(studio: Studio, home: Home, *codes: str, until: datetime | None = None, name: str = NAME) -> None:
    ruled(studio, home, RulingAction.WAIVE, name=name, waiver=Waiver(codes=codes, until=until))


def rejudged(studio: Studio) -> None:
    for delivery_id in due(studio):
        judge_again(studio, delivery_id)


def with_second(studio: Studio) -> None:
    standards = replace(studio.policy.standards, second_person_for=frozenset({Outcome.QUARANTINE}))
    studio.policy = replace(studio.policy, standards=standards)


# ---- What moves nothing


@pytest.mark.parametrize("action", [RulingAction.KEEP, RulingAction.ESCALATE])
def test_a_ruling_that_moves_nothing_is_written_down_and_no_more(
    home: Home, studio: Studio, action: RulingAction
) -> None:
    was = the_one(home)

    ruled(studio, home, action, approval="ESC-9")

    now = the_one(home)
    assert (now.stage, now.place, now.verdict) == (was.stage, was.place, was.verdict)
    assert [each.action for each in now.rulings] == [action]
    assert Path(str(now.place)).exists()
    assert isinstance(studio.kept.audit.verify(), Verified)


def test_what_is_kept_waits_for_nobody_and_no_approval_releases_it(home: Home, studio: Studio) -> None:
    ruled(studio, home, RulingAction.KEEP)
    approved(studio)

    rejudged(studio)

    kept = the_one(home)
    assert (standing_of(kept), kept.stage, standing_of(kept).waits) == (Standing.KEPT, Stage.CARRIED_OUT, False)
    assert kept.verdict is not None
    assert kept.verdict.outcome is Outcome.QUARANTINE


def test_what_is_kept_can_still_be_released_by_another_ruling(home: Home, studio: Studio) -> None:
    ruled(studio, home, RulingAction.KEEP)

    ruled(studio, home, RulingAction.RELEASE)

    now = the_one(home)
    assert (now.stage, standing_of(now)) == (Stage.RULED, Standing.RULED)
    assert (home / "cleared" / NAME).exists()


def test_what_was_escalated_waits_on_the_approver_and_goes_on_when_approved(home: Home, studio: Studio) -> None:
    approved(studio, status=ApprovalStatus.PENDING)
    ruled(studio, home, RulingAction.ESCALATE, approval="ESC-1")
    assert waits_on(the_one(home)) == "the approver of ESC-1"

    approved(studio, name="ESC-2")
    rejudged(studio)

    assert (home / "cleared" / NAME).exists()


def test_nothing_more_is_ruled_on_what_has_gone_on(home: Home, studio: Studio) -> None:
    ruled(studio, home, RulingAction.RELEASE)

    with pytest.raises(RulingError, match="was ruled on"):
        ruled(studio, home, RulingAction.KEEP)


# ---- Second persons


def test_the_policy_may_ask_for_a_second_person(home: Home, studio: Studio) -> None:
    with_second(studio)

    with pytest.raises(RulingError, match="second person to release what is quarantined: name one with --second"):
        ruled(studio, home, RulingAction.RELEASE)
    with pytest.raises(RulingError, match="cannot be the second person"):
        ruled(studio, home, RulingAction.RELEASE, second=" ADA ")
    assert the_one(home).rulings == ()

    ruled(studio, home, RulingAction.RELEASE, second="Grace", second_role="legal", role="post")
    (ruling,) = the_one(home).rulings
    assert "by Ada (post) and Grace (legal)" in ruling_words(ruling)


@pytest.mark.parametrize("action", RulingAction)
def test_a_second_person_is_needed_for_what_may_go_on(home: Home, studio: Studio, action: RulingAction) -> None:
    with_second(studio)

    assert needs_second(studio, the_one(home), action) is (action in (RulingAction.RELEASE, RulingAction.WAIVE))


# ---- Waivers


def test_waived_findings_stay_and_say_who_and_the_rest_decides(home: Home, studio: Studio) -> None:
    waived(studio, home, Code.AI_LOOK_ALIKE, until=studio.now() + timedelta(days=1))

    rejudged(studio)

    now = the_one(home)
    assert now.verdict is not None
    (finding,) = [each for each in now.verdict.findings if each.code is Code.AI_LOOK_ALIKE]
    assert (finding.outcome, "Waived by Ada on" in finding.message) == (Outcome.PASS, True)
    assert (now.verdict.outcome, (home / "cleared" / NAME).exists()) == (Outcome.PASS, True)
    assert isinstance(studio.kept.audit.verify(), Verified)


def test_a_waiver_that_has_ended_is_noticed_and_counts_no_more(home: Home, studio: Studio) -> None:
    home.set(('releases = "by-themselves"', 'releases = "a-person"'))
    studio.settings = home.settings
    ends = studio.now() + timedelta(hours=1)
    waived(studio, home, Code.AI_LOOK_ALIKE, until=ends)
    rejudged(studio)
    passing = the_one(home)
    assert passing.verdict is not None
    assert (passing.stage, passing.verdict.outcome) == (Stage.JUDGED_AGAIN, Outcome.PASS)

    judging, before = studio.kept.judging, Grounds.of(studio)
    after = replace(before, waived=judging.waived(ends))
    name = passing.delivery.delivery_id
    whole = studio.case(passing.delivery, studio.kept.evidence(name), studio.kept.register_state(ends))

    assert judging.standing(ends) != judging.standing(studio.now())
    assert not before.have_changed_since(passing.verdict, TITLE)
    assert after.have_changed_since(passing.verdict, TITLE)
    assert judge(replace(whole, at=ends), studio.policy).outcome is Outcome.QUARANTINE


def test_a_waiver_reaches_only_what_was_found_when_it_was_given(home: Home, studio: Studio) -> None:
    waived(studio, home, Code.AI_LOOK_ALIKE)

    (ruling,) = the_one(home).rulings
    assert ruling.terms.waiver is not None
    assert ruling.terms.waiver.members == (NAME,)
    assert len(ruling.terms.waiver.assets) == 1


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (("AI-NOTHING",), "is no code"),
        (("REGISTER-OUT-OF-REACH",), "cannot be waived"),
        (("TALENT-NO-CONSENT",), "has no finding of"),
        ((), "name codes"),
    ],
)
def test_what_cannot_be_waived_is_refused(home: Home, studio: Studio, codes: tuple[str, ...], told: str) -> None:
    with pytest.raises(RulingError, match=told):
        waived(studio, home, *codes)

    assert the_one(home).rulings == ()


def test_what_could_not_be_looked_at_is_waived_to_a_flag() -> None:
    unread = seen(Unreadable(source="file", reason="cut short"))
    waiver = Waived(waiver=Waiver(codes=(Code.UNREADABLE,)), by="Ada", role=None, reason="seen", at=NOON)

    verdict = judge(case(unread, waived=(waiver,)), POLICY)

    assert verdict.outcome is Outcome.FLAG


@pytest.mark.parametrize(
    ("waiver", "reached"),
    [
        (Waiver(codes=("AI-LOOK-ALIKE",)), True),
        (Waiver(codes=("AI-LOOK-ALIKE",), until=NOON), False),
        (Waiver(codes=("AI-GENERATOR",)), False),
        (Waiver(codes=("AI-LOOK-ALIKE",), members=("other.mov",)), False),
        (Waiver(codes=("AI-LOOK-ALIKE",), assets=("asset-9",)), False),
    ],
)
def test_a_waiver_reaches_what_it_names_until_its_end(waiver: Waiver, *, reached: bool) -> None:
    given = Waived(waiver=waiver, by="Ada", role="post", reason="seen", at=NOON - timedelta(days=1))
    whole = case(seen(look_alike(), tag()), waived=(given,), records={"record-1": record()})

    found = {each.code: each.outcome for each in judge(whole, POLICY).findings}

    assert (found[Code.AI_LOOK_ALIKE] is Outcome.PASS) is reached
    assert (found[Code.AI_GENERATOR] is Outcome.PASS) is ("AI-GENERATOR" in waiver.codes)


def test_terms_of_a_ruling_that_were_changed_by_hand_are_found(home: Home, studio: Studio) -> None:
    ruled(studio, home, RulingAction.KEEP, role="post", second="Grace")

    with studio.kept._database.writing() as connection:
        connection.execute(text("update rulings set terms = replace(terms, 'Grace', 'Ada')"))

    assert isinstance(studio.kept.audit.verify(), Tampered)


# ---- What rulings teach


def lesson(studio: Studio, home: Home, action: RulingAction, taught: Lesson | None, name: str) -> tuple[str, ...]:
    terms = RulingTerms(lesson=taught)
    ruling = Ruling(action=action, by="Ada", reason="a slate", terms=terms, at=studio.now())
    whole = studio.kept.delivery(the_one(home, name).delivery.delivery_id)
    return teach(studio, whole, ruling)


def test_a_ruling_teaches_nothing_unless_it_says_so(home: Home, studio: Studio) -> None:
    assert lesson(studio, home, RulingAction.RELEASE, None, NAME) == ()


def test_what_was_found_can_be_known_to_be_good_from_then_on(home: Home, studio: Studio) -> None:
    (record_id,) = lesson(studio, home, RulingAction.RELEASE, Lesson.KNOWN_GOOD, NAME)

    good = studio.kept.record(record_id)
    assert (good.use, good.title, "a slate" in str(good.note)) == (Use.KNOWN_GOOD, TITLE, True)


def test_what_says_itself_that_it_is_ai_can_be_registered_from_then_on(home: Home, studio: Studio) -> None:
    (record_id,) = lesson(studio, home, RulingAction.KEEP, Lesson.STRICTER, MARKED)

    found = studio.kept.record(record_id)
    assert (found.use, found.title, found.tool) == (Use.TEMPORARY, TITLE, "ComfyUI")


@pytest.mark.parametrize(
    ("action", "taught", "name", "told"),
    [
        (RulingAction.RELEASE, Lesson.STRICTER, MARKED, "only to keep or escalate"),
        (RulingAction.KEEP, Lesson.KNOWN_GOOD, NAME, "only to release or waive"),
        (RulingAction.RELEASE, Lesson.KNOWN_GOOD, MARKED, "nothing to be known as good"),
        (RulingAction.KEEP, Lesson.STRICTER, NAME, "nothing to be registered"),
    ],
)
def test_what_cannot_be_taught_is_refused(
    home: Home, studio: Studio, action: RulingAction, taught: Lesson, name: str, told: str
) -> None:
    with pytest.raises(RulingError, match=told):
        lesson(studio, home, action, taught, name)


# ---- The command line


def test_the_commands_rule_and_say_what_they_did(home: Home) -> None:
    name = the_one(home).delivery.delivery_id
    kept = call("quarantine", "keep", name, *BY, cwd=home.folder)
    listed = call("quarantine", "list", cwd=home.folder)
    shown = call("quarantine", "show", name, cwd=home.folder)
    waived = call("quarantine", "waive", name, "--code", "AI-LOOK-ALIKE", "--until", "2099-01-01", *BY, cwd=home.folder)

    assert (kept.returncode, kept.stdout.startswith("Kept at ")) == (0, True), kept.stderr
    assert "kept by Ada Lovelace: looked at it" in listed.stdout
    assert "keep by Ada Lovelace (post supervisor)" in shown.stdout
    assert (waived.returncode, waived.stdout) == (0, f"Waived. It is passed now, at {home / 'cleared' / NAME}\n")


def test_an_escalation_must_be_registered(home: Home) -> None:
    name = the_one(home).delivery.delivery_id

    assert call("quarantine", "escalate", name, *BY, cwd=home.folder).returncode == 3
    assert call("quarantine", "escalate", name, *BY, "--approval", "ESC-none", cwd=home.folder).returncode == 3
    assert the_one(home).rulings == ()


def test_a_second_person_is_asked_for_only_at_a_terminal(home: Home) -> None:
    policy = home / "policy.toml"
    written = policy.read_text(encoding="utf-8")
    policy.write_text(written.replace("second_person_for = []", 'second_person_for = ["quarantine"]'), encoding="utf-8")
    name = the_one(home).delivery.delivery_id

    alone = call("quarantine", "release", name, *BY, cwd=home.folder)
    both = call("quarantine", "release", name, *BY, "--second", "Grace", cwd=home.folder)

    assert (alone.returncode, "--second" in alone.stderr, both.returncode) == (3, True, 0)
