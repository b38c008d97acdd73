"""Registered sound is heard in what is delivered: alone, in a mix, beside a picture, now and in the past."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from scanner.examine.job import Job
from scanner.judging_again import judge_again
from scanner.known_good import register_good
from scanner.match.hearing import LEAST_SCORE
from scanner.match.sound_shelf import SoundShelf
from scanner.model import (
    Approval,
    ApprovalStatus,
    Code,
    DropClass,
    Heard,
    MediaKind,
    Outcome,
    Scope,
    Use,
)
from scanner.pipeline import handle, scan
from scanner.policy_file import default_policy
from scanner.recalling import recall
from scanner.registering import NOTHING_TO_HEAR, Registered, register
from scanner.report.html import html
from scanner.report.recalls import Recalled
from scanner.report.scanned import Scanned
from scanner.studio import Studio, job_of

from .media.making import encode, ffmpeg, shot
from .sounds import RATE, Sound, bed, mixed, voice, write
from .studio import TITLE, Home, new_home

LINE = voice(1, 4)
UNDER = bed(5, 16)
AT = 6.0


@pytest.fixture(scope="module")
def registered_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio that has a line of a voice registered. To read, or to copy."""
    home = new_home(tmp_path_factory.mktemp("heard") / "studio")
    with home.open() as studio:
        entered(studio, write(home / "line.wav", LINE))
    return home


@pytest.fixture(scope="module")
def studio(registered_home: Home) -> Iterator[Studio]:
    with registered_home.open() as opened:
        yield opened


@pytest.fixture
def home(registered_home: Home, tmp_path: Path) -> Home:
    shutil.copytree(registered_home.folder, tmp_path / "studio")
    return Home(folder=tmp_path / "studio")


def entered(studio: Studio, path: Path, *, use: Use = Use.TEMPORARY) -> Registered:
    (result,) = register(studio, path, title=TITLE, tool="ElevenLabs", use=use, by="kim")
    assert isinstance(result, Registered)
    return result


def mix(folder: Path, over: Sound = LINE, name: str = "mix.wav") -> Path:
    return write(folder / name, mixed(UNDER, over, AT), mixed(bed(6, 16), over, AT))


def scanned(studio: Studio, path: Path, *, drop_class: DropClass = DropClass.FINAL, pictures: bool = False) -> Scanned:
    return scan(studio, path, title=TITLE, drop_class=drop_class, pictures=pictures)


def heard(found: Scanned) -> list[Heard]:
    return [f.evidence for f in found.verdict.findings if isinstance(f.evidence, Heard) and f.code is Code.AI_HEARD]


def codes(found: Scanned) -> set[Code]:
    return {finding.code for finding in found.verdict.findings}


def test_the_policy_begins_with_the_score_that_was_calibrated() -> None:
    assert default_policy().same_sound_score == LEAST_SCORE


def test_a_registered_voice_is_heard_in_a_mix_and_quarantined(studio: Studio, tmp_path: Path) -> None:
    found = scanned(studio, mix(tmp_path))

    (told,) = heard(found)
    assert found.verdict.outcome is Outcome.QUARANTINE
    assert (float(told.place.seconds_in), float(told.place.seconds_out)) == pytest.approx((AT, AT + 4), abs=0.25)
    assert (float(told.asset_seconds_in), float(told.asset_seconds_out)) == pytest.approx((0, 4), abs=0.25)
    assert (told.stream, told.asset.name) == (0, "line.wav")


@pytest.mark.parametrize("codec", ["a.mp3", "a.m4a", "a.opus"])
def test_it_is_heard_through_a_codec(studio: Studio, tmp_path: Path, codec: str) -> None:
    ffmpeg("-i", mix(tmp_path), tmp_path / codec)

    assert heard(scanned(studio, tmp_path / codec))


def test_another_take_of_the_line_is_not_it(studio: Studio, tmp_path: Path) -> None:
    found = scanned(studio, mix(tmp_path, voice(2, 4)))

    assert (found.verdict.outcome, codes(found)) == (Outcome.PASS, set())


def test_what_was_listened_to_is_told(studio: Studio, tmp_path: Path) -> None:
    found = scanned(studio, write(tmp_path / "a.wav", UNDER, 0 * UNDER, 0 * UNDER))

    ((_, coverage),) = found.verdict.coverage
    assert (coverage.sound_seconds, coverage.sound_streams, coverage.sound_channels) == (16, 1, 3)
    assert (coverage.sound_plain, "sound: 2 of stream 1, 3 of stream 1 silent" in coverage.notes) == (2, True)
    assert "0:16 of sound listened to, in 3 channels" in html([found])


def test_it_is_heard_in_the_centre_of_a_surround_sound(studio: Studio, tmp_path: Path) -> None:
    others = [bed(number, 10) for number in range(5)]
    centre = mixed(0 * others[0], LINE, AT - 1)
    write(tmp_path / "six.wav", *others[:2], centre, *others[2:])
    ffmpeg("-i", tmp_path / "six.wav", "-af", "channelmap=channel_layout=5.1", tmp_path / "a.wav")

    assert [told.channel for told in heard(scanned(studio, tmp_path / "a.wav"))] == ["C"]


def film(path: Path, sound: Path, *, seconds: int = 16) -> Path:
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "24")
    pictures = encode(path.with_suffix(".v.mov"), shot(1, 24 * seconds), *video)
    taken = ("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-timecode", "01:00:00:00")
    ffmpeg("-i", pictures, "-i", sound, *taken, path)
    return path


def test_it_is_heard_under_a_picture_in_the_pictures_timecode(studio: Studio, tmp_path: Path) -> None:
    (told,) = heard(scanned(studio, film(tmp_path / "a.mov", mix(tmp_path))))

    assert told.place.timecode_in in {f"01:00:0{s}" for s in ("5:23", "6:00", "6:01", "6:02", "6:03", "6:04")}


def test_the_ranges_of_a_film_put_together_have_heard_the_same(studio: Studio, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mov", mix(tmp_path))
    whole = _job(studio, path)
    asked = replace(whole, range_seconds=4)

    parts = [studio.pool.examine(asked.of(each)).examination for each in studio.pool.ranges(asked)]
    at_once = studio.pool.examine(asked).examination

    assert len(parts) > 1
    assert [bool(part.sounds) for part in parts] == [True, *(False,) * (len(parts) - 1)]
    assert at_once.sounds == studio.pool.examine(whole).examination.sounds == parts[0].sounds


def _job(studio: Studio, path: Path) -> Job:
    with_member = scan(studio, path, title=None, drop_class=DropClass.FINAL)
    (member,) = with_member.record.members
    return job_of(studio, member, path)


def test_the_sound_of_a_clip_is_registered_with_it(home: Home, tmp_path: Path) -> None:
    with home.open() as studio:
        clip = film(tmp_path / "clip.mov", write(tmp_path / "b.wav", voice(9, 4)), seconds=1)
        entered(studio, clip)

        found = scanned(studio, mix(tmp_path, voice(9, 4)))

    assert [told.asset.name for told in heard(found)] == ["clip.mov"]


def test_the_report_plays_both_and_marks_the_match(studio: Studio, tmp_path: Path) -> None:
    found = scanned(studio, mix(tmp_path), pictures=True)

    (picture,) = found.pictures
    page = html([found])
    assert picture.found is not None
    assert picture.registered is not None
    assert (page.count("<audio controls"), page.count("data:audio/mpeg;base64,"), page.count("<rect x=")) == (2, 2, 2)
    assert picture.registered.length == pytest.approx(4, abs=0.1)
    assert float(picture.found.seconds) == pytest.approx(AT, abs=0.25)
    assert len(page) < 250_000


def test_an_approval_covers_what_is_heard(home: Home) -> None:
    with home.open() as studio:
        delivery_id = home.onto_bench(mix(home / "drop"))
        handle(studio, delivery_id)
        assert studio.kept.delivery(delivery_id).pictures[0].is_sound
        approve(studio)

        verdict = judge_again(studio, delivery_id)

    assert verdict is not None
    assert (verdict.outcome, verdict.approvals_used) == (Outcome.PASS, ("ESC-1",))


def approve(studio: Studio) -> None:
    now = studio.now()
    (record,) = studio.kept.records()
    approval = Approval(
        approval_id="ESC-1",
        title=TITLE,
        status=ApprovalStatus.APPROVED,
        scope=Scope(records=(record.record_id,)),
        approver="Robin",
        decided_at=now,
        created_at=now,
    )
    studio.kept.add_approval(approval)


def test_what_is_registered_later_is_found_in_what_was_cleared(tmp_path: Path) -> None:
    home = new_home(tmp_path / "studio")
    with home.open() as studio:
        delivery_id = home.onto_bench(mix(home / "drop"))
        handle(studio, delivery_id)
        assert studio.kept.delivery(delivery_id).verdict.outcome is Outcome.PASS  # type: ignore[union-attr]
        entered(studio, write(tmp_path / "line.wav", LINE))

        (found,) = recall(studio, by="kim")

    assert isinstance(found, Recalled)
    assert [finding.code for finding in found.recall.findings if finding.code is Code.AI_HEARD]


def test_a_sound_that_is_known_to_be_good_does_not_alarm(home: Home, tmp_path: Path) -> None:
    sting = voice(11, 3)
    with home.open() as studio:
        entered(studio, write(tmp_path / "score.wav", mixed(0 * bed(12, 6), sting, 1.5)))
        assert heard(scanned(studio, mix(tmp_path, sting)))

        (result,) = register_good(studio, write(tmp_path / "sting.wav", sting), why="ours", by="kim")
        assert "sounds like the registered AI material score.wav" in result.reason  # type: ignore[union-attr]
        list(register_good(studio, tmp_path / "sting.wav", why="ours", by="kim", although_alike=True))

        assert heard(scanned(studio, mix(tmp_path, sting))) == []


def test_the_index_of_sounds_is_built_anew_when_it_is_damaged(home: Home, tmp_path: Path) -> None:
    with home.open() as studio:
        assert heard(scanned(studio, mix(tmp_path)))
    folder = home / "index" / "sound"
    (part,) = folder.glob("sounds-*")
    for path in part.iterdir():
        path.write_bytes(path.read_bytes()[:-7])

    with home.open() as studio:
        assert heard(scanned(studio, mix(tmp_path)))
    with home.store() as store:
        assert len(SoundShelf.open_or_build(store, folder).index) == 1


def test_of_silence_it_is_said_that_nothing_in_it_can_be_recognised(home: Home, tmp_path: Path) -> None:
    with home.open() as studio:
        silent = write(tmp_path / "silent.wav", np.zeros(RATE, np.float32))

        assert entered(studio, silent).remarks == (NOTHING_TO_HEAR,)
        assert entered(studio, silent).made_again is False


def test_damage_to_a_sound_holds_it_and_its_times_are_told(studio: Studio, tmp_path: Path) -> None:
    ffmpeg("-i", mix(tmp_path), "-b:a", "96k", tmp_path / "a.m4a")
    noisy = bytearray((tmp_path / "a.m4a").read_bytes())
    at = noisy.index(b"mdat") + 30_000
    noisy[at : at + 9000] = np.random.default_rng(3).bytes(9000)
    (tmp_path / "a.m4a").write_bytes(noisy)

    found = scanned(studio, tmp_path / "a.m4a")

    (broken,) = [finding for finding in found.verdict.findings if finding.code is Code.PARTLY_READ]
    assert "packets cannot be decoded, at " in broken.message
    assert broken.outcome is Outcome.HOLD


def test_a_broadcast_wave_is_timed_by_its_clock(studio: Studio, tmp_path: Path) -> None:
    bext = ("-write_bext", "1", "-metadata", f"time_reference={36_000 * RATE}")
    ffmpeg("-i", mix(tmp_path), *bext, "-c:a", "pcm_s24le", tmp_path / "a.wav")

    (told,) = heard(scanned(studio, tmp_path / "a.wav"))

    assert told.place.timecode_in.startswith(("10:00:06.", "10:00:05.9"))
    assert told.place.seconds_in < Fraction(7)


def test_what_was_heard_of_an_asset_is_kept(studio: Studio) -> None:
    (record,) = studio.kept.records()
    (asset,) = studio.kept.record(record.record_id).assets

    assert (asset.kind, [marks.channel for marks in asset.sounds]) == (MediaKind.SOUND, ["1"])
    piece = studio.kept.excerpt(asset.asset_id, Fraction(3))
    assert piece is not None
    assert (float(piece.seconds), float(piece.length)) == (0, pytest.approx(4, abs=0.1))
