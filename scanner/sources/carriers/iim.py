"""IPTC-IIM: the news agencies' fields of a picture, in JPEG (APP13), TIFF (tag 33723) and Photoshop files."""

from collections.abc import Iterator

from scanner.sources.carriers.bounds import Text
from scanner.sources.clean import decoded

_PLACE = "IPTC"
_FIELD_LIMIT = 10_000
# Dataset numbers of record 2, IIM 4.2.
_NAMES = {
    5: "Object Name",
    15: "Category",
    25: "Keywords",
    40: "Special Instructions",
    65: "Originating Program",
    80: "By-line",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "Copyright Notice",
    120: "Caption",
    122: "Caption Writer",
}


def texts(raw: bytes) -> Iterator[Text]:
    """Every named field. Some TIFF writers swap its bytes by fours: undone where that gives the mark it begins with."""
    if raw[:1] != b"\x1c" and raw[3:4] == b"\x1c":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    at = 0
    for _ in range(_FIELD_LIMIT):
        if raw[at : at + 1] != b"\x1c" or at + 5 > len(raw):
            return
        record, number = raw[at + 1], raw[at + 2]
        size, at = int.from_bytes(raw[at + 3 : at + 5], "big"), at + 5
        if size & 0x8000:  # the length's own length
            width = size & 0x7FFF
            size, at = int.from_bytes(raw[at : at + min(width, 8)], "big"), at + width
        if record == 2 and (name := _NAMES.get(number)):
            yield Text(place=_PLACE, key=name, value=decoded(raw[at : at + size]).strip("\0 "))
        at += size
