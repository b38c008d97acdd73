"""Reading picture tracks: every frame is counted, the right ones are looked at, each at its exact time."""

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.media.frames import UnreadableMediaError
from scanner.media.structure import shortfall
from scanner.media.video import Clock, Counts, VideoTrack, missing_frames
from scanner.settings import ExaminingTable
from tests.media.clips import CUT, FRAMES, GOOD, LONG_GOP, STANDING_ALONE, TURNED, UNEVEN, rate_of
from tests.media.making import damage, encode, ffmpeg, job, looked, shot

pytestmark = pytest.mark.long

Clips = Callable[[str], Path]
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")


def told(path: Path, *, step: int = 6) -> list[str]:
    """All the words in which damage to a video file is told; why it cannot be opened counts too."""
    missing = shortfall(path, job(path).format)
    try:
        return [*damage(looked(job(path, step=step))), *([missing] if missing else [])]
    except UnreadableMediaError as error:
        return [str(error)]


def seconds(path: Path, *, step: int) -> list[Fraction]:
    codes = looked(job(path, step=step)).codes
    assert codes is not None
    return sorted({pts * codes.time_base for pts in codes.pts})


# --- coverage


@pytest.mark.parametrize("name", GOOD)
def test_of_a_good_file_every_frame_is_counted_and_no_damage_is_told(clips: Clips, name: str) -> None:
    reading = looked(job(clips(name)))

    assert (told(clips(name)), reading.present) == ([], GOOD[name].frames)


@pytest.mark.parametrize("name", GOOD)
def test_every_sixth_frame_is_looked_at_from_the_first_on(clips: Clips, name: str) -> None:
    whole, sampled = looked(job(clips(name), step=1)).codes, looked(job(clips(name), step=6)).codes
    assert whole is not None
    assert sampled is not None
    views = len(whole.pts) // GOOD[name].frames

    assert sampled.pts == tuple(pts for at, pts in enumerate(whole.pts) if at // views % 6 == 0)


@pytest.mark.parametrize("name", GOOD)
def test_a_frame_looks_the_same_whether_the_others_are_decoded_or_not(clips: Clips, name: str) -> None:
    whole, sampled = looked(job(clips(name), step=1)).codes, looked(job(clips(name), step=6)).codes
    assert whole is not None
    assert sampled is not None
    views = len(whole.pts) // GOOD[name].frames
    kept = [whole.codes[32 * at : 32 * at + 32] for at in range(len(whole.pts)) if at // views % 6 == 0]

    assert sampled.codes == b"".join(kept)


@given(shortest=st.integers(2, 200), start=st.integers(0, 10_000))
def test_every_shot_of_the_shortest_length_holds_two_samples(shortest: int, start: int) -> None:
    step = ExaminingTable(shortest_shot=shortest).sample_step

    sampled = [frame for frame in range(start, start + shortest) if frame % step == 0]

    assert len(sampled) >= 2


# --- times


@pytest.mark.parametrize("name", [*STANDING_ALONE, *LONG_GOP])
def test_frames_stand_at_their_exact_times(clips: Clips, name: str) -> None:
    rate = rate_of(name) if GOOD[name].frames == FRAMES else Fraction(30)
    # Matroska and WebM count in milliseconds.
    rounding = Fraction(1, 2000) if name.endswith(("mkv", "webm")) else Fraction(1, 90_000)

    found = seconds(clips(name), step=6)

    assert all(abs(at - number * 6 / rate) <= rounding for number, at in enumerate(found))


@pytest.mark.parametrize("name", [*STANDING_ALONE, *LONG_GOP])
def test_the_rate_is_the_exact_one(clips: Clips, name: str) -> None:
    track = looked(job(clips(name))).track
    assert track is not None

    assert track.frame_rate == (rate_of(name) if GOOD[name].frames == FRAMES else Fraction(30))


@pytest.mark.parametrize(
    ("name", "timecode"),
    [
        ("prores.mov", "01:00:00:00"),
        ("dnxhr-25.mxf", "10:00:00:00"),
        ("dnxhr-23976.mxf", "01:00:00:00"),
        ("dnxhr-drop-frame.mxf", "00:59:59;20"),
        ("h264-25.mov", "09:59:58:00"),
        ("h264-drop-frame.mov", "00:59:59;20"),
        ("h264.mkv", None),
    ],
)
def test_the_start_timecode_is_read(clips: Clips, name: str, timecode: str | None) -> None:
    track = looked(job(clips(name))).track
    assert track is not None

    assert track.start_timecode == timecode


@pytest.mark.parametrize("name", CUT)
def test_what_an_edit_list_leaves_out_does_not_shift_the_times(clips: Clips, name: str) -> None:
    found = seconds(clips(name), step=6)

    assert all(abs(at - Fraction(number, 4)) <= Fraction(1, 2000) for number, at in enumerate(found))


@pytest.mark.parametrize("name", [name for name in UNEVEN if name.startswith("variable")])
def test_frames_of_a_variable_rate_stand_at_their_own_times(clips: Clips, name: str) -> None:
    shown = [number for number in range(FRAMES) if number % 3 == 0 or number > 48]

    found = seconds(clips(name), step=1)

    assert all(abs(at - Fraction(n, 24)) <= Fraction(1, 2000) for at, n in zip(found, shown, strict=True))


def test_a_pause_in_a_track_does_not_change_its_rate(clips: Clips) -> None:
    track = looked(job(clips("pause.mov"))).track
    assert track is not None

    assert track.frame_rate == 24


@pytest.mark.parametrize("name", ["h264.ts", "vp8.webm"])
def test_time_goes_on_where_two_files_were_joined(clips: Clips, tmp_path: Path, name: str) -> None:
    twice = tmp_path / name
    twice.write_bytes(clips(name).read_bytes() * 2)
    rate = rate_of(name)

    found = seconds(twice, step=6)

    assert all(abs(at - number * 6 / rate) <= Fraction(1, 1000) for number, at in enumerate(found))


@pytest.mark.parametrize("name", ["h264.ts", "vp8.webm"])
def test_two_files_that_were_joined_are_no_damage(clips: Clips, tmp_path: Path, name: str) -> None:
    twice = tmp_path / name
    twice.write_bytes(clips(name).read_bytes() * 2)

    assert told(twice) == []


@given(stamps=st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=40))
def test_no_two_frames_stand_at_the_same_time_whatever_the_stamps_say(stamps: list[int]) -> None:
    clock = Clock(time_base=Fraction(1, 24), usual=1)

    ticks = [clock.at(stamp) for stamp in stamps]

    assert ticks == sorted(set(ticks))


@given(first=st.integers(-1000, 1000), steps=st.lists(st.integers(1, 1000), max_size=40))
def test_good_stamps_are_left_alone(first: int, steps: list[int]) -> None:
    clock = Clock(time_base=Fraction(1, 90_000), usual=3600)
    stamps = list(np.cumsum([first, *steps]))

    assert [clock.at(int(stamp)) for stamp in stamps] == [stamp - first for stamp in stamps]


# --- tracks


def test_a_display_flag_turns_the_picture(clips: Clips) -> None:
    turned = job(next(iter([clips(name) for name in TURNED])))
    with open_track(turned.root) as track:
        frame = next(track.frames(1, lambda: None))

    assert frame.grey.shape == (320, 180)


def open_track(path: Path) -> VideoTrack:
    track = VideoTrack.open(path)
    assert track is not None
    return track


def test_a_turned_track_is_also_looked_at_as_it_is_stored(clips: Clips) -> None:
    codes = looked(job(clips("turned.mp4"), step=6)).codes
    assert codes is not None

    assert len(codes.pts) == 2 * len(set(codes.pts))


def test_a_second_picture_track_is_looked_at_too(clips: Clips, tmp_path: Path) -> None:
    both = tmp_path / "both.mp4"
    other = encode(tmp_path / "other.mp4", shot(2, FRAMES), *H264)
    ffmpeg("-i", clips("h264.mp4"), "-i", other, "-map", "0:v", "-map", "1:v", "-c", "copy", both)
    reading = looked(job(both))
    seen = reading.codes
    alone = looked(job(other)).codes
    assert seen is not None
    assert alone is not None

    theirs = {alone.codes[at : at + 32] for at in range(0, len(alone.codes), 32)}

    assert theirs <= {seen.codes[at : at + 32] for at in range(0, len(seen.codes), 32)}
    assert (reading.present, told(both)) == (2 * FRAMES, [])


def test_a_picture_in_an_unknown_codec_is_unreadable_and_no_sound_file(clips: Clips, tmp_path: Path) -> None:
    unknown = tmp_path / "unknown.mov"
    unknown.write_bytes(clips("prores.mov").read_bytes().replace(b"apch", b"zzzz"))

    with pytest.raises(UnreadableMediaError, match="codec that is not known"):
        VideoTrack.open(unknown)


def test_a_file_with_sound_only_has_no_picture_track(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "sound.mov")

    assert VideoTrack.open(tmp_path / "sound.mov") is None


def test_a_cover_picture_is_no_picture_track(tmp_path: Path) -> None:
    cover, song = tmp_path / "cover.png", tmp_path / "song.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1", "-frames:v", "1", cover)
    options = ("-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic")
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-i", cover, *options, song)

    assert VideoTrack.open(song) is None


# --- damage


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
@pytest.mark.parametrize(
    "name",
    [
        *("prores.mov", "dnxhr-25.mxf", "jpeg2000.mxf", "h264.mp4", "h264-moov-first.mp4", "h264-fragmented.mp4"),
        *("h264.mkv", "h264-live.mkv", "hevc.mp4", "mpeg2.mxf", "vp9.webm", "ffv1.mkv", "mjpeg.avi"),
        *("cut.mov", "cut-prores.mov"),
    ],
)
def test_a_file_that_ends_early_is_told(clips: Clips, tmp_path: Path, name: str, share: float) -> None:
    whole = clips(name).read_bytes()
    short = tmp_path / name
    short.write_bytes(whole[: int(len(whole) * share) | 1])

    assert told(short) != []


@pytest.mark.parametrize("name", ["h264.mkv", "h264-live.mkv", "vp8.webm", "ffv1.mkv", "h264.ts", "mpeg2.ts"])
def test_noise_that_makes_a_demuxer_pass_over_frames_is_told(clips: Clips, tmp_path: Path, name: str) -> None:
    noisy = bytearray(clips(name).read_bytes())
    middle = len(noisy) // 2
    noisy[middle : middle + len(noisy) // 8] = bytes(len(noisy) // 8)
    (tmp_path / name).write_bytes(noisy)

    assert told(tmp_path / name) != []


@pytest.mark.parametrize("name", ["h264.mp4", "hevc.mp4", "mpeg2.mxf", "av1.mp4", "mjpeg.mov", "prores.mov"])
def test_frames_that_cannot_be_decoded_are_told(clips: Clips, tmp_path: Path, name: str) -> None:
    noisy = bytearray(clips(name).read_bytes())
    third = len(noisy) // 3
    noisy[third : third + 2000] = random.Random(7).randbytes(2000)
    (tmp_path / name).write_bytes(noisy)

    assert any("cannot be decoded" in words for words in told(tmp_path / name, step=1))


def test_damage_to_one_frame_does_not_hide_the_rest(clips: Clips, tmp_path: Path) -> None:
    noisy = bytearray(clips("h264.mp4").read_bytes())
    third = len(noisy) // 3
    noisy[third : third + 200] = random.Random(7).randbytes(200)
    (tmp_path / "noisy.mp4").write_bytes(noisy)

    assert looked(job(tmp_path / "noisy.mp4", step=1)).examined > FRAMES // 2


def test_a_file_of_one_frame_is_whole(tmp_path: Path) -> None:
    path = encode(tmp_path / "one.mov", shot(1, 1), "-c:v", "prores_ks")

    assert (told(path), looked(job(path)).examined) == ([], 1)


def test_a_track_without_frames_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "none.mp4"
    one = encode(tmp_path / "one.mp4", shot(1, 2), *H264)
    ffmpeg("-i", one, "-c", "copy", "-movflags", "empty_moov", "-frames:v", "0", path)

    assert told(path) == ["no frame of its picture can be decoded"]


def test_a_picture_of_more_than_300_million_points_is_not_opened(tmp_path: Path) -> None:
    path = encode(tmp_path / "huge.mov", shot(1, 2), "-c:v", "png")
    data = path.read_bytes().replace(b"\0\0\x01\x40\0\0\0\xb4", b"\0\0\x7d\0\0\0\x7d\0")
    data = data.replace(b"\x01\x40\0\xb4", b"\x7d\0\x7d\0")
    path.write_bytes(data)

    assert told(path) != []


@pytest.mark.parametrize(
    ("counts", "missing"),
    [
        (Counts(present=96, packets=96, listed=96, shown=96), 0),
        (Counts(present=64, packets=65, listed=96, shown=65), 0),
        (Counts(present=40, packets=40, listed=96, shown=96), 56),
        (Counts(present=95, packets=95, listed=None, shown=96), 1),
        (Counts(present=10, packets=10, listed=None, shown=None), 0),
    ],
)
def test_frames_that_are_promised_and_not_there_are_counted(counts: Counts, missing: int) -> None:
    assert missing_frames(counts) == missing


# --- names


@pytest.mark.parametrize(
    "name",
    [
        "-i.mp4",
        "concat:a.mp4",
        "%d.mp4",
        "a\nb.mp4",
        "http:x.mp4",
        "pipe:0.mp4",
        "a'b\"c;.mp4",
        "\udcff.mp4",
        "file:a.mp4",
    ],
)
def test_a_file_is_opened_as_a_file_whatever_its_name_means_to_ffmpeg(clips: Clips, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(clips("h264.mp4").read_bytes())

    assert looked(job(path)).present == FRAMES


# --- thumbnails


@pytest.mark.parametrize("name", ["prores.mov", "h264.mp4", "h264.mkv", "h264.ts", "mpeg2.ts", "mpeg2.mxf", "cut.mov"])
def test_a_thumbnail_is_given_of_every_time_that_is_asked_for(clips: Clips, name: str) -> None:
    with open_track(clips(name)) as track:
        found = list(track.pictures_at([Fraction(0), Fraction(1), Fraction(1, 2)]))

    assert [thumbnail.seconds for thumbnail in found] == [0, 1, Fraction(1, 2)]


@pytest.mark.parametrize("name", ["prores.mov", "h264.mp4", "h264.ts", "mpeg2.ts", "dnxhr-25.mxf"])
def test_a_thumbnail_shows_the_frame_of_its_time(clips: Clips, name: str) -> None:
    with open_track(clips(name)) as track:
        (found,) = track.pictures_at([48 / rate_of(name)])
    seen = cv2.imdecode(np.frombuffer(found.jpeg, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    errors = [np.abs(picture.astype(int) - seen).mean() for picture in shot(1, FRAMES)[40:56]]

    assert int(np.argmin(errors)) == 8
