"""Checksums as manifests write them, and what the bytes must be for them."""

import re
from base64 import b64encode
from dataclasses import dataclass
from enum import Enum

from scanner.intake.hashing import ALGORITHMS, c4

_LONGEST = 200
_PLAIN = re.compile(r"[^a-z0-9]")
_DIGITS = re.compile(r"[0-9]{1,20}")
SIZE = "size"


class Form(Enum):
    """How the bytes of a checksum are written. Little: the hexadecimal digits of the bytes in reverse."""

    HEX = "hex"
    LITTLE = "little"
    DECIMAL = "decimal"
    BASE64 = "base64"
    C4 = "c4"


@dataclass(frozen=True, slots=True)
class Sum:
    """A checksum that a manifest gives for a file. `failed`: as it was found where a check of the file failed.

    `algorithm` is one of `ALGORITHMS`, or what the manifest calls it where nobody here knows it.
    """

    algorithm: str
    written: str
    form: Form = Form.HEX
    failed: bool = False

    @property
    def is_known(self) -> bool:
        return self.algorithm in ALGORITHMS

    def shown(self, digest: bytes) -> str:
        """These bytes, written as this checksum is."""
        match self.form:
            case Form.HEX:
                return digest.hex()
            case Form.LITTLE:
                return digest[::-1].hex()
            case Form.DECIMAL:
                return str(int.from_bytes(digest, "big"))
            case Form.BASE64:
                return b64encode(digest).decode("ascii")
            case Form.C4:
                return c4(digest)


# Old MHL writes XXH32 in decimal digits, and XXH64 either way round (mhl-tool of Pomfort, hashing.c).
_TAGS = {
    "xxhash": ("xxh32", Form.DECIMAL),
    "xxhash32": ("xxh32", Form.DECIMAL),
    "xxhash64": ("xxh64", Form.LITTLE),
    "xxhash64be": ("xxh64", Form.HEX),
    "xxh64be": ("xxh64", Form.HEX),
    "xxh64le": ("xxh64", Form.LITTLE),
    "xxh32le": ("xxh32", Form.LITTLE),
    "xxh128le": ("xxh128", Form.LITTLE),
    "xxh3le": ("xxh3", Form.LITTLE),
    "xxh364": ("xxh3", Form.HEX),
    "xxh3128": ("xxh128", Form.HEX),
    "xxhash128": ("xxh128", Form.HEX),
    "c4": ("c4", Form.C4),
    **{f"sha2{bits}": (f"sha{bits}", Form.HEX) for bits in (224, 256, 384, 512)},
    "blake2": ("blake2b", Form.HEX),
    "blake2b512": ("blake2b", Form.HEX),
    "blake2s256": ("blake2s", Form.HEX),
}


def sum_of(name: str, written: str, *, base64: bool = False, failed: bool = False) -> Sum:
    """The checksum that a manifest calls `name`, in whatever spelling."""
    plain = _PLAIN.sub("", name.lower())
    algorithm, form = _TAGS.get(plain, (plain, Form.HEX))
    if base64:
        form = Form.BASE64
    written = written[:_LONGEST] if written.isalnum() else "".join(written.split())[:_LONGEST]
    if form is Form.DECIMAL:
        # Ten digits with zeros in front; who does not keep to that writes eight hexadecimal ones.
        form = Form.DECIMAL if _DIGITS.fullmatch(written) and len(written) > 8 else Form.HEX
        written = str(int(written)) if form is Form.DECIMAL else written
    if form in (Form.HEX, Form.LITTLE):
        written = written.lower()
    return Sum(algorithm if algorithm in ALGORITHMS else name[:_LONGEST], written, form, failed)
