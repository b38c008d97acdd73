"""Places that people built: a harbour at dusk, a street of neon signs, a hall of columns."""

import cv2
import numpy as np
from noise import Picture, Plane, Size, bloom, blur, grid, mix, ramp, sample, smooth, spectral

TILE = 512


def _towers(
    size: Size, *, seed: int, base: float, tall: float, wide: tuple[int, int], haze: float
) -> tuple[Picture, Plane]:
    """A row of towers with lit windows, and where it covers what is behind it."""
    random = np.random.default_rng(seed)
    width, height = size
    picture, mask = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    foot, x = int(base * height), -10
    while x < width:
        across, up = int(random.integers(*wide)), int(height * tall * random.uniform(0.25, 1.0) ** 1.3)
        top = foot - up
        wall = np.asarray((0.035, 0.045, 0.075), np.float32) * random.uniform(0.6, 1.5) + haze * np.asarray(
            (0.42, 0.26, 0.30)
        )
        block = _windows((max(across, 6), max(up, 6)), random) * (1 - haze) + wall.astype(np.float32)
        left, right = max(x, 0), min(x + across, width)
        if right > left:
            picture[max(top, 0) : foot, left:right] = block[max(-top, 0) : up, left - x : right - x]
            mask[max(top, 0) : foot, left:right] = 1
            if up > 0.6 * tall * height:
                cv2.line(mask, ((left + right) // 2, top), ((left + right) // 2, top - up // 4), 1.0, 1)
        x += across + int(random.integers(-4, 7))
    return picture, mask


def _windows(size: Size, random: np.random.Generator) -> Picture:
    """The lit windows of one tower."""
    across, up = size
    picture = np.zeros((up, across, 3), np.float32)
    step_x, step_y = int(random.integers(5, 9)), int(random.integers(6, 11))
    share = random.uniform(0.18, 0.62)
    warm = np.asarray([(1.0, 0.78, 0.42), (1.0, 0.9, 0.66), (0.72, 0.86, 1.0), (1.0, 0.62, 0.28)])
    for y in range(4, up - 3, step_y):
        for x in range(3, across - 3, step_x):
            if random.random() < share:
                light = warm[random.integers(0, 4)] * random.uniform(0.25, 1.0)
                picture[y : y + step_y - 4, x : x + step_x - 3] = light
    return picture


def harbour(size: Size) -> Picture:
    """A port city at dusk over dark water, with cranes and a moored ship."""
    x, y = grid(size)
    cloud = sample(spectral(TILE, seed=71, fall=1.6), x * 150, y * 480)
    stops = [
        (0.0, (0.05, 0.08, 0.22)),
        (0.30, (0.26, 0.20, 0.40)),
        (0.48, (0.78, 0.36, 0.32)),
        (0.60, (1.0, 0.66, 0.36)),
    ]
    picture = ramp(y + 0.22 * (cloud - 0.5), stops) * (0.75 + 0.5 * cloud)[..., None]
    picture = mix(picture, (1.0, 0.95, 0.85), smooth(0.052, 0.047, np.hypot(x - 0.36, y - 0.17)) * (0.7 + 0.3 * cloud))
    rows = ((81, 0.42, (26, 60), 0.62), (82, 0.50, (34, 76), 0.34), (83, 0.34, (44, 110), 0.10))
    for seed, tall, wide, haze in rows:
        towers, mask = _towers(size, seed=seed, base=0.62, tall=tall, wide=wide, haze=haze)
        picture = mix(picture, towers, mask)
    picture = _mirrored(picture, y, 0.62)
    return bloom(_quay(picture, size), above=0.72, amount=0.7, sigma=size[1] / 120)


def _mirrored(picture: Picture, y: Plane, shore: float) -> Picture:
    """Below the shore line: the city upside down in moving water."""
    height = y.shape[0]
    rows, columns = np.indices(y.shape, dtype=np.float32)
    waves = spectral(TILE, seed=72, fall=1.2)
    below = np.maximum(rows - shore * height, 0)
    ripple = sample(waves, columns * 60 / (below + 30), 9000 / (below + 40)) - 0.5
    source = np.clip(shore * height - below * 1.15 + ripple * (6 + below * 0.30), 0, height - 1)
    shown = cv2.remap(
        blur(picture, 1.2), columns + ripple * 12, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    water = shown * (0.62 + 0.5 * ripple)[..., None] + np.asarray((0.006, 0.016, 0.032), np.float32)
    return np.where((y > shore)[..., None], water, picture).astype(np.float32)


def _quay(picture: Picture, size: Size) -> Picture:
    """Cranes, a ship and bollards in front, nearly black."""
    width, height = size
    mask = np.zeros((height, width), np.float32)
    for foot in (0.70, 0.83):
        left, ground, top = int(foot * width), int(0.66 * height), int(0.30 * height)
        step = width // 40
        for side in (0, step):
            cv2.line(mask, (left + side, ground), (left + side, top), 1.0, max(2, width // 320), cv2.LINE_AA)
        for rung in range(top, ground, step):
            cv2.line(mask, (left, rung), (left + step, rung + step), 1.0, 1, cv2.LINE_AA)
        cv2.line(mask, (left + 2 * step, top), (left - 5 * step, top - step), 1.0, max(3, width // 260), cv2.LINE_AA)
        cv2.line(mask, (left - 4 * step, top - step), (left - 4 * step, top + 4 * step), 1.0, 1, cv2.LINE_AA)
    hull = np.asarray([(0.10, 0.70), (0.47, 0.68), (0.50, 0.62), (0.52, 0.62), (0.47, 0.76), (0.13, 0.76)]) * size
    cv2.fillPoly(mask, [hull.astype(np.int32)], 1.0, cv2.LINE_AA)
    for box in range(9):
        corner = np.asarray((0.14 + box * 0.033, 0.655 - 0.022 * (box % 3))) * size
        cv2.rectangle(
            mask,
            corner.astype(int).tolist(),
            (np.asarray((0.172 + box * 0.033, 0.70)) * size).astype(int).tolist(),
            1.0,
            -1,
        )
    tinted = mix(picture, (0.035, 0.03, 0.045), mask)
    for lamp in range(12):
        place = (int((0.12 + lamp * 0.031) * width), int((0.725 + 0.004 * (lamp % 2)) * height))
        cv2.circle(tinted, place, max(1, width // 640), (1.0, 0.85, 0.5), -1, cv2.LINE_AA)
    return tinted


def neon_street(size: Size, *, at: float) -> Picture:
    """A narrow street at night in the rain, seen by a camera that walks down it; `at` in seconds."""
    x, y = grid(size)
    side, rise = (x - size[0] / size[1] / 2) * 1.5, (0.47 - y) * 1.5
    camera = at * 3.2
    wall = 2.4 / np.maximum(np.abs(side + 0.12), 1e-3)
    along, up = wall + camera, 1.5 + rise * wall
    pool = sample(spectral(TILE, seed=91, fall=1.5), side * wall * 30 + 99, along * 30)
    wet = np.where(up < 0, 1.0, 0.0).astype(np.float32)
    wobble = (sample(spectral(TILE, seed=92, fall=1.0), side / np.maximum(-rise, 0.02) * 40, along * 9) - 0.5) * wet
    right = np.where(side > -0.12, 1.0, 0.0).astype(np.float32)
    facade = _facade(np.asarray(along + wobble * 0.25, np.float32), np.abs(up + wobble * 0.6).astype(np.float32), right)
    fog = np.exp(-wall / 26)
    sky = ramp(rise, [(0.0, (0.22, 0.10, 0.25)), (0.7, (0.02, 0.03, 0.09))])
    road = facade * (0.30 + 0.55 * smooth(0.42, 0.62, pool))[..., None] + np.asarray((0.012, 0.014, 0.02), np.float32)
    picture = np.where(wet[..., None] > 0, road, facade)
    picture = mix((0.22, 0.10, 0.25), picture.astype(np.float32), np.asarray(fog, np.float32))
    roof = 6.0 + 5.0 * sample(spectral(64, seed=93, fall=0.2), np.floor(along / 3.1) * 7, right * 31)
    picture = mix(picture, sky, np.asarray(np.where(up > roof, 1.0, 0.0), np.float32))
    return bloom(picture, above=0.6, amount=1.1, sigma=size[1] / 40)


def _chance(first: Plane, second: Plane, right: Plane, salt: float) -> Plane:
    """The same random number in 0..1 for every pixel of one cell."""
    mess = np.sin(first * 127.1 + second * 311.7 + right * 74.7 + salt * 53.3) * 43758.547
    return np.asarray(mess - np.floor(mess), np.float32)


def _facade(along: Plane, up: Plane, right: Plane) -> Picture:
    """House fronts: plaster, windows lit and dark, signs in bright colours."""
    plaster = sample(spectral(TILE, seed=94, fall=1.4), along * 60 + right * 200, up * 60)
    house = np.floor(along / 3.1)
    picture = (
        ramp(_chance(house, house * 0, right, 1), [(0, (0.09, 0.11, 0.19)), (1, (0.24, 0.15, 0.17))])
        * (0.4 + plaster)[..., None]
    )
    column, row = np.floor(along / 0.8), np.floor(up / 1.1)
    inside_x, inside_y = along / 0.8 - column, up / 1.1 - row
    pane = (np.abs(inside_x - 0.5) < 0.3) & (np.abs(inside_y - 0.55) < 0.3) & (row >= 1)
    glow = np.where(pane, _chance(column, row, right, 2) ** 3, 0) * (0.5 + plaster)
    picture += glow[..., None] * ramp(_chance(column, row, right, 3), [(0, (1.0, 0.6, 0.25)), (1, (0.6, 0.8, 1.0))])
    for salt, width, tall, foot in ((5, 1.9, 2.6, 2.2), (8, 2.7, 1.0, 0.9), (11, 1.3, 1.6, 4.6)):
        picture += _sign(along, up, right, np.asarray((salt, width, tall, foot), np.float32))
    return np.asarray(picture, np.float32)


def _sign(along: Plane, up: Plane, right: Plane, shape: Plane) -> Picture:
    """One row of shop signs: a frame and strokes of light like letters."""
    salt, width, tall, foot = (float(part) for part in shape)
    cell = np.floor(along / width)
    lean = _chance(cell, cell * 0, right, salt)
    u, v = (along / width - cell - 0.2) / 0.6, (up - foot - lean) / tall
    inside = (u > 0) & (u < 1) & (v > 0) & (v < 1) & (lean > 0.2)
    frame = (np.minimum(np.minimum(u, 1 - u) * width, np.minimum(v, 1 - v) * tall * 1.6) < 0.05) & inside
    stroke_x, stroke_y = np.floor(u * 5), np.floor(v * 7)
    stroke = inside & (_chance(stroke_x + cell * 5, stroke_y, right, salt + 1) > 0.52)
    stroke &= (np.abs(u - 0.5) < 0.38) & (np.abs(v - 0.5) < 0.38)
    light = frame * 1.0 + stroke * 1.3 + inside * 0.07
    hue = [
        (0, (1.0, 0.10, 0.45)),
        (0.35, (0.15, 0.9, 1.0)),
        (0.6, (1.0, 0.45, 0.05)),
        (0.8, (0.35, 1.0, 0.3)),
        (1, (0.7, 0.2, 1.0)),
    ]
    return np.asarray(light[..., None] * ramp(_chance(cell, cell * 0 + 3, right, salt), hue), np.float32)


def hall(size: Size, *, at: float) -> Picture:
    """Ray-marched columns under vaults, light falling in from one side; `at` walks forward."""
    x, y = grid(size)
    side, rise = (x - size[0] / size[1] / 2) * 1.3, (0.5 - y) * 1.3
    length = np.sqrt(side**2 + rise**2 + 1)
    ray = np.stack((side, rise, np.ones_like(side)), axis=-1) / length[..., None]
    start = np.asarray((0.55, 0.1, at * 1.1), np.float32)
    travelled = np.full(x.shape, 0.05, np.float32)
    for _ in range(72):
        travelled += 0.8 * _room(start + ray * travelled[..., None])
    place = np.asarray(start + ray * travelled[..., None], np.float32)
    normal = np.stack(
        [_room(place + step) - _room(place - step) for step in np.eye(3, dtype=np.float32) * 0.004], axis=-1
    )
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    stone = sample(
        spectral(TILE, seed=97, fall=1.3),
        (place[..., 0] + place[..., 2]) * 90,
        (place[..., 1] + place[..., 2] * 0.3) * 90,
    )
    tiles = ((np.floor(place[..., 0] * 1.5) + np.floor(place[..., 2] * 1.5)) % 2) * np.where(
        normal[..., 1] > 0.9, 1.0, 0.0
    )
    light = np.clip(normal @ np.asarray((-0.75, 0.35, -0.45), np.float32), 0, 1)
    beam = smooth(0.1, 0.5, np.sin(place[..., 2] * 2.1 + place[..., 1] * 1.3))
    base = ramp(stone, [(0.2, (0.42, 0.36, 0.30)), (0.8, (0.86, 0.78, 0.66))]) * (1 - 0.55 * tiles)[..., None]
    shaded = base * (0.10 + light * (0.35 + 0.95 * beam))[..., None] * np.asarray((1.0, 0.92, 0.78), np.float32)
    return mix((0.62, 0.66, 0.72), shaded.astype(np.float32), np.asarray(np.exp(-travelled * 0.07), np.float32))


def _room(place: Picture) -> Plane:
    """Distance to the nearest stone: floor, vault, columns with bases and capitals."""
    cell_x, cell_z = np.abs((place[..., 0] % 2.2) - 1.1), np.abs((place[..., 2] % 2.2) - 1.1)
    height = place[..., 1]
    turn = np.arctan2(cell_z, cell_x)
    flute = 0.012 * np.cos(turn * 20)
    column = np.hypot(cell_x, cell_z) - 0.24 - flute
    block = np.maximum(np.maximum(cell_x, cell_z) - 0.36, np.abs(np.abs(height - 0.15) - 1.15) - 0.12)
    vault = 2.35 - np.hypot(np.maximum(1.1 - cell_x, 0), height - 0.9) - 0.35
    roof = np.maximum(vault, 0.9 - height)
    ceiling = np.where(height > 0.9, roof, 1.7 - height)
    return np.asarray(
        np.minimum(np.minimum(column, block), np.minimum(height + 1.1, np.abs(ceiling) + 0.0)), np.float32
    )
