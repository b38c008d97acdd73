"""Papers as one JSON document, or as a folder of forms, one JSON or TOML file for each paper.

A document is `{"papers": 1, "records": […], "tools": […], "consents": […], "approvals": […], "people": […]}`. Its lists
are gone through an item at a time. Forms lie in folders called like these lists, and are named by their ids.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Never
from urllib.parse import quote

from scanner.errors import RegisterInputError
from scanner.intake.papers.places import DocumentPlace, Problems
from scanner.intake.papers.reading import Read, Reader
from scanner.intake.papers.shape import KINDS, LISTS
from scanner.intake.sheets import clipped
from scanner.model import PaperKind

VERSION = 1
HEAD = "papers"
_LARGEST = 256 << 20
_LARGEST_FORM = 4 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_ID_CHARACTERS = " .-_~"


def read_document(file: Path, reader: Reader) -> Iterator[Read]:
    """The papers of a JSON document. Raises RegisterInputError for one that cannot be gone through at all."""
    document = _Document(text=text_of(file, _LARGEST), problems=reader.problems)
    try:
        for name, number, raw in document.items():
            read = reader.paper(KINDS[name], raw, DocumentPlace(f"{name}[{number}]"))
            if read is not None:
                yield read
    except RecursionError:
        reader.problems.wrong("", "not valid JSON: lists in lists without end")
    except ValueError as error:
        reader.problems.wrong("", f"not valid JSON: {error}")


def text_of(file: Path, largest: int) -> str:
    """The text of a file. Raises RegisterInputError for one that cannot be read, is too large, or is not UTF-8."""
    problems = Problems()
    try:
        with file.open("rb") as opened:
            data = opened.read(largest + 1)
        if len(data) > largest:
            problems.wrong("", f"it is larger than {largest >> 20} MB: cut it in parts")
        else:
            return data.decode("utf-8-sig")
    except OSError as error:
        problems.wrong("", f"it cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        problems.wrong("", f"line {data.count(10, 0, error.start) + 1}: this is not UTF-8")
    problems.check(file)
    raise AssertionError


class _Document:
    """Goes through the lists of a document without keeping more of them than the text and one item."""

    def __init__(self, *, text: str, problems: Problems) -> None:
        self._text, self._problems = text, problems
        self._decoder = json.JSONDecoder(object_pairs_hook=_named_once, parse_constant=_no_constant)
        self._at = 0
        self._seen: set[str] = set()

    def items(self) -> Iterator[tuple[str, int, object]]:
        """The name of the list, number in it and value of every item. Raises ValueError for what is not JSON."""
        self._expect("{")
        while self._more("}", first=not self._seen):
            name = self._name()
            self._expect(":")
            if name in self._seen:
                self._problems.wrong("", f"the key {clipped(name)} is there twice")
            self._seen.add(name)
            yield from self._list(name)
        self._skip()
        if self._at < len(self._text):
            self._fail("something stands after the end")
        if HEAD not in self._seen:
            self._problems.wrong("", f'"{HEAD}": {VERSION} is missing: this is no document of papers')

    def _name(self) -> str:
        name = self._value()
        if not isinstance(name, str):
            self._fail("a name in quotes is wanted")
        return name

    def _list(self, name: str) -> Iterator[tuple[str, int, object]]:
        if name == HEAD:
            version = self._value()
            if version != VERSION or isinstance(version, bool):
                self._problems.wrong(HEAD, f"this program reads version {VERSION}, not {clipped(str(version))}")
        elif name not in KINDS:
            self._problems.wrong("", f"there is no list {clipped(name)}; there are {', '.join(KINDS)}")
            self._value()
        elif self._text[self._at : self._at + 1] != "[":
            self._problems.wrong(name, "a list is wanted")
            self._value()
        else:
            self._at += 1
            number = 0
            while self._more("]", first=not number):
                yield name, number, self._value()
                number += 1

    def _more(self, end: str, *, first: bool) -> bool:
        """Whether there is one more before `end`; past the comma, or past the end."""
        self._skip()
        if self._text.startswith(end, self._at):
            self._at += 1
            return False
        if not first:
            self._expect(",")
        return True

    def _value(self) -> object:
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _expect(self, mark: str) -> None:
        self._skip()
        if not self._text.startswith(mark, self._at):
            self._fail(f"{mark!r} is wanted")
        self._at += 1
        self._skip()

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _fail(self, reason: str) -> Never:
        raise json.JSONDecodeError(reason, self._text, self._at)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        msg = f"the key {clipped(next(name for name in names if names.count(name) > 1))} is there twice"
        raise ValueError(msg)
    return named


def _no_constant(name: str) -> object:
    msg = f"{name} is no value"
    raise ValueError(msg)


def form_name(paper_id: str) -> str:
    """How the form of a paper is called: its id, with `%` and two digits for what file names had better not hold."""
    name = quote(paper_id, safe=_ID_CHARACTERS)
    return f"%2E{name[1:]}" if name.startswith(".") else name


def read_forms(folder: Path, reader: Reader) -> Iterator[Read]:
    """The papers in a folder of forms."""
    for within in sorted(folder.iterdir()):
        kind = KINDS.get(within.name)
        if within.name.startswith("."):
            continue
        if kind is None or not within.is_dir():
            reader.problems.wrong(within.name, f"only folders are read here: {', '.join(LISTS.values())}")
            continue
        for file in sorted(within.iterdir()):
            if not file.name.startswith("."):
                yield from _of_form(file, f"{within.name}/{file.name}", kind, reader)


def _of_form(file: Path, name: str, kind: PaperKind, reader: Reader) -> Iterator[Read]:
    if file.is_symlink() or not file.is_file() or file.suffix not in (".json", ".toml"):
        reader.problems.wrong(name, "a form is a .json or .toml file")
        return
    try:
        text = text_of(file, _LARGEST_FORM)
        raw = tomllib.loads(text) if file.suffix == ".toml" else _of_json(text)
    except RegisterInputError as error:
        reader.problems.wrong(name, str(error).splitlines()[-1].strip())
        return
    except (ValueError, RecursionError) as error:
        reader.problems.wrong(name, f"not valid {file.suffix[1:].upper()}: {error}")
        return
    read = reader.paper(kind, raw, FormPlace(name))
    if read is not None and form_name(read.paper.paper_id) != file.stem:
        called = form_name(read.paper.paper_id) + file.suffix
        reader.problems.wrong(name, f"it holds the {kind} {clipped(read.paper.paper_id)}: call it {clipped(called)}")
    elif read is not None:
        yield read


def _of_json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_named_once, parse_constant=_no_constant)


class FormPlace(DocumentPlace):
    """A form; fields of it are told with a comma after its name."""

    __slots__ = ()

    def of(self, name: str) -> DocumentPlace:
        return DocumentPlace(f"{self.path}, {name}")
