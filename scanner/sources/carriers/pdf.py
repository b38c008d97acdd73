"""PDF: XMP streams, also deflated ones, and the texts of the information dictionary. Objects are not resolved."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers.bounds import CHUNK_LIMIT, Skipped, Text, inflated, windows
from scanner.sources.clean import decoded

_WINDOW = 32 << 20
_STREAM_LIMIT = 10_000
_DICTIONARY_LIMIT = 4096
_DEFLATED = re.compile(rb"/Filter\s*\[?\s*/(?:FlateDecode|Fl)\b")
_STREAM = re.compile(rb"stream\r?\n")
_INFO = re.compile(
    rb"/(Title|Author|Subject|Keywords|Creator|Producer)\s*"
    rb"(\((?:[^\\()]|\\.){0,4000}\)|<[0-9A-Fa-f\s]{0,8000}>)",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_KEYS = {b"Title": "title", b"Author": "artist", b"Keywords": "keywords", b"Subject": "description"}


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """The metadata streams, plain or deflated; what else is there of them is skipped."""
    for window in windows(stream, _WINDOW):
        at = window.find(b"/Metadata")
        for _ in range(_STREAM_LIMIT):
            if at < 0:
                break
            if begin := _STREAM.search(window, at, at + _DICTIONARY_LIMIT):
                yield from _stream(window, at, begin)
            at = window.find(b"/Metadata", at + 1)


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Title, author, subject, keywords, creator and producer of every information dictionary that stands plain."""
    for window in windows(stream, _WINDOW):
        for number, match in enumerate(_INFO.finditer(window)):
            if number >= _STREAM_LIMIT:
                return
            name = match[1]
            yield Text(place="PDF", key=_KEYS.get(name, name.decode("ascii")), value=_string(match[2]))


def _stream(window: bytes, at: int, begin: re.Match[bytes]) -> Iterator[bytes | Skipped]:
    # The dictionary starts with its object's number; `/Metadata 5 0 R` in another object is only a pointer.
    start = max(window.rfind(b" obj", max(at - _DICTIONARY_LIMIT, 0), at), 0)
    dictionary = window[start : begin.start()]
    if b"endobj" in dictionary or b"/XML" not in dictionary:
        return
    end = window.find(b"endstream", begin.end())
    raw = window[begin.end() : end if end >= 0 else begin.end() + CHUNK_LIMIT]
    plain = inflated(raw, "the PDF's XMP") if _DEFLATED.search(dictionary) else raw
    readable = isinstance(plain, Skipped) or b"<" in plain[:_DICTIONARY_LIMIT]
    yield plain if readable else Skipped(what="the PDF's XMP is encrypted, damaged or packed in a way that is not read")


def _string(raw: bytes) -> str:
    if raw.startswith(b"<"):
        digits = b"".join(raw[1:-1].split())
        return decoded(bytes.fromhex((digits + b"0" * (len(digits) & 1)).decode("ascii")))
    return decoded(_ESCAPED.sub(_unescaped, raw[1:-1]))


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 255]) if code.isdigit() and code[:1] < b"8" else _LETTERS.get(code, code)
