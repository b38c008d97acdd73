"""Reading papers. Approvals are read where they stand; those that never changed have no versions of their own."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, select

from scanner.errors import UnknownIdError
from scanner.model import Approval, PaperContent, PaperKind, PaperVersion, Person
from scanner.store import papers as versions
from scanner.store.approvals import all_approvals, paper_of
from scanner.store.codec import as_json
from scanner.store.papers import shares
from scanner.store.tables import approvals

_BY = "scanner"


def papers(connection: Connection, kind: PaperKind, ids: Iterable[str]) -> dict[str, PaperContent]:
    """Those of the papers that exist, as they are now."""
    if kind is not PaperKind.APPROVAL:
        return versions.latest(connection, kind, ids)
    return {
        found.approval_id: found
        for share in shares(ids)
        for found in all_approvals(connection, approvals.c.approval_id.in_(share))
    }


def ids(connection: Connection, kind: PaperKind, title: str | None) -> list[str]:
    """The ids of all papers of a kind, or of those that concern a title, in order."""
    if kind is PaperKind.APPROVAL:
        asked = select(approvals.c.approval_id).order_by(approvals.c.approval_id)
        return list(connection.execute(asked if title is None else asked.where(approvals.c.title == title)).scalars())
    if kind is PaperKind.TOOL or title is None:
        return versions.ids(connection, kind)
    if kind is PaperKind.PERSON:
        found = versions.latest(connection, kind, versions.ids(connection, kind))
        return [name for name, person in found.items() if _works_on(person, title)]
    return versions.ids(connection, kind, title)


def _works_on(person: Person, title: str) -> bool:
    return not person.titles or title in person.titles


def history(connection: Connection, kind: PaperKind, paper_id: str) -> tuple[PaperVersion, ...]:
    """All versions of a paper, the oldest first. Raises UnknownIdError."""
    found = versions.history(connection, kind, paper_id)
    if not found and kind is PaperKind.APPROVAL:
        found = tuple(map(_only, all_approvals(connection, approvals.c.approval_id == paper_id)))
    if not found:
        msg = f"no {kind} has the id {paper_id!r}; see which there are: scanner papers list {kind}"
        raise UnknownIdError(msg)
    return found


def _only(item: Approval) -> PaperVersion:
    digest = hashlib.sha256(as_json(Approval, item).encode("utf-8", "surrogatepass")).hexdigest()
    return PaperVersion(paper=paper_of(item), version=1, at=item.created_at, by=_BY, reason=None, digest=digest)
