"""Hearing registered sounds again: alone, under others, turned, and only where they are."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.fingerprint.landmarks import RATE, Listener
from scanner.match.hearing import HearingIndex
from scanner.match.soundings import Sounding
from scanner.match.stretches import Sought
from scanner.model import AssetRef, SoundMarks
from tests.sounds import bed as music
from tests.sounds import mixed

Sound = NDArray[np.float64]
ASSETS = 6


def melody(seed: int, seconds: float, notes: int = 8) -> Sound:
    """Notes with overtones that glide and fade."""
    random, length = np.random.default_rng(seed), RATE // notes
    at = np.arange(length) / RATE
    made = []
    for pitch in random.uniform(120, 480, round(seconds * notes)):
        phase = 2 * np.pi * pitch * (at + random.uniform(-0.4, 0.4) * at**2)
        note = sum(np.sin(k * phase + k) / k for k in range(1, 8))
        made.append(note * np.exp(-at * random.uniform(3, 25)) * random.uniform(0.4, 1))
    return np.concatenate(made)


def marks_of(sound: Sound, channel: str = "mix", stream: int = 0, start: Fraction = Fraction(0)) -> SoundMarks:
    listener = Listener()
    listener.feed((0.1 * sound).astype(np.float32))
    return listener.marks(stream=stream, channel=channel, start=start)


def ref(number: int) -> AssetRef:
    return AssetRef(asset_id=f"A{number}", record_id="PR-1", name=f"line {number}")


def sought(good: tuple[int, ...] = (), count: int = ASSETS) -> Sought:
    known = np.isin(np.arange(count), good)
    return Sought(wanted=~known, good=known)


def voice(number: int) -> Sound:
    return melody(100 + number, 6)


BED = melody(7, 20, notes=5) + 0.2 * np.random.default_rng(1).normal(0, 1, 20 * RATE)


def planted(piece: Sound, at: float, level: float = 1.0, bed: Sound = BED) -> Sound:
    """A piece over a bed, so many times as loud, from `at` seconds on."""
    first = round(at * RATE)
    sound = bed.copy()
    under = sound[first : first + len(piece)]
    sound[first : first + len(piece)] += piece * level * under.std() / piece.std()
    return sound


def played(sound: Sound, speed: float) -> Sound:
    """So many times as fast, the pitch going along."""
    return np.interp(np.arange(0, len(sound) - 1, speed), np.arange(len(sound)), sound)


@pytest.fixture(scope="module")
def index() -> HearingIndex:
    made = HearingIndex()
    for number in range(ASSETS):
        made.add(ref(number), [marks_of(voice(number))])
    return made


def heard(index: HearingIndex, *sounds: Sound, good: tuple[int, ...] = ()) -> list[Sounding]:
    return index.heard([marks_of(sound, str(n + 1)) for n, sound in enumerate(sounds)], sought(good))


def test_three_seconds_are_heard_under_a_bed_and_where_they_are(index: HearingIndex) -> None:
    piece = voice(2)[2 * RATE : 5 * RATE]

    (found,) = heard(index, planted(piece, 9.0, 0.7))

    assert found.asset == ref(2)
    assert (float(found.first), float(found.last)) == pytest.approx((9, 12), abs=0.25)
    assert (float(found.asset_first), float(found.asset_last)) == pytest.approx((2, 5), abs=0.25)


def test_it_goes_on_over_what_is_louder_and_over_a_pause(index: HearingIndex) -> None:
    sound = planted(voice(2), 9.0)
    sound[round(10.2 * RATE) : round(11.4 * RATE)] += 30 * melody(8, 1.25)[: round(1.2 * RATE)]
    sound[round(12.2 * RATE) : round(12.8 * RATE)] = 0

    (found,) = heard(index, sound)

    assert (float(found.first), float(found.last)) == pytest.approx((9, 15), abs=0.25)


@pytest.mark.parametrize("after", [BED, 0.001 * BED])
def test_it_ends_where_it_is_cut_off(index: HearingIndex, after: Sound) -> None:
    sound = planted(voice(2)[RATE : 4 * RATE], 9.0, 2.0)
    sound[12 * RATE :] = after[12 * RATE :]

    (found,) = heard(index, sound)

    assert (float(found.first), float(found.last)) == pytest.approx((9, 12), abs=0.25)


def test_nothing_is_heard_where_nothing_is(index: HearingIndex) -> None:
    assert not heard(index, BED, melody(55, 20), np.zeros(RATE * 5))


def test_two_at_once_and_one_twice(index: HearingIndex) -> None:
    sound = planted(voice(1)[: 3 * RATE], 1.0)
    sound = planted(voice(3)[: 3 * RATE], 2.0, bed=sound)
    sound = planted(voice(1)[: 3 * RATE], 15.0, bed=sound)

    told = [(each.number, round(float(each.first))) for each in heard(index, sound)]

    assert told == [(1, 1), (3, 2), (1, 15)]


@pytest.mark.parametrize(("speed", "pitch"), [(25 / 24, 0.707), (24 / 25, -0.707)])
def test_another_film_speed_is_heard_and_told(index: HearingIndex, speed: float, pitch: float) -> None:
    (found,) = heard(index, planted(played(voice(4), speed), 5.0))

    assert (found.speed, found.pitch) == (speed, pitch)
    assert float(found.first) == pytest.approx(5, abs=0.25)
    assert float(found.last) == pytest.approx(5 + 6 / speed, abs=0.3)


@pytest.mark.parametrize("speed", [1.001, 1 / 1.001])
def test_a_long_sound_that_was_pulled_up_or_down_is_heard_as_one(speed: float) -> None:
    one = HearingIndex()
    one.add(ref(0), [marks_of(melody(77, 60))])

    (found,) = one.heard([marks_of(played(melody(77, 60), speed))], sought(count=1))

    assert (float(found.first), float(found.last)) == pytest.approx((0, 60 / speed), abs=0.25)
    assert (float(found.asset_first), float(found.asset_last)) == pytest.approx((0, 60), abs=0.25)


def test_one_sound_in_several_channels_is_told_once_with_its_best(index: HearingIndex) -> None:
    piece = voice(0)[: 4 * RATE]

    (found,) = heard(index, planted(piece, 3.0, 0.6), planted(piece, 3.0, 4.0))

    assert found.channel == "2"


def test_streams_that_tell_the_same_are_told_as_one(index: HearingIndex) -> None:
    sounds = [planted(voice(0)[: 4 * RATE], at, 4.0) for at in (3.0, 3.0, 12.0)]
    marks = [marks_of(sound, channel, stream) for stream, sound in enumerate(sounds) for channel in ("1", "mix")]

    first, second = index.heard(marks, sought(), flood_places=2)

    assert sorted((first.stream, *(stream for stream, _ in first.also))) == [0, 1]
    assert (second.stream, second.also) == (2, ())
    assert not first.floods


def test_what_is_known_to_be_good_takes_its_landmarks_away(index: HearingIndex) -> None:
    sting = melody(900, 4)
    both = HearingIndex()
    both.add(ref(0), [marks_of(np.concatenate([sting, voice(0)]))])
    both.add(ref(1), [marks_of(sting)])

    assert [each.number for each in both.heard([marks_of(planted(sting, 6.0, 2.0))], sought(count=2))] == [0, 1]
    assert not both.heard([marks_of(planted(sting, 6.0, 2.0))], sought((1,), count=2))


@pytest.mark.parametrize("level", [0.0, 0.05, 0.5])
def test_it_does_so_though_other_landmarks_of_it_were_kept_with_what_is_sought(level: float) -> None:
    sting = music(11, 3, rate=RATE)
    score = np.concatenate([np.zeros(RATE * 3 // 2), sting, np.zeros(RATE)])
    both = HearingIndex()
    both.add(ref(0), [marks_of(10 * score)])
    both.add(ref(1), [marks_of(10 * sting)])
    delivered = [marks_of(10 * mixed(np.float32(level) * music(99, 12, rate=RATE), sting, 5, rate=RATE))]

    assert [each.number for each in both.heard(delivered, sought(count=2), least_score=20)] == [0, 1]
    assert not both.heard(delivered, sought((1,), count=2), least_score=20)


@pytest.mark.parametrize("speed", [25 / 24, 24 / 25])
def test_what_is_good_at_one_speed_is_not_heard_as_anything_else_at_another(speed: float) -> None:
    sting = melody(900, 5)
    both = HearingIndex()
    both.add(ref(0), [marks_of(played(sting, 1 / speed))])
    both.add(ref(1), [marks_of(sting)])
    delivered = [marks_of(planted(sting, 6.0, 2.0))]

    (found,) = both.heard(delivered, Sought(wanted=np.array([True, False]), good=np.zeros(2, np.bool_)))

    assert found.speed == pytest.approx(speed)
    assert not both.heard(delivered, sought((1,), count=2))


def test_a_voice_over_what_is_known_to_be_good_is_still_heard(index: HearingIndex) -> None:
    told = heard(index, planted(voice(1)[: 4 * RATE], 0.0, 1.0, bed=np.tile(voice(5), 2)), good=(5,))

    assert [each.number for each in told] == [1]


def test_an_asset_that_is_everywhere_floods(index: HearingIndex) -> None:
    jingle = np.concatenate([voice(3)[: 3 * RATE], np.random.default_rng(3).normal(0, 1, 2 * RATE)])
    marks = [marks_of(np.tile(jingle, 6))]

    assert {each.floods for each in index.heard(marks, sought(), flood_places=6)} == {True}
    assert {each.floods for each in index.heard(marks, sought(), flood_places=7)} == {False}


def test_what_is_not_sought_is_not_told(index: HearingIndex) -> None:
    none = Sought(wanted=np.zeros(ASSETS, np.bool_), good=np.zeros(ASSETS, np.bool_))

    assert not index.heard([marks_of(voice(1))], none)


def test_an_index_is_the_same_when_read_back_and_grows_after(index: HearingIndex, tmp_path: Path) -> None:
    index.write(tmp_path)
    again = HearingIndex.read(tmp_path, index.assets)
    number = again.add(ref(ASSETS), [marks_of(melody(321, 5))])
    sound = planted(melody(321, 5), 1.0, bed=planted(voice(2), 10.0))

    told = again.heard([marks_of(sound)], sought(count=ASSETS + 1))

    assert [each.number for each in told] == [number, 2]


@pytest.mark.parametrize("damage", ["missing", "short", "version"])
def test_a_damaged_index_is_refused(index: HearingIndex, tmp_path: Path, damage: str) -> None:
    index.write(tmp_path)
    if damage == "missing":
        (tmp_path / "firsts.npy").unlink()
    elif damage == "short":
        np.save(tmp_path / "hops.npy", np.zeros(3, np.uint32))
    else:
        about = (tmp_path / "about.json").read_text()
        (tmp_path / "about.json").write_text(about.replace('"version": 1', '"version": 0'))

    with pytest.raises((ValueError, OSError)):
        HearingIndex.read(tmp_path, index.assets)


def test_damaged_landmarks_are_refused() -> None:
    whole = marks_of(voice(0))
    torn = SoundMarks(**{name: getattr(whole, name) for name in SoundMarks.__slots__} | {"times": whole.times[:-4]})

    with pytest.raises(ValueError, match="damaged"):
        HearingIndex().add(ref(0), [torn])


def test_an_empty_index_and_an_empty_sound_are_no_trouble(index: HearingIndex) -> None:
    assert not HearingIndex().heard([marks_of(voice(0))], sought(count=0))
    assert not heard(index, np.zeros(0))


def test_times_count_from_where_the_file_and_the_asset_begin() -> None:
    one = HearingIndex()
    one.add(ref(0), [marks_of(voice(0), start=Fraction(10))])

    (found,) = one.heard([marks_of(planted(voice(0), 4.0, 2.0), start=Fraction(100))], sought(count=1))

    assert float(found.first) == pytest.approx(104, abs=0.25)
    assert float(found.asset_first) == pytest.approx(10, abs=0.25)
