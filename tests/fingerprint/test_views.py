"""The active picture inside mattes and pillars, and the views that a frame is kept and looked up by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.fingerprint.codes import SIDE, codes_of
from scanner.fingerprint.names import ACTIVE, ASPECTS, FIRST_MATTE, UNTURNED, VIEW_NAMES, WHOLE
from scanner.fingerprint.views import Grey, active_picture, delivered_views, registered_views, small, unturned_view
from tests.media.making import shot

PICTURE: Grey = np.asarray(shot(2, 1, width=640, height=360)[0].mean(axis=2), dtype=np.uint8)


def framed(picture: Grey, *, top: int = 0, bottom: int = 0, left: int = 0, right: int = 0, black: int = 16) -> Grey:
    return np.pad(picture, ((top, bottom), (left, right)), constant_values=black)


def distance(one: Grey, other: Grey) -> int:
    return int(np.unpackbits(codes_of(one[None]) ^ codes_of(other[None])).sum())


def test_a_picture_without_a_frame_is_all_active() -> None:
    assert active_picture(PICTURE) == (0, 0, 640, 360)


@given(
    top=st.integers(0, 120),
    bottom=st.integers(0, 120),
    left=st.integers(0, 200),
    right=st.integers(0, 200),
    black=st.integers(0, 24),
)
def test_mattes_pillars_and_window_boxes_are_found_to_the_line(
    top: int, bottom: int, left: int, right: int, black: int
) -> None:
    frame = framed(PICTURE, top=top, bottom=bottom, left=left, right=right, black=black)

    assert active_picture(frame) == (left, top, 640, 360)


def test_noise_in_the_black_does_not_hide_a_matte() -> None:
    frame = framed(PICTURE, top=50, bottom=50)
    noise = np.random.default_rng(1).integers(0, 8, frame.shape, dtype=np.uint8)

    assert active_picture(frame + noise * (frame == 16)) == (0, 50, 640, 360)


@pytest.mark.parametrize("level", [0, 16, 20])
def test_a_black_frame_is_all_active(level: int) -> None:
    assert active_picture(np.full((360, 640), level, dtype=np.uint8)) == (0, 0, 640, 360)


def test_a_title_on_black_is_not_taken_for_a_window() -> None:
    title = np.full((360, 640), 16, dtype=np.uint8)
    title[170:190, 200:440] = 230

    assert active_picture(title) == (0, 0, 640, 360)


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (360, 1), (2, 3)])
def test_the_smallest_frames_have_an_active_picture(shape: tuple[int, int]) -> None:
    _, _, width, height = active_picture(np.full(shape, 90, dtype=np.uint8))

    assert (height, width) == shape


def test_a_frame_without_mattes_is_looked_up_by_one_view() -> None:
    views, _ = delivered_views(PICTURE)

    assert [view.number for view in views] == [ACTIVE]


def test_a_matted_frame_is_looked_up_by_its_picture_and_whole() -> None:
    views, box = delivered_views(framed(PICTURE, top=40, bottom=40))

    assert ([view.number for view in views], box) == ([ACTIVE, WHOLE], (0, 40, 640, 360))


def test_the_active_view_of_a_boxed_picture_is_the_picture() -> None:
    views, _ = delivered_views(framed(PICTURE, top=44, bottom=20, left=100, right=60))

    assert distance(views[0].picture, small(PICTURE)) == 0


@pytest.mark.parametrize("aspect", ASPECTS)
def test_what_a_usual_matte_leaves_of_a_picture_is_one_of_its_registered_views(aspect: float) -> None:
    height, width = PICTURE.shape
    kept_height, kept_width = min(height, round(width / aspect)), min(width, round(height * aspect))
    top, left = (height - kept_height) // 2, (width - kept_width) // 2
    left_over = small(PICTURE[top : top + kept_height, left : left + kept_width])

    assert min(distance(view.picture, left_over) for view in registered_views(PICTURE)) <= 12


def test_no_view_is_kept_twice() -> None:
    numbers = [view.number for view in registered_views(PICTURE)]

    assert sorted(set(numbers)) == numbers
    assert FIRST_MATTE + ASPECTS.index(1.78) not in numbers


def test_every_view_has_a_name_and_every_picture_its_size() -> None:
    views = registered_views(framed(PICTURE, left=100, right=100))

    assert all(VIEW_NAMES[view.number] and view.picture.shape == (SIDE, SIDE) for view in views)


def test_a_stored_view_is_named_as_such() -> None:
    assert unturned_view(PICTURE).number == UNTURNED


@given(width=st.integers(1, 900), height=st.integers(1, 900))
def test_any_size_has_all_its_views(width: int, height: int) -> None:
    frame = np.random.default_rng(width * height).integers(0, 256, (height, width), dtype=np.uint8)

    assert all(view.picture.shape == (SIDE, SIDE) for view in registered_views(frame))
