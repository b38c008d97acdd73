"""Places that grew: a beach with somebody on it, a wood in the fog, rocks, open water."""

from dataclasses import dataclass

import cv2
import numpy as np
from noise import Picture, Plane, Size, blur, grid, lit, mix, ramp, sample, smooth, spectral

TILE = 1024

# Corners of the silhouette as x,y: y from the feet up, both in body heights.
OUTLINE = """
-0.02,0.0 -0.10,0.0 -0.09,0.30 -0.15,0.34 -0.12,0.60 -0.17,0.62 -0.21,0.45 -0.25,0.46 -0.19,0.80
-0.05,0.86 -0.04,0.89 0.04,0.89 0.05,0.86 0.18,0.81 0.25,0.52 0.21,0.50 0.14,0.66 0.14,0.34
0.17,0.28 0.09,0.30 0.12,0.0 0.04,0.0 0.01,0.28
"""


def figure(size: Size, *, foot: tuple[float, float], tall: float) -> Plane:
    """Somebody in a long coat, seen from behind: a silhouette without a face. Shares of the picture's height."""
    mask = np.zeros((size[1], size[0]), np.float32)
    outline = [tuple(map(float, corner.split(","))) for corner in OUTLINE.split()]
    points = np.asarray([(foot[0] + tall * x, foot[1] - tall * y) for x, y in outline]) * size[1]
    cv2.fillPoly(mask, [np.rint(points * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    head = int((foot[0]) * size[1]), int((foot[1] - 0.94 * tall) * size[1])
    cv2.ellipse(
        mask,
        head,
        (max(1, int(0.055 * tall * size[1])), max(2, int(0.07 * tall * size[1]))),
        0,
        0,
        360,
        1.0,
        -1,
        cv2.LINE_AA,
    )
    return mask


def beach(size: Size) -> Picture:
    """Low tide at sunset; somebody looks out to sea."""
    x, y = grid(size)
    wide = size[0] / size[1]
    cloud = sample(spectral(TILE, seed=101, fall=1.6), x * 260, y * 900)
    stops = [
        (0.0, (0.16, 0.22, 0.42)),
        (0.25, (0.50, 0.42, 0.52)),
        (0.42, (0.99, 0.66, 0.42)),
        (0.5, (1.0, 0.85, 0.55)),
    ]
    picture = mix(
        ramp(y, stops), ramp(y, [(0.0, (0.30, 0.22, 0.36)), (0.4, (1.0, 0.45, 0.34))]), smooth(0.48, 0.70, cloud)
    )
    sun = np.hypot(x - wide * 0.30, (y - 0.40) * 1.0)
    picture = picture + (0.75 * np.exp(-sun * 6) + 1.5 * smooth(0.052, 0.046, sun))[..., None] * np.asarray(
        (1.0, 0.8, 0.5), np.float32
    )
    depth = 1 / np.maximum(y - 0.46, 0.004)
    waves = sample(spectral(TILE, seed=102, fall=1.2), (x - wide * 0.3) * depth * 3.0, depth * 26)
    glitter = smooth(0.56, 0.72, waves) * np.exp(-np.abs(x - wide * 0.30) * 3.2)
    sea = mix((0.16, 0.20, 0.30), (0.72, 0.50, 0.42), smooth(0.3, 0.75, waves)) + glitter[..., None] * np.asarray(
        (1.2, 0.85, 0.45), np.float32
    )
    picture = np.where((y > 0.46)[..., None], sea, picture).astype(np.float32)
    picture = _sand(picture, x, y, depth)
    body = figure(size, foot=(wide * 0.62, 0.83), tall=0.44)
    lean = np.asarray([[1, 0.55, -0.55 * 0.83 * size[1]], [0, -0.34, 0.83 * 1.34 * size[1]]], np.float32)
    shadow = np.asarray(cv2.warpAffine(body, lean, size), np.float32)
    picture = picture * (1 - 0.62 * blur(shadow, 1.5))[..., None]
    return mix(picture.astype(np.float32), (0.05, 0.04, 0.06), body)


def _sand(picture: Picture, x: Plane, y: Plane, depth: Plane) -> Picture:
    """Foam along a wandering edge, then wet sand that mirrors the sky, then dry sand."""
    edge = 0.60 + 0.09 * (sample(spectral(TILE, seed=103, fall=1.9), x * 240, np.full_like(x, 40.0)) - 0.5) * 2
    grains = sample(spectral(TILE, seed=104, fall=0.9), x * depth * 60, depth * 160)
    dry = ramp(grains, [(0.2, (0.38, 0.25, 0.20)), (0.8, (0.86, 0.62, 0.46))])
    height = y.shape[0]
    mirror = np.clip((2 * 0.52 - y) * height, 0, height - 1).astype(np.int64)
    wet = picture[mirror, np.arange(y.shape[1])[None, :]] * 0.7 + dry * 0.15
    sand = mix(wet.astype(np.float32), dry, smooth(0.03, 0.22, y - edge))
    foam = np.exp(-(((y - edge) / 0.012) ** 2)) * smooth(0.35, 0.6, grains)
    return mix(mix(picture, sand, smooth(-0.003, 0.003, y - edge)), (1.0, 0.93, 0.86), np.asarray(foam, np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wood:
    """Rows of trees, far to near, each wider than the picture so that they can slide at their own speed."""

    size: Size
    rows: tuple[tuple[Plane, Picture, float], ...]


def wood(size: Size, *, seed: int) -> Wood:
    """Conifers in morning fog."""
    random = np.random.default_rng(seed)
    rows = []
    for row, nearness in enumerate((0.12, 0.25, 0.45, 0.72, 1.0)):
        mask = np.zeros((size[1], size[0] * 2), np.float32)
        ground = size[1] * (0.60 + 0.52 * nearness)
        mask[int(ground) :] = 1
        spacing = size[1] * (0.03 + 0.20 * nearness**1.5)
        x = 0.0
        while x < mask.shape[1]:
            _conifer(mask, random, (x, ground), size[1] * random.uniform(0.7, 1.25) * (0.18 + 0.92 * nearness))
            x += spacing * random.uniform(0.5, 1.6)
        fog = mix((0.05, 0.075, 0.06), (0.66, 0.72, 0.70), np.full((1, 1), (1 - nearness) ** 0.8, np.float32))
        down, across = np.indices(mask.shape) % 512
        texture = spectral(512, seed=seed + row, fall=1.2)[down, across]
        rows.append((mask, np.asarray(fog * (0.7 + 0.6 * texture)[..., None], np.float32), nearness))
    return Wood(size=size, rows=tuple(rows))


def _conifer(mask: Plane, random: np.random.Generator, foot: tuple[float, float], tall: float) -> None:
    """A trunk, and whorls of drooping branches that grow shorter towards the top."""
    x, y = foot
    cv2.line(mask, (int(x), int(y)), (int(x), int(y - tall)), 1.0, max(1, int(tall * 0.018)), cv2.LINE_AA)
    whorls = int(max(12, tall / 7))
    for whorl in range(whorls):
        share = 0.14 + 0.86 * whorl / whorls
        reach = tall * 0.21 * (1.02 - share) * random.uniform(0.7, 1.25)
        base = y - tall * share
        for side in (-1, 1):
            tip = (int(x + side * reach), int(base + reach * random.uniform(0.20, 0.55)))
            points = np.asarray(
                [(x, base - tall * 0.02), tip, (x + side * reach * 0.5, base + reach * 0.52), (x, base + tall * 0.035)]
            )
            cv2.fillPoly(mask, [points.astype(np.int32)], 1.0, cv2.LINE_AA)


def wood_at(trees: Wood, *, shift: float) -> Picture:
    """The wood with the camera moved sideways by `shift` picture heights: near rows slide faster."""
    x, y = grid(trees.size)
    mist = sample(spectral(TILE, seed=111, fall=1.8), x * 220 + shift * 60, y * 420)
    picture = (
        ramp(y, [(0.0, (0.60, 0.70, 0.76)), (0.45, (0.94, 0.91, 0.82)), (0.8, (0.62, 0.66, 0.62))])
        * (0.85 + 0.3 * mist)[..., None]
    )
    for mask, colour, nearness in trees.rows:
        left = shift * nearness * trees.size[1]
        move = np.asarray([[1, 0, -left], [0, 1, 0]], np.float32)
        shown = cv2.warpAffine(mask, move, trees.size, borderMode=cv2.BORDER_WRAP)
        tint = cv2.warpAffine(colour, move, trees.size, borderMode=cv2.BORDER_WRAP)
        picture = mix(picture, np.asarray(tint, np.float32), np.asarray(shown, np.float32))
        veil = smooth(0.42, 0.75, mist) * smooth(0.35, 0.9, y) * (1 - nearness) * 0.75
        picture = mix(picture, (0.86, 0.87, 0.83), np.asarray(veil, np.float32))
    return picture


def rocks(size: Size, *, seed: int) -> Picture:
    """Wet pebbles of all sizes, close, lit from the upper left."""
    random = np.random.default_rng(seed)
    width, height = size
    relief, owner = np.zeros((height, width), np.float32), np.zeros((height, width), np.int32)
    for stone in range(420):
        radius = height * (0.16 * (1 - stone / 420) ** 1.6 + 0.025) * random.uniform(0.7, 1.3)
        centre, turn, flat = (
            random.uniform((0, 0), (width, height)),
            random.uniform(0, np.pi),
            random.uniform(0.55, 1.0),
        )
        _pebble(relief, owner, stone + 1, (centre[0], centre[1], radius, turn, flat))
    grain, vein = spectral(TILE, seed=seed + 1, fall=1.1), spectral(TILE, seed=seed + 2, fall=1.7)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    relief = relief + 2.5 * sample(grain, x * 1.5, y * 1.5) * (relief > 0)
    shade = lit(blur(relief, 0.8), sun=(-0.7, -0.7, 0.8), relief=1.1)
    palette = random.uniform(0.25, 0.85, (421, 1)) * np.asarray((1.0, 0.95, 0.88)) + random.uniform(
        -0.07, 0.07, (421, 3)
    )
    palette[0] = (0.10, 0.08, 0.06)
    veins = smooth(0.03, 0.0, np.abs(sample(vein, x + owner * 37.0, y + owner * 91.0) - 0.5))
    colour = mix(
        palette[owner].astype(np.float32), (0.85, 0.82, 0.78), np.asarray(veins * 0.6 * (owner % 3 == 0), np.float32)
    )
    depth = smooth(-0.5, 0.35, (relief - blur(relief, height / 24)) / (height / 20))
    return np.asarray(
        colour * ((0.08 + 1.15 * shade) * depth)[..., None] + (smooth(0.955, 1.0, shade) * 0.35)[..., None], np.float32
    )


def _pebble(
    relief: Plane, owner: np.ndarray[tuple[int, int], np.dtype[np.int32]], name: int, shape: tuple[float, ...]
) -> None:
    """Put one rounded stone on the heap: it lies on what is there."""
    x, y, radius, turn, flat = shape
    top, low = max(int(y - radius), 0), min(int(y + radius) + 1, relief.shape[0])
    left, right = max(int(x - radius), 0), min(int(x + radius) + 1, relief.shape[1])
    if top >= low or left >= right:
        return
    rows, columns = np.mgrid[top:low, left:right].astype(np.float32)
    across, down = columns - x, rows - y
    long, short = across * np.cos(turn) + down * np.sin(turn), (down * np.cos(turn) - across * np.sin(turn)) / flat
    room = np.clip(1 - (np.abs(long / radius) ** 2.5 + np.abs(short / radius) ** 2.5), 0, 1)
    here = relief[top:low, left:right]
    dome = room**0.5 * radius * 0.75 + float(here.mean()) * 0.35
    above = (room > 0) & (dome > here)
    here[above] = dome[above]
    owner[top:low, left:right][above] = name


def open_water(size: Size, *, seed: int, at: float = 0.0) -> Picture:
    """A rough sea to the horizon against the light; `at` in seconds."""
    x, y = grid(size)
    wide = size[0] / size[1]
    depth = 0.9 / np.maximum(y - 0.30, 0.006)
    along, across = depth * 1.0 + at * 0.4, (x - wide / 2) * depth
    slope_x, slope_y = np.zeros_like(x), np.zeros_like(x)
    random = np.random.default_rng(seed)
    for octave in range(26):
        rate = 1.1 * 1.22**octave
        turn = random.normal(0.3, 0.75)
        fade = np.exp(-((rate * depth * 0.0035 * 360 / size[1]) ** 2))
        phase = (
            rate * (across * np.sin(turn) + along * np.cos(turn))
            + random.uniform(0, 6.3)
            + at * np.sqrt(9.8 * rate) * 0.5
        )
        crest = np.cos(phase) * np.exp(np.sin(phase) - 1) * fade * 0.12
        slope_x, slope_y = slope_x + np.sin(turn) * crest, slope_y + np.cos(turn) * crest
    facing = np.clip(0.28 + slope_y * 1.6 + 0.12 / depth, 0, 1)
    fresnel = 0.04 + 0.96 * (1 - facing) ** 3.2
    glance = np.exp(-(((slope_x * 2.4 + (x - wide * 0.7) * 0.9) / 0.16) ** 2)) * smooth(0.02, 0.3, -slope_y)
    sky = ramp(y, [(0.0, (0.42, 0.55, 0.66)), (0.3, (0.93, 0.90, 0.80))])
    cloud = sample(
        spectral(TILE, seed=seed + 5, fall=1.6), x / (0.34 - np.minimum(y, 0.3)) * 26, 60 / (0.36 - np.minimum(y, 0.3))
    )
    sky = mix(sky, (0.55, 0.58, 0.62), smooth(0.46, 0.7, cloud) * smooth(0.0, 0.12, 0.3 - y))
    sea = mix((0.01, 0.11, 0.15), (0.74, 0.80, 0.80), np.asarray(fresnel, np.float32))
    sea = sea + (glance * 0.9)[..., None] * np.asarray((1.0, 0.93, 0.75), np.float32)
    sea = mix(sea.astype(np.float32), (0.90, 0.88, 0.80), np.asarray(np.exp(-((y - 0.30) / 0.02)), np.float32))
    return np.where((y > 0.30)[..., None], sea, sky).astype(np.float32)
