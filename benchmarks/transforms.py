"""What editorial and finishing do to a picture, and where it went: sixteen ordinary ways, and harder ones.

Pictures are RGB, uint8, height x width x 3. A transform first fits the picture to fill 1920x1080 (centre crop), then
takes its steps. Everything random comes from the generator given, so one seed makes one picture.
"""

import functools
import importlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.polygons import Polygon, hull, shared_by, through

Picture = npt.NDArray[np.uint8]
Homography = npt.NDArray[np.float64]
WIDTH, HEIGHT = 1920, 1080
FRAME = hull([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]])
TITLES = ("THE LONG WINTER", "Chapter Three", "Two years earlier", "LISBON, 1974", "A Film By")
SUBTITLES = (
    "- I never said that he was there.",
    "You will have to ask her",
    "We leave before the tide turns.",
    "- Why now?",
)


# AugLy 1.0's functions of one picture that run on today's Pillow and numpy; settings where the default changes nothing.
AUGLY = """apply_pil_filter blur change_aspect_ratio crop encoding_quality grayscale hflip overlay_emoji
    overlay_onto_screenshot overlay_stripes overlay_text pad pad_square random_noise rotate scale shuffle_pixels skew
    vflip brightness contrast saturation sharpen pixelization"""
SETTINGS = {"brightness": {"factor": 1.5}, "contrast": {"factor": 1.7}, "saturation": {"factor": 2.0}}
SETTINGS |= {"sharpen": {"factor": 6.0}, "pixelization": {"ratio": 0.3}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A delivered frame. `placed` takes pixel coordinates (centres are whole) of the source picture to the frame's.

    A flop is inside `placed` too: its determinant is then negative. None where no one homography says it. `seen`: the
    part of the frame, a convex polygon in pixels, in which what is left of the source picture is seen; a foreground may
    stand before it. None where that is not known.
    """

    picture: Picture
    placed: Homography | None
    flopped: bool = False
    seen: Polygon | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a step may draw on: chance, and other pictures."""

    rng: np.random.Generator
    backgrounds: Sequence[Picture]

    def other(self) -> Picture:
        """Another picture, filling the frame; mid-grey where there are none."""
        if not len(self.backgrounds):
            return np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
        return fitted(self.backgrounds[int(self.rng.integers(len(self.backgrounds)))]).picture


Step = Callable[[Applied, Scene], Applied]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """A named row of steps."""

    name: str
    steps: tuple[Step, ...]

    def apply(self, picture: Picture, rng: np.random.Generator, backgrounds: Sequence[Picture]) -> Applied:
        """The frame as delivered, 1920x1080, and where the picture is in it."""
        scene = Scene(rng=rng, backgrounds=backgrounds)
        return functools.reduce(lambda frame, step: step(frame, scene), self.steps, fitted(picture))


def fitted(picture: Picture) -> Applied:
    """The picture filling 1920x1080, its centre kept."""
    height, width = picture.shape[:2]
    scale = max(WIDTH / width, HEIGHT / height)
    kept = round(WIDTH / scale), round(HEIGHT / scale)
    left, top = (width - kept[0]) // 2, (height - kept[1]) // 2
    cut = picture[top : top + kept[1], left : left + kept[0]]
    placed = scaling(WIDTH / cut.shape[1], HEIGHT / cut.shape[0]) @ shift(-left, -top)
    return Applied(picture=resized(cut, (WIDTH, HEIGHT)), placed=placed, seen=FRAME)


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """Scaled to (width, height): areas averaged on the way down, cubic on the way up."""
    method = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=method), np.uint8)


def shift(x: float, y: float) -> Homography:
    """A move by x, y pixels."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def scaling(x: float, y: float) -> Homography:
    """A resize by these factors, between whole pixel centres as cv2.resize places them."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)


def moved(frame: Applied, homography: Homography, under: Picture | None = None) -> Applied:
    """The frame's picture warped by a homography, over another picture (black without one)."""
    w = float(homography[2] @ [WIDTH / 2, HEIGHT / 2, 1.0])
    scale = float(np.sqrt(abs(np.linalg.det(homography) / w**3)))
    source = frame.picture
    if scale < 1:
        source = blurred(source, 0.45 * float(np.sqrt(1 / scale**2 - 1)))
    warped = np.asarray(cv2.warpPerspective(source, homography, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), np.uint8)
    inside = np.asarray(cv2.warpPerspective(np.ones((HEIGHT, WIDTH)), homography, (WIDTH, HEIGHT)), np.float32)
    return carried(frame, homography, warped if under is None else blended(warped, under, inside))


def carried(frame: Applied, homography: Homography, picture: Picture) -> Applied:
    """The frame with another picture, into which the homography took the old one."""
    placed = None if frame.placed is None else homography @ frame.placed
    seen = None if frame.seen is None else shared_by(through(homography, frame.seen), FRAME)
    return replace(frame, picture=picture, placed=placed, seen=seen)


def blended(over: Picture, under: Picture, matte: npt.NDArray[np.floating]) -> Picture:
    """`over` where the matte is 1, `under` where it is 0."""
    weight = np.asarray(matte, np.float32)[..., None]
    return np.asarray(np.rint(over * weight + under * (1 - weight)), np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Softened by a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.01)), np.uint8)


def changed(frame: Applied, picture: npt.NDArray[np.floating]) -> Applied:
    """The same place, other values: 0 to 1, clipped and coded in eight bits."""
    return replace(frame, picture=np.asarray(np.rint(np.clip(picture, 0, 1) * 255), np.uint8))


def low_quality(frame: Applied, scene: Scene) -> Applied:
    """Down to 640x360, JPEG at quality 25, and up again."""
    small = resized(frame.picture, (640, 360))
    coded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 25])[1]
    back = cv2.cvtColor(np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8), cv2.COLOR_BGR2RGB)
    return replace(frame, picture=resized(np.asarray(back, np.uint8), (WIDTH, HEIGHT)))


def grade(frame: Applied, scene: Scene) -> Applied:
    """Gamma 0.7 to 1.4, contrast 0.8 to 1.3, saturation 0.4 to 1.5, up to 15 % warmer or colder."""
    rng = scene.rng
    light = (frame.picture.astype(np.float32) / 255) ** rng.uniform(0.7, 1.4)
    light = (light - 0.5) * rng.uniform(0.8, 1.3) + 0.5
    grey = light @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    light = grey[..., None] + (light - grey[..., None]) * rng.uniform(0.4, 1.5)
    warmth = rng.choice([-1, 1]) * rng.uniform(0.05, 0.15)
    return changed(frame, light * np.array([1 + warmth, 1, 1 - warmth], np.float32))


def matte(frame: Applied, scene: Scene) -> Applied:
    """Black above and below, 2.39 between."""
    bar = round((HEIGHT - WIDTH / 2.39) / 2)
    picture = frame.picture.copy()
    picture[:bar] = picture[-bar:] = 0
    band = hull([[0, bar], [WIDTH, bar], [WIDTH, HEIGHT - bar], [0, HEIGHT - bar]])
    return replace(frame, picture=picture, seen=None if frame.seen is None else shared_by(frame.seen, band))


def crop(share: float) -> Step:
    """`share` of each side, from anywhere in the frame, punched in to fill it."""

    def step(frame: Applied, scene: Scene) -> Applied:
        left, top = (round(scene.rng.uniform(0, side * (1 - share))) for side in (WIDTH, HEIGHT))
        cut = frame.picture[top : top + round(HEIGHT * share), left : left + round(WIDTH * share)]
        homography = scaling(WIDTH / cut.shape[1], HEIGHT / cut.shape[0]) @ shift(-left, -top)
        return carried(frame, homography, resized(cut, (WIDTH, HEIGHT)))

    return step


def flop(frame: Applied, scene: Scene) -> Applied:
    """Left and right exchanged."""
    mirror = np.array([[-1, 0, WIDTH - 1], [0, 1, 0], [0, 0, 1]], np.float64)
    return replace(carried(frame, mirror, np.ascontiguousarray(frame.picture[:, ::-1])), flopped=not frame.flopped)


def rotation(degrees: float) -> Step:
    """Turned about the centre, either way, and scaled up until the frame is full."""

    def step(frame: Applied, scene: Scene) -> Applied:
        angle = np.radians(degrees)
        zoom = float(np.cos(angle) + WIDTH / HEIGHT * np.sin(angle))
        turn = cv2.getRotationMatrix2D(((WIDTH - 1) / 2, (HEIGHT - 1) / 2), degrees * scene.rng.choice([-1, 1]), zoom)
        return moved(frame, np.vstack([turn, [0, 0, 1]]))

    return step


def inset(share: float) -> Step:
    """Picture in picture: `share` of the frame's width, anywhere in another picture."""

    def step(frame: Applied, scene: Scene) -> Applied:
        width, height = round(WIDTH * share), round(HEIGHT * share)
        left, top = int(scene.rng.integers(WIDTH - width + 1)), int(scene.rng.integers(HEIGHT - height + 1))
        picture = scene.other().copy()
        picture[top : top + height, left : left + width] = resized(frame.picture, (width, height))
        homography = shift(left, top) @ scaling(width / WIDTH, height / HEIGHT)
        return carried(frame, homography, picture)

    return step


def covered(share: float) -> Step:
    """An irregular foreground cut from another picture hides `share` of the frame's area."""

    def step(frame: Applied, scene: Scene) -> Applied:
        rows, columns = np.mgrid[0:108, 0:192]
        x, y = scene.rng.uniform(0, 192), scene.rng.uniform(0, 108)
        noise = cv2.GaussianBlur(scene.rng.standard_normal((108, 192)), (0, 0), 9)
        field = noise / noise.std() * 18 - np.hypot(columns - x, rows - y)
        large = cv2.resize(field.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        shape = (large >= np.quantile(large, 1 - share)).astype(np.float32)
        edge = np.asarray(cv2.GaussianBlur(shape, (0, 0), 1.5), np.float32)
        return replace(frame, picture=blended(scene.other(), frame.picture, edge))

    return step


def insert(degrees: float, tilt: float) -> Step:
    """On a wall or a screen in another picture: turned by `degrees`, tilted by up to `tilt`, half the frame's width."""

    def step(frame: Applied, scene: Scene) -> Applied:
        rng = scene.rng
        yaw = np.radians(degrees) * rng.choice([-1, 1])
        pitch = np.radians(rng.uniform(-tilt, tilt))
        around = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        over = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        plane = np.array([[-0.5, -0.28125, 0], [0.5, -0.28125, 0], [0.5, 0.28125, 0], [-0.5, 0.28125, 0]])
        solid = plane @ (over @ around).T
        seen = solid[:, :2] / (solid[:, 2:] + 1.6)
        seen = (seen - seen.min(axis=0)) * (WIDTH / 2 / np.ptp(seen[:, 0]))
        room = np.array([WIDTH - 1, HEIGHT - 1]) - seen.max(axis=0)
        corners = np.array([[0, 0], [WIDTH - 1, 0], [WIDTH - 1, HEIGHT - 1], [0, HEIGHT - 1]], np.float32)
        quad = (seen + rng.uniform(0, 1, 2) * np.maximum(room, 0)).astype(np.float32)
        homography = np.asarray(cv2.getPerspectiveTransform(corners, quad), np.float64)
        return moved(frame, homography, scene.other())

    return step


def titles(frame: Applied, scene: Scene) -> Applied:
    """A title, two lines of subtitles and a half-clear logo."""
    picture = frame.picture.copy()
    rng = scene.rng
    lines = [(str(rng.choice(TITLES)), 3.2, int(rng.uniform(0.3, 0.6) * HEIGHT))]
    lines += [(str(text), 1.8, 960 + 64 * row) for row, text in enumerate(rng.choice(SUBTITLES, 2, replace=False))]
    for text, size, base in lines:
        for colour, weight in (((0, 0, 0), 10), ((255, 255, 255), 4)):
            wide = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, size, 4)[0][0]
            left = (WIDTH - wide) // 2
            cv2.putText(picture, text, (left, base), cv2.FONT_HERSHEY_DUPLEX, size, colour, weight, cv2.LINE_AA)
    logo = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.circle(logo, (1770, 130), 70, 0.7, -1, cv2.LINE_AA)
    cv2.fillPoly(logo, [np.array([[1745, 90], [1745, 170], [1815, 130]], np.int32)], 0.0)
    return replace(frame, picture=blended(np.full_like(picture, 235), picture, logo))


def grain(frame: Applied, scene: Scene) -> Applied:
    """Heavy film grain, a pixel and a half wide, mostly the same in the three colours."""
    shared, own = (scene.rng.standard_normal((HEIGHT, WIDTH, planes), np.float32) for planes in (1, 3))
    noise = np.asarray(cv2.GaussianBlur(0.8 * shared + 0.6 * own, (0, 0), 0.75), np.float32)
    light = frame.picture.astype(np.float32) / 255
    strength = 0.09 * (0.5 + 2 * light * (1 - light))
    return changed(frame, light + strength * noise / noise.std())


def soft(frame: Applied, scene: Scene) -> Applied:
    """Out of focus: a Gaussian of two pixels."""
    return replace(frame, picture=blurred(frame.picture, 2))


def pq(frame: Applied, scene: Scene) -> Applied:
    """Graded for HDR: white at 203 nit, BT.2020 primaries (BT.2087), PQ (SMPTE ST 2084), shown as if it were SDR."""
    light = (frame.picture.astype(np.float32) / 255) ** 2.4
    wide = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    power = ((light @ np.array(wide, np.float32).T) * 203 / 10000) ** 0.1593017578125
    return changed(frame, ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def registry(rows: dict[str, tuple[Step, ...]]) -> dict[str, Transform]:
    """Transforms by name."""
    return {name: Transform(name=name, steps=steps) for name, steps in rows.items()}


CROP_75, CROP_50, INSET_50, INSET_30, INSERT = crop(0.75), crop(0.5), inset(0.5), inset(0.3), insert(25, 5)

ORDINARY = registry(
    {
        "low quality": (low_quality,),
        "grade": (grade,),
        "matte 2.39": (matte,),
        "crop 75 %": (CROP_75,),
        "crop 50 %": (CROP_50,),
        "flop": (flop,),
        "rotation 3": (rotation(3),),
        "inset 50 %": (INSET_50,),
        "inset 30 %": (INSET_30,),
        "covered 30 %": (covered(0.3),),
        "perspective": (INSERT,),
        "titles": (titles,),
        "grain": (grain,),
        "soft": (soft,),
        "PQ": (pq,),
        "crop+grade+titles": (CROP_75, grade, titles),
    }
)

HARD = registry(
    {
        "inset 20 %": (inset(0.2),),
        "crop 35 %": (crop(0.35),),
        "covered 50 %": (covered(0.5),),
        "perspective 45": (insert(45, 15),),
        "rotation 10": (rotation(10),),
        "flop+crop 50 %": (flop, CROP_50),
        "inset 30 %+grade+grain": (INSET_30, grade, grain),
    }
)


def pairs() -> Iterator[Transform]:
    """Two ordinary transforms in turn, the second on the frame that the first delivered.

    Left out: a step done twice, an inset in an inset, a crop that may miss the inset, and anything after PQ, which is
    the last thing done to a picture.
    """
    insets, crops = {INSET_50, INSET_30, INSERT}, {CROP_75, CROP_50}
    for first, second in itertools.permutations(ORDINARY.values(), 2):
        lost = bool(insets & set(first.steps)) and bool((insets | crops) & set(second.steps))
        if not lost and pq not in first.steps and set(first.steps).isdisjoint(second.steps):
            yield Transform(name=f"{first.name}, {second.name}", steps=first.steps + second.steps)


def augly_images() -> dict[str, Callable[[Picture], Picture]]:
    """AugLy's functions by name, of any size to any size, mostly by default. Raises ImportError without `augly`."""
    functional = importlib.import_module("augly.image.functional")

    def changed_by(name: str, picture: Picture) -> Picture:
        after = getattr(functional, name)(Image.fromarray(picture), **SETTINGS.get(name, {}))
        return np.asarray(after.convert("RGB"), np.uint8)

    return {name: functools.partial(changed_by, name) for name in AUGLY.split()}
