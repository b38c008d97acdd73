"""Every sound stream is decoded once, and each of its channels and down-mixes is listened to."""

import random
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from scanner.fingerprint import landmarks
from scanner.fingerprint.names import LANDMARKS, LANDMARKS_VERSION
from scanner.media.frames import UnreadableMediaError
from scanner.media.listening import Listened, listen
from tests.media.making import encode, ffmpeg, shot
from tests.sounds import RATE, Sound, bed, voice, write

KINDS = ["wav", "aiff", "flac", "mp3", "m4a", "ogg", "opus"]


def nobody() -> None:
    """Progress is told to nobody."""


def tone(path: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", "sine=d=2:r=48000", path)
    return path


def channels(heard: Listened) -> list[tuple[int, str]]:
    return [(marks.stream, marks.channel) for marks in heard.marks]


def packed(
    path: Path, sound: Sound, *, codec: str, layout: str, rate: int = 48_000, at: tuple[int, ...] = (0,)
) -> Path:
    """Sounds, channels by samples, in a container; `at`: the stamp of each of them, in samples."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        stream.time_base = Fraction(1, rate)
        for begin, part in zip(at, np.array_split(sound, len(at), axis=1), strict=True):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
            resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
            for each in resampler.resample(frame):
                out.mux(stream.encode(each))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_sound_file_is_heard_to_its_end(tmp_path: Path, kind: str) -> None:
    heard = listen(tone(tmp_path / f"a.{kind}"), nobody)

    assert (heard.tracks, heard.channels, heard.damaged_packets, heard.missing_seconds) == (1, 1, 0, 0)
    assert abs(heard.seconds - 2) < Fraction(1, 10)
    assert channels(heard) == [(0, "1")]


def test_the_names_of_the_listener_are_its_own() -> None:
    assert (LANDMARKS, LANDMARKS_VERSION) == (landmarks.ALGORITHM, landmarks.VERSION)


def test_every_track_is_heard(tmp_path: Path) -> None:
    tones = ("-f", "lavfi", "-i", "sine=d=1", "-f", "lavfi", "-i", "sine=d=1:f=880")
    ffmpeg(*tones, "-map", "0", "-map", "1", tmp_path / "a.m4a")

    heard = listen(tmp_path / "a.m4a", nobody)

    assert (heard.tracks, sorted(channels(heard))) == (2, [(0, "1"), (0, "mix"), (1, "1")])


def two_tracks(path: Path, left: Sound, right: Sound, *options: str) -> Path:
    for name, sound in (("l.wav", left), ("r.wav", right)):
        write(path.with_name(name), sound)
    inputs = ("-i", path.with_name("l.wav"), *options, "-i", path.with_name("r.wav"))
    ffmpeg(*inputs, "-map", "0", "-map", "1", "-c:a", "pcm_s16le", path)
    return path


def test_two_tracks_of_one_channel_are_heard_together_as_one_mix(tmp_path: Path) -> None:
    left, right = voice(1, 3), voice(2, 3)

    (together,) = [m for m in listen(two_tracks(tmp_path / "a.mov", left, right), nobody).marks if m.channel == "mix"]
    stereo = listen(write(tmp_path / "b.wav", left, right), nobody)

    (mix,) = [marks for marks in stereo.marks if marks.channel == "mix"]
    assert together.codes[: len(together.codes) // 2] == mix.codes[: len(together.codes) // 2]


def test_tracks_that_begin_apart_or_are_the_same_are_not_heard_together(tmp_path: Path) -> None:
    same = two_tracks(tmp_path / "a.mov", voice(1, 3), voice(1, 3))
    apart = two_tracks(tmp_path / "b.mka", voice(1, 3), voice(2, 3), "-itsoffset", "1")

    assert [name for path in (same, apart) for _, name in channels(listen(path, nobody))] == ["1"] * 4


def test_of_two_channels_what_they_share_and_what_they_do_not_is_heard_as_well(tmp_path: Path) -> None:
    heard = listen(write(tmp_path / "a.wav", voice(1, 2), voice(2, 2)), nobody)

    assert channels(heard) == [(0, "L"), (0, "R"), (0, "mix"), (0, "side")]


def test_of_a_surround_sound_each_channel_is_heard_by_its_name(tmp_path: Path) -> None:
    sound = np.stack([voice(n, 1.5, rate=48_000) for n in range(6)])

    heard = listen(packed(tmp_path / "a.wav", sound, codec="pcm_s24le", layout="5.1"), nobody)

    assert [name for _, name in channels(heard)] == ["L", "R", "C", "LFE", "Ls", "Rs", "mix"]


def test_channels_without_a_layout_are_numbered(tmp_path: Path) -> None:
    heard = listen(write(tmp_path / "a.wav", *(voice(n, 0.3) for n in range(64))), nobody)

    assert [name for _, name in channels(heard)] == [*map(str, range(1, 65)), "mix"]


def test_a_channel_that_is_the_same_as_another_or_silent_is_not_heard_again(tmp_path: Path) -> None:
    one = voice(1, 2)

    heard = listen(write(tmp_path / "a.wav", one, one, one, 0 * one), nobody)

    assert ([name for _, name in channels(heard)], heard.silent) == (["1", "mix"], ("4 of stream 1",))


def test_a_channel_that_differs_at_last_is_heard_from_there_on(tmp_path: Path) -> None:
    one, other = voice(1, 4), voice(1, 4).copy()
    other[3 * RATE :] = voice(2, 1)

    heard = listen(write(tmp_path / "a.wav", one, other), nobody)

    starts = {marks.channel: marks.start for marks in heard.marks}
    assert (starts["L"], starts["R"]) == (0, pytest.approx(3, abs=1.1))


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 96_000, 192_000])
def test_a_sound_of_any_rate_is_the_same_sound(tmp_path: Path, rate: int) -> None:
    sound = voice(1, 3, rate=192_000)
    path = write(tmp_path / "a.wav", sound, rate=192_000)
    ffmpeg("-i", path, "-ar", rate, tmp_path / "b.wav")

    (one,), (other,) = listen(path, nobody).marks, listen(tmp_path / "b.wav", nobody).marks

    assert abs(one.hops - other.hops) <= 4
    assert len(other.codes) > 0.8 * len(one.codes)


def test_samples_that_are_no_numbers_or_far_over_full_scale_do_no_harm(tmp_path: Path) -> None:
    sound = np.stack([voice(1, 3, rate=48_000) * 30 + 0.5, voice(2, 3, rate=48_000)])
    sound[0, ::4801], sound[1, 100], sound[1, 200], sound[1, 300] = np.nan, np.inf, -np.inf, 1e30

    heard = listen(packed(tmp_path / "a.wav", sound, codec="pcm_f32le", layout="stereo"), nobody)

    assert heard.plain == ()
    assert {marks.channel for marks in heard.marks if len(marks.codes) > 200} >= {"L", "R", "mix"}


def test_silence_and_tone_say_nothing(tmp_path: Path) -> None:
    heard = listen(tone(tmp_path / "a.wav"), nobody)
    silent = listen(write(tmp_path / "b.wav", np.zeros(RATE, np.float32)), nobody)

    assert (heard.plain, heard.silent) == (("1 of stream 1",), ())
    assert (silent.plain, silent.silent, silent.marks) == ((), ("1 of stream 1",), ())


def test_times_are_those_of_the_stamps_where_they_leave_a_gap(tmp_path: Path) -> None:
    sound = voice(1, 4, rate=48_000)[None]
    path = packed(tmp_path / "a.mka", sound, codec="flac", layout="mono", at=(0, 60 * 48_000))

    heard = listen(path, nobody)

    assert [float(marks.start) for marks in heard.marks] == [0, pytest.approx(60, abs=0.05)]
    assert heard.seconds == pytest.approx(62, abs=0.2)


def test_sound_beside_a_picture_is_timed_by_the_picture(tmp_path: Path) -> None:
    film = encode(tmp_path / "a.mov", shot(1, 48), "-c:v", "prores_ks")
    write(tmp_path / "a.wav", voice(1, 1))
    late = ("-itsoffset", "0.5", "-i", tmp_path / "a.wav", "-map", "0:v", "-map", "1:a")
    ffmpeg("-i", film, *late, "-c:v", "copy", "-c:a", "pcm_s16le", tmp_path / "b.mov")

    (marks,) = listen(tmp_path / "b.mov", nobody).marks

    assert float(marks.start) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_a_broadcast_wave_starts_at_its_time_reference(tmp_path: Path, rate: int) -> None:
    samples = 36_000 * rate + 1001
    bext = ("-write_bext", "1", "-metadata", f"time_reference={samples}")
    ffmpeg("-f", "lavfi", "-i", f"sine=d=1:r={rate}", *bext, tmp_path / "a.wav")

    assert listen(tmp_path / "a.wav", nobody).start == Fraction(samples, rate)


@pytest.mark.parametrize("samples", [None, 48_000 * 86_400, 2**63])
def test_a_sound_file_without_a_time_of_day_starts_nowhere(tmp_path: Path, samples: int | None) -> None:
    bext = () if samples is None else ("-write_bext", "1", "-metadata", f"time_reference={samples}")
    ffmpeg("-f", "lavfi", "-i", "sine=d=1:r=48000", *bext, tmp_path / "a.wav")

    assert listen(tmp_path / "a.wav", nobody).start is None


def test_progress_is_told_while_it_is_heard(tmp_path: Path) -> None:
    steps: list[None] = []

    listen(tone(tmp_path / "a.wav"), lambda: steps.append(None))

    assert len(steps) > 10


def test_a_flac_that_ends_early_lacks_seconds(tmp_path: Path) -> None:
    whole = tone(tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) // 2])

    assert listen(tmp_path / "a.flac", nobody).missing_seconds > Fraction(1, 2)


def test_packets_that_cannot_be_decoded_are_counted_with_their_times(tmp_path: Path) -> None:
    noisy = bytearray(tone(tmp_path / "a.m4a").read_bytes())
    at = noisy.index(b"mdat") + 2000
    noisy[at : at + 4000] = random.Random(3).randbytes(4000)
    (tmp_path / "a.m4a").write_bytes(noisy)

    heard = listen(tmp_path / "a.m4a", nobody)

    assert heard.damaged_packets == len(heard.broken) > 0
    assert 0 < heard.broken[0] <= heard.broken[-1] < 2


def test_what_comes_after_damage_keeps_its_time(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", voice(1, 6))
    ffmpeg("-i", tmp_path / "a.wav", "-b:a", "96k", tmp_path / "a.m4a")
    noisy = bytearray((tmp_path / "a.m4a").read_bytes())
    at = noisy.index(b"mdat") + 6000
    noisy[at : at + 6000] = random.Random(3).randbytes(6000)
    (tmp_path / "b.m4a").write_bytes(noisy)

    whole, broken = listen(tmp_path / "a.m4a", nobody), listen(tmp_path / "b.m4a", nobody)

    assert broken.damaged_packets > 0
    assert broken.seconds == pytest.approx(whole.seconds, abs=0.05)


def test_a_length_that_lies_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(write(tmp_path / "a.wav", voice(1, 2)).read_bytes())
    data[40:44] = struct.pack("<I", 0xFFFFFFF0)
    (tmp_path / "a.wav").write_bytes(data)

    assert listen(tmp_path / "a.wav", nobody).seconds == 2


def test_a_stream_without_a_sample_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMediaError, match="none of its sound"):
        listen(write(tmp_path / "a.wav", np.zeros(0, np.float32)), nobody)


def test_beside_a_picture_a_stream_without_a_packet_is_no_loss(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        video = out.add_stream("mpeg4", rate=24)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        out.add_stream("flac", rate=48_000, layout="stereo")
        for number in range(12):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), format="rgb24")
            out.mux(video.encode(frame))
        out.mux(video.encode(None))

    heard = listen(tmp_path / "a.mkv", nobody)

    assert (heard.tracks, heard.seconds, heard.marks) == (1, 0, ())


@pytest.mark.parametrize("data", [b"", b"fLaC", b"RIFF\0\0\0\0WAVE", b"ID3" + bytes(40), b"OggS" + bytes(60)])
def test_what_cannot_be_heard_is_unreadable(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)

    with pytest.raises(UnreadableMediaError) as caught:
        listen(tmp_path / "a.wav", nobody)

    assert str(tmp_path) not in str(caught.value)


def test_a_film_without_sound_has_none(tmp_path: Path) -> None:
    silent = encode(tmp_path / "a.mov", shot(1, 2), "-c:v", "prores_ks")

    with pytest.raises(UnreadableMediaError, match="no sound track"):
        listen(silent, nobody)


def test_what_is_held_does_not_grow_with_the_blocks_it_comes_in(tmp_path: Path) -> None:
    sound = bed(1, 3)
    path = write(tmp_path / "a.wav", sound, voice(1, 3))
    ffmpeg("-i", path, "-c:a", "flac", tmp_path / "a.flac")

    assert listen(path, nobody).marks == listen(tmp_path / "a.flac", nobody).marks
