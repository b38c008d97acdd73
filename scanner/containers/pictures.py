"""Pictures in documents that are no file of their own there: which are worth looking at, and how they become files."""

from io import BytesIO

from PIL import Image

from scanner.containers.inner import LeftInError

# Lines, bullets, swatches: less than this on a side is no picture.
SMALLEST = 32
_SAMPLE, _LEVELS = (32, 32), 8


def check_it_shows_something(picture: Image.Image) -> None:
    """Raise LeftInError for a picture of one colour: backgrounds, fills. It could be like anything."""
    grey = picture.convert("RGBA").convert("L") if "A" not in picture.getbands() else _over_grey(picture)
    low, high = grey.resize(_SAMPLE, Image.Resampling.BOX).getextrema()
    if high - low < _LEVELS:  # type: ignore[operator]
        msg = "a picture of one colour: not looked at"
        raise LeftInError(msg)


def as_png(picture: Image.Image) -> bytes:
    """A picture as a file, without loss where PNG can hold it."""
    fitting = picture if picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else picture.convert("RGB")
    made = BytesIO()
    fitting.save(made, "PNG", compress_level=1)
    return made.getvalue()


def _over_grey(picture: Image.Image) -> Image.Image:
    whole = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", whole.size, (128, 128, 128, 255)), whole).convert("L")
