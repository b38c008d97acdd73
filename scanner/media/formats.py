"""What a file is, by its content and never by its name: a table of magic numbers and a few short, bounded walks.

The walks are the ones a name depends on: brands and tracks of ISO base media, DNG inside TIFF, what follows an ID3 tag,
what a text is, and whether it is text to its end. Nothing is decoded here.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Literal

from scanner.media.targa import is_tga
from scanner.media.text import is_text, text_head
from scanner.media.written import written
from scanner.model import MediaKind

_HEAD = 4096
_RUN_IN = 65536  # SMPTE ST 377-1, 5.4: the run-in of an MXF file is shorter than 64 KiB
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
_MXF_PARTITION = bytes.fromhex("060e2b34020501010d0102")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """The name of a file format, and the kind of media that a file of it holds."""

    name: str
    kind: MediaKind


_NAMES = {
    MediaKind.STILL: "jpeg png tiff webp gif psd exr dpx heif avif jxl dng bmp jp2 tga",
    MediaKind.VIDEO: "mp4 mov mxf matroska webm avi mpegts",
    MediaKind.SOUND: "m4a wav aiff flac mp3 ogg aac",
    MediaKind.OTHER: "svg pdf c2pa zip gzip bzip2 xz tar rar 7z zstd text empty unknown"
    " edl ale otio fcpxml xmeml aaf provenance-log xmp",
}
KINDS: Mapping[str, MediaKind] = MappingProxyType(
    {name: kind for kind, names in _NAMES.items() for name in names.split()}
)

# What holds files or pictures of its own that are looked at one by one.
CONTAINERS = frozenset({"zip", "tar", "gzip", "bzip2", "xz", "pdf", "psd"})

# What has no picture or sound of its own, but names and statements: timelines, logs of how things were made, sidecars.
NAMING = frozenset({"edl", "ale", "otio", "fcpxml", "xmeml", "aaf", "provenance-log", "xmp"})

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    # A manifest store in a file of its own: a JUMBF superbox of C2PA's type (C2PA 2.2, 11.1.4.2).
    (12, b"jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71", "c2pa"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"8BPS", "psd"),
    (0, b"\x76\x2f\x31\x01", "exr"),
    (0, b"SDPX", "dpx"),
    (0, b"XPDS", "dpx"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (0, b"\xff\x0a", "jxl"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (0, b"\xff\x4f\xff\x51", "jp2"),
    (0, _MXF_PARTITION, "mxf"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"ADIF", "aac"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"PK\x07\x08", "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (4, b"1AY&SY", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (257, b"ustar", "tar"),
    # A compound file whose class says AAF (AAF Low-Level Container 1.0.1): with sectors of 512 bytes, or of 4 KiB.
    (0, _COMPOUND + b"AAFB\r\0OM\x06\x0e+4\x01\x01\x01\xff", "aaf"),
    (0, _COMPOUND + bytes.fromhex("0102010d00020000060e2b3403020101"), "aaf"),
)
_FORMS = {
    **dict.fromkeys(((b"RIFF", b"WAVE"), (b"RIFX", b"WAVE"), (b"RF64", b"WAVE"), (b"BW64", b"WAVE")), "wav"),
    **dict.fromkeys(((b"FORM", b"AIFF"), (b"FORM", b"AIFC")), "aiff"),
    (b"RIFF", b"WEBP"): "webp",
    (b"RIFF", b"AVI "): "avi",
}
_OGG_PICTURE = (b"\x80theora", b"BBCD\0", b"OVP80", b"\x80daala")
_AVIF = frozenset({b"avif", b"avis"})
_HEIF = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"})
_M4A = frozenset({b"M4A ", b"M4B ", b"M4P "})
_BARE_MOV = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_FIRST_BOXES = _BARE_MOV | {b"ftyp", b"styp"}
_DIB_SIZES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})


def sniff(path: Path) -> Format:
    """The format of a regular file. Raises OSError if it cannot be opened, or is a link, device, FIFO or folder."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            msg = f"not a regular file: {str(path)!r}"
            raise OSError(msg)
        return sniff_open(file)


def sniff_open(file: BinaryIO) -> Format:
    """The format of an open, seekable file; where it is left standing afterwards is not defined. Raises OSError."""
    head = _read_at(file, 0, _HEAD)
    if not head:
        return _format("empty")
    name = _by_magic(head) or _form(head)
    if name is not None:
        return _refined(file, head, name)
    return _boxed(file, head) or _format(_by_search(file, head))


def _format(name: str) -> Format:
    return Format(name=name, kind=KINDS[name])


def _by_magic(head: bytes) -> str | None:
    return next((name for at, magic, name in _MAGIC if head.startswith(magic, at)), None)


def _form(head: bytes) -> str | None:
    return _FORMS.get((head[:4], head[8:12]))


def _refined(file: BinaryIO, head: bytes, name: str) -> Format:
    """A magic number that several formats share, looked at once more."""
    if name == "tiff" and _is_dng(file, head):
        return _format("dng")
    if name == "matroska" and _doc_type(head) == b"webm":
        return _format("webm")
    if name == "ogg" and any(mark in head for mark in _OGG_PICTURE):
        return Format(name="ogg", kind=MediaKind.VIDEO)
    return _format(name)


def _by_search(file: BinaryIO, head: bytes) -> str:
    """What has no magic number at a fixed place."""
    if head.startswith(b"ID3"):
        return _after_id3(file, head)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return "pdf"
    if is_text(file):
        return written(text_head(file))
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if _is_bmp(head):
        return "bmp"
    return _by_walking(file, head) or _sound_frames(head) or _run_in(file)


def _by_walking(file: BinaryIO, head: bytes) -> str | None:
    """What is only known by numbers in it that have to agree."""
    if _is_old_tar(head):
        return "tar"
    # Before transport streams: one even grey may look like their sync bytes.
    if is_tga(file, head):
        return "tga"
    return "mpegts" if _is_transport_stream(head) else None


def _run_in(file: BinaryIO) -> str:
    """`mxf` if a partition key begins in the first 64 KiB."""
    found = _MXF_PARTITION in _read_at(file, 0, _RUN_IN - 1 + len(_MXF_PARTITION))
    return "mxf" if found else "unknown"


def _boxed(file: BinaryIO, head: bytes) -> Format | None:
    """ISO base media and QuickTime, by brand; a picture track outweighs a brand that says sound or still."""
    size, kind = int.from_bytes(head[:4], "big"), head[4:8]
    if kind not in _FIRST_BOXES or 1 < size < 8:
        return None
    brands = _brands(file)
    if not brands:
        return _format("mp4" if kind == b"styp" else "mov")
    name = _branded(brands)
    if KINDS[name] is not MediaKind.VIDEO and _has_video_track(file):
        name = "mp4"
    return _format(name)


def _branded(brands: tuple[bytes, ...]) -> str:
    """By the major brand; a still's brand also counts among the compatible ones, unless QuickTime comes first."""
    major, named = brands[0], frozenset(brands)
    if major == b"qt  ":
        return "mov"
    if named & _AVIF:
        return "avif"
    if named & _HEIF:
        return "heif"
    return "m4a" if major in _M4A else "mp4"


def _brands(file: BinaryIO) -> tuple[bytes, ...]:
    """Major brand first, then the compatible ones; nothing if there is no `ftyp` among the first boxes."""
    for kind, start, end in _boxes(file, 0, _end(file), most=8):
        if kind == b"ftyp":
            body = _read_at(file, start, min(end - start, 1024))
            return (body[:4], *(body[at : at + 4] for at in range(8, len(body) - 3, 4)))
    return ()


def _has_video_track(file: BinaryIO) -> bool:
    return any(
        kind == b"hdlr" and _read_at(file, start + 8, 4) == b"vide"
        for _, moov, moov_end in _named(_boxes(file, 0, _end(file)), b"moov")
        for _, trak, trak_end in _named(_boxes(file, moov, moov_end), b"trak")
        for _, mdia, mdia_end in _named(_boxes(file, trak, trak_end), b"mdia")
        for kind, start, _ in _boxes(file, mdia, mdia_end, most=16)
    )


def _named(boxes: Iterator[tuple[bytes, int, int]], kind: bytes) -> Iterator[tuple[bytes, int, int]]:
    return (box for box in boxes if box[0] == kind)


def _boxes(file: BinaryIO, at: int, end: int, *, most: int = 256) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of the body of each box from `at`; stops at the first that makes no sense."""
    for _ in range(most):
        if at >= end:
            return
        header = _read_at(file, at, 16)
        size, kind, body = int.from_bytes(header[:4], "big"), header[4:8], 8
        if size == 1:
            size, body = int.from_bytes(header[8:16], "big"), 16
        if size == 0:
            size = end - at
        if len(header) < body or size < body or at + body > end:
            return
        yield kind, at + body, min(at + size, end)
        at += size


def _is_dng(file: BinaryIO, head: bytes) -> bool:
    """DNGVersion (tag 50706) in the first directory. DNG 1.7, DNGVersion: required in IFD 0."""
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    if int.from_bytes(head[2:4], order) != 42:
        return False
    at = int.from_bytes(head[4:8], order)
    count = int.from_bytes(_read_at(file, at, 2), order)
    entries = _read_at(file, at + 2, 12 * min(count, 512))
    tag = (50706).to_bytes(2, order)
    return any(entries[place : place + 2] == tag for place in range(0, len(entries), 12))


def _doc_type(head: bytes) -> bytes:
    """DocType (EBML element 0x4282) of a Matroska header: one byte of length follows the id."""
    at = head.find(b"\x42\x82")
    if at < 0 or at + 3 > len(head):
        return b""
    length = head[at + 2] & 0x7F
    return head[at + 3 : at + 3 + length].rstrip(b"\0")


def _after_id3(file: BinaryIO, head: bytes) -> str:
    """FLAC and AAC may stand behind an ID3v2 tag; all else there is MP3. The tag's size is four 7-bit bytes."""
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    after = _read_at(file, 10 + size, 16)
    if after.startswith(b"fLaC"):
        return "flac"
    return "aac" if _is_adts(after) else "mp3"


def _is_adts(head: bytes) -> bool:
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def _sound_frames(head: bytes) -> str | None:
    """Bare AAC (ADTS) or MPEG sound: two frame headers in a row, the second where the first one says."""
    if _is_adts(head) and len(head) > 6:
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        return "aac" if _is_adts(head[length : length + 2]) or length == len(head) else None
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        follows = head.find(head[:2], 4)
        legal = head[1] & 0x18 != 0x08 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
        return "mp3" if legal and follows > 0 else None
    return None


def _is_bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and head[6:10] == bytes(4) and int.from_bytes(head[14:18], "little") in _DIB_SIZES


def _is_old_tar(head: bytes) -> bool:
    """A TAR from before it had a magic number: the header's checksum, which counts itself as blanks (tar(5))."""
    if len(head) < 512 or not head[0]:
        return False
    told = head[148:156].strip(b" \0")
    return told.isdigit() and int(told, 10) == int(f"{sum(head[:148]) + sum(head[156:512]) + 8 * 32:o}")


def _is_transport_stream(head: bytes) -> bool:
    """Five sync bytes at one distance: bare packets, with time stamps (192) or with parity (204)."""
    return any(
        head[first : first + 4 * size + 1 : size] == b"G" * 5
        for size in (188, 192, 204)
        for first in range(size)
        if len(head) > first + 4 * size
    )


def _read_at(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)


def _end(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)
