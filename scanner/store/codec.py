"""Domain values to JSON text and back, exactly; time stamps to blobs and back; the names of fingerprints.

JSON text may hold what a database refuses (lone surrogates): the `Document` column type makes it safe.
"""

import hashlib
import json
import struct
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from scanner.model import FeatureFrame, PictureCodes, PictureFeatures


@lru_cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def as_json(kind: Any, value: object) -> str:
    """The value as JSON text. Characters are kept as they are, so that file names of any bytes survive."""
    plain = _adapter(kind).dump_python(value, mode="json")
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def from_json(kind: Any, text: str) -> Any:
    """The value that `as_json` was given. Raises ValueError when the text is not of this kind."""
    return _adapter(kind).validate_python(json.loads(text))


def ticks_as_bytes(pts: tuple[int, ...]) -> bytes:
    """Time stamps as signed 64-bit little-endian integers."""
    return struct.pack(f"<{len(pts)}q", *pts)


def ticks_from_bytes(blob: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(blob) // 8}q", blob)


def digest(codes: PictureCodes) -> str:
    """SHA-256 that names exactly these codes: their algorithm, clock, time stamps, codes, qualities and views."""
    head = as_json(list[str], [codes.algorithm, str(codes.version), str(codes.time_base), str(len(codes.pts))])
    parts = (head.encode("utf-8", "surrogatepass"), ticks_as_bytes(codes.pts), codes.codes, codes.quality, codes.views)
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def features_digest(features: PictureFeatures) -> str:
    """SHA-256 that names exactly these local features: their algorithm, clock and every byte of every frame."""
    head = [features.algorithm, str(features.version), str(features.time_base), str(len(features.frames))]
    told = hashlib.sha256(as_json(list[str], head).encode("utf-8", "surrogatepass"))
    for frame in features.frames:
        told.update(_frame_digest(frame))
    return told.hexdigest()


def _frame_digest(frame: FeatureFrame) -> bytes:
    numbers = struct.pack("<3q", frame.pts, frame.width, frame.height)
    parts = (numbers, frame.descriptors, frame.points, frame.grey)
    return b"".join(hashlib.sha256(part).digest() for part in parts)
