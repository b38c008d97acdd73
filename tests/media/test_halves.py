"""Every other sample is left out where frames can be had singly, but round what stands by itself: looked at twice."""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.media.files import Files
from scanner.media.frames import Rgb, UnreadableMediaError
from scanner.media.halves import with_halves
from scanner.media.video import VideoTrack
from tests.media.making import Pictures, damage, encode, job, looked, shot

STEP = 6
# A long take, a shot of thirteen frames that holds one sample, and another long take.
SHOTS = (49, 13, 46)
SAMPLED = [*range(0, 60, 12), 54, 60, 66, *range(72, 108, 12), 102]
ENCODINGS = {
    "prores.mov": ("-c:v", "prores_ks"),
    "prores.mkv": ("-c:v", "prores_ks"),
    "mjpeg.mov": ("-c:v", "mjpeg", "-q:v", "3"),
    "jpeg2000.mov": ("-c:v", "jpeg2000", "-pix_fmt", "yuv420p"),
    "fragments.mov": ("-c:v", "prores_ks", "-movflags", "frag_keyframe+empty_moov", "-g", "24"),
    "dnxhr.mxf": ("-c:v", "dnxhd", "-profile:v", "dnxhr_sq", "-pix_fmt", "yuv422p"),
}


def film() -> Pictures:
    """Three shots that stand still."""
    return np.concatenate([shot(seed, 2)[:1].repeat(frames, axis=0) for seed, frames in enumerate(SHOTS, 1)])


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("halves")

    def made(name: str) -> Path:
        path = folder / name
        return path if path.exists() else encode(path, film(), *ENCODINGS[name])

    return made


def looks(cuts: list[int], length: int) -> list[int]:
    """Which frames of a film are looked at in which another shot begins at each of these frames."""

    def shot_of(frame: int) -> int:
        return sum(cut <= frame for cut in cuts)

    def midway(frame: int) -> int | None:
        return frame + STEP if frame % (2 * STEP) == 0 and frame + STEP < length else None

    samples = range(0, length, 2 * STEP)
    return list(with_halves(samples, midway, lambda one, other: shot_of(one) == shot_of(other)))


@given(lengths=st.lists(st.integers(2 * STEP, 90), min_size=1, max_size=30))
def test_every_shot_of_the_shortest_length_is_looked_at_twice(lengths: list[int]) -> None:
    ends = np.cumsum(lengths).tolist()

    seen = looks(ends[:-1], ends[-1])

    assert seen == sorted(set(seen))
    assert all(
        sum(end - length <= frame < end for frame in seen) >= 2 for end, length in zip(ends, lengths, strict=True)
    )


@given(lengths=st.lists(st.integers(4 * STEP, 200), min_size=1, max_size=30))
def test_no_look_is_added_between_long_shots(lengths: list[int]) -> None:
    ends = np.cumsum(lengths).tolist()

    added = [frame for frame in looks(ends[:-1], ends[-1]) if frame % (2 * STEP)]

    assert all(frame + STEP >= ends[-1] for frame in added)


def test_nothing_is_made_of_nothing() -> None:
    assert looks([], 0) == []
    assert looks([], 1) == [0]


@pytest.mark.parametrize("name", ENCODINGS)
def test_only_the_short_shot_is_looked_at_twice_as_often(encoded: Callable[[str], Path], name: str) -> None:
    with open_track(encoded(name)) as track:
        whole = list(track.frames(1, lambda: None))
    with open_track(encoded(name)) as track:
        found = list(track.frames(STEP, lambda: None, sparing=True))
        counts, step = track.counts, track.step

    wanted = [whole[number] for number in SAMPLED]
    assert [frame.pts for frame in found] == [frame.pts for frame in wanted]
    assert all(np.array_equal(a.grey, b.grey) for a, b in zip(found, wanted, strict=True))
    assert (counts.present, counts.damaged, counts.between, step) == (sum(SHOTS), 0, 3, 12)


@pytest.mark.parametrize("name", ["prores.mov", "mjpeg.mov", "dnxhr.mxf"])
def test_a_broken_frame_between_two_samples_is_told(encoded: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    data = bytearray(encoded(name).read_bytes())
    with open_track(encoded(name)) as track:
        packet = [bytes(packet) for packet in track.container.demux(track.stream) if packet.size][54]
    # A shot that stands still may be the same bytes over and over.
    places = list(occurrences(data, packet))
    at = places[54 - 49 if len(places) > 1 else 0]
    data[at : at + len(packet)] = random.Random(at).randbytes(len(packet))
    (tmp_path / name).write_bytes(data)

    with open_track(tmp_path / name) as track:
        found = [frame.pts * track.time_base * 24 for frame in track.frames(STEP, lambda: None, sparing=True)]

    assert (sorted({*SAMPLED} - {*found}), track.counts.damaged) == ([54], 1)
    assert any("cannot be decoded" in words for words in damage(looked(job(tmp_path / name))))


def occurrences(data: bytes | bytearray, part: bytes) -> Iterator[int]:
    at = data.find(part)
    while at >= 0:
        yield at
        at = data.find(part, at + len(part))


def test_a_damaged_file_is_read_at_every_step(encoded: Callable[[str], Path]) -> None:
    track = VideoTrack.open(encoded("prores.mov"), 0, "SLICE")
    assert track is not None

    with track:
        found = [frame.pts * track.time_base * 24 for frame in track.frames(STEP, lambda: None, sparing=True)]

    assert (found, track.step) == (list(range(0, sum(SHOTS), STEP)), STEP)


@pytest.mark.parametrize("missing", [None, 54])
def test_files_of_a_sequence_are_looked_at_in_the_same_way(missing: int | None) -> None:
    pictures = film()

    def read(number: int) -> Rgb:
        if number == missing:
            msg = "it is broken"
            raise UnreadableMediaError(msg)
        return pictures[number]

    files = Files(read=read, numbers=range(len(pictures)), step=STEP, readers=2)
    found = [frame.number for frame in files.frames(lambda: None)]

    assert found == [number for number in SAMPLED if number != missing]
    assert files.failed == ([] if missing is None else [(54, "it is broken")])
    assert (files.between, files.widest) == (3 if missing is None else 2, 12)


def test_the_coverage_says_how_far_apart_samples_are(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mov", film(), *ENCODINGS["prores.mov"])

    reading = looked(job(path))

    assert (reading.examined, reading.between, reading.step) == (len(SAMPLED), 3, 12)
    assert reading.duration == Fraction(sum(SHOTS), 24)


def open_track(path: Path) -> VideoTrack:
    track = VideoTrack.open(path)
    assert track is not None
    return track
