"""Registered pictures are found in delivered ones, where they are, after all that finishing does; others are not."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner.fingerprint.names import OTHER_TRACK, VIEW_NAMES
from scanner.match.evidence import Register, evidence_of
from scanner.match.pictures import CodeTable, PictureIndex
from scanner.model import (
    Examination,
    Gap,
    Identical,
    Incomplete,
    MediaKind,
    PictureCodes,
    RegisterOutOfReach,
    Unreadable,
)
from tests.match.finding import POLICY, examined, found_in, look_alikes, member_of, prints_of, ref, register
from tests.media.making import HEIGHT, WIDTH, Pictures, encode, ffmpeg, job, shot

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
PRORES = ("-c:v", "prores_ks")
ASSET, OTHERS = 77, (1, 2, 3)
Made = Callable[..., Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("match")


@pytest.fixture(scope="module")
def asset(folder: Path) -> Path:
    """The registered clip: one camera move of two seconds."""
    return encode(folder / "asset.mp4", shot(ASSET, 48), *H264, "-crf", "12")


@pytest.fixture(scope="module")
def known(folder: Path, asset: Path) -> Register:
    """A register of that clip, of a still and of some others."""
    Image.fromarray(shot(88, 1)[0]).save(folder / "still.png")
    pictures = {"clip": prints_of(asset), "still": prints_of(folder / "still.png")}
    for seed in (91, 92, 93):
        pictures[f"other {seed}"] = prints_of(encode(folder / f"{seed}.mp4", shot(seed, 24), *H264))
    return register(pictures)


@pytest.fixture(scope="module")
def film(folder: Path) -> Path:
    """A delivery with two seconds of the clip in its middle, from 2 s to 4 s."""
    return encode(folder / "film.mov", cut_in(shot(ASSET, 48)), *PRORES, "-timecode", "01:00:00:00")


def cut_in(insert: Pictures, before: int = 48, after: int = 48) -> Pictures:
    return np.concatenate([shot(OTHERS[0], before), insert, shot(OTHERS[1], after)])


# --- where it is


def test_a_registered_clip_is_found_where_it_was_cut_in(film: Path, known: Register) -> None:
    (found,) = look_alikes(found_in(film, known))
    place = found.place
    assert place is not None

    assert found.asset == ref("clip")
    assert abs(place.seconds_in - 2) <= Fraction(place.accuracy_frames, 24)
    assert abs(place.seconds_out - 4) <= Fraction(place.accuracy_frames, 24)


def test_its_place_is_told_in_the_file_s_own_timecode(film: Path, known: Register) -> None:
    (found,) = look_alikes(found_in(film, known))
    assert found.place is not None

    assert (found.place.timecode_in, found.place.timecode_out) == ("01:00:02:00", "01:00:03:19")


def test_with_every_frame_looked_at_its_ends_are_exact(film: Path, known: Register) -> None:
    (found,) = look_alikes(found_in(film, known, step=1))
    assert found.place is not None

    assert (found.place.seconds_in, found.place.seconds_out, found.place.accuracy_frames) == (2, 4, 0)


def test_which_part_of_the_asset_it_is_is_told(folder: Path, known: Register) -> None:
    path = encode(folder / "part.mov", cut_in(shot(ASSET, 48)[24:]), *PRORES)

    (found,) = look_alikes(found_in(path, known, step=1))

    assert abs(found.asset_seconds_in - 1) <= Fraction(1, 8)


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50"])
def test_places_are_exact_at_every_rate(folder: Path, known: Register, rate: str) -> None:
    path = encode(folder / "rate.mov", cut_in(shot(ASSET, 48)), *PRORES, rate=rate)

    (found,) = look_alikes(found_in(path, known, step=1))
    assert found.place is not None

    assert found.place.seconds_in == 48 / Fraction(rate)
    assert found.place.seconds_out == 96 / Fraction(rate)


def test_drop_frame_timecode_is_told_as_such(folder: Path, known: Register) -> None:
    options = (*PRORES, "-timecode", "00:59:59;20")
    path = encode(folder / "drop.mov", cut_in(shot(ASSET, 48), before=58), *options, rate="30000/1001")

    (found,) = look_alikes(found_in(path, known, step=1))
    assert found.place is not None

    assert found.place.timecode_in == "01:00:01;18"


@pytest.mark.parametrize("start", range(0, 24, 5))
@pytest.mark.parametrize(("name", "options"), [("twelve.mov", PRORES), ("twelve.mp4", (*H264, "-bf", "3"))])
def test_no_shot_of_twelve_frames_escapes(
    folder: Path, known: Register, start: int, name: str, options: tuple[str, ...]
) -> None:
    insert = shot(ASSET, 48)[start : start + 12]

    path = encode(folder / name, cut_in(insert, before=20 + start), *options)

    assert [found.asset.name for found in look_alikes(found_in(path, known))] == ["clip"]


def test_no_shot_of_twelve_frames_escapes_in_an_image_sequence(folder: Path, known: Register) -> None:
    plates = folder / "plates"
    plates.mkdir()
    frames = cut_in(shot(ASSET, 48)[10:22], before=31, after=10)
    names = [f"plate.{number:04}.jpg" for number in range(1001, 1001 + len(frames))]
    for name, picture in zip(names, frames, strict=True):
        Image.fromarray(picture).save(plates / name, quality=90)
    one = job(plates / names[0])
    asked = type(one)(
        root=plates,
        files=tuple(names),
        kind=MediaKind.SEQUENCE,
        format="jpeg",
        sample_step=6,
        deadline=60.0,
        stall_seconds=60.0,
    )
    examination = examined(asked)

    (found,) = look_alikes(evidence_of(member_of(examination, names[0]), examination, known, POLICY))
    assert found.place is not None

    assert found.asset.name == "clip"
    # A sequence counts from its first file's number, at 24 a second: frame 1001 is 00:00:41:17.
    assert "00:00:43:00" <= found.place.timecode_in <= "00:00:43:05"
    assert abs(found.place.seconds_in - Fraction(31, 24)) <= Fraction(5, 24)


# --- what was done to it

FINISHED = {
    "encoded at low quality": (*H264, "-crf", "40"),
    "scaled down": ("-vf", "scale=160:90", *H264),
    "scaled up": ("-vf", "scale=960:540", *H264),
    "brighter": ("-vf", "eq=gamma=1.4", *H264),
    "darker": ("-vf", "eq=gamma=0.7:contrast=0.9", *H264),
    "black and white": ("-vf", "hue=s=0", *H264),
    "warmer": ("-vf", "colorbalance=rs=.2:bs=-.2,eq=saturation=1.5", *H264),
    "letterboxed": ("-vf", "scale=320:134,pad=320:180:0:23", *H264),
    "pillarboxed": ("-vf", "scale=240:134,scale=240:180,pad=320:180:40:0", *H264),
    "window boxed": ("-vf", "scale=240:134,pad=320:180:40:23", *H264),
    "matted to 1.85": ("-vf", "drawbox=0:0:320:4:black:fill,drawbox=0:176:320:4:black:fill", *H264),
    "matted to 2.39": ("-vf", "drawbox=0:0:320:23:black:fill,drawbox=0:157:320:23:black:fill", *H264),
    "cropped to 2.39": ("-vf", "crop=320:134", *H264),
    "with a small logo": ("-vf", "drawbox=292:10:14:6:white@0.6:fill", *H264),
    "with a subtitle": ("-vf", "drawbox=90:158:140:9:white:fill", *H264),
    "grainy": ("-vf", "noise=alls=12:allf=t", *H264),
    "blurred": ("-vf", "gblur=sigma=1.5", *H264),
    "HDR": ("-c:v", "libx265", "-preset", "veryfast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le"),
    "at half speed": ("-vf", "setpts=2*PTS", "-r", "24", *H264),
    "backwards": ("-vf", "reverse", *H264),
}


@pytest.mark.parametrize("finish", FINISHED)
def test_a_registered_clip_is_found_after(folder: Path, asset: Path, known: Register, finish: str) -> None:
    path = folder / "finished.mp4"
    ffmpeg("-i", asset, *FINISHED[finish], path)

    found = look_alikes(found_in(path, known))

    assert {item.asset.name for item in found} == {"clip"}


def test_the_region_of_a_boxed_picture_and_what_was_done_are_told(folder: Path, asset: Path, known: Register) -> None:
    path = folder / "boxed.mp4"
    ffmpeg("-i", asset, "-vf", "scale=240:134,pad=320:180:40:23", *H264, path)

    (found,) = look_alikes(found_in(path, known))

    assert np.allclose(found.region, (40 / 320, 23 / 180, 240 / 320, 134 / 180), atol=0.01)
    assert found.transform == "window-boxed"


def test_a_matte_over_it_is_told(folder: Path, asset: Path, known: Register) -> None:
    path = folder / "matted.mp4"
    ffmpeg("-i", asset, "-vf", "drawbox=0:0:320:23:black:fill,drawbox=0:157:320:23:black:fill", *H264, path)

    (found,) = look_alikes(found_in(path, known))

    assert "matted to 2.39" in found.transform


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_display_flag_neither_hides_it_nor_is_needed(
    folder: Path, asset: Path, known: Register, degrees: int
) -> None:
    path = folder / "turned.mp4"
    ffmpeg("-display_rotation", degrees, "-i", asset, "-c", "copy", path)

    (found,) = look_alikes(found_in(path, known))

    assert found.transform == VIEW_NAMES[2]


def test_it_is_found_in_a_second_picture_track(folder: Path, asset: Path, known: Register) -> None:
    main = encode(folder / "main.mp4", shot(OTHERS[0], 96), *H264)
    path = folder / "two-tracks.mp4"
    ffmpeg("-i", main, "-i", asset, "-map", "0:v", "-map", "1:v", "-c", "copy", path)

    (found,) = look_alikes(found_in(path, known))

    assert (found.asset.name, found.transform) == ("clip", VIEW_NAMES[OTHER_TRACK])


@pytest.mark.parametrize("kind", ["jpg", "png", "tif", "webp"])
def test_a_registered_still_is_found_in_another_format_and_size(folder: Path, known: Register, kind: str) -> None:
    picture = Image.fromarray(shot(88, 1)[0]).resize((800, 450))
    picture.save(folder / f"copy.{kind}")

    (found,) = look_alikes(found_in(folder / f"copy.{kind}", known))

    assert (found.asset.name, found.place) == ("still", None)


def test_a_registered_still_that_stays_on_screen_is_one_run(folder: Path, known: Register) -> None:
    held = np.repeat(shot(88, 1), 36, axis=0)
    path = encode(folder / "freeze.mov", cut_in(held), *PRORES)

    (found,) = look_alikes(found_in(path, known))

    # Every twelfth frame, and one midway where the shot ends.
    assert (found.asset.name, found.frames) == ("still", 4)


def test_a_frame_of_a_clip_that_was_frozen_is_found(folder: Path, known: Register) -> None:
    held = np.repeat(shot(ASSET, 48)[20:21], 24, axis=0)
    path = encode(folder / "frozen.mov", cut_in(held), *PRORES)

    (found,) = look_alikes(found_in(path, known))

    assert found.asset.name == "clip"


# --- how many


def test_one_asset_in_two_places_is_told_twice(folder: Path, known: Register) -> None:
    insert = shot(ASSET, 48)
    frames = np.concatenate([cut_in(insert), insert, shot(OTHERS[2], 24)])

    path = encode(folder / "twice.mov", frames, *PRORES)

    assert [found.asset.name for found in look_alikes(found_in(path, known))] == ["clip", "clip"]


def test_two_assets_in_one_delivery_are_both_told(folder: Path, known: Register) -> None:
    frames = np.concatenate([cut_in(shot(ASSET, 48)), np.repeat(shot(88, 1), 24, axis=0)])

    path = encode(folder / "both.mov", frames, *PRORES)

    assert {found.asset.name for found in look_alikes(found_in(path, known))} == {"clip", "still"}


def test_several_assets_that_show_one_picture_are_all_told(film: Path, asset: Path) -> None:
    prints = prints_of(asset)

    found = look_alikes(found_in(film, register({"first": prints, "second": prints, "third": prints})))

    assert {item.asset.name for item in found} == {"first", "second", "third"}


def test_all_that_show_one_picture_are_told_so_that_none_hides_behind_approved_ones(film: Path, asset: Path) -> None:
    prints = prints_of(asset)

    found = look_alikes(found_in(film, register({str(number): prints for number in range(12)})))

    assert len(found) == 12


# --- what is not found


@pytest.mark.parametrize("seed", [1, 2, 3, 200, 201, 202])
def test_other_pictures_are_not_found(folder: Path, known: Register, seed: int) -> None:
    path = encode(folder / "other.mov", shot(seed, 96), *PRORES)

    assert look_alikes(found_in(path, known, step=1)) == []


@pytest.mark.parametrize("source", ["color=black", "color=white", "color=gray", "color=0x101010,noise=alls=3:allf=t"])
def test_flat_frames_say_nothing_and_never_match(folder: Path, source: str) -> None:
    path = folder / "flat.mov"
    ffmpeg("-f", "lavfi", "-i", f"{source},scale={WIDTH}:{HEIGHT}", "-t", "1", *PRORES, path)

    evidence = found_in(path, register({"flat": prints_of(path)}), step=1)

    assert (look_alikes(evidence), evidence.coverage.frames_uninformative) == ([], evidence.coverage.frames_examined)


def test_of_a_film_that_begins_in_black_the_black_frames_are_counted(folder: Path, known: Register) -> None:
    black = np.full((48, HEIGHT, WIDTH, 3), 16, dtype=np.uint8)
    path = encode(folder / "black.mov", np.concatenate([black, shot(OTHERS[0], 24)]), *PRORES)

    assert found_in(path, known, step=1).coverage.frames_uninformative == 48


def test_an_empty_register_finds_nothing(film: Path) -> None:
    assert look_alikes(found_in(film, register())) == []


# --- other evidence


def test_without_a_register_only_what_the_file_says_is_left(film: Path) -> None:
    examination = examined(job(film))

    assert evidence_of(member_of(examination), examination, None, POLICY).evidence == ()


def test_a_register_out_of_reach_is_evidence(film: Path) -> None:
    examination = examined(job(film))
    gone = RegisterOutOfReach(reason="no route to host")

    assert evidence_of(member_of(examination), examination, gone, POLICY).evidence == (gone,)


def test_the_very_bytes_are_told_once_and_not_as_a_look_alike_too(film: Path, known: Register) -> None:
    examination = examined(job(film))
    member = member_of(examination)
    both = Register(state=known.state, pictures=known.pictures, by_hash=lambda _: {member.sha256: ref("bytes")})

    evidence = evidence_of(member, examination, both, POLICY)

    assert evidence.evidence == (Identical(asset=ref("bytes"), file="delivered"),)


def test_missing_frames_of_a_sequence_are_told(film: Path) -> None:
    examination = examined(job(film))
    member = member_of(examination)
    gapped = type(member)(
        name="plates",
        kind=MediaKind.SEQUENCE,
        format="exr",
        files=("a.1.exr", "a.9.exr"),
        size=2,
        sha256="b" * 64,
        file_hashes=("c" * 64, "d" * 64),
        gaps=(Gap(first=2, last=7), Gap(first=8, last=8)),
    )

    told = [
        item.missing for item in evidence_of(gapped, examination, None, POLICY).evidence if isinstance(item, Incomplete)
    ]

    assert told == ["frame 2 to 7 of the image sequence", "frame 8 of the image sequence"]


@pytest.mark.parametrize("name", ["a.mov", "A.MXF", "b.exr", "c.wav"])
def test_text_that_is_named_like_media_is_unreadable(name: str) -> None:
    examination = Examination(examiner="test", kind=MediaKind.OTHER, format="text")

    (found,) = evidence_of(member_of(examination, name), examination, None, POLICY).evidence

    assert isinstance(found, Unreadable)


def test_text_that_is_named_like_text_is_not() -> None:
    examination = Examination(examiner="test", kind=MediaKind.OTHER, format="text")

    assert evidence_of(member_of(examination, "a.xml"), examination, None, POLICY).evidence == ()


# --- the index


def noise(seed: int, count: int) -> PictureCodes:
    random = np.random.default_rng(seed)
    return PictureCodes(
        algorithm="phash-256",
        version=1,
        time_base=Fraction(1, 24),
        pts=tuple(range(count)),
        codes=random.bytes(32 * count),
        quality=bytes([50]) * count,
        views=bytes(count),
    )


@pytest.mark.parametrize("radius", [0, 36, 44, 110])
def test_the_index_finds_exactly_what_comparing_all_with_all_finds(radius: int) -> None:
    stored, asked = noise(1, 500), noise(2, 60)
    index = PictureIndex.of([(ref("noise"), stored)], least_quality=12)
    one, other = (np.unpackbits(CodeTable.of(codes).codes, axis=1) for codes in (asked, stored))
    distances = (one[:, None, :] != other[None, :, :]).sum(axis=2)

    found = index.hits(CodeTable.of(asked), radius=radius)

    told = zip(found.frame.tolist(), np.rint(found.asset_seconds * 24).astype(int).tolist(), strict=True)
    assert sorted(told) == [(int(a), int(b)) for a, b in np.argwhere(distances <= radius)]


def test_random_codes_are_never_close() -> None:
    index = PictureIndex.of([(ref("noise"), noise(1, 3000))], least_quality=12)

    assert not len(index.hits(CodeTable.of(noise(2, 1000)), radius=POLICY.same_run_distance))
