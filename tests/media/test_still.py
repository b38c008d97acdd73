"""Stills in every form that artwork and plates come in: the same picture is seen, damage is never half a picture."""

import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scanner.fingerprint.codes import codes_of
from scanner.fingerprint.views import small
from scanner.media.ffmpeg import displayed
from scanner.media.formats import sniff
from scanner.media.frames import Rgb, UnreadableMediaError, grey_of
from scanner.media.still import still_frames
from scanner.media.structure import shortfall
from tests.media.heif import two_tiles
from tests.media.making import ffmpeg, shot

WIDTH, HEIGHT = 240, 180
PICTURE = shot(3, 1, width=WIDTH, height=HEIGHT)[0]
Write = Callable[[Path], None]


def by_pillow(mode: str, **options: object) -> Write:
    return lambda path: Image.fromarray(PICTURE).convert(mode).save(path, **options)  # type: ignore[arg-type]


def by_ffmpeg(*options: str) -> Write:
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-i", "-")
    return lambda path: ffmpeg(*source, *options, "-frames:v", "1", "-update", "1", path, stdin=PICTURE.tobytes())


def by_opencv(samples: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Write:
    def write(path: Path) -> None:
        assert cv2.imwrite(str(path), samples)

    return write


BGR = PICTURE[..., ::-1]
GREY = grey_of(PICTURE)

WRITTEN: dict[str, Write] = {
    "8-bit.png": by_pillow("RGB"),
    "16-bit.png": by_ffmpeg("-pix_fmt", "rgb48be"),
    "16-bit-grey.png": by_opencv(GREY.astype(np.uint16) * 257),
    "grey.png": by_pillow("L"),
    "palette.png": by_pillow("P"),
    "opaque-alpha.png": by_pillow("RGBA"),
    "grey-alpha.png": by_pillow("LA"),
    "lzw.tif": by_pillow("RGB", compression="tiff_lzw"),
    "cmyk.tif": by_pillow("CMYK"),
    "lab.tif": by_pillow("LAB"),
    "16-bit.tif": by_opencv(BGR.astype(np.uint16) * 257),
    "16-bit-alpha.tif": by_ffmpeg("-pix_fmt", "rgba64le"),
    "float.tif": by_opencv(BGR.astype(np.float32) / 255),
    "grey-float.tif": lambda path: Image.fromarray(GREY.astype(np.float32) / 255).save(path),
    "photograph.jpg": by_pillow("RGB", quality=90),
    "cmyk.jpg": by_pillow("CMYK", quality=90),
    "lossy.webp": by_pillow("RGB"),
    "lossless.webp": by_pillow("RGBA", lossless=True),
    "a.bmp": by_pillow("RGB"),
    "a.tga": by_pillow("RGB"),
    "packed.tga": by_pillow("RGB", compression="tga_rle"),
    "grey.tga": by_pillow("L"),
    "a.jp2": by_pillow("RGB"),
    "16-bit.jp2": by_ffmpeg("-pix_fmt", "rgb48le"),
    "a.gif": by_pillow("RGB"),
    "a.avif": by_pillow("RGB"),
    "a.jxl": by_ffmpeg(),
    "8-bit.dpx": by_ffmpeg("-pix_fmt", "rgb24"),
    "10-bit.dpx": by_ffmpeg("-pix_fmt", "gbrp10be"),
    "12-bit.dpx": by_ffmpeg("-pix_fmt", "gbrp12be"),
}


def frames(path: Path, format_name: str | None = None) -> list[tuple[Fraction, Rgb]]:
    return list(still_frames(path, format_name or sniff(path).name, deadline=30))


def code(rgb: Rgb) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.unpackbits(codes_of(small(grey_of(rgb))[None])[0])


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_picture_is_seen_in_every_form(tmp_path: Path, name: str) -> None:
    WRITTEN[name](tmp_path / name)

    ((at, rgb),) = frames(tmp_path / name)

    assert (at, rgb.shape) == (0, (HEIGHT, WIDTH, 3))
    assert np.count_nonzero(code(rgb) != code(PICTURE)) <= 24


@pytest.mark.parametrize("name", WRITTEN)
def test_a_still_that_was_cut_is_unreadable(tmp_path: Path, name: str) -> None:
    WRITTEN[name](tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) * 6 // 10])

    with pytest.raises(UnreadableMediaError):
        frames(tmp_path / name)


def test_a_picture_that_is_put_together_of_tiles_is_seen_whole(tmp_path: Path) -> None:
    picture = shot(3, 1, width=256, height=128)[0]

    ((_, rgb),) = frames(two_tiles(tmp_path / "a.heic", picture))

    assert rgb.shape == picture.shape
    assert np.abs(rgb.astype(int) - picture).mean() < 4


@pytest.mark.parametrize("kind", ["half", "float"])
@pytest.mark.parametrize("compression", ["none", "rle", "zip1", "zip16"])
def test_exr_is_seen_as_a_screen_shows_it(tmp_path: Path, kind: str, compression: str) -> None:
    linear = np.where(PICTURE / 255 <= 0.04045, PICTURE / 255 / 12.92, ((PICTURE / 255 + 0.055) / 1.055) ** 2.4)
    planes = np.ascontiguousarray(np.moveaxis(linear[..., [1, 2, 0]], 2, 0), dtype="<f4")
    source = ("-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", f"{WIDTH}x{HEIGHT}", "-i", "-")
    options = ("-format", kind, "-compression", compression, "-frames:v", "1", "-update", "1")
    ffmpeg(*source, *options, tmp_path / "a.exr", stdin=planes.tobytes())

    ((_, rgb),) = frames(tmp_path / "a.exr")

    assert int(np.abs(rgb.astype(int) - PICTURE).max()) <= 2


def test_what_is_brighter_than_white_in_a_large_exr_keeps_its_drawing(tmp_path: Path) -> None:
    bars = np.tile(np.repeat(np.float32([1.02, 1.8]), 100), 8)
    planes = np.broadcast_to(bars, (3, 60, len(bars)))
    source = ("-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", f"{len(bars)}x60", "-i", "-")
    ffmpeg(*source, "-frames:v", "1", "-update", "1", tmp_path / "a.exr", stdin=planes.astype("<f4").tobytes())

    ((_, rgb),) = frames(tmp_path / "a.exr")

    assert rgb.shape[1] == 1280
    assert int(rgb.max()) - int(rgb.min()) > 5


def test_an_exr_that_was_cut_ends_early(tmp_path: Path) -> None:
    by_ffmpeg("-pix_fmt", "gbrpf32le")(tmp_path / "a.exr")
    whole = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "a.exr").write_bytes(whole[: len(whole) * 6 // 10])

    assert shortfall(tmp_path / "a.exr", "exr") is not None


def test_light_that_is_no_number_is_black_and_what_is_brighter_than_white_is_rolled_off() -> None:
    light = np.asarray([[[np.nan, np.inf, -np.inf], [-1.0, 0.0, 2.0], [0.5, 1.0, 0.0031308]]], dtype=np.float32)

    assert displayed(light).tolist() == [[[0, 255, 0], [0, 0, 255], [188, 247, 10]]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_exif_orientation_is_undone(tmp_path: Path, orientation: int) -> None:
    stored = {
        1: lambda p: p,
        2: np.fliplr,
        3: lambda p: np.rot90(p, 2),
        4: np.flipud,
        5: lambda p: np.rot90(np.flipud(p), -1),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: np.rot90(np.fliplr(p), -1),
        8: lambda p: np.rot90(p, -1),
    }[orientation](PICTURE)
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.jpg", exif=exif, quality=95)

    ((_, rgb),) = frames(tmp_path / "a.jpg")

    assert rgb.shape == PICTURE.shape
    assert np.count_nonzero(code(rgb) != code(PICTURE)) <= 6


def test_what_is_transparent_is_seen_over_mid_grey(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "a.png")

    ((_, rgb),) = frames(tmp_path / "a.png")

    assert np.unique(rgb).tolist() == [128]


def test_bits_that_a_tga_leaves_over_are_no_alpha(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "a.tga")
    data = bytearray((tmp_path / "a.tga").read_bytes())
    data[17] &= 0xF0
    (tmp_path / "bare.tga").write_bytes(data)

    ((_, with_alpha),) = frames(tmp_path / "a.tga")
    ((_, without),) = frames(tmp_path / "bare.tga")

    assert np.unique(with_alpha).tolist() == [128]
    assert without[0, 0].tolist() == [255, 0, 0]


def test_of_a_picture_that_is_too_large_the_size_the_limit_and_what_to_do_are_told(tmp_path: Path) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + header + struct.pack(">I", zlib.crc32(header)) + b"\0\0\0\0IDAT"
    )

    with pytest.raises(UnreadableMediaError) as told:
        frames(tmp_path / "a.png")

    assert "30,000 by 30,000 pixels is too large: at most 500,000,000 pixels are opened" in str(told.value)
    assert "deliver it in parts or smaller" in str(told.value)


@pytest.mark.parametrize("kind", ["png", "jpg", "tif", "webp", "bmp", "gif", "tga"])
def test_a_picture_of_one_point_is_a_picture(tmp_path: Path, kind: str) -> None:
    Image.new("RGB", (1, 1), (200, 200, 200)).save(tmp_path / f"a.{kind}")

    ((_, rgb),) = frames(tmp_path / f"a.{kind}")

    assert rgb.shape == (1, 1, 3)


@pytest.mark.parametrize("kind", ["gif", "png", "webp", "avif"])
def test_every_frame_of_an_animated_still_is_seen_at_its_time(tmp_path: Path, kind: str) -> None:
    first, *rest = [Image.fromarray(picture) for picture in shot(4, 5, width=96, height=64)]
    first.save(tmp_path / f"a.{kind}", save_all=True, append_images=rest, duration=80)

    assert [at for at, _ in frames(tmp_path / f"a.{kind}")] == [Fraction(number * 80, 1000) for number in range(5)]


def test_every_page_of_a_tiff_is_seen(tmp_path: Path) -> None:
    first, *rest = [Image.fromarray(picture) for picture in shot(4, 3, width=96, height=64)]
    first.save(tmp_path / "a.tif", save_all=True, append_images=rest)

    assert len(frames(tmp_path / "a.tif")) == 3


def test_the_content_chooses_the_reader_and_not_the_name(tmp_path: Path) -> None:
    by_pillow("RGB", format="JPEG")(tmp_path / "a.exr")

    ((_, rgb),) = frames(tmp_path / "a.exr")

    assert rgb.shape == PICTURE.shape


@pytest.mark.parametrize(
    "name", ["-i.dpx", "%04d.dpx", "a\nb.dpx", "concat:a.dpx", "pipe:0.dpx", "\udcff.dpx", "a'[].dpx"]
)
def test_a_still_is_opened_as_a_file_whatever_its_name_means_to_ffmpeg(tmp_path: Path, name: str) -> None:
    by_ffmpeg("-pix_fmt", "gbrp10be")(tmp_path / "plain.dpx")
    (tmp_path / "plain.dpx").rename(tmp_path / name)

    assert len(frames(tmp_path / name)) == 1


@pytest.mark.parametrize(
    "format_name", ["jpeg", "png", "tiff", "psd", "exr", "dpx", "heif", "jxl", "dng", "jp2", "avif"]
)
def test_what_is_no_picture_is_unreadable(tmp_path: Path, format_name: str) -> None:
    (tmp_path / "a").write_bytes(b"no picture at all" * 40)

    with pytest.raises(UnreadableMediaError):
        frames(tmp_path / "a", format_name)


def test_why_it_is_unreadable_does_not_change_from_one_look_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"no picture at all" * 40)
    told = set()
    for _ in range(2):
        with pytest.raises(UnreadableMediaError) as caught:
            frames(tmp_path / "a", "exr")
        told.add(str(caught.value))

    assert len(told) == 1
    assert str(tmp_path) not in told.pop()
