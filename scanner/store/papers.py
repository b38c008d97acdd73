"""Papers: versions of what records say, of tools, consents, approvals and people. Versions are added, never changed."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select

from scanner.model import (
    Approval,
    Consent,
    Paper,
    PaperContent,
    PaperKind,
    Papers,
    PaperVersion,
    Particulars,
    Person,
    ProvenanceRecord,
    Tool,
)
from scanner.store.codec import as_json, from_json
from scanner.store.tables import papers

CONTENTS: Mapping[PaperKind, Any] = {
    PaperKind.RECORD: Particulars,
    PaperKind.TOOL: Tool,
    PaperKind.CONSENT: Consent,
    PaperKind.APPROVAL: Approval,
    PaperKind.PERSON: Person,
}


# Databases limit how many values one statement may carry.
_VALUES_AT_ONCE = 500


def shares(values: Iterable[str]) -> Iterator[list[str]]:
    """The distinct values, in lists short enough for one statement."""
    left = iter(dict.fromkeys(values))
    while share := list(islice(left, _VALUES_AT_ONCE)):
        yield share


def latest(connection: Connection, kind: PaperKind, ids: Iterable[str]) -> dict[str, Any]:
    """The latest version of each of these papers that exists, by its id."""
    return {
        paper_id: content
        for share in shares(ids)
        for paper_id, content in _latest(connection, kind, papers.c.paper_id.in_(share)).items()
    }


def named_by(connection: Connection, records: Iterable[ProvenanceRecord], approvals: Iterable[Approval]) -> Papers:
    """The tools, consents and people that records and approvals name, as they are now."""
    told = [record.particulars for record in records if record.particulars]
    approvals = list(approvals)
    tools = {step.tool_id for each in told for step in each.steps}
    consents = {name for each in told for name in _consents(each)}
    consents |= {name for approval in approvals for name in approval.terms.consents}
    people = {name for each in told for name in _people(each)} | {approval.approver for approval in approvals}
    return Papers(
        tools=latest(connection, PaperKind.TOOL, sorted(tools)),
        consents=latest(connection, PaperKind.CONSENT, sorted(consents)),
        people=_people_called(connection, sorted(people)),
    )


def add(
    connection: Connection, batch: Iterable[tuple[Paper, str | None]], *, by: str, reason: str | None, at: datetime
) -> list[PaperVersion]:
    """Add a version of each paper, given with its title, whose latest says something else; those that were added.

    No two may be of the same kind and id.
    """
    added: list[PaperVersion] = []
    for kind, papers_of_kind in _by_kind(batch):
        known = _newest(connection, kind, [paper.paper_id for paper, _ in papers_of_kind])
        rows = []
        for paper, title in papers_of_kind:
            text = as_json(CONTENTS[kind], paper.content)
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            number, said = known.get(paper.paper_id, (0, ""))
            if said == digest:
                continue
            version = PaperVersion(paper=paper, version=number + 1, at=at, by=by, reason=reason, digest=digest)
            added.append(version)
            rows.append(_row(version, title, text))
        if rows:
            connection.execute(insert(papers), rows)
    return added


def _by_kind(
    batch: Iterable[tuple[Paper, str | None]],
) -> Iterator[tuple[PaperKind, list[tuple[Paper, str | None]]]]:
    batch = list(batch)
    for kind in PaperKind:
        if of_kind := [item for item in batch if item[0].kind is kind]:
            yield kind, of_kind


def _newest(connection: Connection, kind: PaperKind, ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Number and digest of the latest version of each of these papers that exists."""
    found: dict[str, tuple[int, str]] = {}
    for share in shares(ids):
        rows = connection.execute(
            select(papers.c.paper_id, papers.c.version, papers.c.digest)
            .where(papers.c.kind == kind, papers.c.paper_id.in_(share))
            .order_by(papers.c.version)
        )
        found |= {row.paper_id: (row.version, row.digest) for row in rows}
    return found


def _row(version: PaperVersion, title: str | None, text: str) -> dict[str, object]:
    paper = version.paper
    return {
        "kind": paper.kind,
        "paper_id": paper.paper_id,
        "version": version.version,
        "title": title,
        "label": _label(paper.content),
        "content": text,
        "digest": version.digest,
        "at": version.at,
        "by": version.by,
        "reason": version.reason,
    }


def _label(content: PaperContent) -> str | None:
    if isinstance(content, Person):
        return content.name
    return content.product if isinstance(content, Tool) else None


def history(connection: Connection, kind: PaperKind, paper_id: str) -> tuple[PaperVersion, ...]:
    """All versions of a paper, the oldest first; none where there is no such paper."""
    rows = connection.execute(
        select(papers).where(papers.c.kind == kind, papers.c.paper_id == paper_id).order_by(papers.c.version)
    )
    return tuple(
        PaperVersion(
            paper=Paper(kind=kind, paper_id=paper_id, content=from_json(CONTENTS[kind], row.content)),
            version=row.version,
            at=row.at,
            by=row.by,
            reason=row.reason,
            digest=row.digest,
        )
        for row in rows
    )


def ids(connection: Connection, kind: PaperKind, title: str | None = None) -> list[str]:
    """The ids of all papers of a kind, or of a title, in order. Tools and people have no title."""
    asked = select(papers.c.paper_id).where(papers.c.kind == kind).distinct().order_by(papers.c.paper_id)
    if title is not None:
        asked = asked.where(papers.c.title == title)
    return list(connection.execute(asked).scalars())


def naming_consent(connection: Connection, consent_id: str) -> tuple[str, ...]:
    """The records whose latest version names this consent, anywhere."""
    like = papers.c.content.contains(json.dumps(consent_id, ensure_ascii=False), autoescape=True)
    maybe = connection.execute(
        select(papers.c.paper_id).where(papers.c.kind == PaperKind.RECORD, like).distinct()
    ).scalars()
    told = latest(connection, PaperKind.RECORD, maybe)
    return tuple(record for record, particulars in told.items() if consent_id in _consents(particulars))


def _latest(connection: Connection, kind: PaperKind, *conditions: ColumnElement[bool]) -> dict[str, Any]:
    of_kind = papers.c.kind == kind
    newest = (
        select(papers.c.paper_id, func.max(papers.c.version).label("version"))
        .where(of_kind, *conditions)
        .group_by(papers.c.paper_id)
        .subquery()
    )
    rows = connection.execute(
        select(papers.c.paper_id, papers.c.content)
        .join(newest, and_(papers.c.paper_id == newest.c.paper_id, papers.c.version == newest.c.version))
        .where(of_kind)
    )
    return {row.paper_id: from_json(CONTENTS[kind], row.content) for row in rows}


def _people_called(connection: Connection, names: Iterable[str]) -> dict[str, Person]:
    """The people with these ids or names, by both."""
    found: dict[str, Person] = {}
    for share in shares(names):
        called = or_(papers.c.paper_id.in_(share), papers.c.label.in_(share))
        ids = connection.execute(
            select(papers.c.paper_id).where(papers.c.kind == PaperKind.PERSON, called).distinct()
        ).scalars()
        for person in latest(connection, PaperKind.PERSON, list(ids)).values():
            found[person.person_id] = found[person.name] = person
    return found


def _consents(told: Particulars) -> Iterable[str]:
    yield from (name for talent in told.talent for name in talent.consent_ids)
    for each in (given for step in told.steps for given in step.inputs):
        yield from (name for name in (each.rights_ref, each.clearance_ref) if name)
    yield from (data.clearance_ref for data in told.training if data.clearance_ref)


def _people(told: Particulars) -> Iterable[str]:
    yield from (step.operator for step in told.steps if step.operator)
    if told.review:
        yield told.review.reviewer_id
    if told.final_approval:
        yield told.final_approval.approver_id
