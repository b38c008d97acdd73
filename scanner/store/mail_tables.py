"""The reports that were made, and the mails that bring them."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, Text

from scanner.store.tables import metadata
from scanner.store.types import AnyText, Moment

# A row for each report, so that of several servers one makes it.
reports = Table(
    "reports",
    metadata,
    Column("report_id", AnyText, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("due_at", Moment, index=True),
    Column("written_at", Moment, nullable=False),
    Column("finished_at", Moment),
)

# The content is let go once it was received: of mails of megabytes, every night would stay for good.
mails = Table(
    "mails",
    metadata,
    Column("mail_id", AnyText, primary_key=True),
    Column("report_id", AnyText, ForeignKey("reports.report_id"), nullable=False, index=True),
    Column("address", AnyText, nullable=False),
    Column("content", LargeBinary),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, index=True),
    Column("sent_at", Moment),
    Column("unsure_at", Moment),
    Column("last_error", AnyText),
)
