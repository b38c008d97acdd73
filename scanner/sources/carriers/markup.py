"""XML inside other containers (iXML, ADM, sidecars), as a flat list of texts."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scanner.sources.carriers.bounds import Skipped, Text
from scanner.sources.clean import clean, decoded

MARKUP_LIMIT = 16 << 20
UNPARSABLE = (ParseError, DefusedXmlException, ValueError, LookupError)


def texts(place: str, raw: bytes) -> Iterator[Text | Skipped]:
    """The text of every element under the element's name; what cannot be parsed is one text as it stands."""
    raw = raw.strip(b"\0 \r\n\t")
    if len(raw) > MARKUP_LIMIT:
        yield Skipped(what=f"{place} is longer than {MARKUP_LIMIT >> 20} MiB")
        return
    try:
        root = fromstring(raw, forbid_dtd=True)
    except UNPARSABLE:
        yield Text(place=place, key=place, value=decoded(raw))
    else:
        yield from _of(place, root)


def _of(place: str, root: Element) -> Iterator[Text]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = clean(element.tag.rpartition("}")[2])
        if element.text and element.text.strip():
            yield Text(place=place, key=name, value=element.text.strip())
        for key, value in element.attrib.items():
            yield Text(place=place, key=clean(key.rpartition("}")[2]), value=value)
        waiting.extend(reversed(element))
