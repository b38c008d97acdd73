"""Writes a HEIF picture that is put together of two tiles, as telephones write them (ISO/IEC 23008-12)."""

import struct
from pathlib import Path

import numpy as np

from tests.media.making import Pictures, encode

_X265 = (
    "-c:v",
    "libx265",
    "-x265-params",
    "log-level=none:keyint=1",
    "-pix_fmt",
    "yuv420p",
    "-tag:v",
    "hvc1",
    "-crf",
    "5",
)


def two_tiles(path: Path, picture: Pictures) -> Path:
    """Write `picture`, whose halves must be 64 or more wide and high and even."""
    height, width, _ = picture.shape
    halves = [_tile(path.with_suffix(f".{n}.mp4"), half) for n, half in enumerate(np.split(picture, 2, axis=1))]
    pictures = [picture for _, picture in halves]
    layout = struct.pack(">4B2H", 0, 0, 0, 1, width, height)
    names = b"".join(_full(b"infe", struct.pack(">2H4sx", n, 0, kind), 2) for n, kind in _ITEMS)
    sizes = b"".join(_full(b"ispe", struct.pack(">2I", wide, height)) for wide in (width // 2, width))
    uses = struct.pack(">IHBBBHBBBHBB", 3, 1, 2, 0x81, 2, 2, 2, 0x81, 2, 3, 1, 3)
    properties = _box(b"ipco", halves[0][0] + sizes) + _full(b"ipma", uses)

    def head(start: int) -> bytes:
        places = ((1, 0, start, pictures[0]), (2, 0, start + len(pictures[0]), pictures[1]), (3, 1, 0, layout))
        located = b"".join(struct.pack(">4H2I", n, how, 0, 1, at, len(data)) for n, how, at, data in places)
        parts = (
            _full(b"hdlr", b"\0\0\0\0pict" + bytes(13)),
            _full(b"pitm", struct.pack(">H", 3)),
            _full(b"iloc", struct.pack(">2BH", 0x44, 0, 3) + located, 1),
            _full(b"iinf", struct.pack(">H", 3) + names),
            _full(b"iref", _box(b"dimg", struct.pack(">4H", 3, 2, 1, 2))),
            _box(b"iprp", properties),
            _box(b"idat", layout),
        )
        return _box(b"ftyp", b"heic\0\0\0\0mif1heic") + _full(b"meta", b"".join(parts))

    path.write_bytes(head(len(head(0)) + 8) + _box(b"mdat", b"".join(pictures)))
    return path


_ITEMS = ((1, b"hvc1"), (2, b"hvc1"), (3, b"grid"))


def _tile(path: Path, picture: Pictures) -> tuple[bytes, bytes]:
    """The decoder's configuration and the coded picture, out of a film of one frame."""
    film = encode(path, np.ascontiguousarray(picture)[None], *_X265).read_bytes()
    return _found(film, b"hvcC"), _found(film, b"mdat")[8:]


def _found(film: bytes, kind: bytes) -> bytes:
    at = film.index(kind) - 4
    return film[at : at + int.from_bytes(film[at : at + 4], "big")]


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24) + body)
