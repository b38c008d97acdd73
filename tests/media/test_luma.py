"""However a picture is coded, its luma is what an ordinary screen shows: curve, range, shape, scan, alpha, format."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from scanner.media.ffmpeg import displayed
from scanner.media.frames import Grey, UnreadableMediaError
from scanner.media.luma import Showing, luma
from scanner.media.still import still_frames
from scanner.media.tone import HLG, PQ, printing_density, table
from scanner.media.video import VideoTrack, missing_frames
from scanner.media.wavelet import levels
from tests.media.making import HEIGHT, WIDTH, Pictures, encode, ffmpeg, shot

SHOT = shot(4, 4)
GREY = cv2.cvtColor(SHOT[0], cv2.COLOR_RGB2GRAY)
FFV1 = ("-c:v", "ffv1")


def first(path: Path) -> Grey:
    track = VideoTrack.open(path)
    assert track is not None
    with track:
        return next(iter(track.frames(1, lambda: None))).grey


def away(found: Grey, wanted: Grey) -> float:
    return float(np.abs(found.astype(int) - wanted).mean())


@pytest.mark.parametrize(
    "pixels",
    [
        *("yuv420p", "yuv422p10le", "yuv444p12le", "nv12", "p010le", "gray", "gray10le", "gray16le"),
        *("rgb24", "bgr0", "gbrp", "gbrp10le", "rgb48le", "yuyv422", "rgba", "gbrap", "yuva420p"),
    ],
)
def test_the_same_picture_has_the_same_luma_in_every_pixel_format(pixels: str) -> None:
    frame = av.VideoFrame.from_ndarray(SHOT[0], format="rgb24").reformat(format=pixels)

    assert away(luma(frame, Showing(), 640), GREY) < 3


def test_full_range_that_the_file_tells_of_is_believed(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mov", SHOT, "-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "2")

    assert away(first(path), GREY) < 3


@pytest.mark.parametrize("codec", [("png",), ("qtrle",), ("prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le")])
def test_what_is_transparent_is_laid_over_mid_grey(tmp_path: Path, codec: tuple[str, ...]) -> None:
    hole = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='if(lt(X,160),0,255)'"

    grey = first(encode(tmp_path / "a.mov", SHOT, "-vf", hole, "-c:v", *codec))

    assert away(grey[:, :150], np.full((HEIGHT, 150), 128, dtype=np.uint8)) < 2
    assert away(grey[:, 170:], GREY[:, 170:]) < 4


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_reference_white_is_bright_and_nothing_above_it_is_cut(transfer: int) -> None:
    # ITU-R BT.2408: 203 nit are 58 % of PQ and 75 % of HLG.
    codes = table(10, full=True, transfer=transfer).astype(int)
    white = codes[round(1023 * (0.58 if transfer == PQ else 0.75))]

    assert 225 <= white <= 250
    assert (np.diff(codes) >= 0).all()
    assert codes[-1] >= white + 4


def in_pq(pictures: Pictures) -> Pictures:
    """The red of SDR pictures as grey in PQ: light of BT.1886 at 203 nit, coded by the definition of ST 2084."""
    nits = 203 * (pictures[..., :1].astype(np.float64) / 255) ** 2.4 / 10_000
    power = nits ** (2610 / 16384)
    coded = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    return np.repeat(np.round(coded * 255), 3, axis=3).astype(np.uint8)


def test_pq_is_seen_as_its_sdr_version(tmp_path: Path) -> None:
    pictures = in_pq(SHOT)
    trc = ("-vf", "format=yuv420p10le,setparams=color_trc=smpte2084")

    grey = first(encode(tmp_path / "a.mkv", pictures, *trc, *FFV1))

    assert np.corrcoef(grey.ravel(), SHOT[0, ..., 0].ravel())[0, 1] > 0.98
    assert away(grey, SHOT[0, ..., 0]) < 12


def test_full_and_limited_range_look_the_same() -> None:
    assert (table(8, full=False)[[16, 235]] == [0, 255]).all()
    assert (table(10, full=True)[[0, 1023]] == [0, 255]).all()


def test_a_thumbnail_of_pq_is_seen_as_its_sdr_version(tmp_path: Path) -> None:
    pictures = in_pq(SHOT)
    path = encode(tmp_path / "a.mkv", pictures, "-vf", "format=gbrp,setparams=color_trc=smpte2084", *FFV1)
    track = VideoTrack.open(path)
    assert track is not None

    with track:
        (found,) = track.pictures_at([Fraction(0)])
    seen = cv2.imdecode(np.frombuffer(found.jpeg, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)

    assert away(seen, SHOT[0, ..., 0]) < 12


def test_a_black_film_is_read_to_its_end_as_black(tmp_path: Path) -> None:
    black = np.zeros((24, HEIGHT, WIDTH, 3), dtype=np.uint8)
    path = encode(tmp_path / "a.mp4", black, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    track = VideoTrack.open(path)
    assert track is not None

    with track:
        levels_seen = {int(frame.grey.max()) for frame in track.frames(6, lambda: None)}

    assert levels_seen == {0}
    assert (track.counts.present, track.counts.damaged, missing_frames(track.counts)) == (24, 0, 0)


def test_raw_camera_mosaic_and_cinema_colours_have_a_luma_like_any_other() -> None:
    mosaic = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    for y, x, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        mosaic[y::2, x::2] = SHOT[0, y::2, x::2, channel]

    bayer = luma(av.VideoFrame.from_ndarray(mosaic, format="bayer_rggb8"), Showing(), 640)
    cinema = luma(av.VideoFrame.from_ndarray(SHOT[0], format="rgb24").reformat(format="xyz12le"), Showing(), 640)

    assert away(bayer, GREY) < 4
    assert away(cinema, GREY) < 4


@pytest.mark.parametrize("resolutions", [1, 2, 3])
def test_a_jpeg_2000_film_of_few_levels_is_decoded_at_a_size_that_it_has(tmp_path: Path, resolutions: int) -> None:
    wide = shot(4, 1, width=2048, height=256)[0]
    Image.fromarray(wide).save(tmp_path / "a.jp2", num_resolutions=resolutions)
    ffmpeg("-framerate", "24", "-i", tmp_path / "a.jp2", "-c", "copy", tmp_path / "a.mov")

    grey = first(tmp_path / "a.mov")

    wanted = cv2.resize(cv2.cvtColor(wide, cv2.COLOR_RGB2GRAY), (640, 80), interpolation=cv2.INTER_AREA)
    assert away(grey, wanted) < 3


@pytest.mark.parametrize("size", [(4096, 2160), (1998, 1080), (2048, 858), (1440, 1080)])
def test_of_every_width_the_mean_of_each_point_is_kept(size: tuple[int, int]) -> None:
    width, height = size
    picture = shot(4, 1, width=width, height=height)[0]
    high = round(height * 640 / width)
    wanted = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (640, high), interpolation=cv2.INTER_AREA)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv422p10le")

    assert away(luma(frame, Showing(), 640), wanted) < 1.5


@pytest.mark.parametrize(("shape", "size"), [("4/3", (180, 427)), ("2/1", (180, 640)), ("1/2", (180, 160))])
def test_anamorphic_pictures_have_the_shape_in_which_they_are_shown(
    tmp_path: Path, shape: str, size: tuple[int, int]
) -> None:
    path = encode(tmp_path / "a.mp4", SHOT, "-vf", f"setsar={shape}", "-c:v", "libx264", "-pix_fmt", "yuv420p")

    assert first(path).shape == size


def test_of_an_interlaced_frame_one_field_is_seen(tmp_path: Path) -> None:
    woven = SHOT.copy()
    woven[:, 1::2] = 0
    fields = ("-vf", "setfield=tff", "-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv420p", "-flags", "+ilme+ildct")

    grey = first(encode(tmp_path / "a.mp4", woven, *fields, "-x264-params", "tff=1"))

    assert away(grey[2:-2], GREY[2:-2]) < 12


@pytest.mark.parametrize("step", [1, 6])
def test_a_picture_that_changes_its_size_is_read_on(tmp_path: Path, step: int) -> None:
    x264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
    one = encode(tmp_path / "1.ts", shot(1, 24), *x264)
    two = encode(tmp_path / "2.ts", shot(2, 24, width=240, height=136), *x264)
    (tmp_path / "a.ts").write_bytes(one.read_bytes() + two.read_bytes())
    track = VideoTrack.open(tmp_path / "a.ts")
    assert track is not None

    with track:
        widths = [frame.grey.shape[1] for frame in track.frames(step, lambda: None)]

    assert (widths.count(WIDTH), widths.count(240)) == (24 / step, 24 / step)


# --- stills


@pytest.mark.parametrize("transfer", [1, 3])
def test_a_logarithmic_scan_is_seen_as_a_print(tmp_path: Path, transfer: int) -> None:
    path = tmp_path / "a.dpx"
    grey_card = np.full((64, 64, 3), 470 // 4, dtype=np.uint8)
    grey_card[:, 32:] = 685 // 4
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x64", "-i", "-")
    ffmpeg(*source, "-pix_fmt", "gbrp10be", "-frames:v", "1", "-update", "1", path, stdin=grey_card.tobytes())
    data = bytearray(path.read_bytes())
    data[801] = transfer
    path.write_bytes(data)

    ((_, rgb),) = still_frames(path, "dpx", deadline=30)

    # 470 is 18 % grey, which a screen shows at 118 (IEC 61966-2-1).
    assert abs(int(rgb[32, 10, 1]) - 118) < 8
    assert int(rgb[32, 50, 1]) > 225


def test_printing_density_has_its_black_and_white_where_film_has_them() -> None:
    assert np.allclose(printing_density(np.array([95, 685]) / 1023), [0, 1])


def test_light_above_white_keeps_its_drawing() -> None:
    shown = displayed(np.array([[0.18, 1.0, 1.3]], dtype=np.float32)).astype(int)[0]

    assert shown[0] == 118
    assert shown[1] < shown[2] <= 255


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_still_of_one_point_is_seen(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (1, 1), 1).save(tmp_path / "a.png")

    ((_, rgb),) = still_frames(tmp_path / "a.png", "png", deadline=30)

    assert rgb.shape == (1, 1, 3)


def test_a_still_of_30000_by_30000_points_is_refused_in_words(tmp_path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(tmp_path / "a.png")

    with pytest.raises(UnreadableMediaError, match="too large"):
        list(still_frames(tmp_path / "a.png", "png", deadline=30))


def test_the_levels_of_a_jpeg_2000_are_told(tmp_path: Path) -> None:
    Image.fromarray(SHOT[0]).save(tmp_path / "a.jp2", num_resolutions=4)

    assert levels((tmp_path / "a.jp2").read_bytes()) == 3
    assert levels(b"no picture") == 0
