"""Short excerpts of sound are cut out of any file, for people to listen to."""

import io
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from scanner.media.excerpts import excerpts, pieces
from scanner.media.frames import UnreadableMediaError
from scanner.media.listening import samples_of
from scanner.model import SoundSpan, Thumbnail
from tests.media.making import ffmpeg
from tests.sounds import RATE, Sound, write


def nobody() -> None:
    """Progress is told to nobody."""


def steps(seconds: int) -> Sound:
    """A tone for each second, 200 Hz higher than the one before."""
    at = np.arange(seconds * RATE) / RATE
    return np.asarray(0.2 * np.sin(2 * np.pi * (300 + 200 * np.floor(at)) * at), np.float32)


def span(start: float, length: float = 1, *, channel: str = "1", stream: int = 0) -> SoundSpan:
    return SoundSpan(stream=stream, channel=channel, start=Fraction(start), length=Fraction(length))


def sound_of(excerpt: Thumbnail) -> tuple[Sound, int]:
    with av.open(io.BytesIO(excerpt.sound)) as file:
        frames = [samples_of(frame)[0] for frame in file.decode(audio=0)]
        return np.concatenate(frames), file.streams.audio[0].rate


def pitch(excerpt: Thumbnail) -> float:
    """The strongest frequency in its middle."""
    samples, rate = sound_of(excerpt)
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    return float(np.abs(np.fft.rfft(middle)).argmax() * rate / len(middle))


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a", "ogg", "flac", "aac", "mka"])
def test_an_excerpt_is_what_is_heard_at_its_time(tmp_path: Path, kind: str) -> None:
    ffmpeg("-i", write(tmp_path / "all.wav", steps(9)), "-ar", 48_000, tmp_path / f"a.{kind}")

    last, first = excerpts(tmp_path / f"a.{kind}", [span(7), span(2)], nobody)

    assert last is not None
    assert first is not None
    assert (pitch(last), pitch(first)) == (pytest.approx(1700, abs=9), pytest.approx(700, abs=9))
    assert float(first.seconds) == pytest.approx(2, abs=0.1)
    assert float(first.length) == pytest.approx(1, abs=0.1)


def test_it_is_of_the_channel_or_the_mix_that_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", steps(2), steps(4)[2 * RATE :])

    left, right, side = excerpts(path, [span(0, channel=name) for name in ("L", "R", "side")], nobody)

    assert left is not None
    assert right is not None
    assert side is not None
    assert (pitch(left), pitch(right)) == (pytest.approx(300, abs=9), pytest.approx(700, abs=9))


def test_what_is_quiet_is_brought_up(tmp_path: Path) -> None:
    (quiet,) = excerpts(write(tmp_path / "a.wav", steps(2) / 100), [span(0)], nobody)

    assert quiet is not None
    assert np.abs(sound_of(quiet)[0]).max() > 0.5


def test_it_has_a_small_picture_of_its_spectrum(tmp_path: Path) -> None:
    (excerpt,) = excerpts(write(tmp_path / "a.wav", steps(9)), [span(0, 9)], nobody)

    assert excerpt is not None
    assert len(excerpt.jpeg) < 20_000
    assert len(excerpt.sound) < 45_000
    assert cv2.imdecode(np.frombuffer(excerpt.jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (112, 480, 3)


def test_what_is_not_there_cannot_be_had(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", steps(2))

    assert list(excerpts(path, [span(5), span(0, stream=1), span(0)], nobody))[:2] == [None, None]
    with pytest.raises(UnreadableMediaError):
        list(excerpts(tmp_path / "none.wav", [span(0)], nobody))


@pytest.mark.parametrize(("seconds", "starts"), [(0.5, [0]), (10, [0]), (11, [0, 7.5]), (25, [0, 7.5, 15])])
def test_of_a_short_asset_all_is_kept(seconds: float, starts: list[float]) -> None:
    assert [float(piece.start) for piece in pieces(Fraction(seconds), 1)] == starts


def test_of_a_long_asset_pieces_are_kept_that_are_spread_over_it() -> None:
    kept = pieces(Fraction(3600), 6)

    assert (len(kept), kept[-1].start, {piece.channel for piece in kept}) == (30, 3480, {"mix"})
