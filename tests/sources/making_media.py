"""Small files of our own making in the containers that Pillow and PyAV do not write, or not with these labels."""

import struct
import zlib

import brotli

from .making import box, jpeg

FILE_TYPE = box(b"ftyp", b"isom\0\0\0\0isom")


def syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(*frames: tuple[str, bytes], version: int = 4) -> bytes:
    """An ID3v2 tag; the names have three letters in version 2.2, four later."""
    body = b""
    for name, content in frames:
        if version == 2:
            body += name.encode() + len(content).to_bytes(3, "big") + content
        else:
            size = syncsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
            body += name.encode() + size + b"\0\0" + content
    return b"ID3" + bytes([version, 0, 0]) + syncsafe(len(body)) + body


def ape(key: str, value: str) -> bytes:
    item = struct.pack("<II", len(value), 0) + key.encode() + b"\0" + value.encode()
    return b"\xff\xfb" + item + b"APETAGEX" + struct.pack("<IIII8x", 2000, len(item) + 32, 1, 0)


def flac(*blocks: tuple[int, bytes]) -> bytes:
    """The metadata blocks of a FLAC file, by number and content; the last one says so."""
    parts = [
        bytes([kind | (0x80 if number == len(blocks) - 1 else 0)]) + len(body).to_bytes(3, "big") + body
        for number, (kind, body) in enumerate(blocks)
    ]
    return b"fLaC" + b"".join(parts)


def comments(**fields: str) -> bytes:
    """A block of Vorbis comments."""
    lines = [f"{key}={value}".encode() for key, value in fields.items()]
    body = b"".join(struct.pack("<I", len(line)) + line for line in lines)
    return struct.pack("<I", 4) + b"test" + struct.pack("<I", len(lines)) + body


def ogg(*packets: bytes) -> bytes:
    """An Ogg stream with one packet on each page, or on as many as it needs."""
    pages = b""
    for packet in packets:
        table = [255] * (len(packet) // 255) + [len(packet) % 255]
        at = 0
        for start in range(0, len(table), 255):
            part = table[start : start + 255]
            body = packet[at : at + sum(part)]
            at += sum(part)
            pages += b"OggS" + bytes(10) + b"\1\0\0\0" + bytes(8) + bytes([len(part)]) + bytes(part) + body
    return pages


def aiff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(kind + struct.pack(">I", len(raw)) + raw + b"\0" * (len(raw) & 1) for kind, raw in chunks)
    return b"FORM" + struct.pack(">I", len(body) + 4) + b"AIFF" + body


def avi(*chunks: tuple[bytes, bytes], info: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """An AVI with frames that are none, these chunks after them, and these of its INFO list."""

    def chunk(kind: bytes, raw: bytes) -> bytes:
        return kind + struct.pack("<I", len(raw)) + raw + b"\0" * (len(raw) & 1)

    body = b"AVI " + chunk(b"LIST", b"movi" + chunk(b"00dc", bytes(100)))
    if info:
        body += chunk(b"LIST", b"INFO" + b"".join(chunk(*item) for item in info))
    body += b"".join(chunk(*item) for item in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def element(number: int, body: bytes, *, unknown_size: bool = False) -> bytes:
    """An EBML element."""
    size = b"\xff" if unknown_size else b"\x08" + len(body).to_bytes(4, "big")
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + size + body


def matroska(*elements: bytes, unknown_size: bool = False) -> bytes:
    """A segment with a cluster and these elements after it."""
    cluster = element(0x1F43B675, element(0xA3, bytes(1000)), unknown_size=unknown_size)
    segment = element(0x18538067, cluster + b"".join(elements), unknown_size=unknown_size)
    return element(0x1A45DFA3, element(0x4282, b"matroska")) + segment


def simple_tag(name: str, value: str, inside: bytes = b"") -> bytes:
    return element(0x67C8, element(0x45A3, name.encode()) + element(0x4487, value.encode()) + inside)


def matroska_tags(*tags: bytes) -> bytes:
    return element(0x1254C367, element(0x7373, b"".join(tags)))


def attachment(content: bytes) -> bytes:
    return element(0x1941A469, element(0x61A7, element(0x466E, b"a.xmp") + element(0x465C, content)))


def flv(*fields: tuple[str, str], after: int = 0) -> bytes:
    """A Flash video whose `onMetaData` has these strings, after so many video tags."""
    array = b"".join(
        struct.pack(">H", len(key)) + key.encode() + b"\2" + struct.pack(">H", len(value.encode())) + value.encode()
        for key, value in fields
    )
    script = b"\2\0\x0aonMetaData\x08" + struct.pack(">I", len(fields)) + array + b"\0\0\x09"

    def tag(kind: int, body: bytes) -> bytes:
        return bytes([kind]) + len(body).to_bytes(3, "big") + bytes(7) + body + struct.pack(">I", len(body) + 11)

    return b"FLV\1\5\0\0\0\x09\0\0\0\0" + tag(9, bytes(50)) * after + tag(18, script)


def iim(*fields: tuple[int, str]) -> bytes:
    """IPTC-IIM fields of record 2."""
    return b"".join(
        b"\x1c\2" + bytes([number]) + struct.pack(">H", len(value.encode())) + value.encode()
        for number, value in fields
    )


def resource(number: int, content: bytes) -> bytes:
    """A Photoshop image resource without a name."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(content)) + content + b"\0" * (len(content) & 1)


def photoshop(*resources: bytes, version: int = 1) -> bytes:
    """The head of a PSD, or of a PSB (version 2), with these image resources."""
    body = b"".join(resources)
    head = b"8BPS" + struct.pack(">H6xHIIHH", version, 1, 1, 1, 8, 1)
    return head + struct.pack(">I", 0) + struct.pack(">I", len(body)) + body


def jpeg_of_two(second: bytes) -> bytes:
    """A JPEG whose multi-picture index says where a second one begins. CIPA DC-007, 5.2."""
    table = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0xB002, 7, 32, 26) + bytes(4)
    first = jpeg((0xE2, b"MPF\0" + table + bytes(32)))
    start = first.index(b"MPF\0") + 4
    entries = struct.pack("<IIIHH", 0x030000, len(first), 0, 0, 0)
    entries += struct.pack("<IIIHH", 0, len(second), len(first) - start, 0, 0)
    return jpeg((0xE2, b"MPF\0" + table + entries)) + second


def heif(kind: bytes, content: bytes, *, strings: bytes = b"", in_idat: bool = False) -> bytes:
    """An HEIF with one metadata item in two extents, after the picture's data or in the `idat` box."""

    def made(offset: int) -> bytes:
        half = len(content) // 2
        places = struct.pack(">HHHHIIII", 1, int(in_idat), 0, 2, offset, half, offset + half, len(content) - half)
        iloc = box(b"iloc", b"\1\0\0\0" + b"\x44\0" + struct.pack(">H", 1) + places)
        infe = box(b"infe", b"\2\0\0\0" + struct.pack(">HH", 1, 0) + kind + b"\0" + strings)
        iinf = box(b"iinf", bytes(4) + struct.pack(">H", 1) + infe)
        idat = box(b"idat", content) if in_idat else b""
        head = box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(
            b"meta", bytes(4) + box(b"hdlr", bytes(24)) + iinf + iloc + idat
        )
        return head + box(b"mdat", bytes(40)) + b"" if in_idat else head + box(b"mdat", bytes(40) + content)

    return made(0 if in_idat else len(made(0)) - len(content))


def jxl_packed(kind: bytes, content: bytes) -> bytes:
    return b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"brob", kind + brotli.compress(content))


def meta_items(*items: tuple[str, str], handler: bytes = b"mdta") -> bytes:
    """A `meta` box with keys and the values under their numbers."""
    names = b"".join(box(b"mdta", key.encode()) for key, _ in items)
    keys = box(b"keys", bytes(4) + struct.pack(">I", len(items)) + names)
    values = b"".join(box(struct.pack(">I", n + 1), data(value)) for n, (_, value) in enumerate(items))
    return box(b"meta", bytes(4) + box(b"hdlr", bytes(8) + handler + bytes(13)) + keys + box(b"ilst", values))


def keyless_item(kind: bytes, value: str, *, in_data: bool = True) -> bytes:
    """A `meta` box without keys: iTunes's list, and what some apps make of it."""
    item = box(kind, data(value) if in_data else value.encode())
    return box(b"meta", bytes(4) + box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9)) + box(b"ilst", item))


def freeform_item(name: str, value: str) -> bytes:
    inside = box(b"mean", bytes(4) + b"com.apple.iTunes") + box(b"name", bytes(4) + name.encode()) + data(value)
    return box(b"meta", bytes(4) + box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9)) + box(b"ilst", box(b"----", inside)))


def data(value: str) -> bytes:
    return box(b"data", struct.pack(">II", 1, 0) + value.encode())


def klv(key: str, body: bytes) -> bytes:
    return bytes.fromhex("060e2b34" + key) + b"\x83" + len(body).to_bytes(3, "big") + body


def partition(kind: int, metadata: bytes = b"", *, footer: int = 0, this: int = 0) -> bytes:
    """An MXF partition pack and the metadata after it."""
    numbers = struct.pack(">HHIQQQQQ", 1, 3, 1, this, 0, footer, len(metadata), 0)
    return klv(f"020501010d01020101{kind:02x}0400", numbers + bytes(32)) + metadata


ESSENCE = klv("010201010d01030115010500", bytes(3000))


def local_set(*tags: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in tags)
    return klv("025301010d01010101012300", body)


def mxf(*, header: bytes = b"", stream: bytes = b"", footer: bytes = b"") -> bytes:
    """An MXF with metadata in header and footer, and a generic stream between the essence and the footer."""
    head = partition(2, header)
    middle = ESSENCE + (partition(3) + klv("0101010c0d01050901000000", stream) if stream else b"")
    at = len(head) + len(middle)
    whole = partition(2, header, footer=at) + middle + partition(4, footer, this=at)
    places = [(1, 0), (2, len(head) + len(ESSENCE)), (0, at)] if stream else [(1, 0), (0, at)]
    index = b"".join(struct.pack(">IQ", *place) for place in places)
    return whole + klv("020501010d01020101110100", index + struct.pack(">I", len(index) + 24))


def pdf(packet: bytes, *, packed: bool = True, filter_name: bytes = b"/FlateDecode") -> bytes:
    body = zlib.compress(packet) if packed else packet
    head = (
        b"<</Type/Metadata/Subtype/XML/Length %d" % len(body) + (b"/Filter " + filter_name if packed else b"") + b">>"
    )
    catalogue = b"1 0 obj\n<</Type/Catalog/Metadata 2 0 R>>\nendobj\n"
    return b"%PDF-1.7\n" + catalogue + b"2 0 obj\n" + head + b"\nstream\n" + body + b"\nendstream\nendobj\n"


def exr(*attributes: tuple[str, str, bytes], multipart: bool = False) -> bytes:
    """OpenEXR headers: of two parts, the first empty but for its name, where there are several."""

    def header(*fields: tuple[str, str, bytes]) -> bytes:
        return b"".join(
            name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value
            for name, kind, value in fields
        )

    if not multipart:
        return b"\x76\x2f\x31\x01\2\0\0\0" + header(*attributes) + b"\0" + bytes(range(1, 200))
    first = header(("name", "string", b"left"))
    return b"\x76\x2f\x31\x01\2\x10\0\0" + first + b"\0" + header(*attributes) + b"\0\0"


def dpx(*, project: str = "", user_data: bytes = b"", little: bool = False) -> bytes:
    order = "<" if little else ">"
    head = bytearray(b"\xff" * 2080)
    head[:4] = b"XPDS" if little else b"SDPX"
    head[32:36] = struct.pack(order + "I", 32 + len(user_data))
    head[260:460] = project.encode().ljust(200, b"\0")
    return bytes(head) + user_data + bytes(100)
