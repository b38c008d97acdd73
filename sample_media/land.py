"""Landscapes: a height field seen by a camera that can fly over it, with haze, sky, clouds and water."""

from dataclasses import dataclass, replace

import numpy as np
from noise import Colour, Picture, Plane, Size, blur, lit, mix, ramp, sample, smooth, spectral

SIDE = 1024
FAR = 900.0
STEPS = 420


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Colours from horizon to zenith, clouds, and a sun or moon at slope (sideways, up)."""

    horizon: Colour
    zenith: Colour
    cloud: Colour
    shade: Colour
    cover: float
    seed: int
    sun: tuple[float, float] | None = None
    sun_colour: Colour = (1.0, 0.9, 0.7)
    aurora: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """A tileable relief with its colours at three distances. Heights in the unit of the map's pixels."""

    height: Plane
    colours: tuple[Picture, Picture, Picture]
    sky: Sky
    haze: float
    water: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Where the camera stands on the map, its height above it, its heading (radians) and where the horizon lies."""

    x: float
    y: float
    altitude: float
    heading: float
    horizon: float = 0.42


def land(height: Plane, stops: list[tuple[float, Colour]], *, sun: tuple[float, float, float], **rest: object) -> Land:
    """A relief coloured by height, lit from `sun`, with rough ground."""
    share = height / float(height.max())
    ground = spectral(SIDE, seed=991, fall=0.9)
    albedo = ramp(share + 0.10 * (ground - 0.5), stops) * (0.65 + 0.7 * ground)[..., None]
    light = lit(height, sun=sun, relief=1.0) * lit(blur(height, 4), sun=sun, relief=1.4)
    near = np.asarray(albedo * (0.16 + 1.25 * light)[..., None], np.float32)
    return Land(height=height, colours=(near, blur(near, 1.5), blur(near, 5)), **rest)  # type: ignore[arg-type]


def sky_at(sky: Sky, sideways: Plane, up: Plane, drift: float) -> Picture:
    """The sky in the directions given as slopes; clouds lie on a plane and drift with `drift`."""
    rise = np.maximum(up, 0.015)
    clouds = spectral(SIDE, seed=sky.seed, fall=1.55)
    x, y = sideways / (rise + 0.06) * 110, 110 / (rise + 0.06)
    density = sample(clouds, x + drift, y + drift / 2) + 0.25 * (sample(clouds, x * 4, y * 4 + drift) - 0.5)
    body = smooth(0.62 - sky.cover, 0.86 - sky.cover, density)
    picture = mix(sky.horizon, sky.zenith, smooth(-0.02, 0.7, up))
    if sky.aurora:
        picture = picture + _aurora(sideways, up, drift)
    if sky.sun is not None:
        gap = np.hypot(sideways - sky.sun[0], up - sky.sun[1])
        glow = np.exp(-gap * 7) * 0.5 + np.exp(-((gap / 0.045) ** 4)) * 1.2
        picture = picture + glow[..., None] * np.asarray(sky.sun_colour, np.float32)
    thick = smooth(0.68 - sky.cover, 0.98 - sky.cover, density)
    return mix(picture, mix(sky.cloud, sky.shade, thick), body * smooth(0.0, 0.12, up))


def _aurora(sideways: Plane, up: Plane, drift: float) -> Picture:
    folds = spectral(SIDE, seed=77, fall=1.9)
    curtain = np.zeros_like(up)
    for place, strength in ((0.06, 1.0), (0.15, 0.8), (0.26, 0.6)):
        wave = sample(folds, sideways * 160 + place * 900, np.full_like(up, place * 700 + drift))
        foot = place + 0.5 * (wave - 0.5)
        rays = 0.4 + 1.1 * sample(folds, sideways * 900 + place * 300, up * 12 + drift)
        curtain += strength * rays * smooth(-0.02, 0.02, up - foot) * np.exp(-np.maximum(up - foot, 0) * 9)
    return np.asarray(curtain[..., None] * ramp(up, [(0.05, (0.1, 0.9, 0.45)), (0.4, (0.5, 0.2, 0.8))]), np.float32)


def view(scene: Land, camera: Camera, size: Size, *, drift: float = 0.0) -> Picture:
    """What the camera sees. `drift` moves the clouds."""
    width, height = size
    focal = width * 0.75
    sideways = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / focal
    rows = np.arange(height, dtype=np.float32) + 0.5
    depth, hit = _depths(scene, camera, sideways, rows, focal)
    x, y = _ground(camera, depth, np.broadcast_to(sideways, depth.shape))
    up = (camera.horizon * height - rows) / focal
    across, rise = np.meshgrid(sideways, up)
    sky = sky_at(scene.sky, across, rise, drift)
    nearness = smooth(30, 160, depth), smooth(160, 500, depth)
    ground = mix(sample(scene.colours[0], x, y), sample(scene.colours[1], x, y), nearness[0])
    ground = mix(ground, sample(scene.colours[2], x, y), nearness[1])
    grain = sample(spectral(SIDE, seed=515, fall=1.1), x * 11, y * 11) - 0.5
    ground = ground * (1 + 1.3 * grain * np.exp(-depth / 70))[..., None]
    ground = mix(ground, scene.sky.horizon, np.asarray(1 - np.exp(-depth * scene.haze), np.float32))
    picture = np.where(hit[..., None], ground, sky).astype(np.float32)
    if scene.water is None:
        return picture
    wet = hit & (sample(scene.height, x, y) <= scene.water + 0.02)
    return _reflected(picture, wet, depth, (x, y), camera.horizon * height)


def _ground(camera: Camera, depth: Plane, sideways: Plane) -> tuple[Plane, Plane]:
    cos, sin = np.cos(camera.heading), np.sin(camera.heading)
    x = camera.x + depth * (cos - sideways * sin)
    y = camera.y + depth * (sin + sideways * cos)
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _depths(
    scene: Land, camera: Camera, sideways: Plane, rows: Plane, focal: float
) -> tuple[Plane, np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
    """How far away the ground is in every pixel, and where there is ground: column by column, from near to far."""
    steps = np.geomspace(2.0, FAR, STEPS).astype(np.float32)
    depth = np.broadcast_to(steps[:, None], (STEPS, sideways.size)).astype(np.float32)
    x, y = _ground(camera, depth, np.broadcast_to(sideways, depth.shape))
    ground = sample(scene.height, x, y)
    if scene.water is not None:
        ground = np.maximum(ground, scene.water)
    shown = camera.horizon * rows.size + (camera.altitude - ground) / depth * focal
    skyline = np.minimum.accumulate(shown, axis=0)
    distance = np.zeros((rows.size, sideways.size), np.float32)
    hit = np.zeros(distance.shape, bool)
    for column in range(sideways.size):
        first = np.searchsorted(-skyline[:, column], -rows, side="left")
        hit[:, column] = first < STEPS
        index = np.clip(first, 1, STEPS - 1)
        before, after = shown[index - 1, column], shown[index, column]
        share = np.clip((before - rows) / np.maximum(before - after, 1e-4), 0, 1)
        distance[:, column] = steps[index - 1] + share * (steps[index] - steps[index - 1])
    return distance, hit


def _reflected(
    picture: Picture,
    wet: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    depth: Plane,
    place: tuple[Plane, Plane],
    horizon: float,
) -> Picture:
    """Water shows what stands above it, upside down and broken by ripples."""
    rows, columns = np.indices(wet.shape, dtype=np.float32)
    waves = spectral(SIDE, seed=313, fall=1.2)
    ripple = (sample(waves, place[0] * 9, place[1] * 9) - 0.5) * np.minimum(1600 / depth, 60)
    mirrored = np.clip(2 * horizon - rows + ripple, 0, wet.shape[0] - 1).astype(np.int64)
    shown = picture[mirrored, np.clip(columns + ripple * 0.2, 0, wet.shape[1] - 1).astype(np.int64)]
    water = shown * 0.72 + np.asarray((0.01, 0.05, 0.07), np.float32) + (ripple * 0.002)[..., None]
    return np.where(wet[..., None], water, picture).astype(np.float32)


def storm() -> Land:
    """Dark green highlands under a thunderstorm."""
    relief = spectral(SIDE, seed=11, fall=1.75) ** 1.5 * 150
    stops = [(0.1, (0.20, 0.32, 0.14)), (0.35, (0.36, 0.42, 0.19)), (0.6, (0.46, 0.40, 0.33)), (0.9, (0.75, 0.76, 0.8))]
    sky = Sky(
        horizon=(0.62, 0.64, 0.60),
        zenith=(0.36, 0.40, 0.46),
        cloud=(0.58, 0.60, 0.62),
        shade=(0.06, 0.07, 0.11),
        cover=0.55,
        seed=12,
    )
    return land(relief, stops, sun=(-0.8, 0.3, 0.75), sky=sky, haze=0.0022)


def lake() -> Land:
    """Snowy mountains around a lake in the morning."""
    relief = spectral(SIDE, seed=28, fall=1.8) ** 1.8 * 190
    stops = [
        (0.05, (0.30, 0.33, 0.16)),
        (0.25, (0.20, 0.30, 0.13)),
        (0.45, (0.42, 0.38, 0.33)),
        (0.62, (0.95, 0.97, 1.0)),
    ]
    sky = Sky(
        horizon=(0.86, 0.87, 0.86),
        zenith=(0.22, 0.45, 0.80),
        cloud=(1.0, 0.98, 0.95),
        shade=(0.72, 0.76, 0.84),
        cover=0.08,
        seed=22,
    )
    return land(relief, stops, sun=(-0.9, -0.4, 0.7), sky=sky, haze=0.0012, water=float(np.quantile(relief, 0.42)))


def canyon(seed: int) -> Land:
    """Red mesas in steps, late afternoon."""
    field = spectral(SIDE, seed=seed, fall=1.7)
    levels = 7
    step = np.floor(field * levels)
    relief = (step + smooth(0.62, 0.98, field * levels - step)) / levels * 120
    bands = [(0.62, 0.27, 0.14), (0.80, 0.47, 0.27), (0.54, 0.22, 0.13), (0.90, 0.66, 0.42)]
    stops = [(index / 16, bands[index % 4]) for index in range(17)]
    sky = Sky(
        horizon=(0.98, 0.84, 0.66),
        zenith=(0.30, 0.48, 0.78),
        cloud=(1.0, 0.92, 0.82),
        shade=(0.80, 0.66, 0.60),
        cover=0.0,
        seed=seed + 1,
    )
    return land(np.asarray(relief, np.float32), stops, sun=(0.9, -0.6, 0.5), sky=sky, haze=0.0016)


def dunes() -> Land:
    """Sharp-crested dunes under a low sun."""
    y, x = np.indices((SIDE, SIDE), dtype=np.float32) / SIDE
    bend = spectral(SIDE, seed=41, fall=2.2)
    phase = 9 * y + 3 * x + 2.6 * bend
    crest = 1 - np.abs(2 * (phase % 1) - 1) ** 1.0
    lean = np.where(phase % 1 < 0.7, (phase % 1) / 0.7, (1 - phase % 1) / 0.3)
    size = smooth(0.2, 0.8, spectral(SIDE, seed=43, fall=2.4))
    ripples = np.sin((31 * y + 7 * x + 4 * bend) * 2 * np.pi * 5) * 0.12
    relief = (0.85 * lean + 0.15 * crest) * (10 + 38 * size) + ripples
    relief = blur(np.asarray(relief, np.float32), 2.2)
    stops = [(0.0, (0.70, 0.42, 0.22)), (0.5, (0.86, 0.58, 0.32)), (1.0, (0.98, 0.76, 0.48))]
    sky = Sky(
        horizon=(0.99, 0.80, 0.58),
        zenith=(0.36, 0.42, 0.66),
        cloud=(1.0, 0.82, 0.66),
        shade=(0.66, 0.50, 0.52),
        cover=-0.06,
        seed=44,
        sun=(0.32, 0.16),
        sun_colour=(1.0, 0.86, 0.62),
    )
    return land(relief, stops, sun=(0.6, -0.9, 0.45), sky=sky, haze=0.0016)


def polar_night() -> Land:
    """Snowfields and ice under an aurora."""
    relief = np.abs(spectral(SIDE, seed=53, fall=1.7) - 0.5) * 150
    stops = [(0.0, (0.30, 0.42, 0.50)), (0.4, (0.50, 0.60, 0.70)), (1.0, (0.80, 0.88, 0.95))]
    sky = Sky(
        horizon=(0.05, 0.14, 0.18),
        zenith=(0.01, 0.02, 0.07),
        cloud=(0.05, 0.12, 0.15),
        shade=(0.02, 0.05, 0.08),
        cover=-0.1,
        seed=54,
        aurora=True,
    )
    scene = land(np.asarray(relief, np.float32), stops, sun=(-0.5, 0.8, 0.5), sky=sky, haze=0.003)
    dark = np.asarray((0.30, 0.50, 0.48), np.float32)
    near, middle, far = (np.asarray(colour * dark, np.float32) for colour in scene.colours)
    return Land(height=scene.height, colours=(near, middle, far), sky=sky, haze=scene.haze)


def stand(scene: Land, place: tuple[float, float], *, above: float, heading: float, horizon: float = 0.42) -> Camera:
    """A camera `above` the ground (or the water) at a place of the map."""
    x, y = np.full((1, 1), place[0], np.float32), np.full((1, 1), place[1], np.float32)
    ground = max(float(sample(scene.height, x, y)[0, 0]), scene.water or 0.0)
    return Camera(x=place[0], y=place[1], altitude=ground + above, heading=heading, horizon=horizon)


def moved(camera: Camera, *, forward: float = 0.0, turn: float = 0.0, climb: float = 0.0) -> Camera:
    """The camera a little further on."""
    return replace(
        camera,
        x=camera.x + forward * float(np.cos(camera.heading)),
        y=camera.y + forward * float(np.sin(camera.heading)),
        altitude=camera.altitude + climb,
        heading=camera.heading + turn,
    )
