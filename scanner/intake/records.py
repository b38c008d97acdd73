"""The records of an XML document as it is read, by defusedxml: nothing else of it is kept, and nothing is unbounded.

No entities, no DTD; a depth, a length of text and a number of parts that no real manifest comes near.
"""

import io
from collections.abc import Callable, Iterator
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.sax import parse

# Without these a few bytes could ask for gigabytes.
_DEEPEST = 64
_LONGEST_TEXT = 65_536
_MOST_IN_RECORD = 10_000
_CHUNK = 65_536
_MOST_SILENT_CHUNKS = 16


class UnreadableManifestError(ValueError):
    """A manifest cannot be read: not yet wholly there, damaged, too large, or something else by that name."""


class Node:
    """An element: its local name, attributes, the text before its children, and these."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.children: list[Node] = []

    def first(self, *names: str) -> str:
        """The text at the first child of this name, of the first child of that; "" if there is none."""
        node: Node | None = self
        for name in names:
            node = next((child for child in node.children if child.name == name), None) if node else None
        return node.text if node else ""

    def children_called(self, *names: str) -> Iterator["Node"]:
        """The children of one of these names."""
        return (child for child in self.children if child.name in names)

    def below(self, *names: str) -> Iterator["Node"]:
        """All elements of one of these names below this one, in order, without those in one another."""
        for child in self.children:
            if child.name in names:
                yield child
            else:
                yield from child.below(*names)


def read_records(
    data: bytes,
    *,
    root: str,
    records: tuple[str, ...],
    on_record: Callable[[Node], None],
    most: int = _MOST_IN_RECORD,
    without: frozenset[str] = frozenset(),
) -> None:
    """Tell every record of a document as it ends. A record is an element of one of these names, with all in it.

    `most`: how many elements and attributes one may have; `without`: elements that are passed over. Raises
    UnreadableManifestError.
    """
    handler = _Records(root, records, on_record, most, without)
    try:
        parse(_Chunks(data, handler), handler, forbid_dtd=True)
    except UnreadableManifestError:
        raise
    except (SAXException, ValueError, LookupError) as error:
        msg = f"it is not whole, or no XML ({type(error).__name__})"
        raise UnreadableManifestError(msg) from error


def root_of(data: bytes) -> str | None:
    """The local name of a document's root, of which only the beginning need be there; None if it is no XML."""
    handler = _Root()
    try:
        parse(io.BytesIO(data), handler, forbid_dtd=True)
    except (SAXException, ValueError, LookupError):
        return handler.found
    return handler.found


class _RootFoundError(SAXException):
    """The root has been read: the rest need not be."""


class _Root(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.found: str | None = None

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.found = name.rpartition(":")[2]
        raise _RootFoundError(self.found)


class _Records(ContentHandler):
    """Builds the records; `events` counts everything that is met."""

    def __init__(
        self,
        root: str,
        records: tuple[str, ...],
        on_record: Callable[[Node], None],
        most: int,
        without: frozenset[str],
    ) -> None:
        super().__init__()
        self.events = 0
        self._root = root
        self._records = records
        self._on_record = on_record
        self._most = most
        self._without = without
        self._depth = 0
        self._open: list[Node] = []
        self._passed_over = 0
        self._count = 0
        self._text: list[str] = []
        self._text_length = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.events += 1
        local = name.rpartition(":")[2]
        if not self._depth and local != self._root:
            msg = f"it is no {self._root}"
            raise UnreadableManifestError(msg)
        self._depth += 1
        if self._depth > _DEEPEST:
            msg = "it is nested too deep"
            raise UnreadableManifestError(msg)
        if self._passed_over or (self._open and local in self._without):
            self._passed_over += 1
        elif self._open or local in self._records:
            self._begin(local, attrs)

    def _begin(self, local: str, attrs: AttributesImpl) -> None:
        if not self._open:
            self._count = 0
        self._count += 1 + len(attrs)
        if self._count > self._most:
            msg = "an entry of it is too long"
            raise UnreadableManifestError(msg)
        self._keep_text()
        self._open.append(Node(local, {key.rpartition(":")[2]: attrs[key] for key in attrs.getNames()}))

    def characters(self, content: str) -> None:
        self.events += 1
        if not self._open or self._passed_over:
            return
        self._text_length += len(content)
        if self._text_length > _LONGEST_TEXT:
            msg = "a text in it is too long"
            raise UnreadableManifestError(msg)
        self._text.append(content)

    def endElement(self, name: str) -> None:
        self._depth -= 1
        if self._passed_over:
            self._passed_over -= 1
            return
        if not self._open:
            return
        self._keep_text()
        ended = self._open.pop()
        ended.text = ended.text.strip()
        if self._open:
            self._open[-1].children.append(ended)
        else:
            self._on_record(ended)

    def _keep_text(self) -> None:
        """An element's text is what stands before its first child."""
        if self._open and self._text and not self._open[-1].children:
            self._open[-1].text += "".join(self._text)
        self._text, self._text_length = [], 0


class _Chunks(io.BytesIO):
    """A document for the parser, until it swallows a megabyte without a word: one tag with a million attributes."""

    def __init__(self, data: bytes, handler: _Records) -> None:
        super().__init__(data)
        self._handler = handler
        self._events = self._silent = 0

    def read(self, size: int | None = -1) -> bytes:
        self._silent = self._silent + 1 if self._events == self._handler.events else 0
        self._events = self._handler.events
        if self._silent > _MOST_SILENT_CHUNKS:
            msg = "a tag in it is too long"
            raise UnreadableManifestError(msg)
        return super().read(size if size is not None and 0 <= size < _CHUNK else _CHUNK)
