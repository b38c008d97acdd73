"""A note left where a blocked delivery was dropped: what became of it, and whom to ask. Never a delivery itself.

A sign is known by its name, its first line and a seal over its text: what a person wrote into it makes it theirs.
It names no registered material: whoever delivers can read it.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanner.intake.custody import move_exclusively, own_name, sync_folder, write_exclusively
from scanner.model import utc

_WORDS = ("QUARANTINED", "HELD")
_NAME = re.compile(rf".*\.({'|'.join(_WORDS)})\.txt", re.DOTALL)
_HEAD = re.compile(rb"(QUARANTINED|HELD) by scanner: delivery ([A-Za-z0-9][A-Za-z0-9_-]{0,63})")
_LONGEST_NAME = 255  # bytes, on every file system that is in use
_LONGEST = 1 << 14
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a note says. `word`: QUARANTINED or HELD; `name` and `reasons` are safe to show."""

    word: str
    delivery_id: str
    name: str
    at: datetime
    reasons: tuple[str, ...]
    reviewer: str

    def content(self) -> bytes:
        lines = (
            f"{self.word} by scanner: delivery {self.delivery_id}",
            f"{self.name} was dropped here. On {utc(self.at):%Y-%m-%d %H:%M} UTC it was {self.word.lower()}.",
            "Nothing of it was changed or deleted.",
            *(f"Why: {reason}" for reason in self.reasons),
            f"Ask: {self.reviewer}",
            "This note goes when the delivery is released or comes back. Removing it changes nothing.",
        )
        text = "\n".join(lines).encode("utf-8", "backslashreplace") + b"\n"
        return text + _seal(text)


def put_up(folder: Path, name: str, sign: Sign) -> str:
    """Leave a sign for what was dropped as `folder/name`; the same one is left once. Gives its name.

    Nothing is overwritten. Raises FileExistsError if all its names are taken, OSError else.
    """
    content = sign.content()
    *others, last = _names(name, sign.word, sign.delivery_id)
    for leaf in others:
        with suppress(FileExistsError):
            return _put_up(folder / leaf, content)
    return _put_up(folder / last, content)


def take_down(folder: Path, name: str, delivery_id: str) -> None:
    """Remove the signs that were left for a delivery dropped as `folder/name`, and nothing else. Raises OSError."""
    for word in _WORDS:
        for leaf in _names(name, word, delivery_id):
            aside = _hidden("taking-down", folder / leaf)
            if _delivery_of(aside) == delivery_id:  # a crash came between the two steps
                aside.unlink()
            if _delivery_of(folder / leaf) == delivery_id:
                _take_down(folder / leaf, aside, delivery_id)


def is_sign(path: Path) -> bool:
    """Whether this is a note of ours, as it was written: no delivery, and nothing that one could hide in."""
    return _NAME.fullmatch(path.name) is not None and _delivery_of(path) is not None


def _names(name: str, word: str, delivery_id: str) -> Iterator[str]:
    """Names for a sign, the plainest first: no control characters, and short enough."""
    plain = _CONTROL.sub("_", name)
    yield _fitting(name, plain, f".{word}.txt")
    yield _fitting(name, plain, f"~{delivery_id}.{word}.txt")


def _fitting(name: str, plain: str, suffix: str) -> str:
    whole = os.fsencode(plain)
    if len(whole) + len(suffix) <= _LONGEST_NAME:
        return plain + suffix
    mark = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}{suffix}"
    short = whole[: _LONGEST_NAME - len(mark)]
    while short and whole[len(short)] & 0xC0 == 0x80:  # not in the middle of a character
        short = short[:-1]
    return os.fsdecode(short) + mark


def _put_up(path: Path, content: bytes) -> str:
    try:
        write_exclusively(path, content, fresh=_hidden("writing", path))
    except FileExistsError:
        if _content_of(path) != content:
            raise
    return path.name


def _hidden(purpose: str, path: Path) -> Path:
    """A name beside it that is the same at every try, by whatever way its folder is reached."""
    return path.with_name(own_name(purpose, Path("/", path.name)))


def _take_down(path: Path, aside: Path, delivery_id: str) -> None:
    """Out of everyone's way first, then looked at once more: what was put in its place meanwhile goes back."""
    move_exclusively(path, aside)
    if _delivery_of(aside) == delivery_id:
        aside.unlink()
    else:
        move_exclusively(aside, path)
    sync_folder(path.parent)


def _delivery_of(path: Path) -> str | None:
    """The delivery that a sign stands for; None if it is none, or not as it was written."""
    content = _content_of(path)
    if content is None:
        return None
    text, mark, seal = content.rpartition(b"[")
    head = _HEAD.fullmatch(text.partition(b"\n")[0])
    if head is None or mark + seal != _seal(text):
        return None
    return head[2].decode("ascii")


def _content_of(path: Path) -> bytes | None:
    """A small file's bytes; None for anything else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST:
            return None
        return os.read(fd, _LONGEST)
    except OSError:
        return None
    finally:
        os.close(fd)


def _seal(text: bytes) -> bytes:
    return f"[scanner note {hashlib.sha256(text).hexdigest()[:16]}]\n".encode("ascii")
