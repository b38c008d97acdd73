"""Looking again and again: what is large rests by itself, and nothing settles on what was not looked at."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import CustodyError
from scanner.intake.look import look
from scanner.intake.lookout import Lookout
from scanner.settle import Look, Settled, Settling

from .places import frames


class Effort:
    """Counts the same for every stretch of work between two calls."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._spent = 0.0

    def __call__(self) -> float:
        self._spent += self.seconds
        return self._spent


def lookout(folder: Path, seconds: float, *, other_doors: tuple[str, ...] = ()) -> Lookout:
    return Lookout(folder, effort=Effort(seconds), other_doors=other_doors)


def named(looks: tuple[Look, ...], name: str) -> Look:
    return next(found for found in looks if found.name == name)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder, a loose sequence and a single film."""
    frames(tmp_path / "reel", 1, 2)
    frames(tmp_path, 1, 2, 3, 4)
    (tmp_path / "film.mov").write_bytes(b"film")
    return tmp_path


def test_a_lookout_sees_what_a_look_sees(drop: Path) -> None:
    watching = lookout(drop, 0.001)

    assert watching.look(0) == watching.look(1) == look(drop)
    assert not [found for found in watching.look(2) if found.stale]


def test_what_is_large_is_not_looked_at_until_it_has_rested(drop: Path) -> None:
    watching = lookout(drop, 1.0)
    watching.look(0)

    stale = [{found.name for found in watching.look(now) if found.stale} for now in (1, 12, 100)]

    assert stale == [{"reel", "shot.[0001-0004].png"}, {"reel", "shot.[0001-0004].png"}, set()]


@pytest.mark.parametrize("place", ["reel/more.mov", "shot.0005.png"])
def test_what_comes_to_something_that_rests_shows_when_it_is_due(drop: Path, place: str) -> None:
    watching = lookout(drop, 1.0)
    before = watching.look(0)

    (drop / place).write_bytes(b"more")

    assert [found == old for found, old in zip(watching.look(1), before, strict=True)] == [True, True, True]
    assert watching.look(100) == look(drop)


def test_a_late_frame_is_never_taken_for_a_film_of_its_own(drop: Path) -> None:
    watching, settling = lookout(drop, 1.0), Settling(quiet_seconds=1)
    watching.look(0)
    (drop / "shot.0005.png").write_bytes(b"late")

    settled = [
        judged.look.name for now in range(1, 14) for judged in settling.seen(watching.look(now), now)
        if isinstance(judged, Settled)
    ]  # fmt: skip

    assert set(settled) == {"film.mov"}


@pytest.mark.parametrize("gone", ["reel", "shot"])
def test_what_is_gone_is_not_told_again(drop: Path, gone: str) -> None:
    watching = lookout(drop, 1.0)
    watching.look(0)

    for path in list(drop.glob(f"{gone}*")):
        path.rename(drop.parent / f"{path.name}-{drop.name}")

    assert {found.name for found in watching.look(1)} == {found.name for found in look(drop)}


def test_another_folder_of_the_same_name_is_looked_at_at_once(drop: Path) -> None:
    watching = lookout(drop, 1.0)
    watching.look(0)
    (drop / "reel").rename(drop.parent / f"taken-{drop.name}")
    frames(drop / "reel", 1, 2, 3)

    assert not named(watching.look(1), "reel").stale


def test_small_drops_beside_large_ones_are_looked_at_every_time(drop: Path) -> None:
    watching = lookout(drop, 1.0)
    before = named(watching.look(0), "film.mov")

    (drop / "film.mov").write_bytes(b"longer")

    assert named(watching.look(1), "film.mov") != before


def test_a_large_drop_settles_when_it_was_seen_still_over_its_quiet_time(drop: Path) -> None:
    watching, settling = lookout(drop, 1.0), Settling(quiet_seconds=10)

    first = {}
    for now in range(61):
        for judged in settling.seen(watching.look(now), now):
            if isinstance(judged, Settled):
                first.setdefault(judged.look.name, now)

    assert first["film.mov"] == 10
    assert 19 <= first["reel"] <= 21
    assert 10 <= first["shot.[0001-0004].png"] <= 21


def test_a_door_rests_after_looking_at_many_small_things(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"folder {number}").mkdir()
    quick, slow = lookout(tmp_path, 0.0), lookout(tmp_path, 0.01)

    quick.look(0)
    slow.look(0)

    assert quick.rest_seconds == 0
    assert 10 * 0.01 * 19 < slow.rest_seconds < 60


def test_a_few_frames_beside_a_resting_sequence_do_not_rest_for_its_sake(tmp_path: Path) -> None:
    frames(tmp_path, *range(1, 101))
    watching = lookout(tmp_path, 0.4)
    watching.look(0)
    for number in range(1, 4):
        (tmp_path / f"other.{number}.png").write_bytes(b"")
    watching.look(1)

    assert [found.name for found in watching.look(2) if found.stale] == ["shot.[0001-0100].png"]


def test_other_doors_are_not_looked_into(drop: Path) -> None:
    watching = lookout(drop, 0.0, other_doors=("reel",))

    assert "reel" not in {found.name for found in watching.look(0)}


def test_a_drop_folder_that_goes_away_is_an_error_and_comes_back(tmp_path: Path) -> None:
    drop, away = tmp_path / "drop", tmp_path / "away"
    frames(drop, 1, 2, 3)
    watching = lookout(drop, 1.0)
    before = watching.look(0)
    drop.rename(away)

    with pytest.raises(CustodyError, match="drop"):
        watching.look(1)
    away.rename(drop)

    assert [found.name for found in watching.look(2)] == [found.name for found in before]


@pytest.mark.parametrize("layout", [lambda drop: drop, lambda drop: drop / "reel"])
def test_a_long_sequence_is_looked_at_in_one_pass(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    folder = layout(tmp_path)
    folder.mkdir(exist_ok=True)
    for number in range(500):
        os.close(os.open(folder / f"shot.{number:06d}.exr", os.O_CREAT))

    (found,) = Lookout(tmp_path).look(0)

    assert found.file_count == 500
