"""The night as HTML that mail programs show as it is, and its subject.

600 pixels wide at most, styles inline, one block of style for dark screens and phones: who ignores it loses no word.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from scanner.model import Thumbnail
from scanner.report import night_layout
from scanner.report.night_layout import Layout, capital
from scanner.report.nightly import Night
from scanner.report.plain import plural, shown
from scanner.report.standing import Standing
from scanner.report.templating import filled

COLOURS: dict[Standing, tuple[str, str]] = {
    Standing.QUARANTINED: ("#a61b1b", "#ff9088"),
    Standing.HELD: ("#5f3aa0", "#c7abff"),
    Standing.ON_BENCH: ("#565c64", "#b4bac2"),
    Standing.FLAGGED: ("#7a4d00", "#f2bd60"),
    Standing.KEPT: ("#1d56a5", "#8fbcff"),
    Standing.RULED: ("#1d56a5", "#8fbcff"),
    Standing.APPROVED: ("#17683a", "#84d6a0"),
    Standing.CLEARED: ("#17683a", "#84d6a0"),
}
"""On light and on dark ground."""

_HEADINGS = ("WAITS", "RECALLS", "WENT_OUT", "APPROVALS", "RULINGS", "FALSE_ALARMS", "UNSEEN", "AUDIT_HEAD")


def night_subject(night: Night) -> str:
    """The subject: one line, safe in a mail header."""
    waiting = ", ".join(f"{count} {standing.words}" for standing, count in night.totals if standing.waits)
    recalls = f"; {plural(len(night.recalls), 'recall')} open" if night.recalls else ""
    canary = "; CANARY FAILED" if night.canary_failed else ""
    told = f"{night.arrived}; {waiting or 'nothing waits'}{recalls}{canary}"
    return shown(f"Deliveries, night to {_date(night)}: {told}")


def night_html(layout: Layout, source: Callable[[Thumbnail], str]) -> str:
    """The page. `source`: the address of a picture, in the mail or in the page itself."""
    return filled(
        "night.html.j2",
        layout=layout,
        night=layout.night,
        subject=night_subject(layout.night),
        colours=COLOURS,
        capital=capital,
        source=source,
        **{name: getattr(night_layout, name) for name in _HEADINGS},
    )


def _date(night: Night) -> str:
    last: datetime = (night.until - timedelta(seconds=1)).astimezone(night.tz)
    return f"{last:%a} {last.day} {last:%b %Y}"
