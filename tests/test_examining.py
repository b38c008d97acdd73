"""Long films are read in ranges, as work of their own: what is kept of them is what reading them in one go gives."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from scanner.examine.job import Job
from scanner.examining import begun
from scanner.intake.stock import take_stock
from scanner.model import Delivery, DropClass, Examination, Stage
from scanner.pipeline import handle, read_range, receive
from scanner.store.codec import digest, features_digest
from scanner.studio import Whereabouts

from .media.making import encode, shot
from .studio import Home, eventually, new_home, watching

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "24", "-bf", "3")
SECONDS, RANGE = 16, 3


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight shots of two seconds."""
    pictures = np.concatenate([shot(seed, 48) for seed in range(SECONDS // 2)])
    return encode(tmp_path_factory.mktemp("films") / "film.mov", pictures, *H264, rate="24")


def spreading(folder: Path) -> Home:
    """A studio in which that film is long and large."""
    home = new_home(folder)
    home.set(("range_seconds = 300", f"range_seconds = {RANGE}"), ("spread_megabytes = 64", "spread_megabytes = 0"))
    return home


def dropped(home: Home, film: Path) -> Path:
    return home.write("film.mov", film.read_bytes())


def examination(home: Home) -> Examination:
    """The examination of the only member of the only delivery."""
    (record,) = home.records()
    with home.open() as studio:
        kept = studio.kept.examination(record.delivery.members[0].sha256, studio.examiner)
    assert kept is not None
    return kept


def everything(seen: Examination) -> tuple[object, ...]:
    """An examination as values that can be compared."""
    assert seen.codes is not None
    assert seen.features is not None
    bare = replace(seen, codes=None, features=None, examiner="")
    return bare, digest(seen.codes), features_digest(seen.features)


@pytest.mark.parametrize("seed", [1, 2])
def test_ranges_read_apart_say_what_one_reading_says(seed: int, film: Path, tmp_path: Path) -> None:
    whole = new_home(tmp_path / "whole")
    whole.set(("range_seconds = 300", f"range_seconds = {RANGE}"))
    apart = spreading(tmp_path / "apart")
    for home in (whole, apart):
        delivery_id = home.onto_bench(dropped(home, film))
        with home.open() as studio:

            def in_any_order(delivery_id: str, pieces: object, home: Home = home) -> None:
                assert home is apart
                numbers = list(pieces)  # type: ignore[call-overload]
                assert len(numbers) == 5
                random.Random(seed).shuffle(numbers)
                for position, number in numbers:
                    with home.open() as another:
                        read_range(another, delivery_id, position, number)

            handle(studio, delivery_id, spread=in_any_order)

    assert everything(examination(apart)) == everything(examination(whole))


def test_a_range_that_was_read_is_not_read_again_after_a_crash(film: Path, tmp_path: Path) -> None:
    home = spreading(tmp_path / "studio")
    home.set(("processes = 2", "processes = 1"))
    dropped(home, film)
    with watching(home) as watch:
        eventually(lambda: watch.says('"read"'), told=watch.told)
        watch.kill()
        before = watch.told().count('"event": "read"')
    with watching(home) as watch:
        eventually(lambda: home.is_done("film.mov"), told=watch.told)

    # Five ranges: what was read before the crash is not among those that are read after it.
    assert before >= 1
    assert before + watch.told().count('"event": "read"') <= 5
    assert home.record("film.mov").stage is Stage.CARRIED_OUT


def test_what_was_not_read_apart_is_read_with_the_whole(film: Path, tmp_path: Path) -> None:
    home = spreading(tmp_path / "studio")
    delivery_id = home.onto_bench(dropped(home, film))
    with home.open() as studio:
        seal = receive(studio, delivery_id)
        read_range(studio, delivery_id, 0, 3)
        handle(studio, delivery_id)

    assert seal
    assert examination(home).coverage.frames_present == SECONDS * 24


def looked_at_once(home: Home, film: Path) -> tuple[Examination, int]:
    """What a one-off scan sees of the film, and how many ranges it was read in."""
    members, _ = take_stock(film, name=film.name)
    delivery = Delivery(
        delivery_id="scan",
        name=film.name,
        origin=str(film),
        title=None,
        vendor=None,
        drop_class=DropClass.FINAL,
        received_at=datetime.now(UTC),
        members=members,
    )
    with home.open() as studio:
        read: list[Job] = []
        begin = studio.pool.begin
        studio.pool.begin = lambda job: (read.append(job), begin(job))[1]  # type: ignore[method-assign]
        ((_, seen),) = begun(studio, delivery, Whereabouts.of(film)).result()
    return seen, sum(job.range is not None for job in read)


def test_a_scan_reads_a_long_film_in_ranges_by_several_processes(film: Path, tmp_path: Path) -> None:
    ranges, one_process = ("range_seconds = 300", f"range_seconds = {RANGE}"), ("processes = 2", "processes = 1")
    alone, large, small = (new_home(tmp_path / name) for name in ("alone", "large", "small"))
    alone.set(ranges)
    large.set(ranges, one_process, ("spread_megabytes = 64", "spread_megabytes = 0"))
    # Neither large nor fewer than there are processes: one of them reads all of it.
    small.set(ranges, one_process)
    seen = [looked_at_once(home, film) for home in (alone, large, small)]

    assert [count for _, count in seen] == [5, 5, 0]
    assert everything(seen[0][0]) == everything(seen[1][0]) == everything(seen[2][0])
