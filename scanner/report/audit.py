"""The audit log for people and programs: its entries, and what came of checking it."""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console

from scanner.model import Entry, Fault, Tampered, Verified, What
from scanner.model.audit import content_of
from scanner.report.json_text import Json
from scanner.report.listing import Column, Row, listed
from scanner.report.plain import moment, plural

COLUMNS = (
    Column(heading="no.", whole=True),
    Column(heading="at", whole=True),
    Column(heading="what", whole=True),
    Column(heading="delivery", whole=True),
    Column(heading="who", narrow=False),
    Column(heading="says"),
)

# What of the facts is told in a list, in this order. The whole is in JSON.
_TOLD = (
    "outcome",
    "codes",
    "action",
    "name",
    "record",
    "asset",
    "recall",
    "approval",
    "title",
    "status",
    "use",
    "reason",
)
_PLACES = ("goes_to", "place")
_STYLES = {What.DECIDED.value: "bold", What.RULED.value: "bold yellow", What.RECALLED.value: "bold red"}


def entries_table(console: Console, entries: Iterable[Entry]) -> None:
    """A row for each entry, the oldest first."""
    rows = [Row(style=_STYLES.get(entry.what, "dim"), cells=_cells(entry)) for entry in entries]
    listed(console, COLUMNS, rows, nothing="No entry of the audit log is like that.")


def _cells(entry: Entry) -> tuple[str, ...]:
    at = moment(entry.at)
    return str(entry.number), at, entry.what, entry.delivery_id or "-", entry.who, "; ".join(_words(entry)) or "-"


def _words(entry: Entry) -> Iterator[str]:
    try:
        facts: dict[str, Any] = content_of(entry)["facts"]
    except ValueError:
        yield "its facts cannot be read"
        return
    if entry.what == What.BEGUN:
        before = facts.get("before", {})
        yield ", ".join(f"{count[0]} {kind}" for kind, count in before.items()) or "nothing was there before"
    for name in _TOLD:
        if facts.get(name):
            yield ", ".join(map(str, facts[name])) if isinstance(facts[name], list) else str(facts[name])
    place = next((facts[name] for name in _PLACES if facts.get(name)), None)
    if place:
        yield f"to {place}"


def entry_object(entry: Entry) -> dict[str, Json]:
    """An entry as JSON values: what is digested, and the digest."""
    return {**content_of(entry), "digest": entry.digest}


def result_lines(result: Verified | Tampered, *, alone: bool = False) -> Iterator[str]:
    """What came of a check, in plain words. `alone`: an exported log, without the tables that it vouches for."""
    head = f"Its head: {result.head}"
    count = plural(result.entries, "entry", "entries")
    if isinstance(result, Verified):
        rest = "" if alone else ", and the records are as it says"
        yield f"The audit log is whole: {count}{rest}."
        yield head
        return
    faults = plural(len(result.faults) + result.more, "sign", "signs")
    yield f"TAMPERED WITH: {faults} of it in {count} of the audit log."
    yield from (f"- {fault.says}." for fault in result.faults)
    if result.more:
        yield f"and {result.more} more"
    yield head


def result_object(result: Verified | Tampered) -> dict[str, Json]:
    """What came of a check, as JSON values."""
    tampered = isinstance(result, Tampered)
    return {
        "whole": not tampered,
        "entries": result.entries,
        "head": str(result.head),
        "faults": [_fault_object(fault) for fault in result.faults] if isinstance(result, Tampered) else [],
        "more": result.more if isinstance(result, Tampered) else 0,
    }


def _fault_object(fault: Fault) -> dict[str, Json]:
    return {
        "wrong": fault.wrong.value,
        "number": fault.number,
        "delivery_id": fault.delivery_id,
        "says": fault.says,
    }
