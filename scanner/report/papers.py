"""Papers for people and programs. Who is concerned by them is left out unless asked for; prompts are nowhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from rich.console import Console

from scanner.model import Approval, Consent, Known, PaperContent, PaperKind, PaperVersion, Particulars, Person, Tool
from scanner.report.json_text import Json, instant
from scanner.report.listing import Column, Row, described, listed
from scanner.report.plain import day, moment
from scanner.report.register import LIVE_STYLE, OVER_STYLE, approvals_table

Tree: TypeAlias = "dict[str, Json]"
Named = tuple[str, PaperContent]
"""A paper with its id."""

_LEFT_OUT = "left out: it is shown with --talent"
_OF_TALENT: Mapping[PaperKind, tuple[str, ...]] = {
    PaperKind.RECORD: ("talent",),
    PaperKind.CONSENT: ("subject_id", "use_description", "uses", "signed_by", "representation", "document"),
}

_RECORDS = ("record", "element", "AI use", "prominence", "steps", "tools", "escalations")
_TOOLS = ("tool", "vendor", "product", "deployment", "keeps, reuses, trains", "terms reviewed", "valid until")
_CONSENTS = ("consent", "standing", "title", "kind", "of", "signed", "valid until")
_PEOPLE = ("person", "name", "role", "may", "titles", "since", "until")
_HISTORY = ("version", "when", "by", "why", "what changed")


def papers_table(console: Console, kind: PaperKind, papers: Sequence[Named], *, at: datetime) -> None:
    """Papers of a kind, one a row; in a pipe the same cells with tabs between."""
    if kind is PaperKind.APPROVAL:
        approvals_table(console, [paper for _, paper in papers if isinstance(paper, Approval)], at=at)
        return
    headings = {
        PaperKind.RECORD: _RECORDS,
        PaperKind.TOOL: _TOOLS,
        PaperKind.CONSENT: _CONSENTS,
        PaperKind.PERSON: _PEOPLE,
    }[kind]
    columns = [Column(heading=name, whole=not number, narrow=number < 5) for number, name in enumerate(headings)]
    rows = [Row(style=_style(paper, at), cells=(name, *_cells(paper, at))) for name, paper in papers]
    listed(console, columns, rows, nothing=f"There are no papers of kind {kind}.")


def _cells(paper: PaperContent, at: datetime) -> tuple[str, ...]:
    match paper:
        case Particulars():
            tools = dict.fromkeys(step.tool_id for step in paper.steps)
            kind, use = paper.element_kind or "-", paper.ai_use or "-"
            steps, escalations = str(len(paper.steps)), ", ".join(paper.escalation_ids) or "-"
            return kind, use, paper.prominence, steps, ", ".join(tools) or "-", escalations
        case Tool():
            handling = _handling(paper)
            reviewed, until = _day(paper.terms_reviewed_at), _moment(paper.valid_to)
            return paper.vendor, paper.product, paper.deployment or "-", handling, reviewed, until
        case Consent():
            signed, until = _day(paper.signed_at), _moment(paper.valid_to)
            return consent_standing(paper, at), paper.title, paper.consent_kind, paper.subject_type, signed, until
        case Person():
            titles, may = ", ".join(paper.titles) or "every title", ", ".join(paper.may) or "-"
            since, until = _day(paper.active_from), _day(paper.active_to)
            return paper.name, paper.role or "-", may, titles, since, until
        case _:
            return ()


def consent_standing(consent: Consent, at: datetime) -> str:
    """What a consent is worth at a time."""
    if consent.revoked_at is not None and consent.revoked_at <= at:
        return "revoked"
    if consent.valid_to is not None and consent.valid_to <= at:
        return "expired"
    if consent.valid_from is not None and at < consent.valid_from:
        return "not yet valid"
    return "in force" if consent.signed_at is not None else "not signed"


def _handling(tool: Tool) -> str:
    trains = (tool.trains_on_inputs, tool.trains_on_outputs)
    worst = Known.YES if Known.YES in trains else Known.UNKNOWN if Known.UNKNOWN in trains else Known.NO
    return f"{tool.stores_data}, {tool.reuses_data}, {worst}"


def _style(paper: PaperContent, at: datetime) -> str:
    if isinstance(paper, Consent):
        return LIVE_STYLE if consent_standing(paper, at) == "in force" else OVER_STYLE
    ends = paper.valid_to if isinstance(paper, Tool) else paper.active_to if isinstance(paper, Person) else None
    return OVER_STYLE if ends is not None and ends <= at else "bold"


def without_talent(kind: PaperKind, tree: Tree) -> Tree:
    """A paper as JSON values, without who is concerned by it."""
    return {name: _LEFT_OUT if name in _OF_TALENT.get(kind, ()) else value for name, value in tree.items()}


def paper_shown(console: Console, tree: Tree, version: PaperVersion) -> None:
    """One paper, a fact a line."""
    facts = list(flat(tree))
    entered = f"version {version.version}, {moment(version.at)} by {version.by}"
    described(console, [*facts, ("entered", f"{entered}: {version.reason}" if version.reason else entered)])


def flat(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    """The values within, each under the names that lead to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from flat(each, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for number, each in enumerate(value, start=1):
            yield from flat(each, f"{name} {number}")
    elif isinstance(value, list):
        yield name, ", ".join(map(str, value))
    elif isinstance(value, bool):
        yield name, "yes" if value else "no"
    else:
        yield name, str(value)


def history_table(console: Console, versions: Sequence[tuple[PaperVersion, Tree]]) -> None:
    """The versions of a paper, the oldest first, with the names of the fields in which each differs from the last."""
    columns = [Column(heading=name, whole=number < 2) for number, name in enumerate(_HISTORY)]
    rows = []
    before: dict[str, str] = {}
    for version, tree in versions:
        now = dict(flat(tree))
        changed = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
        told = ", ".join(changed) if before else "-"
        cells = (str(version.version), moment(version.at), version.by, version.reason or "-", told)
        rows.append(Row(cells=cells))
        before = now
    listed(console, columns, rows, nothing="There is no such paper.")


def version_json(version: PaperVersion, tree: Tree) -> Tree:
    """A version of a paper as JSON values."""
    return {
        "kind": version.paper.kind.value,
        "id": version.paper.paper_id,
        "version": version.version,
        "at": instant(version.at),
        "by": version.by,
        "reason": version.reason,
        "digest": version.digest,
        "paper": tree,
    }


def _day(at: datetime | None) -> str:
    return day(at) if at else "-"


def _moment(at: datetime | None) -> str:
    return moment(at) if at else "-"
