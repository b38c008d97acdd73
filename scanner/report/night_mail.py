"""The night as a mail: subject, plain text, and HTML that mail programs show as it is (600 pixels, styles inline)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from textwrap import TextWrapper

from scanner.report.canary import canary_line
from scanner.report.nightly import Entry, Night, Standing, waited_words
from scanner.report.plain import moment, plural, reason, shown, where
from scanner.report.quarantine import ruling_words
from scanner.report.recalls import recall_line
from scanner.report.templating import filled

MOST_FINDINGS = 5
"""Findings that the mail tells for one delivery; the report has all."""

MOST_NAMES = 8
"""Names that the mail gives for one reason why something was not examined."""

COLUMNS = 76

RECALLS = "Found later in what was cleared"

AUDIT_HEAD = "Head of the audit log, for: scanner audit verify --head"


def night_subject(night: Night) -> str:
    """The subject: one line, safe in a mail header."""
    waiting = ", ".join(f"{count} {standing.words}" for standing, count in night.totals if standing.waits)
    recalls = f"; {plural(len(night.recalls), 'recall')} open" if night.recalls else ""
    canary = "; CANARY FAILED" if night.canary_failed else ""
    told = f"{night.arrived}; {waiting or 'nothing waits'}{recalls}{canary}"
    return shown(f"Deliveries, night to {_date(night)}: {told}")


def night_text(night: Night) -> str:
    """The mail as plain text."""
    return "\n".join(_text_lines(night)) + "\n"


def night_html(night: Night) -> str:
    """The mail as HTML."""
    return filled(
        "night.html.j2",
        night=night,
        subject=night_subject(night),
        span=span(night),
        most=MOST_FINDINGS,
        colours=COLOURS,
        since=lambda entry: waiting_words(entry, night),
        names=name_list,
        recall=lambda each: recall_line(each, night.tz),
        recalls_heading=RECALLS,
        audit_heading=AUDIT_HEAD,
        canary=lambda run: capital(canary_line(run, night.tz)),
        ruling=lambda ruling: ruling_words(ruling, night.tz),
        capital=capital,
    )


COLOURS: dict[Standing, str] = {
    Standing.QUARANTINED: "#a61b1b",
    Standing.HELD: "#5f3aa0",
    Standing.ON_BENCH: "#565c64",
    Standing.FLAGGED: "#7a4d00",
    Standing.RULED: "#1d56a5",
    Standing.APPROVED: "#17683a",
    Standing.CLEARED: "#17683a",
}


def span(night: Night) -> str:
    """From when to when, in the zone of the reader."""
    return f"{moment(night.since, night.tz)} to {moment(night.until, night.tz)}"


def waiting_words(entry: Entry, night: Night) -> str | None:
    """Since when a delivery waits, and on whom; None when it does not wait."""
    if entry.waited is None:
        return None
    since = moment(entry.record.delivery.received_at, night.tz)
    return f"Waiting since {since} ({waited_words(entry.waited)}), on {entry.waits_on}"


def name_list(names: Sequence[str]) -> str:
    """The first names, and how many more."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def capital(text: str) -> str:
    """The text with its first letter as a capital and the others as they are."""
    return text[:1].upper() + text[1:]


def _date(night: Night) -> str:
    last: datetime = (night.until - timedelta(seconds=1)).astimezone(night.tz)
    return f"{last:%a} {last.day} {last:%b %Y}"


def _text_lines(night: Night) -> Iterator[str]:
    yield from _wrapped(f"{capital(night.summary)}.")
    yield span(night)
    yield from _canary_lines(night)
    yield from _recall_lines(night)
    for title in night.titles:
        name = shown(title.title)
        yield from ("", "", name, "=" * len(name))
        for vendor in title.vendors:
            yield from ("", shown(vendor.vendor))
            for entry in vendor.entries:
                yield from _entry_lines(entry, night)
    if night.rulings:
        yield from ("", "", "Rulings made", "============")
        for ruled in night.rulings:
            yield from _wrapped(f"{ruled.name}: {ruling_words(ruled.ruling, night.tz)}", "- ", "  ")
    yield from ("", "", "What was NOT examined", "=====================")
    for why, names in night.unseen:
        yield from _wrapped(f"{why}: {name_list(names)}", "- ", "  ")
    if not night.unseen:
        yield "Nothing that was delivered was left out."
    yield from _audit_lines(night)


def _audit_lines(night: Night) -> Iterator[str]:
    if night.audit_head is not None:
        yield from ("", "", f"{AUDIT_HEAD}:", str(night.audit_head))


def _canary_lines(night: Night) -> Iterator[str]:
    for run in night.canaries:
        yield from _wrapped(capital(canary_line(run, night.tz)))


def _recall_lines(night: Night) -> Iterator[str]:
    if night.recalls:
        yield from ("", "", RECALLS, "=" * len(RECALLS))
    for each in night.recalls:
        yield from _wrapped(recall_line(each, night.tz), "- ", "  ")


def _entry_lines(entry: Entry, night: Night) -> Iterator[str]:
    yield from _wrapped(f"{entry.standing.words.upper()}: {entry.record.delivery.name}", "  ", "    ")
    if entry.record.verdict is not None and entry.findings:
        yield from _wrapped(reason(entry.record.verdict), "    ")
    for finding in entry.findings[:MOST_FINDINGS]:
        yield from _wrapped(f"{finding.code}, {where(finding, dash='-')}: {finding.message}", "    - ", "      ")
        if entry.standing.waits and finding.clears_when:
            yield from _wrapped(f"Clears when: {finding.clears_when}", "      ")
    if len(entry.findings) > MOST_FINDINGS:
        yield f"    - and {len(entry.findings) - MOST_FINDINGS} more, in the report"
    if waiting := waiting_words(entry, night):
        yield from _wrapped(waiting, "    ")


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    wrapper = TextWrapper(
        COLUMNS, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(shown(text))
