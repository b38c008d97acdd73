"""Where frames stand alone only what is sampled is read; what is missing or broken is told all the same."""

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from scanner.media.video import VideoTrack, missing_frames
from tests.media.clips import FRAMES
from tests.media.making import damage, encode, ffmpeg, job, looked, shot

Clips = Callable[[str], Path]
_READ = Path("/proc/self/io")
PRORES = ("-c:v", "prores_ks")
FRAGMENTED = {
    "fragments.mov": ("-movflags", "frag_keyframe+empty_moov", "-g", "24"),
    "hybrid.mov": ("-movflags", "frag_keyframe", "-frag_duration", "500000"),
    "with-sound.mov": ("-shortest", "-c:a", "pcm_s16le"),
}


def open_track(path: Path, threads: str = "AUTO") -> VideoTrack:
    track = VideoTrack.open(path, 0, "SLICE" if threads == "SLICE" else "AUTO")
    assert track is not None
    return track


def places(path: Path) -> list[tuple[int, int]]:
    """Place and size of every frame of a QuickTime file."""
    with open_track(path) as track:
        return [(entry.pos, entry.size) for entry in track.stream.index_entries]


def with_broken(path: Path, source: Path, frames: range) -> Path:
    """A copy of a file in which these frames are noise."""
    data = bytearray(source.read_bytes())
    for at, size in places(source)[frames.start : frames.stop]:
        data[at : at + size] = random.Random(at).randbytes(size)
    path.write_bytes(data)
    return path


def read_so_far() -> int:
    return int(_READ.read_text().split()[1])


@pytest.mark.skipif(not _READ.exists(), reason="the system does not count what is read")
def test_frames_between_those_that_are_sampled_are_not_read(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mov", shot(1, FRAMES, width=640, height=360), "-c:v", "v210")
    before = read_so_far()

    with open_track(path) as track:
        list(track.frames(12, lambda: None))

    assert track.counts.present == FRAMES
    assert read_so_far() - before < path.stat().st_size / 3


@pytest.mark.parametrize("name", FRAGMENTED)
def test_frames_that_the_first_list_does_not_hold_are_found(tmp_path: Path, name: str) -> None:
    sound = ("-f", "lavfi", "-i", "sine=d=4") if name == "with-sound.mov" else ()
    path = encode(tmp_path / name, shot(1, FRAMES), *PRORES, *FRAGMENTED[name], before=sound)
    with open_track(path) as track:
        whole = list(track.frames(1, lambda: None))
    with open_track(path) as track:
        found = list(track.frames(6, lambda: None))

    assert [frame.pts for frame in found] == [frame.pts for frame in whole][::6]
    assert all(np.array_equal(a.grey, b.grey) for a, b in zip(found, whole[::6], strict=True))
    assert (track.counts.present, track.counts.damaged) == (FRAMES, 0)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("name", ["prores.mov", "mjpeg.mov", "uncompressed.mov"])
def test_of_a_file_that_was_cut_what_is_left_and_what_is_missing_make_up_the_whole(
    clips: Clips, tmp_path: Path, name: str, share: float
) -> None:
    whole, data = tmp_path / f"first-{name}", tmp_path / name
    ffmpeg("-i", clips(name), "-c", "copy", "-movflags", "+faststart", whole)
    data.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])

    with open_track(data) as track:
        list(track.frames(6, lambda: None))

    assert track.counts.present + missing_frames(track.counts) == FRAMES
    assert 0 < track.counts.present < FRAMES


@pytest.mark.parametrize("name", ["prores.mov", "mjpeg.mov", "dnxhr.mov"])
def test_broken_frames_in_the_middle_are_told(clips: Clips, tmp_path: Path, name: str) -> None:
    path = with_broken(tmp_path / name, clips(name), range(40, 51))

    with open_track(path) as track:
        seen = {frame.pts * track.time_base * 24 for frame in track.frames(6, lambda: None)}

    lost = {Fraction(number) for number in range(0, FRAMES, 6)} - seen
    assert (lost, track.counts.damaged) == ({42, 48}, 2)


@pytest.mark.parametrize("name", ["prores.mov", "mjpeg.mov", "dnxhr.mov"])
def test_where_frames_are_broken_is_told_and_of_how_many_that_were_decoded(
    clips: Clips, tmp_path: Path, name: str
) -> None:
    path = with_broken(tmp_path / name, clips(name), range(40, 51))

    reading = looked(job(path))

    ((place),) = reading.broken
    assert (place.seconds_in * 24, place.seconds_out * 24, place.accuracy_frames) == (42, 51, 5)
    assert (place.timecode_in[-5:], place.timecode_out[-5:]) == ("01:18", "02:03")
    (words,) = damage(reading)
    assert words.startswith("9 of the 24 frames that were decoded cannot be decoded cleanly (there are 96; ")
    assert f"from {place.timecode_in} to {place.timecode_out}" in words
    assert any(note.startswith("picture: broken from ") for note in reading.notes)


@pytest.mark.parametrize("name", ["prores.mov", "mjpeg.mov", "dnxhr.mov", "dnxhr-25.mxf"])
def test_broken_frames_at_the_end_are_told(clips: Clips, tmp_path: Path, name: str) -> None:
    data = bytearray(clips(name).read_bytes())
    with open_track(clips(name)) as track:
        packets = [packet for packet in track.container.demux(track.stream) if packet.size]
        for number in (84, 90):
            at, size = data.index(bytes(packets[number])), packets[number].size
            data[at : at + size] = random.Random(at).randbytes(size)
    (tmp_path / name).write_bytes(data)

    with open_track(tmp_path / name) as track:
        list(track.frames(6, lambda: None))

    assert track.counts.damaged == 2


@pytest.mark.parametrize("name", ["prores.mov", "mjpeg.mov", "dnxhr.mov"])
def test_read_again_for_its_damage_the_next_good_frame_stands_in(clips: Clips, tmp_path: Path, name: str) -> None:
    path = with_broken(tmp_path / name, clips(name), range(40, 51))

    with open_track(path, "SLICE") as track:
        seen = [frame.pts * track.time_base * 24 for frame in track.frames(6, lambda: None)]

    assert seen == [*range(0, 42, 6), 51, *range(54, FRAMES, 6)]
    assert min(track.counts.broken) * 24 == 42


def test_a_list_that_runs_backwards_is_not_relied_on(clips: Clips, tmp_path: Path) -> None:
    data = bytearray(clips("prores.mov").read_bytes())
    at = data.index(b"stsz") + 16 + 4 * 50
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    (tmp_path / "a.mov").write_bytes(data)

    with open_track(tmp_path / "a.mov") as track:
        found = list(track.frames(6, lambda: None))

    assert track.counts.damaged + missing_frames(track.counts) > 0
    assert len(found) >= 8
