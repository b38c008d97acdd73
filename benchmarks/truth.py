"""What is true of a transformed picture: where it is, and what was done to it; and whether that is what is told."""

from benchmarks.polygons import Polygon, area, hull, shared_by
from benchmarks.transforms import HEIGHT, WIDTH, Applied, Picture
from scanner.model import LookAlike

# What must be said of each part of a transform's name; one of the alternatives is enough.
SAID = {
    "flop": ("flopped",),
    "crop": ("punched in", "cropped"),
    "inset": ("inset",),
    "matte": ("matted", "inside mattes"),
    "rotation": ("turned",),
    "covered": ("covered",),
    "perspective": ("in perspective",),
}
# What may be said as well: turning punches in, and what hangs on a wall is an inset.
ALSO = {"rotation": ("punched in",), "perspective": ("inset", "turned")}
# A picture of another shape loses its edges when it is fitted to the frame: that it is cut, and to what, is true.
_FITTED = "cropped to 1.78:1"
_WITHOUT_EDGES = {
    "inset": ("covered", "cropped"),
    "perspective": ("covered", "cropped"),
    "matte": ("punched in",),
}
_SAME_SHAPE = 0.05


def said(transform: str, words: str, source: Picture) -> bool:
    """Whether what was done is named, and nothing that was not done."""
    parts = [part.split()[0] for part in transform.replace("+", ",").replace(", ", ",").split(",")]
    must = [SAID[part] for part in parts if part in SAID]
    allowed = {word for part in parts for word in (*SAID.get(part, ()), *ALSO.get(part, ()))}
    height, width = source.shape[:2]
    if abs(width / height / (WIDTH / HEIGHT) - 1) > _SAME_SHAPE:
        words = words if "matte" in parts else words.replace(_FITTED, "")
        allowed |= {word for part in parts for word in _WITHOUT_EDGES.get(part, ())}
    extra = {word for some in SAID.values() for word in some} - allowed
    named = all(any(word in words for word in some) for some in must)
    return named and not any(word in words for word in extra)


def truth(applied: Applied) -> Polygon | None:
    """Where the source picture is seen in the frame, as shares of it; None where no polygon says it."""
    return None if applied.seen is None else hull(applied.seen / [WIDTH, HEIGHT])


def overlap(seen: LookAlike, placed: Polygon) -> float:
    """Intersection over union of what is told and what is true."""
    x, y, width, height = seen.region
    told = hull(seen.polygon or [[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    shared = area(shared_by(told, placed))
    return round(shared / (area(told) + area(placed) - shared), 3)
