"""The reports that were made, and the mails that bring them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of the time from `since` to before `until`, by its id. `due_at`: None where somebody asked for it.

    `finished_at`: when everybody it was for had it.
    """

    report_id: str
    since: datetime
    until: datetime
    due_at: datetime | None
    written_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One report for one reader, until it is received and after. `next_at`: when it is tried next, None for never.

    `content`: the mail as it is sent, the same at every try; not kept once it was received. `unsure_at`: when the
    server fell silent after it had all: it may have been received already.
    """

    mail_id: str
    report_id: str
    address: str
    content: bytes | None
    size: int
    sha256: str
    created_at: datetime
    tries: int = 0
    next_at: datetime | None = None
    sent_at: datetime | None = None
    unsure_at: datetime | None = None
    last_error: str | None = None

    @property
    def given_up(self) -> bool:
        """It was not received, and is not tried again by itself."""
        return self.sent_at is None and self.next_at is None
