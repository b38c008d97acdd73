"""Image sequences by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.intake.sequences import group
from scanner.model import Gap


def frames(pattern: str, *numbers: int) -> list[str]:
    return [pattern.format(number) for number in numbers]


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("comp.{:04d}.exr", "comp.[0998-1002].exr"),
        ("comp_{:04d}.dpx", "comp_[0998-1002].dpx"),
        ("comp{:06d}.png", "comp[000998-001002].png"),
        ("{:04d}.tif", "[0998-1002].tif"),
        ("comp.{}.EXR", "comp.[998-1002].EXR"),
        ("new\nline.{:04d}.exr", "new\nline.[0998-1002].exr"),
    ],
)
def test_frames_of_one_name_are_one_sequence(pattern: str, shown: str) -> None:
    sequences, singles = group(frames(pattern, *range(998, 1003)))

    assert ([sequence.name for sequence in sequences], singles) == ([shown], ())


def test_files_run_in_frame_order_whatever_their_padding() -> None:
    (sequence,), _ = group(["c.10.exr", "c.9.exr", "c.8.exr"])

    assert sequence.files == ("c.8.exr", "c.9.exr", "c.10.exr")


def test_skipped_frames_are_gaps() -> None:
    (sequence,), _ = group(frames("c.{:04d}.exr", 1, 2, 5, 6, 8))

    assert sequence.gaps == (Gap(first=3, last=4), Gap(first=7, last=7))


def test_a_large_gap_in_a_long_sequence_is_still_a_gap() -> None:
    (sequence,), _ = group(frames("c.{:05d}.exr", *range(1, 25), 90_000))

    assert sequence.gaps == (Gap(first=25, last=89_999),)


def test_two_paddings_are_two_sequences() -> None:
    sequences, _ = group(frames("c.{:03d}.exr", 1, 2, 3) + frames("c.{:04d}.exr", 1, 2, 3))

    assert [sequence.name for sequence in sequences] == ["c.[0001-0003].exr", "c.[001-003].exr"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(frames("c.{:04d}.exr", 1, 2), id="two files"),
        pytest.param(frames("shot_010_v{:03d}.png", 1, 2, 3), id="versions"),
        pytest.param(frames("DSC_{:04d}.jpg", 1031, 1090, 1544, 2001), id="picked photographs"),
        pytest.param(frames("reel{}.mov", 1, 2, 3), id="films"),
        pytest.param(["a.0001.exr", "b.0002.exr", "c.0003.exr"], id="other names"),
        pytest.param(["a.0001.exr", "a.0002.dpx", "a.0003.png"], id="other extensions"),
    ],
)
def test_what_only_looks_numbered_stays_single(names: list[str]) -> None:
    assert group(names) == ((), tuple(sorted(names)))


def test_a_caller_may_say_what_a_frame_is() -> None:
    (sequence,), _ = group(frames("clip.{:04d}.r3d", 1, 2, 3), lambda name: name.endswith(".r3d"))

    assert sequence.name == "clip.[0001-0003].r3d"


def test_a_file_that_is_called_like_the_sequence_keeps_its_name() -> None:
    (sequence,), singles = group([*frames("c.{}.exr", 1, 2, 3), "c.[1-3].exr"])

    assert (sequence.name, singles) == ("c.[1-3].exr (2)", ("c.[1-3].exr",))


def test_the_shown_name_of_very_long_names_fits_a_folder_name() -> None:
    (sequence,), _ = group(frames("é" * 123 + ".{:04d}.exr", 1, 2, 3))

    assert len(sequence.name.encode()) <= 255


def test_a_sequence_knows_which_names_would_be_its_frames() -> None:
    (sequence,), _ = group(frames("c.{:04d}.exr", 1, 2, 3))

    assert (sequence.would_hold("c.0004.exr"), sequence.would_hold("d.0004.exr")) == (True, False)


PARTS = st.sampled_from(["", "a", "a.", "a_", "v", "a_v", "\n", "\udcff.", "1.", "é"])
NUMBERS = st.text("0123456789", min_size=1, max_size=6)
NAMES = st.builds(
    "{}{}{}".format, PARTS, NUMBERS, st.sampled_from([".exr", ".png", ".[1-3].exr", ".mov", ""])
) | st.text(max_size=8)


@given(st.lists(NAMES, max_size=60))
def test_every_name_comes_back_exactly_once(names: list[str]) -> None:
    sequences, singles = group(names, lambda _: True)

    back = [*singles, *(file for sequence in sequences for file in sequence.files)]
    assert sorted(back) == sorted(set(names))


@given(st.lists(NAMES, max_size=60))
def test_a_sequence_names_its_files_by_prefix_number_and_suffix(names: list[str]) -> None:
    sequences, _ = group(names)

    for sequence in sequences:
        made = tuple(f"{sequence.prefix}{frame:0{sequence.width}d}{sequence.suffix}" for frame in sequence.frames)
        assert sequence.files == made


@given(st.sets(st.integers(min_value=0, max_value=200), min_size=3))
def test_frames_and_gaps_together_leave_nothing_out(numbers: set[int]) -> None:
    sequences, _ = group(frames("c.{:04d}.exr", *numbers))

    for sequence in sequences:
        skipped = {frame for gap in sequence.gaps for frame in range(gap.first, gap.last + 1)}
        assert skipped | numbers == set(range(min(numbers), max(numbers) + 1))
        assert not skipped & numbers


@given(st.lists(NAMES, max_size=60))
def test_no_two_sequences_and_files_share_a_name(names: list[str]) -> None:
    sequences, _ = group(names, lambda _: True)

    shown = [sequence.name for sequence in sequences]
    assert len({*shown, *names}) == len(shown) + len(set(names))
