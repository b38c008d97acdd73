"""Entering papers: a batch goes in whole or not at all, what says nothing new is passed over, and all of it is told."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, select

from scanner.errors import RegisterInputError
from scanner.model import Approval, Consent, Paper, PaperKind, PaperVersion, Particulars
from scanner.store import paper_reading, papers, versions
from scanner.store.approvals import may_not_change, paper_of, put_approvals
from scanner.store.papers import shares
from scanner.store.register import note_changes
from scanner.store.tables import records

_BY = "scanner"
_BEFORE = "as it was when its first version was entered"
_NO_RECORD = (
    "no provenance record has this id: register its media first, with scanner provenance add or provenance import"
)

Following = dict[str, str]
"""By id of a paper, the id of the one that it names as the next."""


def put(
    connection: Connection, batch: Sequence[Paper], *, by: str, reason: str | None, at: datetime
) -> list[PaperVersion]:
    """Enter papers; the versions that were added.

    Raises RegisterInputError with a line for each paper that `refused` names.
    """
    titles = titles_of(connection, _records(batch))
    if told := [f"{paper.kind} {paper.paper_id!r}: {why}" for paper, why in refused(connection, batch, titles)]:
        raise RegisterInputError("\n".join([*told, "Nothing was registered; correct these and try again"]))
    agreed = [paper.content for paper in batch if isinstance(paper.content, Approval)]
    changed = put_approvals(connection, agreed)
    _begin_histories(connection, [before for before, _ in changed if before is not None])
    others = [(paper, _title(paper, titles)) for paper in batch if paper.kind is not PaperKind.APPROVAL]
    before = papers.latest(
        connection, PaperKind.CONSENT, [p.paper_id for p, _ in others if p.kind is PaperKind.CONSENT]
    )
    both = [*others, *((paper_of(now), now.title) for _, now in changed)]
    added = versions.keep(connection, both, by=by, reason=reason, at=at)
    meant = {now.approval_id: _change(was, now) for was, now in changed if was is not None}
    _note(connection, added, meant, before, at)
    return added


def _change(before: Approval, now: Approval) -> str:
    """Whether it may approve something else than it did, or says only more of itself."""
    told = {name: getattr(before, name) for name in ("approver_role", "document", "note")}
    return "approval noted" if replace(now, **told) == before else "approval changed"


def _begin_histories(connection: Connection, changed: Sequence[Approval]) -> None:
    """The first version of approvals that were entered before they had versions: what they said until now."""
    known = papers.latest(connection, PaperKind.APPROVAL, [item.approval_id for item in changed])
    for item in changed:
        if item.approval_id not in known:
            versions.keep(connection, [(paper_of(item), item.title)], by=_BY, reason=_BEFORE, at=item.created_at)


def _note(
    connection: Connection,
    added: Iterable[PaperVersion],
    changed: Mapping[str, str],
    before: Mapping[str, Consent],
    at: datetime,
) -> None:
    """Count the changes; a new approval was counted when it was entered."""
    told: dict[str, list[str]] = {}
    for version in added:
        paper = version.paper
        if paper.kind is PaperKind.APPROVAL:
            what = changed.get(paper.paper_id)
        else:
            what = "consent revoked" if _is_newly_revoked(paper, before) else "paper added"
        if what is not None:
            told.setdefault(what, []).append(paper.paper_id)
    for what, things in told.items():
        note_changes(connection, what, ((at, thing) for thing in things))


def _is_newly_revoked(paper: Paper, before: Mapping[str, Consent]) -> bool:
    if not isinstance(paper.content, Consent) or paper.content.revoked_at is None:
        return False
    known = before.get(paper.paper_id)
    return known is None or known.revoked_at != paper.content.revoked_at


def _records(batch: Iterable[Paper]) -> Iterator[str]:
    return (paper.paper_id for paper in batch if paper.kind is PaperKind.RECORD)


def titles_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The title of each of these records that is registered."""
    return {
        row.record_id: row.title
        for share in shares(ids)
        for row in connection.execute(
            select(records.c.record_id, records.c.title).where(records.c.record_id.in_(share))
        )
    }


def _title(paper: Paper, titles: Mapping[str, str]) -> str | None:
    if isinstance(paper.content, Consent | Approval):
        return paper.content.title
    return titles.get(paper.paper_id) if paper.kind is PaperKind.RECORD else None


def refused(
    connection: Connection, batch: Sequence[Paper], titles: Mapping[str, str] | None = None
) -> list[tuple[Paper, str]]:
    """What cannot be entered, and why: it is there twice, is of no registered record, would come to replace itself, or
    changes of an approval what may not change.
    """
    known = titles_of(connection, _records(batch)) if titles is None else titles
    agreed = {paper.paper_id: paper for paper in batch if paper.kind is PaperKind.APPROVAL}
    fixed = may_not_change(connection, [p.content for p in batch if isinstance(p.content, Approval)])
    return [
        *_twice(batch),
        *((p, _NO_RECORD) for p in batch if p.kind is PaperKind.RECORD and p.paper_id not in known),
        *_circles(connection, batch),
        *((agreed[name], why) for name, why in fixed.items()),
    ]


def _twice(batch: Iterable[Paper]) -> Iterator[tuple[Paper, str]]:
    seen: set[tuple[PaperKind, str]] = set()
    for paper in batch:
        if (paper.kind, paper.paper_id) in seen:
            yield paper, "it is there twice"
        seen.add((paper.kind, paper.paper_id))


def _circles(connection: Connection, batch: Iterable[Paper]) -> Iterator[tuple[Paper, str]]:
    for kind in (PaperKind.RECORD, PaperKind.APPROVAL):
        entered = {paper.paper_id: paper for paper in batch if paper.kind is kind}
        following = {paper_id: found for paper_id, paper in entered.items() if (found := _next(paper.content))}
        _follow(following, entered, partial(paper_reading.papers, connection, kind))
        for circle in _closed(following, entered):
            way = " -> ".join(map(repr, (*circle, circle[0])))
            yield entered[next(name for name in circle if name in entered)], f"it would come to replace itself: {way}"


def _next(content: object) -> str | None:
    if isinstance(content, Particulars):
        return content.replaced_by
    return content.terms.supersedes if isinstance(content, Approval) else None


def _follow(
    following: Following, entered: Mapping[str, Paper], kept: Callable[[list[str]], Mapping[str, object]]
) -> None:
    """Go on with what is kept, to the end of every chain."""
    wanted = set(following.values()).difference(entered)
    while wanted:
        found = {name: after for name, content in kept(sorted(wanted)).items() if (after := _next(content))}
        following.update(found)
        wanted = set(found.values()).difference(entered, following)


def _closed(following: Following, entered: Iterable[str]) -> Iterator[list[str]]:
    """Each circle once, from one of its papers that is being entered."""
    done: set[str] = set()
    for start in entered:
        chain: dict[str, None] = {}
        here: str | None = start
        while here is not None and here not in done and here not in chain:
            chain[here] = None
            here = following.get(here)
        if here is not None and here in chain:
            way = list(chain)
            yield way[way.index(here) :]
        done.update(chain)
