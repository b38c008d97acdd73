"""Shots: scenes with a camera move, as frames of eight bits a channel."""

import city
import cv2
import heavens
import land
import nature
import numpy as np
from media import Frame
from noise import Picture, Size, bytes_of, resized

Shot = list[Frame]


def _fine(scene: land.Land, camera: land.Camera, size: Size, *, drift: float = 0.0) -> Picture:
    """Seen at one and a half times the size and averaged down: calmer edges in motion."""
    large = size[0] * 3 // 2, size[1] * 3 // 2
    return resized(land.view(scene, camera, large, drift=drift), size)


def storm_flyover(size: Size, count: int) -> Shot:
    """Low over dark hills under racing clouds; lightning twice."""
    scene = land.storm()
    camera = land.stand(scene, (100, 100), above=45, heading=0.6, horizon=0.5)
    shot = []
    for number in range(count):
        here = land.moved(camera, forward=2.4 * number, turn=0.004 * number, climb=0.35 * number)
        flash = {20: 0.55, 21: 0.3, 22: 0.12, 51: 0.4, 52: 0.15}.get(number, 0.0)
        shot.append(bytes_of(_fine(scene, here, size, drift=3.0 * number) * (0.92 + flash)))
    return shot


def neon_street(size: Size, count: int) -> Shot:
    """Walking down the neon street."""
    large = size[0] * 3 // 2, size[1] * 3 // 2
    return [bytes_of(resized(city.neon_street(large, at=number / 24), size)) for number in range(count)]


def smoke(size: Size, count: int) -> Shot:
    """Smoke rising on black."""
    return [bytes_of(heavens.smoke(size, at=number / 24)) for number in range(count)]


def lake(size: Size, count: int) -> Shot:
    """Gliding over a mountain lake, panning to the right."""
    scene = land.lake()
    camera = land.stand(scene, (200, 300), above=8, heading=2.3, horizon=0.5)
    return [
        bytes_of(_fine(scene, land.moved(camera, forward=0.5 * n, turn=0.008 * n), size, drift=0.4 * n))
        for n in range(count)
    ]


def canyon(size: Size, count: int) -> Shot:
    """Flying between red mesas."""
    scene = land.canyon(31)
    camera = land.stand(scene, (200, 300), above=25, heading=0.6)
    return [bytes_of(_fine(scene, land.moved(camera, forward=1.2 * n, climb=0.3 * n), size)) for n in range(count)]


def aurora(size: Size, count: int, *, heading: float = 0.6) -> Shot:
    """Northern lights moving over ice."""
    scene = land.polar_night()
    camera = land.stand(scene, (200, 300), above=15, heading=heading, horizon=0.7)
    return [
        bytes_of(_fine(scene, land.moved(camera, turn=0.003 * n), size, drift=1.1 * n + 90 * heading))
        for n in range(count)
    ]


def walk_in_hall(size: Size, count: int) -> Shot:
    """Walking between columns."""
    return [bytes_of(city.hall(size, at=number / 30)) for number in range(count)]


def sea(size: Size, count: int) -> Shot:
    """Waves rolling in."""
    return [bytes_of(nature.open_water(size, seed=4, at=number / 24)) for number in range(count)]


def wood(size: Size, count: int, *, seed: int = 3) -> Shot:
    """Tracking past trees in fog: near ones pass faster than far ones."""
    trees = nature.wood(size, seed=seed)
    return [bytes_of(nature.wood_at(trees, shift=0.012 * number)) for number in range(count)]


def beach(size: Size, count: int) -> Shot:
    """A slow push in on somebody at the sea."""
    return zoomed(nature.beach((size[0] * 2, size[1] * 2)), size, count, by=1.25, towards=(0.58, 0.6))


def pebbles(size: Size, count: int) -> Shot:
    """Panning over wet pebbles."""
    wide = nature.rocks((size[0] * 2, size[1] * 3 // 2), seed=4)
    room = size[0] // 2
    shot = []
    for number in range(count):
        left = room * number // count
        window = wide[: size[1] * 3 // 2, left : left + size[0] * 3 // 2]
        shot.append(bytes_of(resized(window, size)))
    return shot


def zoomed(picture: Picture, size: Size, count: int, *, by: float, towards: tuple[float, float]) -> Shot:
    """A zoom into a still: `by` how much at the end, `towards` which point of it, as shares."""
    height, width = picture.shape[:2]
    frame = np.asarray([[0, 0], [size[0], 0], [0, size[1]]], np.float32)
    shot = []
    for number in range(count):
        scale = by ** (number / max(count - 1, 1))
        across, down = width / scale, height / scale
        left, top = (width - across) * towards[0], (height - down) * towards[1]
        corners = np.asarray([[left, top], [left + across, top], [left, top + down]], np.float32)
        move = cv2.getAffineTransform(corners, frame)
        shot.append(bytes_of(np.asarray(cv2.warpAffine(picture, move, size, flags=cv2.INTER_AREA), np.float32)))
    return shot


def held(frame: Frame, count: int) -> Shot:
    """One picture, held."""
    return [frame] * count
