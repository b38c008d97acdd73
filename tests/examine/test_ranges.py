"""A long film examined range by range, in any order and in several processes, is what reading it in one go gives."""

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scanner.examine.job import Examined, Job, unexamined
from scanner.examine.merging import merged
from scanner.examine.pool import ExaminerPool
from scanner.fingerprint.collect import Collector
from scanner.fingerprint.distinct import Distinct
from scanner.fingerprint.views import delivered_views
from scanner.media.still import still_frames
from scanner.media.video import VideoTrack
from scanner.model import Examination, GeneratorTag, PictureCodes, PictureFeatures, TimeRange, Unreadable
from scanner.store.codec import as_json, digest, features_digest, from_json
from tests.media.making import Pictures, encode, ffmpeg, job, shot

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-tag:v", "hvc1")
_OPEN = "log-level=none:open-gop=1"
_HOLE = ("-vf", "select='lt(n,30)+gt(n,60)*mod(n,3)'", "-fps_mode", "vfr")
RATE, FRAMES, STEP = 24, 240, 6

CUT = {
    "h264.mp4": (*H264, "-bf", "3", "-g", "24"),
    "open-pyramid.mov": (*H264, "-bf", "5", "-x264-params", "open-gop=1:keyint=31:b-adapt=0:b-pyramid=normal"),
    "open.mkv": (*H264, "-bf", "3", "-x264-params", "open-gop=1:keyint=24:b-adapt=0"),
    "intra.mp4": (*H264, "-g", "1"),
    "hevc.mp4": (*X265, "-x265-params", "log-level=none:keyint=24:bframes=3"),
    "hevc-open.mkv": (*X265, "-x265-params", f"{_OPEN}:keyint=29:bframes=5:b-adapt=0:b-pyramid=1:rc-lookahead=20"),
    "mpeg2.mxf": ("-c:v", "mpeg2video", "-g", "12", "-bf", "2"),
    "prores.mov": ("-c:v", "prores_ks"),
    "dnxhr.mxf": ("-vf", "scale=256:144", "-c:v", "dnxhd", "-profile:v", "dnxhr_sq", "-pix_fmt", "yuv422p"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-b:v", "200k", "-cpu-used", "8", "-deadline", "realtime", "-g", "24"),
    "variable-rate.mp4": (*_HOLE, *H264, "-g", "24"),
    "late.mp4": (*H264, "-g", "24", "-output_ts_offset", "5"),
}
IN_ONE_GO = {
    "transport.ts": (*H264, "-g", "24"),
    "fragments.mp4": (*H264, "-movflags", "frag_keyframe+empty_moov", "-g", "24"),
    "one-key-frame.mp4": (*H264, "-g", "999", "-sc_threshold", "0"),
    "refreshed.mp4": (*H264, "-x264-params", "intra-refresh=1:keyint=24"),
    "without-index.mkv": (*H264, "-g", "24", "-f", "matroska", "-live", "1"),
    "counted.mxf": (*H264, "-bf", "3", "-g", "24"),
}

Film = Callable[[str], Path]


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return np.concatenate([shot(seed, 48, width=128, height=72) for seed in range(FRAMES // 48)])


@pytest.fixture(scope="module")
def film(pictures: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Film:
    """The path of a film of five shots of two seconds, by its name."""
    folder = tmp_path_factory.mktemp("films")

    def made(name: str) -> Path:
        path = folder / name
        return path if path.exists() else encode(path, pictures, *(CUT | IN_ONE_GO)[name], rate=str(RATE))

    return made


def long(path: Path, seconds: int = 3) -> Job:
    """What is asked about a film that counts as long."""
    return replace(job(path, step=STEP), range_seconds=seconds)


def in_ranges(pool: ExaminerPool, asked: Job, seed: int = 1) -> tuple[tuple[TimeRange, ...], list[Examined]]:
    """Every range examined as a job of its own, in any order."""
    ranges = pool.ranges(asked)
    order = random.Random(seed).sample(range(len(ranges)), len(ranges))
    begun = {number: pool.begin(asked.of(ranges[number])) for number in order}
    return ranges, [begun[number].result() for number in range(len(ranges))]


def put_together(pool: ExaminerPool, asked: Job, seed: int = 1) -> Examination:
    ranges, parts = in_ranges(pool, asked, seed)
    assert len(ranges) > 1
    whole = merged(asked, ranges, parts)
    assert whole is not None
    return whole.examination


def told(examination: Examination) -> list[str]:
    return [item.reason for item in examination.observations if isinstance(item, Unreadable)]


def by_hand(path: Path, ranges: Sequence[TimeRange]) -> tuple[PictureCodes, PictureFeatures]:
    """Every frame decoded in one go from the beginning, and of each range every sixth looked at."""
    track = VideoTrack.open(path)
    assert track is not None
    with track:
        codes = Collector(time_base=track.time_base)
        features, frames = [], list(track.frames(1, lambda: None))
        for one in ranges:
            end = frames[-1].pts + 1 if one.end is None else one.end - one.first
            within = [frame for frame in frames if one.start - one.first <= frame.pts < end]
            distinct = Distinct(time_base=track.time_base)
            for frame in within[::STEP]:
                views, _ = delivered_views(frame.grey)
                codes.add(frame.pts, views)
                distinct.add(frame.pts, views[0].picture, lambda frame=frame: frame.fine)
            features += distinct.result.frames
    return codes.finish(), replace(distinct.result, frames=tuple(features))


# --- the same as in one go


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """A film examined in three ways."""

    ranges: tuple[TimeRange, ...]
    together: Examination
    one_go: Examination
    without_ranges: Examination


@pytest.fixture(scope="module")
def looks(pool: ExaminerPool, film: Film) -> Callable[[str], Looks]:
    @lru_cache
    def examined(name: str) -> Looks:
        asked = long(film(name))
        one_go, without = pool.begin(asked), pool.begin(asked.in_one_go)
        return Looks(
            ranges=pool.ranges(asked),
            together=put_together(pool, asked),
            one_go=one_go.result().examination,
            without_ranges=without.result().examination,
        )

    return examined


@pytest.mark.parametrize("name", CUT)
def test_ranges_put_together_are_the_film_read_in_one_go(looks: Callable[[str], Looks], name: str) -> None:
    assert looks(name).together == looks(name).one_go


@pytest.mark.parametrize("name", CUT)
def test_they_hold_the_frames_that_decoding_all_from_the_beginning_gives(
    looks: Callable[[str], Looks], film: Film, name: str
) -> None:
    codes, features = by_hand(film(name), looks(name).ranges)

    together = looks(name).together

    assert together.codes is not None
    assert together.features is not None
    assert digest(together.codes) == digest(codes)
    assert features_digest(together.features) == features_digest(features)


@pytest.mark.parametrize("name", CUT)
def test_but_for_where_they_begin_to_count_they_say_what_reading_without_ranges_says(
    looks: Callable[[str], Looks], name: str
) -> None:
    together, without = looks(name).together, looks(name).without_ranges

    assert together.picture == without.picture
    assert (told(together), told(without)) == ([], [])
    assert together.coverage.frames_present == without.coverage.frames_present
    assert together.coverage.notes == without.coverage.notes


@pytest.mark.parametrize("seconds", [1, 2, 4])
@pytest.mark.parametrize("name", ["open-pyramid.mov", "prores.mov", "mpeg2.mxf"])
def test_however_long_the_ranges_are(pool: ExaminerPool, film: Film, name: str, seconds: int) -> None:
    asked = long(film(name), seconds)

    examination = put_together(pool, asked, seconds)

    assert examination == pool.examine(asked).examination
    assert examination.coverage.frames_present == FRAMES


@pytest.mark.parametrize("name", ["open-pyramid.mov", "dnxhr.mxf", "open.mkv"])
def test_no_shot_of_two_steps_escapes_at_a_border(pool: ExaminerPool, film: Film, name: str) -> None:
    examination = put_together(pool, long(film(name), 1))

    assert examination.codes is not None
    times = [round(pts * examination.codes.time_base * RATE) for pts in examination.codes.pts]
    assert times[0] == 0
    assert times[-1] >= FRAMES - STEP
    assert all(0 < after - before <= STEP for before, after in pairwise(times))


def test_a_film_with_an_edit_list(pool: ExaminerPool, film: Film, tmp_path: Path) -> None:
    for name in ("h264.mp4", "prores.mov", "hevc.mp4"):
        path = tmp_path / f"cut-{name}"
        ffmpeg("-ss", "1.3", "-i", film(name), "-t", "8.1", "-c", "copy", path)
        asked = long(path)

        examination = put_together(pool, asked)

        assert examination == pool.examine(asked).examination
        straight = pool.examine(asked.in_one_go).examination
        assert examination.coverage.frames_present == straight.coverage.frames_present
        assert told(examination) == []


def test_sound_and_labels_are_asked_for_once(pool: ExaminerPool, film: Film, tmp_path: Path) -> None:
    made = '{"prompt": {"1": {"class_type": "KSampler", "inputs": {"seed": 1}}}}'
    sound = ("-f", "lavfi", "-i", "sine=d=10")
    path = tmp_path / "a.mp4"
    ffmpeg("-i", film("h264.mp4"), *sound, "-c:v", "copy", "-c:a", "aac", "-metadata", f"comment={made}", path)
    asked = long(path)

    ranges, parts = in_ranges(pool, asked)
    examination = put_together(pool, asked)

    assert [bool(part.examination.observations) for part in parts] == [number == 0 for number in range(len(ranges))]
    assert any(isinstance(item, GeneratorTag) for item in examination.observations)
    assert examination.coverage.notes == pool.examine(asked.in_one_go).examination.coverage.notes


# --- damage


def spoilt(path: Path, source: Path, at: float) -> Path:
    """A copy of a file with noise at this share of it, for half a second or so."""
    data = bytearray(source.read_bytes())
    begin, size = round(len(data) * at), len(data) // 25
    data[begin : begin + size] = random.Random(5).randbytes(size)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("at", [0.4, 0.62])
@pytest.mark.parametrize("name", ["h264.mp4", "open-pyramid.mov", "hevc.mp4", "prores.mov", "mpeg2.mxf", "open.mkv"])
def test_damage_is_told_whatever_range_it_is_in(
    pool: ExaminerPool, film: Film, tmp_path: Path, name: str, at: float
) -> None:
    asked = long(spoilt(tmp_path / name, film(name), at))

    ranges, parts = in_ranges(pool, asked)
    together = merged(asked, ranges, parts)

    found = pool.examine(asked).examination
    straight = pool.examine(asked.in_one_go).examination
    assert told(found)
    assert told(straight)
    assert found == (straight if together is None else together.examination)
    assert found.coverage.frames_present == straight.coverage.frames_present


def test_of_a_film_that_ends_early_what_is_missing_is_told(pool: ExaminerPool, film: Film, tmp_path: Path) -> None:
    for name in ("h264.mp4", "prores.mov"):
        first, path = tmp_path / f"first-{name}", tmp_path / name
        ffmpeg("-i", film(name), "-c", "copy", "-movflags", "+faststart", first)
        path.write_bytes(first.read_bytes()[: first.stat().st_size * 7 // 10])
        asked = long(path)

        found, straight = pool.examine(asked).examination, pool.examine(asked.in_one_go).examination
        together = merged(asked, *in_ranges(pool, asked))

        assert found == (straight if together is None else together.examination)
        assert told(found) == told(straight)
        assert any("frames are missing: the file ends early" in reason for reason in told(found))


# --- what is not cut


@pytest.mark.parametrize("name", IN_ONE_GO)
def test_what_cannot_be_sought_in_is_not_cut(pool: ExaminerPool, film: Film, name: str) -> None:
    asked = long(film(name))

    assert pool.ranges(asked) == ()
    assert pool.examine(asked) == pool.examine(asked.in_one_go)


def test_a_short_film_an_asset_and_what_cannot_be_opened_are_not_cut(
    pool: ExaminerPool, film: Film, tmp_path: Path
) -> None:
    (tmp_path / "a.mov").write_bytes(film("prores.mov").read_bytes()[:3000])

    assert pool.ranges(long(film("prores.mov"), 6)) == ()
    assert pool.ranges(replace(long(film("prores.mov")), registering=True)) == ()
    assert pool.ranges(replace(long(film("prores.mov")), root=tmp_path / "a.mov")) == ()


def test_without_its_index_a_film_is_not_sought_in(pool: ExaminerPool, film: Film, tmp_path: Path) -> None:
    data = film("open.mkv").read_bytes()
    cues = data.rindex(b"\x1c\x53\xbb\x6b")
    (tmp_path / "cut.mkv").write_bytes(data[:cues])

    assert pool.ranges(long(tmp_path / "cut.mkv")) == ()


def test_a_film_of_two_picture_tracks_is_not_cut(pool: ExaminerPool, film: Film, tmp_path: Path) -> None:
    two = film("h264.mp4")
    ffmpeg("-i", two, "-i", two, "-map", "0:v", "-map", "1:v", "-c", "copy", tmp_path / "two.mp4")

    assert pool.ranges(long(tmp_path / "two.mp4")) == ()


# --- what does not fit together is read in one go


def test_two_films_joined_into_one_are_read_in_one_go(pool: ExaminerPool, film: Film, tmp_path: Path) -> None:
    path = tmp_path / "twice.mkv"
    path.write_bytes(film("open.mkv").read_bytes() * 2)
    asked = long(path)

    ranges, parts = in_ranges(pool, asked)

    assert merged(asked, ranges, parts) is None
    assert pool.examine(asked).examination == pool.examine(asked.in_one_go).examination
    assert pool.examine(asked).examination.coverage.frames_present == 2 * FRAMES


def test_a_list_of_key_frames_that_lies_is_found_out(pool: ExaminerPool, film: Film, tmp_path: Path) -> None:
    data = film("h264.mp4").read_bytes()
    path = tmp_path / "all-key.mp4"
    path.write_bytes(data.replace(b"stss", b"free"))
    asked = long(path)

    found, straight = pool.examine(asked).examination, pool.examine(asked.in_one_go).examination

    assert (found.coverage, found.codes, told(found)) == (straight.coverage, straight.codes, [])


def test_ranges_of_which_one_is_lacking_or_another_are_not_put_together(pool: ExaminerPool, film: Film) -> None:
    asked = long(film("h264.mp4"))
    ranges, parts = in_ranges(pool, asked)
    others, other_parts = in_ranges(pool, long(film("h264.mp4"), 2))

    assert merged(asked, ranges[1:], parts[1:]) is None
    assert merged(asked, ranges[:-1], parts[:-1]) is None
    assert merged(asked, (ranges[0], *ranges[2:]), [parts[0], *parts[2:]]) is None
    assert merged(asked, ranges, [parts[0], parts[2], parts[1]]) is None
    assert merged(asked, ranges, [*parts[:-1], other_parts[-1]]) is None
    assert merged(asked, (), []) is None
    assert merged(asked, others, other_parts) is not None


def test_a_range_at_whose_border_the_film_was_changed_does_not_fit(
    pool: ExaminerPool, film: Film, tmp_path: Path
) -> None:
    asked = long(film("prores.mov"))
    ranges, parts = in_ranges(pool, asked)
    path = tmp_path / "prores.mov"
    ffmpeg("-i", film("prores.mov"), "-vf", "negate", *CUT["prores.mov"], path)
    other = pool.examine(replace(asked, root=path).of(ranges[1]))

    assert merged(asked, ranges, [parts[0], other, *parts[2:]]) is None


def test_a_range_whose_process_was_lost_is_told_beside_what_the_others_show(pool: ExaminerPool, film: Film) -> None:
    asked = long(film("h264.mp4"))
    ranges, parts = in_ranges(pool, asked)
    lost = unexamined(asked.of(ranges[1]), "examination", "the process died on it")

    found = merged(asked, ranges, [parts[0], lost, *parts[2:]])

    assert found is not None
    assert told(found.examination) == ["from 00:00:03:00 to 00:00:06:00: the process died on it"]
    assert found.examination.coverage.frames_present == FRAMES - 3 * RATE
    assert all(item.partly for item in found.examination.observations if isinstance(item, Unreadable))


def test_without_the_first_range_nothing_is_known_of_labels(pool: ExaminerPool, film: Film) -> None:
    asked = long(film("h264.mp4"))
    ranges, parts = in_ranges(pool, asked)

    found = merged(asked, ranges, [unexamined(asked, "examination", "it died"), *parts[1:]])

    assert found is not None
    assert [item.partly for item in found.examination.observations if isinstance(item, Unreadable)] == [False]


# --- image sequences


@pytest.fixture(scope="module")
def sequence(pictures: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Job:
    folder = tmp_path_factory.mktemp("sequence")
    encode(folder / "frame.%04d.jpg", pictures[:120], "-q:v", "3", "-start_number", "1")
    names = tuple(sorted(path.name for path in folder.iterdir()))
    one = job(folder / names[0])
    return replace(long(folder / names[0], 1), root=folder, files=names, kind=type(one.kind).SEQUENCE)


def test_an_image_sequence_is_cut_by_its_files(pool: ExaminerPool, sequence: Job) -> None:
    examination = put_together(pool, sequence)

    assert examination == pool.examine(sequence).examination
    straight = pool.examine(sequence.in_one_go).examination
    assert (examination.coverage, examination.codes) == (straight.coverage, straight.codes)
    assert [one.seconds for one in pool.ranges(sequence)] == [(n, n + 1 if n < 4 else None) for n in range(5)]


def test_a_file_of_a_sequence_that_cannot_be_read_is_told_with_its_range(
    pool: ExaminerPool, sequence: Job, tmp_path: Path
) -> None:
    for number, name in enumerate(sequence.files):
        (tmp_path / name).write_bytes(b"" if number in (48, 60) else (sequence.root / name).read_bytes())
    asked = replace(sequence, root=tmp_path)

    examination = put_together(pool, asked)

    assert examination == pool.examine(asked).examination
    straight = pool.examine(asked.in_one_go).examination
    assert (told(examination), examination.codes) == (told(straight), straight.codes)
    assert any("2 of 18 sampled files cannot be decoded" in reason for reason in told(examination)), told(examination)
    assert examination.coverage.notes == straight.coverage.notes
    assert any(f"{sequence.files[48]}, {sequence.files[60]}" in note for note in examination.coverage.notes)
    assert next(still_frames(sequence.paths[0], sequence.format, deadline=60.0))


# --- kept between


def test_putting_ranges_together_loads_no_decoder() -> None:
    look = "import sys, scanner.examine.merging; print({'av', 'cv2', 'PIL'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_range_that_was_examined_can_be_kept_and_taken_up_again(pool: ExaminerPool, film: Film) -> None:
    asked = long(film("open-pyramid.mov"))
    ranges, parts = in_ranges(pool, asked)

    kept = [
        replace(
            from_json(Examination, as_json(Examination, replace(part.examination, codes=None, features=None))),
            codes=part.examination.codes,
            features=part.examination.features,
        )
        for part in parts
    ]

    assert from_json(tuple[TimeRange, ...], as_json(tuple[TimeRange, ...], ranges)) == ranges
    assert merged(asked, ranges, [Examined(examination=one) for one in kept]) == pool.examine(asked)
