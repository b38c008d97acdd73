"""JSON that is always valid UTF-8 and safe to print on a terminal."""

import json
import unicodedata
from datetime import datetime
from typing import TypeAlias

from scanner.model import utc
from scanner.report.plain import UNSAFE, shown

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def json_text(value: Json, *, indent: int | None = 2) -> str:
    """The value as JSON. Bytes that are not UTF-8 become visible `\\xNN`; other unsafe characters JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return "".join(mark if " " <= mark <= "~" or mark == "\n" else _safe(mark) for mark in text)


def _safe(mark: str) -> str:
    category = unicodedata.category(mark)
    if category not in UNSAFE:
        return mark
    if category == "Cs":
        return "\\" + shown(mark)
    return "\\u007f" if mark == "\x7f" else json.dumps(mark)[1:-1]


def instant(at: datetime | None) -> str | None:
    """A time in UTC as ISO 8601, or None."""
    return None if at is None else utc(at).isoformat().replace("+00:00", "Z")
