"""What is left out changes nothing: sampled frames are those of a full decode, wherever they are looked for."""

import itertools
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.media.frames import Frame
from scanner.media.stamps import Order
from scanner.media.video import VideoTrack
from tests.media.clips import FRAMES, GOOD, rate_of
from tests.media.making import encode, ffmpeg, shot

Clips = Callable[[str], Path]
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "veryfast", "-pix_fmt", "yuv420p")

PYRAMIDS = {
    "pyramid.mp4": (*H264, "-bf", "7", "-b-pyramid", "normal", "-x264-params", "b-adapt=0:keyint=40"),
    "open-pyramid.mkv": (*H264, "-bf", "5", "-x264-params", "open-gop=1:keyint=30:b-adapt=0"),
    "pyramid-hevc.mp4": (*X265, "-x265-params", "log-level=none:bframes=8:b-adapt=0:b-pyramid=1:open-gop=1:keyint=40"),
    "intra.mp4": (*H264, "-g", "1"),
    "intra-hevc.mkv": (*X265, "-x265-params", "log-level=none:keyint=1"),
    "short-groups.mp4": ("-c:v", "mpeg2video", "-g", "3", "-bf", "2"),
    "no-reordering.mp4": (*H264, "-tune", "zerolatency"),
}


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """The path of a file of `PYRAMIDS` by its name."""
    folder = tmp_path_factory.mktemp("pyramids")

    def made(name: str) -> Path:
        path = folder / name
        return path if path.exists() else encode(path, shot(1, FRAMES), *PYRAMIDS[name])

    return made


def track_of(path: Path) -> VideoTrack:
    track = VideoTrack.open(path)
    assert track is not None
    return track


def frames(path: Path, step: int) -> list[Frame]:
    with track_of(path) as track:
        return list(track.frames(step, lambda: None))


def between(path: Path, start: Fraction, end: Fraction) -> list[Frame]:
    with track_of(path) as track:
        return list(track.frames_between(start, end))


def same(found: list[Frame], wanted: list[Frame]) -> bool:
    return [frame.pts for frame in found] == [frame.pts for frame in wanted] and all(
        np.array_equal(a.grey, b.grey) for a, b in zip(found, wanted, strict=True)
    )


# --- sampling


@pytest.mark.parametrize("step", [2, 5, 6, 12])
@pytest.mark.parametrize("name", PYRAMIDS)
def test_what_is_sampled_is_what_a_full_decode_gives(pyramid: Clips, name: str, step: int) -> None:
    assert same(frames(pyramid(name), step), frames(pyramid(name), 1)[::step])


@pytest.mark.parametrize("name", GOOD)
def test_of_every_encoding_the_same_pictures_are_sampled(clips: Clips, name: str) -> None:
    assert same(frames(clips(name), 5), frames(clips(name), 1)[::5])


@pytest.mark.parametrize("name", [*PYRAMIDS, "h264-open-gop.mov", "cut-hevc.mp4", "variable-rate.mkv", "mpeg2.mxf"])
def test_what_is_passed_over_is_counted_as_had(clips: Clips, pyramid: Clips, name: str) -> None:
    with track_of(pyramid(name) if name in PYRAMIDS else clips(name)) as track:
        list(track.frames(6, lambda: None))

    assert (track.counts.decoded, track.counts.damaged) == (track.counts.present, 0)


@pytest.mark.parametrize("name", ["pyramid.mp4", "open-pyramid.mkv", "pyramid-hevc.mp4"])
def test_around_damage_no_window_of_two_steps_is_left_unseen_without_its_time_being_told(
    pyramid: Clips, tmp_path: Path, name: str
) -> None:
    noisy = bytearray(pyramid(name).read_bytes())
    middle = len(noisy) // 2
    noisy[middle : middle + 400] = random.Random(5).randbytes(400)
    (tmp_path / name).write_bytes(noisy)

    with track_of(tmp_path / name) as track:
        seen = [frame.pts * track.time_base * 24 for frame in track.frames(4, lambda: None)]

    holes = [a for a, b in itertools.pairwise(seen) if b - a > 8]
    assert track.counts.damaged > 0
    assert all(any(hole <= at * 24 <= hole + FRAMES for at in track.counts.broken) for hole in holes)


@given(shown=st.permutations(range(24)), step=st.integers(1, 7))
def test_a_frames_place_is_its_rank_among_the_stamps(shown: list[int], step: int) -> None:
    order = Order()
    stamps = [order.enter(number * 512, at) for at, number in enumerate(shown)]
    places = [order.place(stamp) for stamp in stamps if stamp is not None]

    out = [order.leave(number * 512) for number in range(0, 24, step)]

    assert (places, out, order.known) == (list(shown), list(range(0, 24, step)), True)


def test_without_stamps_no_place_is_claimed() -> None:
    order = Order()
    order.enter(None, 0)

    assert not order.known


# --- seeking

SOUGHT = [
    *("prores.mov", "dnxhr-23976.mxf", "jpeg2000.mxf", "mjpeg.avi", "h264.mp4", "h264-open-gop.mov", "h264.mkv"),
    *("h264.mxf", "h264.ts", "h264-starts-at-5s.mp4", "h264-starts-below-0.mkv", "h264-fragmented.mp4", "hevc.mp4"),
    *("hevc-10-bit-pq.mp4", "mpeg2.mxf", "mpeg2.ts", "mpeg4.avi", "vp9.webm", "av1.mp4", "ffv1.mkv", "cut.mov"),
    *("cut-prores.mov", "cut-hevc.mp4", "cut-in-open-gop.mkv", "variable-rate.mp4", "variable-rate.mkv", "pause.mov"),
]


@pytest.mark.parametrize("name", SOUGHT)
@pytest.mark.parametrize(("first", "last"), [(0, 3), (31, 37), (60, 500)])
def test_frames_between_two_times_are_those_of_reading_through(clips: Clips, name: str, first: int, last: int) -> None:
    rate = rate_of(name) if GOOD[name].source is None else Fraction(24)
    start, end = first / rate, last / rate
    with track_of(clips(name)) as track:
        whole = list(track.frames(1, lambda: None))
    wanted = [frame for frame in whole if start <= frame.pts * track.time_base < end]

    assert same(between(clips(name), start, end), wanted)


@pytest.mark.parametrize("name", PYRAMIDS)
def test_frames_before_a_key_frame_are_found_too(pyramid: Clips, name: str) -> None:
    whole = frames(pyramid(name), 1)

    with track_of(pyramid(name)) as track:
        for first in range(20, 60, 3):
            start, end = (whole[at].pts * track.time_base for at in (first, first + 4))
            assert same(list(track.frames_between(start, end)), whole[first : first + 4])


def test_frames_are_found_after_a_reading_and_thumbnails_after_that(clips: Clips) -> None:
    with track_of(clips("prores.mov")) as track:
        whole = list(track.frames(1, lambda: None))
        found = list(track.frames_between(Fraction(1), Fraction(2)))
        (thumbnail,) = track.pictures_at([Fraction(1)])

    assert same(found, whole[24:48])
    assert thumbnail.seconds == 1


@pytest.mark.parametrize("name", ["h264.ts", "vp8.webm"])
def test_frames_behind_a_join_are_found_at_the_times_of_reading_through(
    clips: Clips, tmp_path: Path, name: str
) -> None:
    twice = tmp_path / name
    twice.write_bytes(clips(name).read_bytes() * 2)
    whole = frames(twice, 1)
    with track_of(twice) as track:
        start, end = (whole[at].pts * track.time_base for at in (FRAMES + 10, FRAMES + 14))
        found = list(track.frames_between(start, end))

    assert same(found, whole[FRAMES + 10 : FRAMES + 14])


def test_damage_met_while_seeking_is_not_counted_again(clips: Clips) -> None:
    with track_of(clips("h264-open-gop.mov")) as track:
        list(track.frames_between(Fraction(1), Fraction(2)))

    assert (track.counts.damaged, track.counts.present) == (0, 0)


# --- a frame that was asked for in detail


def test_the_finer_picture_stays_that_of_its_frame(tmp_path: Path) -> None:
    path = tmp_path / "wide.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1920x1080:d=1:r=12", *H264, path)
    asked_at_once = [frame.fine for frame in frames_of(path)]
    kept = list(frames_of(path))

    assert asked_at_once[0].shape == (720, 1280)
    assert all(np.array_equal(a, frame.fine) for a, frame in zip(asked_at_once, kept, strict=True))
    assert kept[3].fine is kept[3].fine


def frames_of(path: Path) -> list[Frame]:
    return frames(path, 3)
