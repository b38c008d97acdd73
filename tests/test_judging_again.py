"""What is kept back is judged again when an approval, the register, the policy or the time has changed."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scanner import judging_again, pipeline
from scanner.errors import CustodyError
from scanner.fingerprint.names import VERSION
from scanner.judging_again import due, judge_again, standing
from scanner.looking_back import is_recall_due, recall_meanwhile, recall_now
from scanner.model import (
    Approval,
    ApprovalStatus,
    Case,
    Code,
    DeliveryRecord,
    DropClass,
    LookAlike,
    Outcome,
    Policy,
    RecallReason,
    RulingAction,
    Scope,
    Stage,
    Use,
    Verdict,
)
from scanner.pipeline import handle, rule
from scanner.registering import Registered, register
from scanner.releasing import carry_out_again
from scanner.report.quarantine import waits_for_release
from scanner.report.standing import Standing, standing_of, waits_on
from scanner.studio import Studio

from .media_files import still
from .store.conftest import postgresql_server, postgresql_url
from .studio import TITLE, Home, call, eventually, new_home, ruling, sha256

__all__ = ["postgresql_server", "postgresql_url"]

SKY, OTHER, UNKNOWN = 3, 4, 5
NAME = "copy.jpg"
GENERATED = "comfyui.png"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio that has a picture registered, and a copy of it in quarantine. To copy only."""
    home = new_home(tmp_path_factory.mktemp("before") / "studio")
    with home.open() as studio:
        entered(studio, home.folder, SKY)
        delivered(home, studio, NAME, SKY)
    return home


@pytest.fixture
def home(before: Home, tmp_path: Path) -> Home:
    shutil.copytree(before.folder, tmp_path / "studio")
    return Home(folder=tmp_path / "studio")


@pytest.fixture
def studio(home: Home) -> Iterator[Studio]:
    with home.open() as opened:
        yield opened


def delivered(home: Home, studio: Studio, name: str, seed: int, **given: DropClass) -> str:
    """Deliver a picture, and take it to its end."""
    delivery_id = home.onto_bench(still(home / "drop" / name, seed), **given)
    handle(studio, delivery_id)
    return delivery_id


def entered(studio: Studio, folder: Path, seed: int, *, use: Use = Use.TEMPORARY) -> str:
    """Register a picture; its record's id."""
    (result,) = register(studio, still(folder / f"{seed}.png", seed), title=TITLE, tool="Runway", use=use, by="kim")
    assert isinstance(result, Registered)
    return result.record.record_id


def record_id(studio: Studio) -> str:
    return studio.kept.records()[0].record_id


def approved(studio: Studio, *, name: str = "ESC-1", **given: object) -> Approval:
    """Register an approval of the registered picture."""
    values = {
        "approval_id": name,
        "title": TITLE,
        "status": ApprovalStatus.APPROVED,
        "scope": Scope(records=(record_id(studio),)),
        "approver": "Robin",
        "created_at": studio.now(),
    }
    return studio.kept.add_approval(Approval(**values | given))[0]  # type: ignore[arg-type]


def revoked(studio: Studio, name: str = "ESC-1") -> None:
    studio.kept.revoke(name, by="Robin", reason="the talent said no", at=studio.now())


def judged(studio: Studio) -> dict[str, Verdict | None]:
    """Judge all that is due, as the daemon does."""
    return {delivery_id: judge_again(studio, delivery_id) for delivery_id in due(studio)}


def the_one(home: Home, name: str = NAME) -> DeliveryRecord:
    return home.record(name)


def outcome(record: DeliveryRecord) -> Outcome:
    assert record.verdict is not None
    return record.verdict.outcome


def policy(home: Home, *changes: tuple[str, str]) -> None:
    path = home / "policy.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def waiting(home: Home) -> None:
    home.set(('releases = "by-themselves"', 'releases = "a-person"'))


# ---- What is due


def test_nothing_is_due_while_nothing_changes(studio: Studio) -> None:
    first = standing(studio)

    assert (due(studio), standing(studio)) == ((), first)


CHANGES: dict[str, Callable[[Studio, Path], object]] = {
    "an approval": lambda studio, _: approved(studio),
    "a pending escalation": lambda studio, _: approved(studio, status=ApprovalStatus.PENDING),
    "a record": lambda studio, folder: entered(studio, folder, OTHER),
    "a record retired": lambda studio, _: studio.kept.retire(record_id(studio), by="a", reason="b", at=studio.now()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_the_register_changes_the_standing_and_makes_due(
    studio: Studio, tmp_path: Path, change: Callable[[Studio, Path], object]
) -> None:
    first = standing(studio)

    change(studio, tmp_path)

    assert standing(studio) != first
    assert len(due(studio)) == 1


def test_an_approval_for_another_title_makes_nothing_due(studio: Studio) -> None:
    approved(studio, title="Dusk")

    assert due(studio) == ()


def test_what_was_cleared_is_not_due(home: Home, studio: Studio) -> None:
    delivery_id = delivered(home, studio, "clean.jpg", UNKNOWN)
    approved(studio)

    assert delivery_id not in due(studio)


# ---- Approvals


def test_what_is_approved_later_goes_on_by_itself(home: Home, studio: Studio) -> None:
    bytes_before = home.bytes_in("quarantine")
    approved(studio)

    judged(studio)

    record = the_one(home)
    assert (outcome(record), record.stage, record.verdicts_before) == (Outcome.PASS, Stage.CARRIED_OUT, 1)
    assert record.place == str(home / "cleared" / NAME)
    assert home.bytes_in("cleared") == bytes_before


def test_the_new_verdict_cites_the_approval_and_keeps_the_pictures(home: Home, studio: Studio) -> None:
    shown = studio.kept.delivery(the_one(home).delivery.delivery_id).pictures
    approved(studio)

    (verdict,) = judged(studio).values()

    assert verdict is not None
    assert verdict.approvals_used == ("ESC-1",)
    assert studio.kept.delivery(verdict.delivery_id).pictures == shown != ()


def test_no_media_are_opened_for_an_approval(home: Home, studio: Studio) -> None:
    approved(studio)
    studio.pool.close()

    judged(studio)

    assert outcome(the_one(home)) is Outcome.PASS


def test_what_says_the_same_is_no_new_verdict(home: Home, studio: Studio, tmp_path: Path) -> None:
    entered(studio, tmp_path, OTHER)
    approved(studio, scope=Scope(file_patterns=("other*",)))
    before = home.files()

    assert list(judged(studio).values()) == [None]
    assert (the_one(home).verdicts_before, home.files()) == (0, before)


def test_a_pending_escalation_is_told_in_a_new_verdict_and_moves_nothing(home: Home, studio: Studio) -> None:
    approved(studio, status=ApprovalStatus.PENDING)

    judged(studio)

    record = the_one(home)
    assert record.verdict is not None
    assert Code.APPROVAL_NOT_YET in {finding.code for finding in record.verdict.findings}
    assert (record.stage, home.files("cleared")) == (Stage.CARRIED_OUT, {})
    assert "ESC-1" in (home.folder / "quarantine" / record.delivery.delivery_id / "verdict-2.txt").read_text()


def test_an_approval_that_begins_to_be_valid_releases(home: Home, studio: Studio) -> None:
    begins = studio.now() + timedelta(seconds=2)
    approved(studio, valid_from=begins)
    first = standing(studio)
    judged(studio)
    assert outcome(the_one(home)) is Outcome.QUARANTINE or studio.now() >= begins

    eventually(lambda: standing(studio) != first)
    judged(studio)

    assert outcome(the_one(home)) is Outcome.PASS


def test_an_approval_that_runs_out_keeps_back_what_waits(home: Home) -> None:
    waiting(home)
    with home.open() as studio:
        approved(studio, valid_to=studio.now() + timedelta(seconds=1))
        judged(studio)
        first = standing(studio)
        assert outcome(the_one(home)) is Outcome.PASS

        eventually(lambda: standing(studio) != first)
        judged(studio)

        record = the_one(home)
        assert (outcome(record), record.stage) == (Outcome.QUARANTINE, Stage.CARRIED_OUT)
        assert record.verdicts_before == 2


# ---- Records and policy


def test_what_waits_because_a_record_was_retired_is_quarantined_again_when_that_comes_back(home: Home) -> None:
    waiting(home)
    with home.open() as studio:
        name = record_id(studio)
        studio.kept.retire(name, by="kim", reason="by mistake", at=studio.now())
        judged(studio)
        assert outcome(the_one(home)) is Outcome.PASS

        studio.kept.reinstate(name, by="kim", reason="it was not", at=studio.now())
        judged(studio)

    record = the_one(home)
    assert (outcome(record), record.stage, home.files("cleared")) == (Outcome.QUARANTINE, Stage.CARRIED_OUT, {})


def test_what_looked_like_a_record_that_is_retired_goes_on(home: Home, studio: Studio) -> None:
    studio.kept.retire(record_id(studio), by="kim", reason="never AI", at=studio.now())

    judged(studio)

    assert list(home.bytes_in("cleared").values()) == [1]


def test_what_is_held_and_looks_like_what_is_registered_now_goes_to_quarantine(
    home: Home, studio: Studio, tmp_path: Path
) -> None:
    folder = home.folder / "drop" / "reel"
    folder.mkdir()
    still(folder / "shot.jpg", OTHER)
    (folder / "link").symlink_to("shot.jpg")
    delivery_id = home.onto_bench(folder)
    handle(studio, delivery_id)
    assert outcome(the_one(home, "reel")) is Outcome.HOLD
    entered(studio, tmp_path, OTHER)

    judged(studio)

    record = studio.kept.delivery(delivery_id)
    assert (outcome(record), record.stage) == (Outcome.QUARANTINE, Stage.CARRIED_OUT)
    assert record.place == str(home / "quarantine" / delivery_id / "payload" / "reel")
    assert (Path(record.place) / "shot.jpg").is_file()
    assert not (home / "held" / delivery_id / "payload" / "reel").exists()
    assert [picture.member for picture in record.pictures] == ["shot.jpg"]


def test_the_ends_to_the_frame_are_kept_without_a_look_at_the_media(stocked: Home, tmp_path: Path) -> None:
    with stocked.open() as studio:
        delivery_id = stocked.take("temp_in_final.mov")
        handle(studio, delivery_id)
        before = studio.kept.evidence(delivery_id)
        entered(studio, tmp_path, OTHER)
        approved(studio, scope=Scope(file_patterns=("temp*",)))
        studio.pool.close()

        judge_again(studio, delivery_id)

        assert studio.kept.evidence(delivery_id) == before
        places = [e.place for item in before for e in item.evidence if isinstance(e, LookAlike)]
        assert {place.accuracy_frames for place in places if place} == {0}
        assert stocked.bytes_in("cleared").total() == 1


def test_a_policy_that_was_changed_is_taken_up_and_judged_by(home: Home, studio: Studio) -> None:
    first = standing(studio)
    policy(home, ('AI-LOOK-ALIKE = "quarantine"', 'AI-LOOK-ALIKE = "flag"'))

    eventually(lambda: standing(studio) != first)
    judged(studio)

    assert outcome(the_one(home)) is Outcome.FLAG
    assert home.bytes_in("flagged").total() == 1


def test_a_policy_that_cannot_be_read_changes_nothing(
    home: Home, studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    first = standing(studio)
    policy(home, ('AI-LOOK-ALIKE = "quarantine"', 'AI-LOOK-ALIKE = "flog"'))

    assert [standing(studio) for _ in range(3)] == [first] * 3
    assert [entry.getMessage() for entry in caplog.records] == ["policy not taken up"]


# ---- Waiting for a person


def test_by_setting_what_passes_waits_for_a_person(home: Home) -> None:
    waiting(home)
    with home.open() as studio:
        files = home.bytes_in("quarantine")
        approved(studio)
        judged(studio)

        record = the_one(home)
        assert (outcome(record), record.stage) == (Outcome.PASS, Stage.JUDGED_AGAIN)
        assert (home.bytes_in("quarantine"), home.files("cleared")) == (files, {})
        assert due(studio) == ()


def test_what_waits_is_told_as_waiting(home: Home) -> None:
    waiting(home)
    with home.open() as studio:
        approved(studio)
        judged(studio)

    record = the_one(home)
    told = call("quarantine", "list", "--config", home.config, cwd=home.folder).stdout
    assert "passes since 20" in told
    assert told.rstrip().endswith("release it")
    assert str(waits_for_release(record)) in told
    assert (standing_of(record), waits_on(record).partition(":")[0]) == (Standing.HELD, "whoever may release it")


def test_a_person_releases_what_waits(home: Home) -> None:
    waiting(home)
    with home.open() as studio:
        approved(studio)
        judged(studio)
        delivery_id = the_one(home).delivery.delivery_id

        rule(studio, delivery_id, ruling(studio))

        assert the_one(home).stage is Stage.RULED
        assert home.bytes_in("cleared").total() == 1
        assert due(studio) == ()


def test_what_waits_goes_on_when_the_setting_is_changed(home: Home) -> None:
    waiting(home)
    with home.open() as studio:
        approved(studio)
        judged(studio)
    home.set(('releases = "a-person"', 'releases = "by-themselves"'))

    with home.open() as studio:
        judged(studio)

    assert home.bytes_in("cleared").total() == 1


def test_what_waits_is_not_searched_as_if_it_had_gone_on(home: Home) -> None:
    waiting(home)
    with home.open() as studio:
        approved(studio)
        judged(studio)
        revoked(studio)

        assert recall_now(studio) == 0


# ---- What is not released


def test_bytes_that_were_altered_stay_and_that_is_told(home: Home, studio: Studio) -> None:
    place = next((home / "quarantine").rglob(NAME))
    with place.open("r+b") as file:
        file.seek(100)
        file.write(b"\0\0\0\0")
    approved(studio)

    judged(studio)

    record = the_one(home)
    assert record.verdict is not None
    assert (outcome(record), record.stage) == (Outcome.QUARANTINE, Stage.CARRIED_OUT)
    assert "its bytes changed" in " ".join(finding.message for finding in record.verdict.findings)
    assert (home.files("cleared"), place.exists()) == ({}, True)


def test_what_was_altered_is_not_judged_by_what_it_was(home: Home, studio: Studio) -> None:
    next((home / "quarantine").rglob(NAME)).write_bytes(b"other")
    approved(studio)
    judged(studio)
    count = the_one(home).verdicts_before
    studio.kept.retire(record_id(studio), by="kim", reason="never AI", at=studio.now())

    assert list(judged(studio).values()) == [None]
    assert the_one(home).verdicts_before == count


def test_what_was_voided_on_the_bench_is_not_judged_by_what_was_examined(home: Home, studio: Studio) -> None:
    delivery_id = home.onto_bench(still(home / "drop" / "clean.jpg", UNKNOWN))
    seal = pipeline.receive(studio, delivery_id)
    pipeline.examine(studio, delivery_id, seal)
    pipeline.decide(studio, delivery_id)
    (home / "work" / delivery_id / "payload" / "clean.jpg").write_bytes(b"other")
    pipeline.carry_out(studio, delivery_id, seal)
    pipeline.close(studio, delivery_id)
    approved(studio)

    assert judged(studio)[delivery_id] is None
    assert outcome(studio.kept.delivery(delivery_id)) is Outcome.HOLD


@pytest.mark.parametrize("statement", [f"update examinations set version = {VERSION + 1}", "delete from examinations"])
def test_what_cannot_be_judged_from_what_is_stored_stays_and_that_is_told(
    home: Home, studio: Studio, statement: str, caplog: pytest.LogCaptureFixture
) -> None:
    with studio.kept._database.writing() as connection:
        connection.exec_driver_sql("delete from examination_features")
        connection.exec_driver_sql(statement)
    approved(studio)

    assert list(judged(studio).values()) == [None]
    assert [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"] == ["not judged again"]
    assert home.files("cleared") == {}


def test_what_was_not_seen_whole_does_not_go_on_by_itself(home: Home, studio: Studio) -> None:
    policy(home, ('UNREADABLE = "hold"', 'UNREADABLE = "flag"'), ('PARTLY-READ = "hold"', 'PARTLY-READ = "flag"'))
    delivery_id = home.onto_bench(home.write("half.jpg", (home.folder / f"{SKY}.png").read_bytes()[:2000]))
    handle(studio, delivery_id)
    assert outcome(studio.kept.delivery(delivery_id)) is Outcome.HOLD

    first = standing(studio)
    eventually(lambda: standing(studio) != first)

    assert judged(studio)[delivery_id] is None


@pytest.mark.parametrize("action", [RulingAction.RELEASE, RulingAction.RESTORE, RulingAction.KEEP])
def test_what_a_person_ruled_on_is_left_alone(home: Home, studio: Studio, action: RulingAction) -> None:
    delivery_id = delivered(home, studio, "ruled.jpg", SKY)
    rule(studio, delivery_id, ruling(studio, action))
    approved(studio)
    before = studio.kept.delivery(delivery_id)

    assert delivery_id not in due(studio)
    assert judge_again(studio, delivery_id) is None
    assert studio.kept.delivery(delivery_id) == before


def test_what_was_taken_away_by_hand_is_told_and_not_judged(
    home: Home, studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    next((home / "quarantine").rglob(NAME)).unlink()
    approved(studio)

    assert list(judged(studio).values()) == [None]
    assert "not judged again" in {entry.getMessage() for entry in caplog.records}


# ---- Cut short, done twice, done by two


def test_what_was_approved_while_it_was_on_the_bench_is_caught_up_with(home: Home, studio: Studio) -> None:
    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        result = step(*arguments)
        if name == "decide":
            approved(studio)
        return result

    delivery_id = home.onto_bench(still(home / "drop" / "late.jpg", SKY))
    handle(studio, delivery_id, run)  # type: ignore[arg-type]
    assert outcome(studio.kept.delivery(delivery_id)) is Outcome.QUARANTINE

    judge_again(studio, delivery_id)

    assert outcome(studio.kept.delivery(delivery_id)) is Outcome.PASS


def test_a_verdict_that_another_server_wrote_meanwhile_is_judged_by_what_is_newer(
    home: Home, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(studio)
    (delivery_id,) = due(studio)
    judge = judging_again.judge

    def overtaken(case: Case, by: Policy) -> Verdict:
        monkeypatch.undo()
        verdict = judge(case, by)
        with home.open() as other:
            judging_again.judged_again(other, delivery_id)
        revoked(studio)
        return verdict

    monkeypatch.setattr(judging_again, "judge", overtaken)

    judge_again(studio, delivery_id)

    record = the_one(home)
    assert (outcome(record), record.stage, record.verdicts_before) == (Outcome.QUARANTINE, Stage.CARRIED_OUT, 2)
    assert home.files("cleared") == {}


def test_every_step_may_be_repeated(home: Home, studio: Studio) -> None:
    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        first, *_ = [step(*arguments) for _ in range(3)]
        return first

    approved(studio)
    (delivery_id,) = due(studio)

    judge_again(studio, delivery_id, run)  # type: ignore[arg-type]

    record = the_one(home)
    assert (outcome(record), record.verdicts_before, home.files("drop", "work", "held")) == (Outcome.PASS, 1, {})
    assert (home.bytes_in("cleared").total(), list((home / "quarantine").rglob(NAME))) == (1, [])


def test_what_was_cut_short_before_it_moved_is_due_and_moves(home: Home, studio: Studio) -> None:
    approved(studio)
    (delivery_id,) = due(studio)
    judging_again.judged_again(studio, delivery_id)

    assert due(studio) == (delivery_id,)
    assert judge_again(studio, delivery_id) is None
    assert (the_one(home).stage, home.bytes_in("cleared").total()) == (Stage.CARRIED_OUT, 1)


def test_what_was_cut_short_after_it_moved_is_closed(home: Home, studio: Studio) -> None:
    approved(studio)
    (delivery_id,) = due(studio)
    judging_again.judged_again(studio, delivery_id)
    target = home / "cleared" / NAME
    studio.kept.judging.going(delivery_id, after=2, place=str(target))
    next((home / "quarantine").rglob(NAME)).rename(target)

    judge_again(studio, delivery_id)

    assert (the_one(home).stage, the_one(home).place) == (Stage.CARRIED_OUT, str(target))


@pytest.mark.parametrize("change", ["revoked", "something else"])
def test_a_verdict_of_before_releases_nothing(home: Home, studio: Studio, tmp_path: Path, change: str) -> None:
    approved(studio)
    (delivery_id,) = due(studio)
    judging_again.judged_again(studio, delivery_id)
    if change == "revoked":
        revoked(studio)
    else:
        entered(studio, tmp_path, OTHER)

    carry_out_again(studio, delivery_id)
    assert home.files("cleared") == {}

    judge_again(studio, delivery_id)
    expected = (Outcome.QUARANTINE, 0) if change == "revoked" else (Outcome.PASS, 1)
    assert (outcome(the_one(home)), home.bytes_in("cleared").total()) == expected
    assert the_one(home).stage is Stage.CARRIED_OUT


def test_a_place_that_was_taken_meanwhile_is_left_alone(home: Home, studio: Studio) -> None:
    approved(studio)
    (delivery_id,) = due(studio)
    judging_again.judged_again(studio, delivery_id)
    target = home / "cleared" / NAME
    studio.kept.judging.going(delivery_id, after=2, place=str(target))
    target.write_text("somebody else's")

    judge_again(studio, delivery_id)

    assert target.read_text() == "somebody else's"
    assert the_one(home).place == str(home / "cleared" / delivery_id / NAME)


def test_what_vanished_before_it_could_move_is_told(home: Home, studio: Studio) -> None:
    approved(studio)
    (delivery_id,) = due(studio)
    judging_again.judged_again(studio, delivery_id)
    next((home / "quarantine").rglob(NAME)).unlink()

    with pytest.raises(CustodyError, match="Look for it by hand"):
        judge_again(studio, delivery_id)


def test_two_servers_make_one_story(home: Home, studio: Studio) -> None:
    """The other one is through while this one still holds what it read."""
    approved(studio)
    (delivery_id,) = due(studio)
    first = studio.kept.delivery(delivery_id)
    assert first.verdict is not None

    with home.open() as other:
        judge_again(other, delivery_id)

    stale = replace(first.verdict, judged_at=studio.now())
    assert not studio.kept.judging.judged_again(stale, (), (), after=1, place="/elsewhere")
    assert not studio.kept.judging.going(delivery_id, after=2, place="/elsewhere")
    assert judge_again(studio, delivery_id) is None
    assert (the_one(home).verdicts_before, home.bytes_in("cleared").total()) == (1, 1)


# ---- What went on


def past(home: Home, studio: Studio) -> str:
    """Let the copy in quarantine go on with an approval, and have the past searched; its id."""
    approved(studio)
    (delivery_id,) = judged(studio)
    recall_now(studio)
    assert not is_recall_due(studio)
    return delivery_id


def test_a_revoked_approval_recalls_what_it_cleared(home: Home, studio: Studio) -> None:
    delivery_id = past(home, studio)
    before = home.files()

    revoked(studio)

    assert is_recall_due(studio)
    assert recall_now(studio) == 1
    (recall,) = studio.kept.recalls()
    assert (recall.delivery_id, recall.reason, recall.by) == (delivery_id, RecallReason.REVOKED, "Robin")
    assert recall.outcome is Outcome.QUARANTINE
    assert (home.files(), the_one(home).verdicts_before) == (before, 1)


def test_an_approval_that_ran_out_recalls_nothing(home: Home, studio: Studio) -> None:
    approved(studio, valid_to=studio.now() + timedelta(seconds=2))
    first = standing(studio)
    judged(studio)
    assert outcome(the_one(home)) is Outcome.PASS
    eventually(lambda: standing(studio) != first)

    assert recall_now(studio) == 0


def test_a_revoked_approval_recalls_nothing_that_another_covers(home: Home, studio: Studio) -> None:
    past(home, studio)
    approved(studio, name="ESC-2")
    revoked(studio)

    assert recall_now(studio) == 0


def test_what_is_registered_is_looked_for_in_what_went_on_once(home: Home, studio: Studio, tmp_path: Path) -> None:
    delivered(home, studio, "clean.jpg", OTHER)
    recall_now(studio)
    entered(studio, tmp_path, OTHER)

    assert (is_recall_due(studio), recall_now(studio)) == (True, 1)
    assert (is_recall_due(studio), recall_now(studio)) == (False, 0)
    (recall,) = studio.kept.recalls()
    assert (recall.reason, recall.by) == (RecallReason.REGISTERED, "kim")


def test_what_was_registered_while_a_delivery_was_judged_is_found_in_it(
    home: Home, studio: Studio, tmp_path: Path
) -> None:
    delivery_id = home.onto_bench(still(home / "drop" / "late.jpg", OTHER))

    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        result = step(*arguments)
        if name == "decide":
            entered(studio, tmp_path, OTHER)
        return result

    handle(studio, delivery_id, run)  # type: ignore[arg-type]

    assert outcome(studio.kept.delivery(delivery_id)) is Outcome.PASS
    assert [recall_meanwhile(studio, delivery_id) for _ in range(2)] == [1, 0]


def test_a_released_delivery_is_looked_back_at(home: Home, studio: Studio) -> None:
    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        if name == "look back":
            revoked(studio)
        return step(*arguments)

    approved(studio)
    (delivery_id,) = due(studio)

    judge_again(studio, delivery_id, run)  # type: ignore[arg-type]

    assert [recall.reason for recall in studio.kept.recalls()] == [RecallReason.REVOKED]


def test_what_an_approval_covered_that_is_not_registered_is_told(
    home: Home, studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    delivery_id = home.take(GENERATED)
    handle(studio, delivery_id)
    approved(studio, scope=Scope(file_patterns=(GENERATED,)))
    judged(studio)
    assert outcome(the_one(home, GENERATED)) is Outcome.PASS
    revoked(studio)

    recall_now(studio)

    told = [entry.__dict__ for entry in caplog.records if entry.getMessage() == "not searched"]
    assert [(entry["delivery"], entry["why"].partition(",")[0]) for entry in told] == [(delivery_id, "ESC-1")]


# ---- On PostgreSQL too


@pytest.fixture
def shared(postgresql_url: str, tmp_path: Path) -> Home:
    """A studio whose database is a PostgreSQL server's."""
    return new_home(tmp_path / "shared", url=postgresql_url)


def test_on_a_server_too_what_is_approved_goes_on_and_what_is_revoked_is_recalled(shared: Home, tmp_path: Path) -> None:
    with shared.open() as studio:
        entered(studio, tmp_path, SKY)
        delivery_id = delivered(shared, studio, NAME, SKY)
        place = next((shared / "quarantine").rglob(NAME))
        content = sha256(place)
        recall_now(studio)
        first = standing(studio)
        approved(studio)

        assert standing(studio) != first
        assert list(judged(studio)) == [delivery_id]
        assert sha256(shared / "cleared" / NAME) == content

        revoked(studio)
        assert recall_now(studio) == 1
