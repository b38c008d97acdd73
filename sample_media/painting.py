"""Pictures made with brush strokes and type: key art for a poster, hills in oil."""

import cv2
import heavens
import nature
import numpy as np
from noise import Picture, Plane, Size, blur, bytes_of, grid, mix, ramp, sample, smooth, spectral
from PIL import Image, ImageDraw, ImageFont

TILE = 1024


def brushed(picture: Picture, *, seed: int, bristle: float = 1.0) -> Picture:
    """The picture painted over with strokes that follow its edges, broad ones first."""
    random = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    grey = blur(np.asarray(picture.mean(axis=2), np.float32), 3)
    turn = np.arctan2(cv2.Sobel(grey, cv2.CV_32F, 0, 1), cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.pi / 2
    canvas = blur(picture, height / 30)
    for thick, count in ((height / 36, 2600), (height / 70, 6500), (height / 140, 12000)):
        soft = blur(picture, thick / 3)
        for _ in range(count):
            x, y = int(random.integers(0, width)), int(random.integers(0, height))
            colour = np.clip(soft[y, x] * random.uniform(0.86, 1.14) + random.uniform(-0.02, 0.02, 3), 0, 1)
            along = float(turn[y, x]) + random.normal(0, 0.25)
            reach = thick * random.uniform(1.0, 2.6) * bristle
            ends = [(int(x + way * reach * np.cos(along)), int(y + way * reach * np.sin(along))) for way in (-1, 1)]
            cv2.line(canvas, ends[0], ends[1], colour.tolist(), max(1, int(thick)), cv2.LINE_AA)
    weave = spectral(512, seed=seed, fall=0.6)
    rows, columns = np.indices((height, width)) % 512
    return np.asarray(canvas * (0.90 + 0.2 * weave[rows, columns])[..., None], np.float32)


def ridge(x: Plane, *, seed: int, base: float, tall: float) -> Plane:
    """A mountain line: the y of the ridge for every x."""
    line = spectral(TILE, seed=seed, fall=1.55)
    return np.asarray(base - tall * (sample(line, x * 210, np.full_like(x, 500.0)) - 0.3), np.float32)


def oil_hills(size: Size) -> Picture:
    """Fields, poplars and a whirling sky, in oil."""
    x, y = grid(size)
    swirl = spectral(TILE, seed=121, fall=2.0)
    bend = sample(swirl, x * 200, y * 200) - 0.5
    rings = np.sin((np.hypot(x - 1.25, y - 0.22) * 30) + bend * 34)
    picture = mix((0.13, 0.30, 0.62), (0.62, 0.80, 0.92), smooth(-1, 1, np.asarray(rings, np.float32)))
    picture = mix(picture, (1.0, 0.86, 0.30), smooth(0.13, 0.05, np.hypot(x - 1.25, y - 0.22)))
    fields = [
        (0.55, 0.16, (0.30, 0.42, 0.58)),
        (0.66, 0.14, (0.36, 0.56, 0.26)),
        (0.78, 0.10, (0.88, 0.72, 0.22)),
        (0.93, 0.08, (0.42, 0.50, 0.16)),
    ]
    for number, (base, tall, colour) in enumerate(fields):
        line = ridge(x, seed=130 + number, base=base, tall=tall)
        furrow = 0.5 + 0.5 * np.sin((x * (8 + 6 * number) + (y - line) * 70) * 2)
        shade = np.asarray(colour, np.float32) * (0.62 + 0.6 * furrow)[..., None]
        picture = mix(picture, np.asarray(shade, np.float32), smooth(-0.003, 0.003, y - line))
    for number, place in enumerate((0.22, 0.30, 0.36, 1.05, 1.52)):
        foot = 0.86 - 0.05 * (number % 3)
        body = np.abs(x - place - 0.01 * np.sin(y * 40)) / (
            0.05 * np.clip((y - foot + 0.42) / 0.42, 0, 1) ** 0.7 + 1e-4
        )
        tree = smooth(1.1, 0.8, np.asarray(body, np.float32)) * (y < foot)
        picture = mix(picture, (0.05, 0.16, 0.12), np.asarray(tree, np.float32))
    return brushed(picture, seed=120)


def key_art(size: Size) -> Picture:
    """A poster in landscape format: somebody on a ridge before a glowing sky, painted, with the title in type."""
    x, y = grid(size)
    wide = size[0] / size[1]
    gas = ((0.0, (0.01, 0.05, 0.10)), (0.35, (0.02, 0.28, 0.34)), (0.65, (0.24, 0.66, 0.55)), (0.9, (1.0, 0.92, 0.66)))
    picture = heavens.nebula(size, seed=141, stops=gas) * (0.16 + 0.62 * smooth(0.1, 1.0, x / wide))[..., None]
    gap = np.hypot(x - wide * 0.66, y - 0.44)
    moon = ramp(
        sample(spectral(TILE, seed=143, fall=1.5), x * 330, y * 330),
        [(0.3, (0.75, 0.32, 0.18)), (0.7, (1.0, 0.74, 0.42))],
    )
    picture = picture + (0.5 * np.exp(-np.maximum(gap - 0.27, 0) * 9))[..., None] * np.asarray(
        (1.0, 0.55, 0.25), np.float32
    )
    picture = mix(
        picture,
        moon * (0.35 + 0.75 * smooth(0.9, 0.2, y + 0.3 * (x - wide * 0.66)))[..., None],
        smooth(0.272, 0.268, gap),
    )
    for number, (base, tall, colour) in enumerate(
        ((0.80, 0.30, (0.10, 0.22, 0.27)), (0.90, 0.24, (0.05, 0.11, 0.15)), (0.97, 0.16, (0.015, 0.03, 0.045)))
    ):
        picture = mix(picture, colour, smooth(-0.002, 0.002, y - ridge(x, seed=150 + number, base=base, tall=tall)))
    painted = brushed(picture.astype(np.float32), seed=140)
    body = nature.figure(size, foot=(wide * 0.66, 0.93), tall=0.36)
    painted = mix(painted, (0.012, 0.02, 0.03), body)
    painted = lettered(painted, "HOLLOW", place=(0.055, 0.16), tall=0.19)
    painted = lettered(painted, "TIDE", place=(0.055, 0.36), tall=0.19)
    return lettered(painted, "THE WATER KEEPS WHAT IT IS GIVEN", place=(0.058, 0.60), tall=0.035)


def lettered(
    picture: Picture,
    text: str,
    *,
    place: tuple[float, float],
    tall: float,
    colour: tuple[int, int, int] = (250, 240, 214),
) -> Picture:
    """The picture with type on it. `place` and `tall` are shares of its width and height."""
    image = Image.fromarray(bytes_of(picture))
    font = ImageFont.load_default(size=tall * image.height)
    corner = place[0] * image.width, place[1] * image.height
    ImageDraw.Draw(image).text(corner, text, font=font, fill=colour)
    return np.asarray(image, np.float32) / 255
