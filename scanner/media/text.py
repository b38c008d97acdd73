"""Whether a file is text: UTF-8, UTF-16 with a byte order mark, or a one-byte encoding without control bytes.

The first 16 MiB and the last 1 MiB are looked at whole, so that a few lines of text do not hide what follows them.
"""

import codecs
import os
from collections.abc import Iterator
from typing import BinaryIO

_BLOCK = 1 << 20
_WHOLE = 16 * _BLOCK
_HEAD = 65536
_LAYOUT = b"\t\n\v\f\r\x1a"
_CONTROLS = bytes(byte for byte in (*range(32), 127) if byte not in _LAYOUT)
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WIDE_CONTROLS = dict.fromkeys(_CONTROLS)


def is_text(file: BinaryIO) -> bool:
    """Whether an open, seekable file is text. Raises OSError."""
    file.seek(0)
    encoding = _WIDE.get(file.read(2))
    if encoding is not None:
        return all(_is_wide_text(block, encoding) for block in _blocks(file))
    return all(len(block) == len(block.translate(None, _CONTROLS)) for block in _blocks(file))


def text_head(file: BinaryIO) -> str:
    """The first 64 KiB of a text file, without its byte order mark."""
    file.seek(0)
    head = file.read(_HEAD)
    return head.decode(_WIDE.get(head[:2], "utf-8"), "replace").removeprefix("\ufeff")


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    end = file.seek(0, os.SEEK_END)
    places = [*range(0, min(end, _WHOLE), _BLOCK)]
    if end > _WHOLE:
        places.append(max(_WHOLE, end - _BLOCK) & ~1)
    for place in places:
        file.seek(place)
        yield file.read(_BLOCK)


def _is_wide_text(block: bytes, encoding: str) -> bool:
    """A surrogate pair may lie across two blocks: the decoder is allowed an unfinished end, and a cut beginning."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for cut in (0, 2):
        decoder.reset()
        try:
            text = decoder.decode(block[cut:])
        except UnicodeDecodeError:
            continue
        return len(text.translate(_WIDE_CONTROLS)) == len(text)
    return False
