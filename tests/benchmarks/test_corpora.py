"""The benchmarks' corpora: what is fit to be in them, and look-alikes once."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks.corpora import Seen, distinct, look


def photograph(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8)).resize((480, 360), Image.Resampling.BICUBIC)
    return Image.fromarray(np.asarray(coarse) // 2 + rng.integers(0, 100, (360, 480, 3), np.uint8))


def seen(folder: Path, name: str, picture: Image.Image) -> Seen | None:
    path = folder / "source" / name
    path.parent.mkdir(exist_ok=True)
    picture.save(path)
    return look((folder, path))


def test_look_alikes_and_mirrors_are_kept_once(tmp_path: Path) -> None:
    first, other = photograph(1), photograph(2)
    pictures = [first, first.resize((640, 480)), ImageOps.mirror(first), other]
    looks = [seen(tmp_path, f"{place}.png", picture) for place, picture in enumerate(pictures)]
    kept = list(distinct([one for one in looks if one is not None]))
    assert [one.found.path for one in kept] == ["source/0.png", "source/3.png"]


def test_small_plain_clear_and_broken_pictures_are_left_out(tmp_path: Path) -> None:
    clear = photograph(1).convert("RGBA")
    clear.putalpha(60)
    assert seen(tmp_path, "small.png", photograph(1).resize((300, 150))) is None
    assert seen(tmp_path, "plain.png", Image.new("RGB", (400, 400), "red")) is None
    assert seen(tmp_path, "clear.png", clear) is None
    broken = tmp_path / "source" / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    assert look((tmp_path, broken)) is None


def test_large_areas_of_one_colour_are_told_apart(tmp_path: Path) -> None:
    drawing = Image.new("RGB", (400, 400), "white")
    pen = ImageDraw.Draw(drawing)
    for step in range(8):
        pen.ellipse((step * 40, step * 30, step * 40 + 90, step * 30 + 120), fill=(step * 30, 90, 200 - step * 20))
    drawn, taken = seen(tmp_path, "drawing.png", drawing), seen(tmp_path, "photograph.png", photograph(1))
    assert drawn is not None
    assert drawn.found.flat
    assert taken is not None
    assert not taken.found.flat
