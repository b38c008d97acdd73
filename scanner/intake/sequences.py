"""Image sequences by their names alone: `name.0001.exr ... name.0480.exr` is `name.[0001-0480].exr`.

The number stands directly before the extension; prefix, extension and zero padding are the same throughout. What is
*not* a sequence: fewer than three files; numbers after a `v` (versions of one shot); numbers so sparse that they can
only be picked photographs: fewer than half of them there, and nowhere 24 in a row. Those stay single stills.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from scanner.model import Gap

FEWEST_FILES = 3
RUN_OF_FRAMES = 24
LONGEST_NAME = 255
_STILL_NAMES = (
    "ari avif bmp cin dng dpx exr gif hdr heic heif j2c j2k jp2 jpeg jpg jxl png psd rgb sgi tga tif tiff webp x3f"
)
STILL_EXTENSIONS = frozenset(f".{name}" for name in _STILL_NAMES.split())
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<digits>[0-9]+)(?P<suffix>\.[^.]+)", re.DOTALL)
_VERSION = re.compile(r"(?:.*[^A-Za-z0-9])?[vV]", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSequence:
    """Files of one folder that are the frames of one sequence; `files` and `frames` run in frame order."""

    name: str
    prefix: str
    suffix: str
    width: int
    frames: tuple[int, ...]
    files: tuple[str, ...]
    gaps: tuple[Gap, ...]

    def would_hold(self, name: str) -> bool:
        """Whether a file of this name would be a frame of this sequence."""
        numbered = _numbered(name)
        return numbered is not None and numbered[0] == self.prefix and numbered[2] == self.suffix


def has_still_extension(name: str) -> bool:
    """Whether a name ends like that of a still image."""
    _, dot, extension = name.rpartition(".")
    return dot + extension.lower() in STILL_EXTENSIONS


def group(
    names: Iterable[str], is_frame: Callable[[str], bool] = has_still_extension
) -> tuple[tuple[ImageSequence, ...], tuple[str, ...]]:
    """The sequences among the file names of one folder, and the names that belong to none. Every name comes back."""
    names = tuple(dict.fromkeys(names))
    by_affixes: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for name in names:
        numbered = _numbered(name) if is_frame(name) else None
        if numbered is not None:
            prefix, digits, suffix = numbered
            by_affixes[prefix, suffix].append((digits, name))
    found = tuple(
        _sequence(prefix, suffix, width, same)
        for (prefix, suffix), numbers in by_affixes.items()
        for width, same in _by_width(numbers)
        if _is_sequence(same)
    )
    grouped = {file for sequence in found for file in sequence.files}
    singles = tuple(sorted(name for name in names if name not in grouped))
    return tuple(sorted(_named_apart(found, names), key=lambda sequence: sequence.name)), singles


def _numbered(name: str) -> tuple[str, str, str] | None:
    match = _NUMBERED.fullmatch(name)
    if match is None or _VERSION.fullmatch(match["prefix"]):
        return None
    return match["prefix"], match["digits"], match["suffix"]


def _by_width(numbers: list[tuple[str, str]]) -> Iterator[tuple[int, dict[int, str]]]:
    """Frames by their zero padding. A number that outgrew the padding (0999, 1000 ... 10000) stays with it."""
    widths = sorted({len(digits) for digits, _ in numbers if digits[0] == "0" and len(digits) > 1})
    by_width: dict[int, dict[int, str]] = defaultdict(dict)
    for digits, name in numbers:
        padded = digits[0] == "0" and len(digits) > 1
        fitting = [width for width in widths if width <= len(digits)]
        width = len(digits) if padded else (fitting[-1] if fitting else 1)
        by_width[width][int(digits)] = name
    yield from by_width.items()


def _is_sequence(files: dict[int, str]) -> bool:
    if len(files) < FEWEST_FILES:
        return False
    span = max(files) - min(files) + 1
    return 2 * len(files) >= span or _longest_run(sorted(files)) >= RUN_OF_FRAMES


def _longest_run(frames: list[int]) -> int:
    longest = run = 1
    for before, after in pairwise(frames):
        run = run + 1 if after == before + 1 else 1
        longest = max(longest, run)
    return longest


def _sequence(prefix: str, suffix: str, width: int, files: dict[int, str]) -> ImageSequence:
    frames = tuple(sorted(files))
    numbers = f"[{frames[0]:0{width}d}-{frames[-1]:0{width}d}]"
    return ImageSequence(
        name=_short(prefix, numbers + suffix),
        prefix=prefix,
        suffix=suffix,
        width=width,
        frames=frames,
        files=tuple(files[frame] for frame in frames),
        gaps=tuple(Gap(first=before + 1, last=after - 1) for before, after in pairwise(frames) if after > before + 1),
    )


def _short(prefix: str, rest: str) -> str:
    """A name that a file system takes as a folder's: at most 255 bytes, cut in the prefix."""
    while prefix and len((prefix + rest).encode("utf-8", "surrogateescape")) > LONGEST_NAME:
        prefix = prefix[:-1]
    return prefix + rest


def _named_apart(sequences: Iterable[ImageSequence], names: Iterable[str]) -> Iterator[ImageSequence]:
    """No two names alike, and none like that of a file: someone may well call a file `name.[1-3].exr`."""
    taken = set(names)
    for sequence in sequences:
        name, number = sequence.name, 2
        while name in taken:
            name, number = _short(sequence.name, f" ({number})"), number + 1
        taken.add(name)
        yield replace(sequence, name=name)
