"""Where a segment begins and ends, to the frame."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scanner.examine.ends import ends
from scanner.examine.job import End, EndQuestion, Job
from scanner.examine.pool import ExaminerPool
from scanner.fingerprint.codes import codes_of
from scanner.fingerprint.views import delivered_views
from scanner.media.frames import grey_of
from scanner.model import MediaKind
from tests.media.making import Pictures, encode, job, shot

H264 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -bf 3 -g 30"
PRORES = "-c:v prores_ks -profile:v 3"
FIRST, AFTER, FRAMES, STEP = 20, 41, 66, 6
LIMIT = 44
INSET = (0.3, 0.3, 0.4, 0.4)
Film = Callable[..., Job]


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Write pictures as a film and give the job that looks at it."""

    def write(pictures: Pictures, options: str = H264, rate: str = "25", name: str = "film.mov") -> Job:
        return job(encode(tmp_path / name, pictures, *options.split(), rate=rate))

    return write


def asset() -> Pictures:
    return shot(2, AFTER - FIRST)


def cut_in(middle: Pictures) -> Pictures:
    """Another shot, the asset, a third shot."""
    return np.concatenate([shot(1, FIRST), middle, shot(3, FRAMES - AFTER)])


def codes(pictures: Pictures) -> bytes:
    return codes_of(np.stack([delivered_views(grey_of(picture))[0][0].picture for picture in pictures])).tobytes()


def both_ends(
    rate: str = "25", *, region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0), known: bytes = b""
) -> tuple[EndQuestion, ...]:
    """What is asked after every sixth frame has been looked at."""
    first, last = -(-FIRST // STEP) * STEP, (AFTER - 1) // STEP * STEP
    frame = 1 / Fraction(rate)
    begin = EndQuestion(
        is_in=True, shows=first * frame, shows_not=(first - STEP) * frame, region=region, codes=known, limit=LIMIT
    )
    return begin, replace(begin, is_in=False, shows=last * frame, shows_not=(last + STEP) * frame)


def in_frames(found: tuple[End | None, ...], rate: str = "25") -> list[float | None]:
    return [None if end is None else round(float(end.seconds * Fraction(rate)), 2) for end in found]


# --- cuts, to the frame


@pytest.mark.parametrize("known", [b"", codes(asset())], ids=["by the cut", "by codes"])
@pytest.mark.parametrize(
    ("options", "rate", "name"),
    [
        (H264, "25", "film.mp4"),
        (H264, "24000/1001", "film.mov"),
        (f"{H264} -crf 38", "24000/1001", "film.mp4"),
        (H264, "25", "film.ts"),
        (PRORES, "24000/1001", "film.mov"),
        (PRORES, "25", "film.mov"),
        ("-c:v mpeg2video -b:v 2M -g 12 -bf 2", "25", "film.mxf"),
    ],
)
def test_a_cut_is_told_to_the_frame(film: Film, options: str, rate: str, name: str, known: bytes) -> None:
    found = ends(film(cut_in(asset()), options, rate, name), both_ends(rate, known=known))

    assert in_frames(found, rate) == pytest.approx([FIRST, AFTER], abs=0.05)


def test_a_cut_in_an_image_sequence_is_told_to_the_frame(tmp_path: Path) -> None:
    for number, picture in enumerate(cut_in(asset())):
        Image.fromarray(picture).save(tmp_path / f"film.{number:04d}.png")
    files = tuple(sorted(path.name for path in tmp_path.iterdir()))
    asked = Job(
        root=tmp_path,
        files=files,
        kind=MediaKind.SEQUENCE,
        format="png",
        sample_step=STEP,
        deadline=60.0,
        stall_seconds=60.0,
    )

    assert in_frames(ends(asked, both_ends("24")), "24") == [FIRST, AFTER]


def test_an_insert_is_looked_for_in_its_region(film: Film) -> None:
    background, insert = shot(1, FRAMES), asset()
    for number, picture in enumerate(insert):
        background[FIRST + number, 54:126, 96:224] = cv2.resize(picture, (128, 72))

    assert in_frames(ends(film(background), both_ends(region=INSET))) == [FIRST, AFTER]


def test_an_insert_that_goes_while_the_shot_goes_on_ends_there_and_not_at_the_next_cut(film: Film) -> None:
    pictures = np.concatenate([shot(1, 56), shot(3, FRAMES - 56)])
    for number in range(FIRST, AFTER):
        pictures[number, 54:126, 96:224] = cv2.resize(asset()[0], (128, 72))
    begin, _ = both_ends(region=INSET)
    end = replace(begin, is_in=False, is_still=True, shows=Fraction(24, 25), shows_not=Fraction(60, 25))

    assert ends(film(pictures), (end,)) == (End(seconds=Fraction(AFTER, 25), accuracy=0),)


def test_an_insert_that_was_overlooked_at_first_is_followed_to_where_it_comes_in(film: Film) -> None:
    pictures = shot(1, FRAMES)
    for number in range(FIRST, AFTER):
        pictures[number, 54:126, 96:224] = cv2.resize(asset()[0], (128, 72))
    begin, _ = both_ends(region=INSET)
    begin = replace(begin, is_still=True, shows=Fraction(30, 25), shows_not=Fraction(24, 25))

    assert in_frames(ends(film(pictures), (begin,))) == [FIRST]


def test_of_a_clip_with_cuts_of_its_own_each_may_be_the_end(film: Film) -> None:
    pictures = cut_in(np.concatenate([shot(2, 18), shot(4, 3)]))
    _, end = both_ends()

    (found,) = ends(film(pictures), (end,))

    assert found is not None
    assert abs(found.seconds * 25 - AFTER) <= found.accuracy


def test_grain_hides_no_cut(film: Film) -> None:
    grain = np.random.default_rng(1).normal(0, 9, (FRAMES, 180, 320, 1))
    pictures = np.clip(cut_in(asset()) + grain, 0, 255).astype(np.uint8)

    assert in_frames(ends(film(pictures), both_ends())) == [FIRST, AFTER]


def test_a_flash_is_no_end(film: Film) -> None:
    pictures = cut_in(asset())
    for number in (FIRST + 2, AFTER - 3):
        pictures[number] = np.clip(pictures[number].astype(int) * 2 + 80, 0, 255)

    assert in_frames(ends(film(pictures), both_ends())) == [FIRST, AFTER]
    assert in_frames(ends(film(pictures), both_ends(known=codes(asset())))) == [FIRST, AFTER]


def test_a_title_that_comes_in_is_no_end(film: Film) -> None:
    pictures = cut_in(asset())
    for picture in pictures[FIRST + 3 : AFTER - 3]:
        cv2.putText(picture, "Roma, 1951", (40, 150), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 3)

    assert in_frames(ends(film(pictures), both_ends(known=codes(asset())))) == [FIRST, AFTER]


def test_of_several_cuts_the_one_next_to_the_asset_counts(film: Film) -> None:
    pictures = cut_in(asset())
    pictures[FIRST - 2 : FIRST], pictures[AFTER : AFTER + 1] = shot(7, 2), shot(8, 1)

    assert in_frames(ends(film(pictures), both_ends())) == [FIRST, AFTER]


def test_a_cut_inside_the_asset_is_no_end_where_its_codes_are_known(film: Film) -> None:
    cut = np.concatenate([shot(2, 2), shot(4, AFTER - FIRST - 2)])
    first, _ = both_ends(known=codes(cut))

    assert in_frames(ends(film(cut_in(cut)), (replace(first, shows=Fraction(24, 25)),))) == [FIRST]


# --- what is no cut


@pytest.mark.parametrize("known", [b"", codes(asset())], ids=["by mixture", "by codes"])
def test_a_dissolve_ends_about_in_its_middle(film: Film, known: bytes) -> None:
    before, pictures = shot(1, FIRST + 4), cut_in(asset()).astype(float)
    for number in range(FIRST - 4, FIRST + 4):
        share = (number - FIRST + 4.5) / 8
        pictures[number] = (1 - share) * before[number] + share * shot(2, AFTER - FIRST)[max(0, number - FIRST)]

    found = ends(film(pictures.astype(np.uint8)), both_ends(known=known))

    assert in_frames(found) == [pytest.approx(FIRST, abs=2), AFTER]
    assert known or [end.accuracy >= 4 for end in found if end] == [True, False]


def test_where_the_shot_goes_on_no_end_can_be_told(film: Film) -> None:
    assert ends(film(shot(1, FRAMES)), both_ends()) == (None, None)


def test_a_segment_that_begins_and_ends_with_the_track_has_its_ends(film: Film) -> None:
    begin, end = both_ends()
    asked = (replace(begin, shows=Fraction(0), shows_not=None), replace(end, shows=Fraction(60, 25), shows_not=None))

    assert in_frames(ends(film(shot(1, FRAMES)), asked)) == [0, FRAMES]


def test_far_from_the_track_s_end_nothing_is_taken_for_it(film: Film) -> None:
    asked = EndQuestion(is_in=False, shows=Fraction(1), shows_not=None)

    assert ends(film(np.repeat(shot(1, 24), 15, axis=0)), (asked,)) == (None,)


def test_a_segment_that_ends_after_the_last_sampled_frame_ends_at_the_cut(film: Film) -> None:
    pictures = np.concatenate([shot(1, 63), shot(2, 3)])
    asked = EndQuestion(is_in=False, shows=Fraction(60, 25), shows_not=None)

    assert in_frames(ends(film(pictures), (asked,))) == [63]


# --- as an examining process is asked


@pytest.mark.parametrize("name", ["film.mp4", "film.ts"])
def test_many_questions_are_answered_in_their_order(pool: ExaminerPool, film: Film, name: str) -> None:
    asked = film(cut_in(asset()), name=name)
    begin, end = both_ends()

    assert in_frames(pool.ends(asked, [end, begin, end, begin])) == [AFTER, FIRST, AFTER, FIRST]


def test_a_file_that_cannot_be_read_has_no_ends(pool: ExaminerPool, film: Film) -> None:
    asked = film(cut_in(asset()))
    asked.root.write_bytes(asked.root.read_bytes()[:400])

    assert pool.ends(asked, both_ends()) == (None, None)


def test_a_still_has_no_ends(film: Film) -> None:
    assert ends(replace(film(asset()), kind=MediaKind.STILL), both_ends()) == (None, None)


def test_nothing_asked_is_nothing_answered(film: Film) -> None:
    assert ends(film(asset()), ()) == ()
