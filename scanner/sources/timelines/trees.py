"""Timelines written as XML: parsed by defusedxml, so that no entity is resolved and nothing is fetched."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scanner.sources.timelines.reading import UnreadableTimelineError, whole

_NUMBER = re.compile(r"-?\d{1,18}")
_SECONDS = re.compile(r"(-?\d{1,18})(?:/(\d{1,18}))?s?")


def tree(path: Path) -> Element:
    """The root element. A document type is allowed, entities are not. Raises UnreadableTimelineError, OSError."""
    try:
        root: Element = fromstring(whole(path))
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        if isinstance(error, UnreadableTimelineError):
            raise
        msg = f"it is not whole, or no XML that is read here ({type(error).__name__})"
        raise UnreadableTimelineError(msg) from error
    return root


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Element | None, *names: str) -> Element | None:
    """The first element that lies on this path, by local names."""
    for name in names:
        if element is None:
            return None
        element = next((each for each in element if local(each) == name), None)
    return element


def text(element: Element | None, *names: str) -> str:
    """The text of the element on this path; empty where there is none."""
    found = child(element, *names)
    return (found.text or "").strip() if found is not None else ""


def all_of(element: Element, *names: str) -> Iterator[Element]:
    """Every element below of these local names, in the order of the document."""
    return (each for each in element.iter() if local(each) in names)


def number(told: str) -> int | None:
    """A whole number, or None."""
    return int(told) if _NUMBER.fullmatch(told) else None


def seconds(told: str | None) -> Fraction | None:
    """Seconds as FCPXML writes them, exactly: `1001/30000s`, `10s`."""
    found = _SECONDS.fullmatch(told or "")
    if found is None or (found[2] is not None and int(found[2]) == 0):
        return None
    return Fraction(int(found[1]), int(found[2] or 1))


def rate(told: str) -> Fraction:
    """An edit rate as SMPTE's XML writes it: `24000 1001`, `24`; 0 where it is none."""
    parts = [number(part) for part in told.replace("/", " ").split()]
    if not parts or None in parts or len(parts) > 2 or parts[-1] == 0:
        return Fraction(0)
    return Fraction(*(part for part in parts if part is not None))
