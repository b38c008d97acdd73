"""PDF: every picture in it, on a page or not, and every attachment. Pages are not rendered.

pikepdf (QPDF) reads the structure. Pictures in JPEG or JPEG 2000 come out byte for byte; others are unpacked into PNG
or TIFF.
"""

import re
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from scanner.containers.inner import BLOCK, Found, Inner, Left, LeftInError, Unread
from scanner.containers.pictures import SMALLEST, as_png, check_it_shows_something

_ENDINGS = {"/DCTDecode": ".jpg", "/JPXDecode": ".jp2", "/CCITTFaxDecode": ".tif", "/JBIG2Decode": ".tif"}
# ISO 32000-2, 8.9.7: BI begins a picture inside a content stream.
_INLINE = re.compile(rb"(?:^|\s)BI\s")
_MENDED = "reconstruct"
_NOT_RENDERED = "its pages are not rendered: drawings and text are not compared, only the pictures embedded in it"


def read_pdf(path: Path, name: str) -> Iterator[Found]:
    """What is embedded in a PDF. Raises pikepdf.PdfError for what is none."""
    try:
        pdf = pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError:
        yield Unread(reason="it is encrypted, and cannot be read without its password")
        return
    with pdf:
        yield Left(note=_NOT_RENDERED)
        yield from _objects(pdf)
        yield from _inline(pdf)
        if any(_MENDED in str(warning) for warning in pdf.get_warnings()):
            yield Unread(reason="its table of objects is damaged: what it held may be missing")


def _objects(pdf: pikepdf.Pdf) -> Iterator[Found]:
    masks, attached = _referred(pdf)
    small = 0
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Stream) or thing.objgen in masks:
            continue
        number = thing.objgen[0]
        if thing.get("/Subtype") == "/Image":
            if _is_small(thing):
                small += 1
            else:
                yield Inner(name=f"picture {number}{_ending(thing)}", size=None, read=partial(_picture, thing))
        elif thing.objgen in attached or thing.get("/Type") == "/EmbeddedFile":
            name = attached.get(thing.objgen) or f"attachment {number}"
            yield Inner(name=name, size=None, read=partial(_attachment, thing))
    if masks:
        yield Left(note=f"masks of its pictures: {len(masks)} not looked at")
    if small:
        yield Left(note=f"{small} of its pictures are smaller than {SMALLEST} pixels: not looked at")


def _referred(pdf: pikepdf.Pdf) -> tuple[set[tuple[int, int]], dict[tuple[int, int], str]]:
    """Which objects are masks of pictures; and which are attachments, with their names."""
    masks: set[tuple[int, int]] = set()
    attached: dict[tuple[int, int], str] = {}
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image":
            for key in ("/SMask", "/Mask"):
                if isinstance(mask := thing.get(key), pikepdf.Stream):
                    masks.add(mask.objgen)
        elif isinstance(thing, pikepdf.Dictionary) and isinstance(files := thing.get("/EF"), pikepdf.Dictionary):
            name = str(thing.get("/UF", "") or thing.get("/F", ""))
            attached |= {each.objgen: name for _, each in files.items() if isinstance(each, pikepdf.Stream)}
    return masks, attached


def _is_small(picture: Any) -> bool:
    return min(int(picture.get("/Width", 0)), int(picture.get("/Height", 0))) < SMALLEST


def _ending(picture: Any) -> str:
    filters = picture.get("/Filter", "")
    last = filters[-1] if isinstance(filters, pikepdf.Array) and len(filters) else filters
    return _ENDINGS.get(str(last), ".png")


def _picture(thing: Any) -> Iterator[bytes]:
    """A picture as a file. A mask stays apart: the picture under it is what is looked for."""
    made = BytesIO()
    pikepdf.PdfImage(thing).extract_to(stream=made, apply_mask=False)
    with Image.open(BytesIO(made.getvalue())) as picture:
        check_it_shows_something(picture)
    yield made.getvalue()


def _attachment(thing: Any) -> Iterator[bytes]:
    content = bytes(thing.read_bytes())
    if content[4:8] == b"jumb":
        msg = "its Content Credentials, which are read with it"
        raise LeftInError(msg)
    yield from (content[at : at + BLOCK] for at in range(0, len(content), BLOCK))


def _inline(pdf: pikepdf.Pdf) -> Iterator[Found]:
    """Pictures in the content of pages, and of what pages are put together from."""
    for number, page in enumerate(pdf.pages, start=1):
        yield from _inline_of(page, f"page {number}")
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Form":
            yield from _inline_of(thing, f"form {thing.objgen[0]}")


def _inline_of(content: Any, where: str) -> Iterator[Found]:
    if not _INLINE.search(_bytes_of(content)):
        return
    count = 0
    for instruction in pikepdf.parse_content_stream(content):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            picture: Any = instruction.iimage
            if min(picture.width, picture.height) >= SMALLEST:
                count += 1
                name = f"{where} picture {count}.png"
                yield Inner(name=name, size=None, read=partial(_inline_picture, picture))


def _bytes_of(content: Any) -> bytes:
    if isinstance(content, pikepdf.Stream):
        return bytes(content.read_bytes())
    parts = content.obj.get("/Contents", ())
    streams = [parts] if isinstance(parts, pikepdf.Stream) else list(parts)
    return b"\n".join(bytes(part.read_bytes()) for part in streams)


def _inline_picture(picture: Any) -> Iterator[bytes]:
    image = picture.as_pil_image()
    check_it_shows_something(image)
    yield as_png(image)
