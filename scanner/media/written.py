"""What a text file is: an edit list, a timeline, a log or plain text. By how it begins (64 KiB), never by its name."""

import csv
import re

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^\[>]|\[.*?\]\s*(?=>))*>)", re.DOTALL)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([\w.-]+)")
_BY_ROOT = {"svg": "svg", "fcpxml": "fcpxml", "xmeml": "xmeml", "xmpmeta": "xmp", "xapmeta": "xmp", "RDF": "xmp"}
_TIMECODE = re.compile(r"\d{1,2}[:;.,]\d\d[:;.,]\d\d[:;.,]\d{2,3}")
_EDL_HEAD = re.compile(r"TITLE:[^\n]*\n\s*FCM:", re.IGNORECASE)
_JSON_LOG = re.compile(r'"provenance_log"\s*:|"ai_use"\s*:')
_LOG_NAMES = frozenset({"file", "shot"})


def written(head: str) -> str:
    """The name of the format (of `media.formats`) of a text that begins like this."""
    start = head.lstrip()
    if start.startswith("<"):
        return _BY_ROOT.get(root_element(head) or "", "text")
    if start[:1] in ("{", "["):
        return _of_json(start)
    if start.startswith("Heading") and "FIELD_DELIM" in head:
        return "ale"
    titled = start[:6].upper() == "TITLE:"
    if _EDL_HEAD.match(start) or any(_is_event(line, titled=titled) for line in start.splitlines()):
        return "edl"
    return "provenance-log" if _is_log(start) else "text"


def _is_event(line: str, *, titled: bool) -> bool:
    """An event of a CMX 3600 list: number, reel, channel, edit, four times; of a titled one, counts of frames too."""
    words = line.split()
    if len(words) < 7 or not words[0][:1].isdigit():
        return False
    return all(_TIMECODE.fullmatch(word) or (titled and word.isdigit()) for word in words[-4:])


def _of_json(start: str) -> str:
    if start.startswith("{") and '"OTIO_SCHEMA"' in start:
        return "otio"
    return "provenance-log" if _JSON_LOG.search(start) else "text"


def _is_log(start: str) -> bool:
    """Its heading names the column `ai_use`, and what the rows are about."""
    heading = start.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        cells = next(csv.reader([heading], delimiter=delimiter), [])
    except csv.Error:
        return False
    names = {cell.strip().lower() for cell in cells}
    return "ai_use" in names and not names.isdisjoint(_LOG_NAMES)


def root_element(text: str) -> str | None:
    """Local name of the root element of XML text, past declarations, comments and the document type."""
    at = 0
    while prolog := _PROLOG.match(text, at):
        at = prolog.end()
    root = _ROOT.match(text, at)
    return root.group(1) if root else None
