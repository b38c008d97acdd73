"""What floats in the dark: a nebula, a planet with rings, smoke."""

import cv2
import numpy as np
from noise import Picture, Plane, Size, bloom, blur, grid, mix, ramp, sample, smooth, spectral

TILE = 1024


def stars(size: Size, *, seed: int, count: int) -> Picture:
    """Points of light of all sizes, the brightest with spikes."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = np.zeros((height, width, 3), np.float32)
    for _ in range(count):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        light = float(random.pareto(1.8)) * 0.10
        tint = np.asarray((0.8, 0.9, 1.0)) + random.uniform(-0.15, 0.2, 3)
        picture[y, x] += (light * tint).astype(np.float32)
        if light > 0.9:
            reach = int(min(26, 6 + 5 * light))
            for dx, dy in ((1, 0), (0, 1)):
                ends = (x - reach * dx, y - reach * dy), (x + reach * dx, y + reach * dy)
                cv2.line(picture, *ends, [float(part) * 0.35 for part in tint], 1, cv2.LINE_AA)
    return np.asarray(picture + 0.8 * blur(picture, 1.2) + 1.6 * blur(np.maximum(picture - 0.5, 0), 4), np.float32)


def nebula(size: Size, *, seed: int, stops: tuple[tuple[float, tuple[float, float, float]], ...]) -> Picture:
    """Glowing gas with dark lanes in front of it, and stars."""
    x, y = grid(size)
    soft, rough = spectral(TILE, seed=seed, fall=1.9), spectral(TILE, seed=seed + 1, fall=1.5)
    bend = sample(soft, x * 300, y * 300) - 0.5
    other = sample(soft, y * 300 + 400, x * 300 + 90) - 0.5
    gas = sample(rough, x * 260 + bend * 420, y * 260 + other * 420)
    glow = sample(soft, x * 330 + 77 + other * 200, y * 330 + bend * 200)
    lanes = smooth(0.47, 0.66, sample(rough, x * 420 + other * 500, y * 420 + 300 + bend * 500))
    light = smooth(0.25, 0.85, 0.55 * gas + 0.55 * glow)
    picture = ramp(light, list(stops)) * (1.25 - 0.95 * lanes * smooth(0.3, 0.6, glow))[..., None]
    return bloom(
        picture + stars(size, seed=seed + 2, count=int(size[0] * size[1] / 260)), above=0.8, amount=0.5, sigma=9
    )


def _turned(sphere_x: Plane, sphere_y: Plane, sphere_z: Plane) -> tuple[Plane, Plane]:
    """Longitude and latitude on a ball, in tile pixels."""
    longitude = np.arctan2(sphere_x, sphere_z) / np.pi * TILE / 2
    return np.asarray(longitude, np.float32), np.asarray(np.arcsin(sphere_y) / np.pi * TILE / 2, np.float32)


def planet(size: Size, *, seed: int) -> Picture:
    """A banded world with storms, half in shadow, with rings and a starry sky."""
    x, y = grid(size)
    centre = size[0] / size[1] * 0.58, 0.52
    across, down = (x - centre[0]) / 0.36, (y - centre[1]) / 0.36
    across, down = across * 0.94 + down * 0.34, down * 0.94 - across * 0.34
    radius = np.hypot(across, down)
    depth = np.sqrt(np.clip(1 - radius**2, 0, 1))
    longitude, latitude = _turned(across, np.clip(down, -1, 1), depth)
    flow, fine = spectral(TILE, seed=seed, fall=1.8), spectral(TILE, seed=seed + 1, fall=1.3)
    swirl = sample(flow, longitude * 1.6, latitude * 2.4) - 0.5
    band = sample(fine, np.full_like(x, 9.0), latitude * 1.2 + swirl * 100) + 0.35 * (
        sample(fine, longitude * 0.8, latitude * 5) - 0.5
    )
    stops = [
        (0.3, (0.45, 0.22, 0.15)),
        (0.45, (0.83, 0.62, 0.42)),
        (0.55, (0.96, 0.88, 0.74)),
        (0.7, (0.55, 0.42, 0.40)),
    ]
    light = np.clip(-0.72 * across - 0.42 * down + 0.55 * depth, 0, 1)
    ball = ramp(band, stops) * (0.02 + 1.2 * light)[..., None]
    ball += (smooth(0.8, 1.0, radius) * light * 0.5)[..., None] * np.asarray((0.5, 0.7, 1.0), np.float32)
    picture = mix(stars(size, seed=seed + 3, count=size[0] * size[1] // 500) * 0.8, ball, smooth(1.004, 0.996, radius))
    return mix(
        picture,
        np.asarray((0.80, 0.72, 0.62), np.float32) * _ring_light(across, down)[..., None],
        _rings(across, down, radius, fine),
    )


def _ring_light(across: Plane, down: Plane) -> Plane:
    """The planet's shadow lies across the rings on the side away from the light."""
    return np.asarray(
        1 - 0.9 * smooth(0.1, 0.4, across) * smooth(1.05, 0.9, np.abs(down * 3.4 - across * 0.25)), np.float32
    )


def _rings(across: Plane, down: Plane, radius: Plane, fine: Plane) -> Plane:
    far = np.hypot(across, down * 4.6)
    grooves = sample(fine, far * 160, np.full_like(far, 40.0))
    seen = np.where((radius > 1) | (down > 0), 1.0, 0.0)
    return np.asarray(
        smooth(1.3, 1.34, far) * smooth(2.15, 2.05, far) * smooth(0.36, 0.56, grooves) * seen * 0.9, np.float32
    )


def smoke(size: Size, *, at: float) -> Picture:
    """A rising, curling column of lit smoke on black; `at` in seconds."""
    x, y = grid(size)
    wide = size[0] / size[1]
    soft, rough = spectral(TILE, seed=61, fall=1.9), spectral(TILE, seed=62, fall=1.6)
    lift = at * 70
    bend = sample(soft, x * 420, y * 420 + lift * 1.1) - 0.5
    curl = sample(soft, y * 500 + 333 + lift, x * 500 + 81) - 0.5
    axis = wide * 0.42 + 0.42 * bend + 0.10 * np.sin(y * 5 + at * 2)
    spread = 0.10 + 0.34 * (1 - y) + 0.15 * curl
    body = sample(rough, x * 300 + curl * 330, y * 300 + lift * 2 + bend * 330)
    density = smooth(0.33, 0.72, body + 0.30 * np.exp(-(((x - axis) / spread) ** 2)) - 0.16)
    density *= np.exp(-(((x - axis) / (spread * 1.9)) ** 4))
    slope = np.gradient(blur(density, 1.6), axis=1) * size[1] / 8
    light = np.clip(0.55 - slope, 0.08, 1.3)
    ember = smooth(0.55, 1.0, y) * density
    tint = mix((0.72, 0.76, 0.84), (1.0, 0.52, 0.20), np.asarray(ember, np.float32))
    return np.asarray(tint * (density * light)[..., None], np.float32)
