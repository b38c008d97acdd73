"""Sound files are decoded to their end."""

import random
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.media.frames import UnreadableMediaError
from scanner.media.sound import listen
from tests.media.making import encode, ffmpeg, shot

KINDS = ["wav", "aiff", "flac", "mp3", "m4a", "ogg"]


def tone(path: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", "sine=d=2:r=48000", path)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_sound_file_is_heard_to_its_end(tmp_path: Path, kind: str) -> None:
    heard = listen(tone(tmp_path / f"a.{kind}"), lambda: None)

    assert (heard.tracks, heard.damaged_packets, heard.missing_seconds) == (1, 0, 0)
    assert abs(heard.seconds - 2) < Fraction(1, 10)


def test_every_track_is_heard(tmp_path: Path) -> None:
    tones = ("-f", "lavfi", "-i", "sine=d=1", "-f", "lavfi", "-i", "sine=d=1:f=880")
    ffmpeg(*tones, "-map", "0", "-map", "1", tmp_path / "a.m4a")

    assert listen(tmp_path / "a.m4a", lambda: None).tracks == 2


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_a_broadcast_wave_starts_at_its_time_reference(tmp_path: Path, rate: int) -> None:
    samples = 36_000 * rate + 1001
    bext = ("-write_bext", "1", "-metadata", f"time_reference={samples}")
    ffmpeg("-f", "lavfi", "-i", f"sine=d=1:r={rate}", *bext, tmp_path / "a.wav")

    heard = listen(tmp_path / "a.wav", lambda: None)

    assert heard.start == Fraction(samples, rate)
    assert heard.note == f"sound: starts at 10:00:00.{1001 * 1000 // rate:03} by its BWF time reference"


@pytest.mark.parametrize("samples", [None, 48_000 * 86_400, 2**63])
def test_a_sound_file_without_a_time_of_day_starts_nowhere(tmp_path: Path, samples: int | None) -> None:
    bext = () if samples is None else ("-write_bext", "1", "-metadata", f"time_reference={samples}")
    ffmpeg("-f", "lavfi", "-i", "sine=d=1:r=48000", *bext, tmp_path / "a.wav")

    heard = listen(tmp_path / "a.wav", lambda: None)

    assert (heard.start, heard.note) == (None, None)


def test_progress_is_told_while_it_is_heard(tmp_path: Path) -> None:
    steps: list[None] = []

    listen(tone(tmp_path / "a.wav"), lambda: steps.append(None))

    assert len(steps) > 10


def test_a_flac_that_ends_early_lacks_seconds(tmp_path: Path) -> None:
    whole = tone(tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) // 2])

    assert listen(tmp_path / "a.flac", lambda: None).missing_seconds > Fraction(1, 2)


def test_packets_that_cannot_be_decoded_are_counted(tmp_path: Path) -> None:
    noisy = bytearray(tone(tmp_path / "a.m4a").read_bytes())
    at = noisy.index(b"mdat") + 2000
    noisy[at : at + 4000] = random.Random(3).randbytes(4000)
    (tmp_path / "a.m4a").write_bytes(noisy)

    assert listen(tmp_path / "a.m4a", lambda: None).damaged_packets > 0


@pytest.mark.parametrize("data", [b"", b"fLaC", b"RIFF\0\0\0\0WAVE", b"ID3" + bytes(40), b"OggS" + bytes(60)])
def test_what_cannot_be_heard_is_unreadable(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)

    with pytest.raises(UnreadableMediaError):
        listen(tmp_path / "a.wav", lambda: None)


def test_why_it_is_unreadable_does_not_depend_on_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"nothing to hear")

    with pytest.raises(UnreadableMediaError) as caught:
        listen(tmp_path / "a.wav", lambda: None)

    assert str(tmp_path) not in str(caught.value)


def test_a_film_without_sound_has_none(tmp_path: Path) -> None:
    silent = encode(tmp_path / "a.mov", shot(1, 2), "-c:v", "prores_ks")

    with pytest.raises(UnreadableMediaError, match="no sound track"):
        listen(silent, lambda: None)
