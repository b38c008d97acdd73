"""Provenance records and approvals for people and programs. Fingerprints are counted, never printed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console

from scanner.model import Approval, ApprovalStatus, Asset, Particulars, ProvenanceRecord, Scope
from scanner.report.approval_terms import terms_json, terms_words
from scanner.report.json_text import Json, instant
from scanner.report.listing import Column, Row, described, listed
from scanner.report.plain import day, moment, plural, size_words

_APPROVED = (ApprovalStatus.APPROVED, ApprovalStatus.APPROVED_WITH_CONDITIONS)
# Characters of a file's name that a table shows.
_NAME = 32
LIVE_STYLE, WAITING_STYLE, OVER_STYLE = "bold green", "bold yellow", "dim"


RECORD_COLUMNS = (
    Column(heading="record", whole=True),
    Column(heading="title"),
    Column(heading="use", whole=True),
    Column(heading="tool"),
    Column(heading="shot"),
    Column(heading="vendor", narrow=False),
    Column(heading="assets", narrow=False),
    Column(heading="created", narrow=False, whole=True),
    Column(heading="file"),
)

APPROVAL_COLUMNS = (
    Column(heading="approval", whole=True),
    Column(heading="standing", whole=True),
    Column(heading="title", narrow=False),
    Column(heading="for"),
    Column(heading="approver", narrow=False),
    Column(heading="decided", narrow=False, whole=True),
    Column(heading="valid until", whole=True),
)


GOOD_COLUMNS = (
    Column(heading="record", whole=True),
    Column(heading="title"),
    Column(heading="state", whole=True),
    Column(heading="name"),
    Column(heading="why"),
    Column(heading="by", narrow=False),
    Column(heading="since", narrow=False, whole=True),
)


def records_table(console: Console, records: Sequence[ProvenanceRecord]) -> None:
    """All records, one a row; in a pipe: id, title, use, tool, shot, vendor, number of assets, day created, files.

    Names of files are shortened on a terminal, and told whole in a pipe.
    """
    rows = [
        Row(
            style=OVER_STYLE if record.retired_at else "bold",
            cells=(
                record.record_id,
                record.title,
                "retired" if record.retired_at else record.use.value,
                _tool(record),
                record.shot or "-",
                record.vendor or "-",
                str(len(record.assets)),
                day(record.created_at),
                _files(record, short=console.is_terminal),
            ),
        )
        for record in records
    ]
    listed(console, RECORD_COLUMNS, rows, nothing="No provenance records are registered.")


def good_table(console: Console, records: Sequence[ProvenanceRecord]) -> None:
    """What is known to be good, a record a row; in a pipe: id, title, state, name, why, by, day."""
    rows = [
        Row(
            style=OVER_STYLE if record.retired_at else "bold",
            cells=(
                record.record_id,
                record.title,
                "retired" if record.retired_at else "in force",
                ", ".join(asset.name for asset in record.assets),
                record.note or "-",
                record.created_by,
                day(record.created_at),
            ),
        )
        for record in records
    ]
    listed(console, GOOD_COLUMNS, rows, nothing="Nothing is known to be good.")


def good_json(record: ProvenanceRecord) -> dict[str, Json]:
    """What is known to be good as JSON values. Absent facts are null."""
    return {
        "record_id": record.record_id,
        "title": record.title,
        "why": record.note,
        "created_by": record.created_by,
        "created_at": instant(record.created_at),
        "retired_at": instant(record.retired_at),
        "retired_reason": record.retired_reason,
        "assets": [
            {"asset_id": asset.asset_id, "name": asset.name, "kind": asset.kind.value, "sha256": asset.sha256}
            for asset in record.assets
        ],
    }


def record_shown(console: Console, record: ProvenanceRecord) -> None:
    """One record with its assets."""
    facts = [
        ("record", record.record_id),
        ("title", record.title),
        ("use", record.use.value),
        ("tool", _tool(record)),
        ("shot", record.shot),
        ("vendor", record.vendor),
        ("note", record.note),
        ("created", f"{moment(record.created_at)} by {record.created_by}"),
        ("retired", f"{moment(record.retired_at)}: {record.retired_reason or '-'}" if record.retired_at else None),
    ]
    if record.particulars is not None:
        facts += in_short(record.particulars)
    for asset in record.assets:
        facts += [("asset", _asset_line(asset)), ("sha256", asset.sha256)]
    described(console, facts)


def in_short(told: Particulars) -> Iterator[tuple[str, str]]:
    """What a record says beside its media, in a few lines. Nobody is named."""
    kind = told.element_kind.value if told.element_kind else "element not stated"
    yield "element", f"{kind}, AI use {told.ai_use or 'not stated'}, prominence {told.prominence}"
    if told.steps:
        tools = dict.fromkeys(step.tool_id for step in told.steps)
        yield "made in", f"{plural(len(told.steps), 'step')} with {', '.join(tools)}"
    if told.escalation_ids:
        yield "escalations", ", ".join(told.escalation_ids)
    if told.talent:
        yield "talent", f"{plural(len(told.talent), 'person', 'people')} concerned"
    if told.replaced_by:
        yield "replaced by", told.replaced_by


def approvals_table(console: Console, approvals: Sequence[Approval], *, at: datetime) -> None:
    """All approvals as they stand at a time; in a pipe: id, standing, title, scope, approver, decided, valid to."""
    rows = [
        Row(
            style=_style(approval, at),
            cells=(
                approval.approval_id,
                standing(approval, at=at),
                approval.title,
                "; ".join(scope_words(approval.scope)),
                approval.approver,
                day(approval.decided_at) if approval.decided_at else "-",
                moment(approval.valid_to) if approval.valid_to else "-",
            ),
        )
        for approval in approvals
    ]
    listed(console, APPROVAL_COLUMNS, rows, nothing="No approvals are registered.")


def approval_shown(console: Console, approval: Approval, *, at: datetime) -> None:
    """One approval as it stands at a time."""
    role = f" ({approval.approver_role})" if approval.approver_role else ""
    facts = [
        ("approval", approval.approval_id),
        ("standing", standing(approval, at=at)),
        ("title", approval.title),
        *(("for", words) for words in scope_words(approval.scope)),
        ("approver", approval.approver + role),
        ("decided", _maybe(approval.decided_at)),
        ("valid from", _maybe(approval.valid_from)),
        ("valid until", _maybe(approval.valid_to)),
        ("document", approval.document),
        *terms_words(approval.terms),
        ("note", approval.note),
        ("created", moment(approval.created_at)),
        ("revoked", _revoked(approval)),
    ]
    described(console, facts)


def standing(approval: Approval, *, at: datetime) -> str:
    """What an approval is worth at a time: its status, or that it is revoked, expired or not yet valid."""
    if approval.revoked_at is not None and approval.revoked_at <= at:
        return "revoked"
    if approval.status not in _APPROVED:
        return approval.status.value
    if approval.valid_to is not None and approval.valid_to <= at:
        return "expired"
    if approval.valid_from is not None and at < approval.valid_from:
        return "not yet valid"
    return approval.status.value


def scope_words(scope: Scope) -> tuple[str, ...]:
    """What an approval is for, a dimension each; an empty scope is everything of its title."""
    return tuple(_dimensions(scope)) or ("everything of this title",)


def _dimensions(scope: Scope) -> Iterator[str]:
    timecodes = [f"{stretch.first}-{stretch.last}" for stretch in scope.timecodes]
    for name, values in (
        ("deliveries", [each.value for each in scope.drop_classes]),
        ("records", scope.records),
        ("assets", scope.assets),
        ("shots", scope.shots),
        ("timecode", timecodes),
        ("files", scope.file_patterns),
        ("tools", scope.tools),
        ("tool versions", scope.tool_versions),
        ("bytes", scope.sha256),
        ("seasons", scope.seasons),
        ("episodes", scope.episodes),
        ("territories", scope.territories),
        ("vendors", scope.vendors),
        ("prominence up to", [scope.max_prominence] if scope.max_prominence else []),
    ):
        if values:
            yield f"{name} {', '.join(values)}"


def record_json(record: ProvenanceRecord) -> dict[str, Json]:
    """A provenance record as JSON values. Absent facts are null."""
    return {
        "record_id": record.record_id,
        "title": record.title,
        "tool": record.tool,
        "tool_version": record.tool_version,
        "use": record.use.value,
        "shot": record.shot,
        "vendor": record.vendor,
        "note": record.note,
        "created_by": record.created_by,
        "created_at": instant(record.created_at),
        "retired_at": instant(record.retired_at),
        "retired_reason": record.retired_reason,
        "assets": [_asset_json(asset) for asset in record.assets],
    }


def _asset_json(asset: Asset) -> dict[str, Json]:
    return {
        "asset_id": asset.asset_id,
        "name": asset.name,
        "kind": asset.kind.value,
        "sha256": asset.sha256,
        "size": asset.size,
        "file_hashes": list(asset.file_hashes),
        "fingerprints": [
            {"algorithm": codes.algorithm, "version": codes.version, "codes": len(codes.pts)} for codes in asset.codes
        ],
        "features": [
            {"algorithm": each.algorithm, "version": each.version, "frames": len(each.frames)}
            for each in asset.features
        ],
        "sounds": [
            {
                "algorithm": each.algorithm,
                "version": each.version,
                "stream": each.stream,
                "channel": each.channel,
                "landmarks": len(each.times) // 4,
            }
            for each in asset.sounds
        ],
    }


def approval_json(approval: Approval, *, at: datetime) -> dict[str, Json]:
    """An approval as JSON values; `standing` is what it is worth at the time. Absent facts are null."""
    return {
        "approval_id": approval.approval_id,
        "title": approval.title,
        "status": approval.status.value,
        "standing": standing(approval, at=at),
        "scope": _scope_json(approval.scope),
        "terms": terms_json(approval.terms),
        "approver": approval.approver,
        "approver_role": approval.approver_role,
        "decided_at": instant(approval.decided_at),
        "valid_from": instant(approval.valid_from),
        "valid_to": instant(approval.valid_to),
        "document": approval.document,
        "note": approval.note,
        "created_at": instant(approval.created_at),
        "revoked_at": instant(approval.revoked_at),
        "revoked_by": approval.revoked_by,
        "revoked_reason": approval.revoked_reason,
    }


def _scope_json(scope: Scope) -> dict[str, Json]:
    return {
        "drop_classes": [each.value for each in scope.drop_classes],
        "records": list(scope.records),
        "assets": list(scope.assets),
        "shots": list(scope.shots),
        "timecodes": [{"first": stretch.first, "last": stretch.last} for stretch in scope.timecodes],
        "file_patterns": list(scope.file_patterns),
        "tools": list(scope.tools),
        "tool_versions": list(scope.tool_versions),
        "sha256": list(scope.sha256),
        "seasons": list(scope.seasons),
        "episodes": list(scope.episodes),
        "territories": list(scope.territories),
        "vendors": list(scope.vendors),
        "max_prominence": scope.max_prominence.value if scope.max_prominence else None,
    }


def _files(record: ProvenanceRecord, *, short: bool) -> str:
    """The names of a record's media. In short: the end of the first, by which names of a series differ."""
    names = [asset.name for asset in record.assets]
    if not short or not names:
        return ", ".join(names) or "-"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    first = names[0].rpartition("/")[2]
    return (first if len(first) <= _NAME else f"…{first[1 - _NAME :]}") + more


def _tool(record: ProvenanceRecord) -> str:
    return f"{record.tool} {record.tool_version}" if record.tool_version else record.tool


def _asset_line(asset: Asset) -> str:
    codes = sum(len(each.pts) for each in asset.codes)
    frames = sum(len(each.frames) for each in asset.features)
    landmarks = sum(len(each.times) // 4 for each in asset.sounds)
    counted = plural(codes, "fingerprint") + (f", local features of {plural(frames, 'frame')}" if frames else "")
    counted += f", {plural(landmarks, 'landmark')} of its sound" if landmarks else ""
    return f"{asset.asset_id} {asset.name} ({asset.kind}, {size_words(asset.size)}, {counted})"


def _style(approval: Approval, at: datetime) -> str:
    match standing(approval, at=at):
        case "approved" | "approved_with_conditions":
            return LIVE_STYLE
        case "pending" | "draft" | "not yet valid":
            return WAITING_STYLE
        case _:
            return OVER_STYLE


def _maybe(at: datetime | None) -> str | None:
    return moment(at) if at else None


def _revoked(approval: Approval) -> str | None:
    if approval.revoked_at is None:
        return None
    return f"{moment(approval.revoked_at)} by {approval.revoked_by or '-'}: {approval.revoked_reason or '-'}"
