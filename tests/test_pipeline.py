"""One delivery from the bench to its end, cut short and altered anywhere; and what people rule."""

import os
import shutil
import stat
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner import pipeline
from scanner.errors import AlteredError, CustodyError, RulingError, UnknownIdError
from scanner.intake.bench import clear_leftover
from scanner.intake.look import look
from scanner.model import Code, DropClass, Outcome, RulingAction, Stage
from scanner.pipeline import handle, rule
from scanner.settle import EntryKind
from scanner.studio import Studio

from .intake.places import NAMES, dies_before_change, nobody
from .studio import DELIVERIES, Home, listed, ruling, run, sha256

pytestmark = pytest.mark.long

CLEAN, FLAGGED, UNREAD, BLOCKED = "signed_camera.jpg", "tampered.jpg", "not_media.exr", "comfyui.png"
FOLDERS = {CLEAN: "cleared", FLAGGED: "flagged", UNREAD: "held", BLOCKED: "quarantine"}
RELEASE, RESTORE = RulingAction.RELEASE, RulingAction.RESTORE


def payload(home: Home, delivery_id: str, name: str) -> Path:
    return home / "work" / delivery_id / "payload" / name


def steps(studio: Studio, delivery_id: str, count: int) -> None:
    """Run the first steps of a delivery only, as when the power goes."""
    left = count

    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        nonlocal left
        if name in ("open", "spread"):
            return step(*arguments)
        if left == 0:
            raise PowerCut
        left -= 1
        return step(*arguments)

    try:
        handle(studio, delivery_id, run)  # type: ignore[arg-type]
    except PowerCut:
        return


class PowerCut(Exception):
    pass


def handled(home: Home, delivery_id: str) -> None:
    with home.open() as studio:
        handle(studio, delivery_id)


def blocked(home: Home, name: str = "held.txt", content: bytes = b"words") -> str:
    """A held delivery of a name and bytes of one's own."""
    (home / "made").mkdir(exist_ok=True)
    path = home / "made" / name
    path.mkdir()
    (path / "notes.txt").write_bytes(content)
    (path / "link").symlink_to("notes.txt")
    path.rename(home / "drop" / name)
    delivery_id = home.onto_bench(home / "drop" / name)
    handled(home, delivery_id)
    return delivery_id


def held_file(home: Home, name: str = "not media.exr") -> tuple[str, Path]:
    """A held file, and where it lies."""
    delivery_id = home.take(UNREAD, name)
    handled(home, delivery_id)
    return delivery_id, home / "held" / delivery_id / "payload" / name


# ---- From the bench to its end


@pytest.mark.parametrize(("sample", "folder"), FOLDERS.items())
def test_a_delivery_goes_where_its_verdict_says(sample: str, folder: str, home: Home) -> None:
    handled(home, home.take(sample))

    assert list(home.bytes_in().elements()) == list(home.bytes_in(folder).elements()) == [sha256(DELIVERIES / sample)]


def test_a_delivery_that_has_ended_leaves_the_bench_clear(home: Home) -> None:
    handled(home, home.take(CLEAN))

    assert not list((home / "work").iterdir())


def test_the_record_says_where_the_bytes_are(home: Home) -> None:
    handled(home, home.take(BLOCKED))
    record = home.record(BLOCKED)

    assert (record.stage, Path(str(record.place)).is_file()) == (Stage.CARRIED_OUT, True)


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_may_have_any_name(name: str, home: Home) -> None:
    handled(home, home.take(CLEAN, name))

    assert os.listdir(home / "cleared") == [name]  # noqa: PTH208


def dressed(path: Path) -> tuple[object, ...]:
    status = path.stat()
    return status.st_mtime_ns, stat.S_IMODE(status.st_mode), os.getxattr(path, "user.reel"), path.read_bytes()


@pytest.mark.parametrize("sample", [CLEAN, BLOCKED])
def test_times_mode_and_attributes_stay(sample: str, home: Home) -> None:
    dropped = home.drop(sample)
    os.setxattr(dropped, "user.reel", b"A001")
    dropped.chmod(0o640)
    os.utime(dropped, ns=(10**18, 10**18 + 123_456_789))
    before = dressed(dropped)
    delivery_id = home.onto_bench(dropped)
    handled(home, delivery_id)

    assert dressed(Path(str(home.record(sample).place))) == before


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("sample", [CLEAN, BLOCKED])
def test_every_step_may_be_repeated(sample: str, times: int, home: Home) -> None:
    def run(name: str, step: Callable[..., object], *arguments: object) -> object:
        return [step(*arguments) for _ in range(times)][-1]

    with home.open() as studio:
        handle(studio, home.take(sample), run)  # type: ignore[arg-type]

    record = home.record(sample)
    assert (record.stage, record.verdicts_before, home.bytes_in().total()) == (Stage.CARRIED_OUT, 0, 1)


def test_what_is_blocked_lies_beside_its_verdict_in_words_and_as_a_page(home: Home) -> None:
    delivery_id = home.take(BLOCKED)
    handled(home, delivery_id)

    folder = home.folder / "quarantine" / delivery_id
    assert "ComfyUI wrote its settings" in (folder / "verdict.txt").read_text(encoding="utf-8")
    assert "ComfyUI wrote its settings" in (folder / "verdict.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("count", range(6))
@pytest.mark.parametrize("sample", [CLEAN, BLOCKED])
def test_a_delivery_that_was_cut_short_is_begun_anew(sample: str, count: int, home: Home) -> None:
    delivery_id = home.take(sample)
    with home.open() as studio:
        steps(studio, delivery_id, count)
        if count < 5:
            handle(studio, delivery_id)

    assert home.record(sample).verdicts_before == 0
    assert home.bytes_in(FOLDERS[sample]) == home.bytes_in() == Counter([sha256(DELIVERIES / sample)])


@pytest.mark.parametrize("change", range(6))
@pytest.mark.parametrize("sample", [CLEAN, BLOCKED])
def test_a_delivery_killed_before_any_change_on_disk_is_begun_anew(sample: str, change: int, home: Home) -> None:
    delivery_id = home.take(sample)
    with home.open() as studio:
        steps(studio, delivery_id, 3)
    dies_before_change(change, lambda: handled(home, delivery_id))
    if (home / "work" / delivery_id).exists():
        handled(home, delivery_id)

    record = home.record(sample)
    assert (record.verdicts_before, record.stage, list((home / "work").iterdir())) == (0, Stage.CARRIED_OUT, [])
    assert home.bytes_in(FOLDERS[sample]) == home.bytes_in() == Counter([sha256(DELIVERIES / sample)])


# ---- Names that are taken


def test_a_delivery_of_a_name_that_is_there_goes_beside_it(home: Home) -> None:
    for content in ("first", "second"):
        handled(home, home.onto_bench(home.write("notes.txt", content)))

    assert sorted(path.read_text() for path in (home / "cleared").rglob("notes.txt")) == ["first", "second"]


def test_two_deliveries_of_one_name_may_be_decided_at_once(home: Home) -> None:
    ids = [home.onto_bench(home.write("notes.txt", content)) for content in ("first", "second")]
    with home.open() as studio:
        for delivery_id in ids:
            steps(studio, delivery_id, 3)
        for delivery_id in ids:
            handle(studio, delivery_id)

    assert sorted(path.read_text() for path in (home / "cleared").rglob("notes.txt")) == ["first", "second"]


def test_the_record_says_where_a_delivery_went_whose_place_was_taken(home: Home) -> None:
    delivery_id = home.onto_bench(home.write("notes.txt", "ours"))
    with home.open() as studio:
        steps(studio, delivery_id, 3)
        (home / "cleared/notes.txt").write_text("somebody else's")
        handle(studio, delivery_id)

    assert Path(str(home.record("notes.txt").place)).read_text() == "ours"


def test_what_was_taken_from_cleared_before_we_could_note_it_is_done(home: Home) -> None:
    delivery_id = home.take(CLEAN)
    with home.open() as studio:
        steps(studio, delivery_id, 4)
        (home / "cleared" / CLEAN).unlink()
        handle(studio, delivery_id)

    assert home.record(CLEAN).stage is Stage.CARRIED_OUT
    assert not list((home / "work").iterdir())


def test_a_quarantined_delivery_that_vanished_is_told(home: Home) -> None:
    delivery_id = home.take(BLOCKED)
    with home.open() as studio:
        steps(studio, delivery_id, 3)
        payload(home, delivery_id, BLOCKED).unlink()
        with pytest.raises(CustodyError, match="is gone"):
            handle(studio, delivery_id)


# ---- Bytes that change on the bench


def written(path: Path) -> None:
    path.write_bytes(b"something else entirely")


def written_and_dated_back(path: Path) -> None:
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(before.st_size // 2)
        file.write(b"\0\0\0\0")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path: Path) -> None:
    other = path.with_name("other")
    shutil.copyfile(path, other)
    shutil.copystat(path, other)
    other.rename(path)


def turned_into_a_link(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to("other")


ALTERATIONS = [written, written_and_dated_back, replaced]


@pytest.mark.parametrize("alter", ALTERATIONS)
@pytest.mark.parametrize("after", [1, 2, 3])
def test_bytes_that_change_on_the_bench_are_held(alter: Callable[[Path], None], after: int, home: Home) -> None:
    delivery_id = home.take(CLEAN)
    seal = ""
    with home.open() as studio:
        seal = pipeline.receive(studio, delivery_id)
        rest = [
            lambda: pipeline.examine(studio, delivery_id, seal),
            lambda: pipeline.decide(studio, delivery_id),
            lambda: pipeline.carry_out(studio, delivery_id, seal),
            lambda: pipeline.close(studio, delivery_id),
        ]
        for number, step in enumerate(rest, start=1):
            if number == after:
                alter(payload(home, delivery_id, CLEAN))
            step()

    assert home.outcome(CLEAN) is Outcome.HOLD
    assert not home.files("cleared")


@pytest.mark.parametrize("alter", [written, written_and_dated_back])
def test_bytes_that_change_after_the_verdict_are_held_when_it_is_begun_anew(
    alter: Callable[[Path], None], home: Home
) -> None:
    delivery_id = home.take(CLEAN)
    with home.open() as studio:
        steps(studio, delivery_id, 3)
        alter(payload(home, delivery_id, CLEAN))
        handle(studio, delivery_id)

    assert home.outcome(CLEAN) is Outcome.HOLD
    assert not home.files("cleared")


def test_bytes_that_change_are_held_whatever_the_policy_thinks_of_the_unreadable(home: Home) -> None:
    policy = home / "policy.toml"
    policy.write_text(policy.read_text().replace('UNREADABLE = "hold"', 'UNREADABLE = "flag"'))
    delivery_id = home.take(CLEAN)
    with home.open() as studio:
        steps(studio, delivery_id, 3)
        written(payload(home, delivery_id, CLEAN))
        handle(studio, delivery_id)

    assert (home.outcome(CLEAN), home.files("flagged")) == (Outcome.HOLD, {})


def test_a_delivery_that_turns_into_a_link_is_not_cleared(home: Home) -> None:
    delivery_id = home.take(CLEAN)
    with home.open() as studio:
        steps(studio, delivery_id, 3)
        turned_into_a_link(payload(home, delivery_id, CLEAN))
        with pytest.raises(CustodyError, match="holds more than a receipt"):
            handle(studio, delivery_id)

    assert (home.outcome(CLEAN), os.listdir(home / "cleared")) == (Outcome.HOLD, [])  # noqa: PTH208


def test_a_file_that_is_added_to_a_folder_holds_it(home: Home) -> None:
    delivery_id = home.take("clean_plate")
    with home.open() as studio:
        steps(studio, delivery_id, 3)
        (payload(home, delivery_id, "clean_plate") / "more.mov").write_bytes(b"unseen")
        handle(studio, delivery_id)

    assert home.outcome("clean_plate") is Outcome.HOLD
    assert not home.files("cleared")


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_delivery_that_vanishes_from_the_bench_puts_nothing_in_cleared(after: int, home: Home) -> None:
    delivery_id = home.take(CLEAN)
    with home.open() as studio:
        steps(studio, delivery_id, after)
        payload(home, delivery_id, CLEAN).unlink()
        try:
            handle(studio, delivery_id)
        except CustodyError as error:
            assert "Nothing was taken" in str(error)  # noqa: PT017

    assert not home.files("cleared", "flagged")


# ---- Examinations are kept for the bytes that were looked at, and for no others


def test_the_same_bytes_are_looked_at_once(home: Home) -> None:
    handled(home, home.take(CLEAN, "first.jpg"))
    delivery_id = home.take(CLEAN, "second.jpg")
    with home.open() as studio:
        studio.pool.close()  # nobody is left who could look
        handle(studio, delivery_id)

    assert home.outcome("second.jpg") is Outcome.PASS


def test_what_was_swapped_while_it_was_looked_at_clears_no_later_delivery(home: Home) -> None:
    """AI material is delivered, and something clean put in its place between hashing and looking."""
    delivery_id = home.take(BLOCKED)
    with home.open() as studio:
        steps(studio, delivery_id, 1)
        shutil.copyfile(DELIVERIES / "clean_plate/clean_plate.0001.exr", payload(home, delivery_id, BLOCKED))
        shutil.copyfile(DELIVERIES / CLEAN, payload(home, delivery_id, BLOCKED))
        seal = "as it was"
        pipeline.examine(studio, delivery_id, seal)
    again = home.take(BLOCKED, "again.png")
    handled(home, again)

    assert home.outcome("again.png") is Outcome.QUARANTINE


def test_what_could_not_be_read_once_is_looked_at_again_in_the_next_delivery(home: Home) -> None:
    delivery_id = home.take(CLEAN)
    with home.open() as studio:
        seal = pipeline.receive(studio, delivery_id)
        payload(home, delivery_id, CLEAN).rename(home / "away")
        pipeline.examine(studio, delivery_id, seal)
    handled(home, home.take(CLEAN, "again.jpg"))

    assert home.outcome("again.jpg") is Outcome.PASS


def test_a_cut_short_delivery_is_judged_by_its_own_failed_examination(home: Home) -> None:
    delivery_id = home.take("broken.mov")
    with home.open() as studio:
        steps(studio, delivery_id, 2)
        studio.pool.close()
        pipeline.decide(studio, delivery_id)

    assert home.outcome("broken.mov") is Outcome.HOLD


# ---- What people rule


def released(home: Home, delivery_id: str, action: RulingAction = RELEASE, *, by: str = "Ada") -> Path:
    with home.open() as studio:
        return rule(studio, delivery_id, ruling(studio, action, by=by))


def test_a_released_delivery_is_in_cleared_as_it_was_dropped(home: Home) -> None:
    dropped = home.drop(BLOCKED)
    os.setxattr(dropped, "user.reel", b"A001")
    dropped.chmod(0o604)
    os.utime(dropped, ns=(10**18, 10**18 + 5))
    before = dressed(dropped)
    delivery_id = home.onto_bench(dropped)
    handled(home, delivery_id)
    released(home, delivery_id)

    assert dressed(home / "cleared" / BLOCKED) == before


def test_a_restored_delivery_is_where_it_was_dropped(home: Home) -> None:
    delivery_id = home.take(BLOCKED)
    handled(home, delivery_id)
    released(home, delivery_id, RESTORE)

    assert sha256(home / "drop" / BLOCKED) == sha256(DELIVERIES / BLOCKED)


def test_a_folder_with_refused_things_in_it_is_released_whole(home: Home) -> None:
    delivery_id = blocked(home, "reel")
    released(home, delivery_id)

    assert listed(home / "cleared/reel").keys() == {"link", "notes.txt"}


def test_the_record_names_who_released_it_and_why(home: Home) -> None:
    delivery_id, _ = held_file(home)
    released(home, delivery_id, by="Ada Lovelace")
    record = home.record("not media.exr")

    assert (record.stage, [(r.by, r.reason) for r in record.rulings]) == (Stage.RULED, [("Ada Lovelace", "ok")])


@pytest.mark.parametrize("action", [RELEASE, RESTORE])
def test_altered_bytes_are_not_released(action: RulingAction, home: Home) -> None:
    delivery_id, place = held_file(home)
    with place.open("r+b") as file:
        file.write(b"X")
    with pytest.raises(AlteredError, match="holds other bytes"):
        released(home, delivery_id, action)

    assert (place.is_file(), home.record(place.name).rulings) == (True, ())


@pytest.mark.parametrize("how", ["added", "missing", "a link now"])
def test_a_folder_that_is_not_what_it_was_is_not_released(how: str, home: Home) -> None:
    delivery_id = blocked(home, "reel")
    reel = home / "held" / delivery_id / "payload/reel"
    if how == "added":
        (reel / "more.mov").write_bytes(b"")
    else:
        (reel / "notes.txt").unlink()
        if how == "a link now":
            (reel / "notes.txt").symlink_to(DELIVERIES / CLEAN)
    with pytest.raises(AlteredError):
        released(home, delivery_id)

    assert not home.files("cleared")


def test_an_occupied_place_is_left_alone(home: Home) -> None:
    delivery_id, place = held_file(home)
    home.write(place.name, "a new delivery of that name")
    with pytest.raises(RulingError, match="is taken"):
        released(home, delivery_id, RESTORE)

    assert (place.is_file(), home.record(place.name).rulings) == (True, ())


def test_a_release_beside_a_delivery_of_that_name_replaces_nothing(home: Home) -> None:
    delivery_id, place = held_file(home)
    (home / "cleared" / place.name).write_text("there already")
    released(home, delivery_id)

    assert len(home.files("cleared")) == 2


@pytest.mark.parametrize("then", [RELEASE, RESTORE])
def test_a_delivery_is_ruled_on_once(then: RulingAction, home: Home) -> None:
    delivery_id, _ = held_file(home)
    released(home, delivery_id)
    with pytest.raises(RulingError, match=r"not at .* any more"):
        released(home, delivery_id, then)

    assert len(home.record("not media.exr").rulings) == 1


@pytest.mark.parametrize("sample", [CLEAN, FLAGGED])
def test_there_is_nothing_to_rule_on_in_what_went_on(sample: str, home: Home) -> None:
    delivery_id = home.take(sample)
    handled(home, delivery_id)
    with pytest.raises(RulingError, match="neither held nor quarantined"):
        released(home, delivery_id)


@pytest.mark.parametrize("given", ["2", "20", "nothing of the kind", ""])
def test_an_id_must_name_one_delivery(given: str, home: Home) -> None:
    held_file(home, "one.exr")
    held_file(home, "two.exr")
    with pytest.raises(UnknownIdError):
        released(home, given)


def test_a_delivery_that_is_still_on_the_bench_cannot_be_released(home: Home) -> None:
    delivery_id = home.take(UNREAD)
    with home.open() as studio:
        steps(studio, delivery_id, 3)
        with pytest.raises(RulingError, match="not at"):
            rule(studio, delivery_id, ruling(studio))


@pytest.mark.parametrize("action", [RELEASE, RESTORE])
@pytest.mark.parametrize("change", range(5))
def test_a_ruling_that_was_cut_short_can_be_repeated(change: int, action: RulingAction, home: Home) -> None:
    delivery_id, place = held_file(home)
    dies_before_change(change, lambda: released(home, delivery_id, action))
    if place.exists():
        released(home, delivery_id, action)

    assert home.bytes_in("cleared", "drop") == home.bytes_in() == Counter([sha256(DELIVERIES / UNREAD)])


def test_a_ruling_that_was_written_and_not_carried_out_may_be_changed(home: Home) -> None:
    delivery_id, place = held_file(home)
    with home.open() as studio:
        studio.kept.ruled(delivery_id, ruling(studio, RELEASE, by="Ada"), place=str(home / "cleared" / place.name))
    released(home, delivery_id, RESTORE, by="Grace")
    record = home.record(place.name)

    assert [(r.by, r.action) for r in record.rulings] == [("Ada", RELEASE), ("Grace", RESTORE)]
    assert record.place == str(home / "drop" / place.name)


def test_a_ruling_that_could_not_be_carried_out_is_still_listed(home: Home) -> None:
    with nobody() as folder:
        assert folder.is_dir()
    delivery_id, place = held_file(home)
    with home.open() as studio:
        studio.kept.ruled(delivery_id, ruling(studio), place=str(home / "cleared" / place.name))

    assert delivery_id in run("quarantine", "list", cwd=home.folder).stdout


def test_of_two_rulings_at_once_one_is_carried_out(home: Home) -> None:
    delivery_id, place = held_file(home)
    refused: list[str] = []
    ready = threading.Barrier(2)

    def rule_at_once(action: RulingAction) -> None:
        with home.open() as studio:
            ready.wait()
            try:
                rule(studio, delivery_id, ruling(studio, action, by=action.value))
            except RulingError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=rule_at_once, args=(action,)) for action in (RELEASE, RESTORE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = home.record(place.name)

    assert (len(refused), len(record.rulings), Path(str(record.place)).is_file()) == (1, 1, True)


# ---- Drop classes


def test_temporary_material_is_allowed_in_a_work_in_progress(stocked: Home) -> None:
    handled(stocked, stocked.take("wip_reel.mov", drop_class=DropClass.WORK_IN_PROGRESS))
    verdict = stocked.record("wip_reel.mov").verdict

    assert verdict is not None
    assert (verdict.outcome, {finding.code for finding in verdict.findings}) == (
        Outcome.PASS,
        {Code.AI_TEMPORARY_ALLOWED},
    )


def test_a_look_alike_is_kept_with_the_found_and_the_registered_frame(stocked: Home) -> None:
    delivery_id = stocked.take("disguised_still.jpg")
    handled(stocked, delivery_id)
    with stocked.store() as store:
        (picture,) = store.delivery(delivery_id).pictures

    assert picture.found is not None
    assert picture.registered is not None


def test_an_approved_delivery_is_cleared(stocked: Home) -> None:
    handled(stocked, stocked.take("approved_titles.mov"))

    assert list(stocked.files("cleared")) == ["cleared/approved_titles.mov"]


def test_a_leftover_of_the_bench_is_cleared_away(home: Home) -> None:
    delivery_id = home.take(CLEAN)
    with home.open() as studio:
        steps(studio, delivery_id, 4)
    clear_leftover(home / "work" / delivery_id)
    with home.open() as studio:
        pipeline.close(studio, delivery_id)

    assert home.record(CLEAN).stage is Stage.CARRIED_OUT


def test_a_note_stays_where_a_blocked_delivery_was_dropped(stocked: Home) -> None:
    stocked.set(("in_drop = false", "in_drop = true"), ("the production's post supervisor", "Ada, ada@example.com"))
    delivery_id = stocked.take("not_media.exr")
    with stocked.open() as studio:
        handle(studio, delivery_id)
        note = stocked / "drop/not_media.exr.HELD.txt"
        assert delivery_id in note.read_text()
        assert "Ask: Ada, ada@example.com" in note.read_text()
        assert [seen.kind for seen in look(stocked / "drop")] == [EntryKind.LITTER]
        rule(studio, delivery_id, ruling(studio))

    assert not note.exists()


def test_what_cannot_be_told_in_the_drop_folder_stops_nothing(home: Home) -> None:
    home.set(("in_drop = false", "in_drop = true"))
    delivery_id = home.take("not_media.exr")
    shutil.rmtree(home / "drop")
    handled(home, delivery_id)

    assert home.outcome("not_media.exr") is Outcome.HOLD
