"""Names of entries, made fit to be shown: they come from whoever made the archive, and lead nowhere on our disk."""

import re
import unicodedata

LONGEST_PART = 255
LONGEST = 1024
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]")
_UPWARDS = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_UNSEEN = frozenset({"Cc", "Zl", "Zp"})
# Marks that turn the direction of writing: a name with them reads as another.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def fit_name(raw: str) -> tuple[str, str | None]:
    """The name to show an entry by, without a part that leads upwards or is empty; and what is wrong with its own."""
    parts = [_escaped(part) for part in raw.split("/") if part not in ("", ".", "..")]
    name = "/".join(_short(part, LONGEST_PART) for part in parts) or "unnamed"
    return _short(name, LONGEST), _fault(raw)


def _fault(raw: str) -> str | None:
    if _ABSOLUTE.match(raw):
        return "an absolute path"
    if _UPWARDS.search(raw):
        return "its path leads out of the archive"
    if any(_is_unseen(letter) for letter in raw):
        return "control characters in its name"
    if _size(raw) > LONGEST or any(_size(part) > LONGEST_PART for part in raw.split("/")):
        return f"a name of {_size(raw)} bytes"
    return None


def _is_unseen(letter: str) -> bool:
    return letter in _TURNING or unicodedata.category(letter) in _UNSEEN


def _escaped(part: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" if _is_unseen(letter) else letter for letter in part)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _short(text: str, most: int) -> str:
    """Cut in the middle: the ending stays."""
    if _size(text) <= most:
        return text
    room = most - len("…".encode())
    tail = text[-16:]
    head = text[: room // 4]
    return f"{head}…{tail}"
