"""Versions of papers, written down together with what the audit log says of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from scanner.model import Paper, PaperVersion
from scanner.store import audit_entries, papers


def keep(
    connection: Connection, batch: Iterable[tuple[Paper, str | None]], *, by: str, reason: str | None, at: datetime
) -> list[PaperVersion]:
    """Add a version of each paper, given with its title, that says something new; those that were added."""
    added = papers.add(connection, batch, by=by, reason=reason, at=at)
    if added:
        audit_entries.papers_added(connection, added, by=by)
    return added
