"""Column types of our own: what goes in comes out exactly, on SQLite and on PostgreSQL."""

import os
import re
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from scanner.model import Outcome, utc
from scanner.store.codec import as_json, from_json, ticks_as_bytes, ticks_from_bytes

_Word = TypeVar("_Word", bound=StrEnum)

# PostgreSQL refuses NUL in text; UTF-8 refuses lone surrogates; U+001A (substitute) marks what stands for them.
_MARK = "\x1a"
_UNSAFE = re.compile("[\x00\x1a\ud800-\udfff]")
_MARKED = re.compile("\x1a([0-9a-f]{4})")


def escaped(text: str) -> str:
    """The text with what databases refuse written as U+001A and four hexadecimal digits."""
    return _UNSAFE.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    return _MARKED.sub(lambda found: chr(int(found[1], 16)), text) if _MARK in text else text


class Moment(TypeDecorator[datetime]):
    """Aware UTC, in and out. SQLite drops time zones, so a naive time raises ValueError before it gets there."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AnyText(TypeDecorator[str]):
    """Text that people or files wrote; any string survives."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else escaped(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unescaped(value)


class FileName(TypeDecorator[str]):
    """A file name or path as the bytes that the file system knows it by."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else os.fsencode(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else os.fsdecode(value)


class Exact(TypeDecorator[Fraction]):
    """An exact number as `numerator/denominator`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value.numerator}/{value.denominator}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:
        return None if value is None else Fraction(value)


class Ticks(TypeDecorator[tuple[int, ...]]):
    """Time stamps as a blob of 64-bit integers."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> bytes | None:
        return None if value is None else ticks_as_bytes(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> tuple[int, ...] | None:
        return None if value is None else ticks_from_bytes(value)


class Severity(TypeDecorator[Outcome]):
    """An outcome as its number, so that stricter is greater in SQL too."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Outcome | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Outcome | None:
        return None if value is None else Outcome(value)


class Word(TypeDecorator[_Word]):
    """A member of a closed set of words, as its word."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[_Word]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: _Word | None, dialect: Dialect) -> str | None:
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> _Word | None:
        return None if value is None else self.words(value)


class Document(TypeDecorator[Any]):
    """A domain value of one kind as JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: object | None, dialect: Dialect) -> str | None:
        return None if value is None else escaped(as_json(self.kind, value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else from_json(self.kind, unescaped(value))
