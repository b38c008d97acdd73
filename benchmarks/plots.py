"""Draws the report's pictures with Pillow: bars of shares, and the tail of the scores."""

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_INK, _GRID, _PAPER = (40, 40, 40), (215, 215, 215), (255, 255, 255)
_COLOURS = {"one frame": (31, 90, 150), "held 1 s": (120, 170, 215), "other": (225, 140, 60)}
_WIDTH, _LEFT, _LINE = 900, 220, 26


def bars(path: Path, rows: Sequence[Mapping[str, Any]], peer: str) -> None:
    """Three bars a transform: found in one frame, found where it is held, and found by another peer."""
    height = _LINE * (len(rows) + 2) + 10
    image, draw, font = _sheet(height)
    across = _WIDTH - _LEFT - 30
    for tick in range(0, 11, 2):
        x = _LEFT + across * tick // 10
        draw.line((x, _LINE, x, height - _LINE), fill=_GRID)
        draw.text((x, height - _LINE + 4), f"{tick / 10:.1f}", fill=_INK, font=font, anchor="ma")
    for number, row in enumerate(rows):
        top = _LINE * (number + 1) + 3
        draw.text((_LEFT - 8, top + 9), row["name"], fill=_INK, font=font, anchor="rm")
        shares = (row["found"], row["held"], row["peers"][peer])
        for place, (share, colour) in enumerate(zip(shares, _COLOURS.values(), strict=True)):
            if share:
                draw.rectangle(
                    (_LEFT, top + 7 * place, _LEFT + round(across * share), top + 7 * place + 5), fill=colour
                )
    _legend(draw, font, ["one frame", "held 1 s", peer])
    _saved(image, path)


def tail(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Shots that reach a score: seen (dots) and fitted (line); logarithmic."""
    height, low, high = 360, -3.0, 4.0
    image, draw, font = _sheet(height)
    left, right, top, bottom = 70, _WIDTH - 30, 40, height - 40
    most = max(row["score"] for row in rows)

    def at(score: float, count: float) -> tuple[float, float]:
        along = (log10(max(count, 10**low)) - low) / (high - low)
        return left + (right - left) * score / most, bottom - (bottom - top) * min(1.0, along)

    for power in range(round(low), round(high) + 1):
        y = at(0, 10.0**power)[1]
        draw.line((left, y, right, y), fill=_GRID)
        draw.text((left - 6, y), f"{10.0**power:g}", fill=_INK, font=font, anchor="rm")
    fitted = [at(row["score"], row["fitted"]) for row in rows if row["fitted"] > 10**low]
    draw.line(fitted, fill=_COLOURS["other"], width=2)
    for row in rows:
        x, y = at(row["score"], row["seen"])
        draw.text((x, bottom + 8), f"{row['score']:g}", fill=_INK, font=font, anchor="ma")
        if row["seen"]:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=_COLOURS["one frame"])
    draw.text((left, 12), "shots that reach a score: seen (dots), fitted (line)", fill=_INK, font=font)
    _saved(image, path)


def _sheet(height: int) -> tuple[Image.Image, ImageDraw.ImageDraw, Any]:
    image = Image.new("RGB", (_WIDTH, height), _PAPER)
    return image, ImageDraw.Draw(image), ImageFont.load_default(size=14)


def _legend(draw: ImageDraw.ImageDraw, font: Any, names: Sequence[str]) -> None:
    x = _LEFT
    for name, colour in zip(names, _COLOURS.values(), strict=True):
        draw.rectangle((x, 8, x + 12, 18), fill=colour)
        draw.text((x + 18, 13), name, fill=_INK, font=font, anchor="lm")
        x += 140


def _saved(image: Image.Image, path: Path) -> None:
    image.quantize(32).save(path, optimize=True)
