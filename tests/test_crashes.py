"""Crashes before every change to a file system or the database: no story is ever broken.

One child process is one daemon's whole life (`crashing.py`). Crashes at random: `test_crashes_at_random.py`.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from scanner.intake.stock import take_stock
from scanner.model import DeliveryRecord, Outcome, Stage, Use
from scanner.model.audit import Verified, What
from scanner.registering import register
from scanner.store import Store
from scanner.studio import job_of

from .crashing import Crashing, Life, crashing
from .studio import DELIVERIES, SAMPLES, TITLE, Home, listed, new_home

pytestmark = pytest.mark.long

SEQUENCE = "loose.[0001-0004].exr"


def still(drop: Path) -> None:
    shutil.copyfile(DELIVERIES / "mislabelled.jpg", drop / "still.jpg")


def generated(drop: Path) -> None:
    shutil.copyfile(DELIVERIES / "comfyui.png", drop / "generated.png")


def folder(drop: Path) -> None:
    (drop / "reel").mkdir()
    shutil.copyfile(DELIVERIES / "mislabelled.jpg", drop / "reel/still.jpg")
    (drop / "reel/notes.txt").write_text("words in a folder")


def held(drop: Path) -> None:
    (drop / "linked").mkdir()
    (drop / "linked/notes.txt").write_text("words in a folder")
    (drop / "linked/link").symlink_to("notes.txt")


def sequence(drop: Path) -> None:
    for number, file in enumerate(sorted((DELIVERIES / "clean_plate").iterdir())[:4], start=1):
        shutil.copyfile(file, drop / f"loose.{number:04}.exr")


def broken(drop: Path) -> None:
    shutil.copyfile(DELIVERIES / "not_media.exr", drop / "not_media.exr")


def disguised(drop: Path) -> None:
    shutil.copyfile(DELIVERIES / "disguised_still.jpg", drop / "disguised.jpg")


def clip(drop: Path) -> None:
    shutil.copyfile(DELIVERIES / "approved_titles.mov", drop / "titles.mov")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Something to drop, the name of its delivery, and how it ends on a quiet day. `ready`: examined before."""

    drop: Callable[[Path], None]
    name: str
    outcome: Outcome
    ready: bool = True


KINDS = {
    kind.drop.__name__: kind
    for kind in (
        Kind(drop=still, name="still.jpg", outcome=Outcome.PASS),
        Kind(drop=generated, name="generated.png", outcome=Outcome.QUARANTINE),
        Kind(drop=folder, name="reel", outcome=Outcome.PASS),
        Kind(drop=held, name="linked", outcome=Outcome.HOLD),
        Kind(drop=sequence, name=SEQUENCE, outcome=Outcome.PASS),
        Kind(drop=broken, name="not_media.exr", outcome=Outcome.HOLD, ready=False),
        Kind(drop=disguised, name="disguised.jpg", outcome=Outcome.QUARANTINE, ready=False),
        Kind(drop=clip, name="titles.mov", outcome=Outcome.PASS, ready=False),
    )
}
READY = [name for name, kind in KINDS.items() if kind.ready]
MORE = [name for name in READY if name != "still"]
UNREADY = [name for name, kind in KINDS.items() if not kind.ready]


@pytest.fixture(scope="module")
def warm() -> Iterator[Crashing]:
    with crashing() as process:
        yield process


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio with one registered asset, in which everything that is to be ready has been examined."""
    home = new_home(tmp_path_factory.mktemp("crashes") / "template")
    home.set(("quiet_seconds = 0.3", "quiet_seconds = 0.0"), ("in_drop = false", "in_drop = true"))
    made = home.folder.parent / "made"
    with home.open() as studio:
        list(
            register(
                studio,
                SAMPLES / "register/desert_plate.png",
                title=TITLE,
                tool="Firefly",
                use=Use.TEMPORARY,
                by="a test",
            )
        )
        studio.register(TITLE)
        for name in READY:
            (made / name).mkdir(parents=True)
            KINDS[name].drop(made / name)
            for path in sorted((made / name).iterdir()) if name != "sequence" else [made / name]:
                members, _ = take_stock(path, name=path.name)
                for member in members:
                    examined = studio.pool.examine(job_of(studio, member, path))
                    studio.kept.keep_examination(member.sha256, examined.examination)
    return home


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One studio with one thing dropped."""

    home: Home
    kind: Kind
    dropped: Counter[str]


@pytest.fixture
def case(template: Home, tmp_path: Path) -> Iterator[Callable[[str], Case]]:
    """Makes studios in which something has just been dropped; one that was passed is removed when the next is made."""
    numbers = count()

    def new(kind: str) -> Case:
        number = next(numbers)
        if number:
            shutil.rmtree(tmp_path / str(number - 1))
        home = Home(folder=tmp_path / str(number))
        shutil.copytree(template.folder, home.folder)
        KINDS[kind].drop(home / "drop")
        return Case(home=home, kind=KINDS[kind], dropped=Counter(listed(home / "drop").values()))

    return new


def check_after_a_crash(case: Case, life: Life) -> None:
    """Nothing is lost or doubled at any moment, and nothing has gone on that nobody has judged."""
    there = case.home.bytes_in()
    assert Counter({digest: there[digest] for digest in case.dropped}) == case.dropped, life.told
    if case.home.bytes_in("cleared", "flagged"):
        (record,) = case.home.records()
        assert record.verdict is not None
        assert record.verdict.outcome < Outcome.HOLD


def check_in_the_end(case: Case, life: Life, *outcomes: Outcome) -> None:
    """Every byte in one place, one story that ends as on a quiet day, and the scanner's own folders empty."""
    home = case.home
    assert life.code == 0, life.told
    assert home.bytes_in("cleared", "flagged", "held", "quarantine") == case.dropped, life.told
    assert not list((home / "work").iterdir()), life.told
    assert not home.bytes_in("drop"), life.told
    with home.store() as store:
        (record,) = store.deliveries()
        assert record.verdict is not None
        assert (record.delivery.name, record.stage, record.verdicts_before) == (case.kind.name, Stage.CARRIED_OUT, 0)
        assert record.verdict.outcome in (outcomes or (case.kind.outcome,)), life.told
        assert Counter(listed(Path(str(record.place))).values()) == case.dropped, life.told
        # A note where it was dropped, if it was blocked; nothing else.
        assert len(list((home / "drop").iterdir())) == (record.verdict.outcome >= Outcome.HOLD), life.told
        check_story(store, record)


def check_story(store: Store, record: DeliveryRecord) -> None:
    """One of each entry in the audit log, which is whole; and what went on has been examined."""
    assert isinstance(store.audit.verify(), Verified)
    told = Counter(entry.what for entry in store.audit.entries(delivery_id=record.delivery.delivery_id))
    assert (told[What.RECEIVED], told[What.DECIDED], told[What.CARRIED_OUT]) == (1, 1, 1)
    assert record.verdict is not None
    if record.verdict.outcome is Outcome.PASS:
        for member in record.delivery.members:
            assert store.examination(member.sha256, record.verdict.examiner) is not None, member


@pytest.mark.parametrize(
    ("kind", "every"),
    [("still", 1), ("held", 3), ("sequence", 3), *(pytest.param(kind, 1, marks=pytest.mark.thorough) for kind in MORE)],
)
def test_a_crash_before_any_change_breaks_no_story(
    kind: str, every: int, warm: Crashing, case: Callable[[str], Case]
) -> None:
    for before in count(step=every):
        made = case(kind)
        life = warm.live(made.home.folder, before=before)
        check_after_a_crash(made, life)
        if not life.was_killed:
            break
        check_in_the_end(made, warm.live(made.home.folder))
    check_in_the_end(made, life)

    assert before > 20
