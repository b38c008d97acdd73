"""The night as plain text, no wider than a mail."""

from collections.abc import Iterable, Iterator
from textwrap import TextWrapper

from scanner.report.night_layout import (
    APPROVALS,
    AUDIT_HEAD,
    FALSE_ALARMS,
    RECALLS,
    RULINGS,
    UNSEEN,
    WAITS,
    WENT_OUT,
    Layout,
    clipped,
)
from scanner.report.nightly import Entry
from scanner.report.plain import reason, shown

COLUMNS = 76


def night_text(layout: Layout) -> str:
    """The whole text."""
    return "\n".join(_lines(layout)) + "\n"


def _lines(layout: Layout) -> Iterator[str]:
    yield from _wrapped(layout.summary)
    yield layout.span
    for line in layout.canaries:
        yield from _wrapped(line)
    yield from _section(WAITS, layout.waiting)
    yield from _section(RECALLS, layout.recalls)
    for title, vendors in layout.titles:
        yield from _heading(title)
        for vendor, entries in vendors:
            yield from ("", shown(vendor))
            for entry in entries:
                yield from _entry(entry, layout)
    if layout.untold:
        yield from ("", *_wrapped(layout.untold))
    yield from _section(WENT_OUT, layout.went_out)
    yield from _section(APPROVALS, layout.approvals)
    yield from _section(RULINGS, layout.rulings)
    yield from _section(FALSE_ALARMS, layout.false_alarms)
    unseen = [f"{why}: {names}" for why, names in layout.unseen]
    yield from _section(UNSEEN, unseen or ["Nothing that was delivered was left out."])
    yield from ("", *_wrapped(layout.coverage)) if layout.coverage else ()
    yield from _foot(layout)


def _foot(layout: Layout) -> Iterator[str]:
    if layout.night.audit_head is not None:
        yield from ("", "", f"{AUDIT_HEAD}:", str(layout.night.audit_head))
    told = [f"The whole report: {layout.lies_at}"] if layout.lies_at else []
    told += [layout.sent_to] if layout.sent_to else []
    for line in told:
        yield from ("", *_wrapped(line))


def _heading(text: str) -> tuple[str, ...]:
    name = clipped(text, COLUMNS)
    return ("", "", name, "=" * len(name))


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield from _heading(heading) if number == 0 else ()
        yield from _wrapped(line, "- ", "  ")


def _entry(entry: Entry, layout: Layout) -> Iterator[str]:
    yield from _wrapped(f"{entry.standing.words.upper()}: {entry.record.delivery.name}", "  ", "    ")
    if entry.record.verdict is not None and entry.findings:
        yield from _wrapped(reason(entry.record.verdict), "    ")
    for told in layout.findings(entry):
        yield from _wrapped(f"{told.code}, {told.where}: {told.message}", "    - ", "      ")
        yield from _wrapped(told.caption, "      ")
        if told.clears_when:
            yield from _wrapped(f"Clears when: {told.clears_when}", "      ")
    if more := layout.more_findings(entry):
        yield from _wrapped(more, "    - ")
    for line in filter(None, (layout.covered(entry), layout.waits(entry))):
        yield from _wrapped(line, "    ")


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    wrapper = TextWrapper(
        COLUMNS, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(shown(text))
