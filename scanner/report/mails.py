"""The mails of reports for people: to whom, whether they were received, and why not."""

from collections.abc import Sequence

from rich.console import Console

from scanner.model import Mail
from scanner.report.listing import Column, Row, listed
from scanner.report.plain import moment

_COLUMNS = (
    Column(heading="Report"),
    Column(heading="To"),
    Column(heading="State"),
    Column(heading="Tries"),
    Column(heading="Received", narrow=False),
    Column(heading="Next", narrow=False),
    Column(heading="Message-ID", narrow=False, wide=False),
    Column(heading="Why not"),
)
_STYLES = {"given up": "bold red", "sent": "dim"}


def state_of(mail: Mail) -> str:
    """Where a mail stands."""
    return "sent" if mail.sent_at else "given up" if mail.given_up else "waiting"


def mails_table(console: Console, mails: Sequence[Mail]) -> None:
    """A mail a row; in a pipe: report, address, state, tries, received, next, message id, why not."""
    rows = [
        Row(
            style=_STYLES.get(state_of(mail), "bold"),
            cells=(
                mail.report_id,
                mail.address,
                _told(mail),
                str(mail.tries),
                moment(mail.sent_at) if mail.sent_at else "-",
                moment(mail.next_at) if mail.next_at else "-",
                mail.mail_id,
                mail.last_error or "-",
            ),
        )
        for mail in mails
    ]
    listed(console, _COLUMNS, rows, nothing="No report has been mailed.")


def _told(mail: Mail) -> str:
    if mail.unsure_at is None:
        return state_of(mail)
    return f"{state_of(mail)}; may have been received {'twice' if mail.sent_at else 'already'}"
