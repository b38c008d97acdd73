"""Provenance records as an import file states them (guidelines 6.2), read strictly, with all that is wrong in them.

Also how times, ids, hashes and words are written wherever people enter them. What the register says is not asked here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import TypeVar

import imagehash
import numpy as np

from scanner.fingerprint.names import ALGORITHM, VERSION
from scanner.intake.sheets import Columns, Row, clipped, read_sheet
from scanner.model import PictureCodes, Use

Word = TypeVar("Word", bound=StrEnum)

RECORD_COLUMNS = (
    *("title", "tool", "tool_version", "use", "path", "sha256", "phash"),
    *("shot", "vendor", "note", "record_id", "created_at"),
)
_LONGEST_ID = 120
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
# Half of a perceptual hash's 256 bits are above the median; a plain picture has ties there, and far fewer.
_LIKELY_BITS = range(100, 157)
_BEST_QUALITY = 100
_MILLISECONDS = Fraction(1, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm:
    """One row: a record to be; its media by path below the import file, or hash and fingerprint in their place."""

    place: str
    title: str
    tool: str
    tool_version: str | None
    use: Use
    shot: str | None
    vendor: str | None
    note: str | None
    record_id: str | None
    created_at: datetime | None
    path: Path | None
    sha256: str | None
    codes: PictureCodes | None


def record_forms(file: Path, *, title: str | None = None) -> tuple[RecordForm, ...]:
    """The rows of an import file; `title` is for rows that name none. Raises RegisterInputError with all problems."""
    needed = ("tool", "use") if title else ("title", "tool", "use")
    sheet = read_sheet(file, Columns(known=RECORD_COLUMNS, needed=needed))
    folder = file.absolute().parent
    forms = [_record_form(row, folder, title) for row in sheet.rows]
    first: dict[str, RecordForm] = {}
    for row, form in zip(sheet.rows, forms, strict=True):
        if form.record_id and first.setdefault(form.record_id, form) is not form:
            row.wrong("record_id", f"{clipped(form.record_id)} is that of {first[form.record_id].place} already")
    sheet.check()
    return tuple(forms)


def _record_form(row: Row, folder: Path, title: str | None) -> RecordForm:
    row.needed("use")
    return RecordForm(
        place=row.place,
        title=row.needed("title", title),
        tool=row.needed("tool"),
        tool_version=row.text("tool_version"),
        use=row.parsed("use", word(Use, besides=(Use.KNOWN_GOOD,)))
        or Use.TEMPORARY,  # whatever it is, the row is refused
        shot=row.text("shot"),
        vendor=row.text("vendor"),
        note=row.text("note"),
        record_id=row.parsed("record_id", identifier),
        created_at=row.parsed("created_at", moment),
        path=_path(row, folder),
        sha256=row.parsed("sha256", sha256),
        codes=row.parsed("phash", picture_hash),
    )


def _path(row: Row, folder: Path) -> Path | None:
    """The media of a row; a row has either media or hashes that stand for them."""
    hashed = row.text("sha256") or row.text("phash")
    if row.text("path") and hashed:
        row.wrong("path", "give the media, or sha256 and phash in their place, not both")
    elif not row.text("path") and not hashed:
        row.wrong("path", "this is missing; without media, give sha256 or phash")
    return row.parsed("path", lambda text: _below(folder, text))


def _below(folder: Path, text: str) -> Path:
    """The path below the import file's folder. Raises ValueError for any other, links that lead out included."""
    name = PurePosixPath(text)
    if name.is_absolute() or ".." in name.parts or "\0" in text:
        msg = f"{clipped(text)} must be below the folder of the import file, and written relative to it"
        raise ValueError(msg)
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError) as error:
        msg = f"{clipped(text)} leads nowhere: {error}"
        raise ValueError(msg) from error
    if not inside:
        msg = f"{clipped(text)} leads out of the folder of the import file"
        raise ValueError(msg)
    return path


def word(kind: type[Word], *, besides: tuple[Word, ...] = ()) -> Callable[[str], Word]:
    """A parser of a closed set of words, but for some. It raises ValueError naming them, and the nearest."""
    words = [each.value for each in kind if each not in besides]

    def parse(text: str) -> Word:
        try:
            return kind(words[words.index(text.lower())])
        except ValueError:
            near = get_close_matches(text.lower(), words, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            msg = f"{clipped(text)} is not one of {', '.join(words)}{hint}"
            raise ValueError(msg) from None

    return parse


def identifier(text: str) -> str:
    """An id of the user's own. Raises ValueError for one that could not be typed, printed or listed safely."""
    text = text.strip()
    if not text or not text.isprintable() or text.startswith("-") or "|" in text or len(text) > _LONGEST_ID:
        msg = f"{clipped(text)} is no id: up to {_LONGEST_ID} printable characters, none of them |, and no - in front"
        raise ValueError(msg)
    return text


def moment(text: str) -> datetime:
    """A day (`2026-11-22`, its beginning in UTC) or a time with its zone. Raises ValueError."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None and not _DAY.fullmatch(text):
            msg = f"{clipped(text)} has no time zone: add Z, or an offset like +01:00"
            raise _NoZoneError(msg)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except _NoZoneError:
        raise
    except (ValueError, OverflowError):
        msg = f"{clipped(text)} is not a day like 2026-11-22 or a time like 2026-11-22T18:00+01:00"
        raise ValueError(msg) from None


class _NoZoneError(ValueError):
    pass


def end_moment(text: str) -> datetime:
    """The first moment after a validity: the end of a plain day (UTC), or the very time. Raises ValueError."""
    at = moment(text)
    try:
        return at + timedelta(days=1) if _DAY.fullmatch(text) else at
    except OverflowError:
        msg = f"{clipped(text)} is too late to be counted"
        raise ValueError(msg) from None


def sha256(text: str) -> str:
    """A SHA-256 in lower case. Raises ValueError."""
    if not _HASH.fullmatch(text):
        msg = f"{clipped(text)} is not a SHA-256: 64 hexadecimal digits, as sha256sum prints them"
        raise ValueError(msg)
    return text.lower()


def picture_hash(text: str) -> PictureCodes:
    """One frame's fingerprint, as `str(imagehash.phash(image, hash_size=16))` prints it. Raises ValueError."""
    if not _HASH.fullmatch(text):
        msg = f"{clipped(text)} is not a fingerprint: 64 hexadecimal digits, of imagehash.phash(image, hash_size=16)"
        raise ValueError(msg)
    bits = imagehash.hex_to_hash(text).hash
    if int(bits.sum()) not in _LIKELY_BITS:
        msg = f"{clipped(text)} is the fingerprint of a plain picture, which nothing can be told by"
        raise ValueError(msg)
    return PictureCodes(
        algorithm=ALGORITHM,
        version=VERSION,
        time_base=_MILLISECONDS,
        pts=(0,),
        codes=np.packbits(bits.flatten()).tobytes(),
        quality=bytes((_BEST_QUALITY,)),
        views=bytes(1),
    )
