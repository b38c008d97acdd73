"""Approvals as an import file states them (guidelines 6.5), and what makes one contradict itself.

Whether the records and assets that a scope names exist is asked of the register, not here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanner.intake.approval_terms import (
    action,
    condition,
    limit_fault,
    most_prominent,
    permit,
    permits,
    trigger,
    version_range,
)
from scanner.intake.forms import end_moment, identifier, moment, sha256, word
from scanner.intake.sheets import Columns, Row, clipped, read_sheet
from scanner.model import Action, Approval, ApprovalStatus, DropClass, Scope, Terms, TimecodeRange
from scanner.policy.validity import APPROVED

APPROVAL_COLUMNS = (
    *("id", "title", "status", "approver", "approver_role", "document", "decided_at", "valid_from", "valid_to"),
    *("drop_class", "record", "asset", "shot", "timecode", "file", "tool", "whole_title", "note"),
    *("tool_version", "sha256", "season", "episode", "territory", "vendor", "max_prominence"),
    *("action", "trigger", "permit", "condition", "consent", "requested_by", "requested_at", "legal_review_ref"),
    *("document_sha256", "supersedes"),
)
_TIMECODE = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d[:;]\d\d")
_EMPTY = Scope()
_SCOPE_COLUMNS = frozenset(
    {"drop_class", "record", "asset", "shot", "timecode", "file", "tool", "tool_version", "sha256", "season"}
    | {"episode", "territory", "vendor", "max_prominence"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalForm:
    """One row. `whole_title`: it is said in so many words that it is for everything of its title."""

    place: str
    approval: Approval
    whole_title: bool


def approval_forms(file: Path, *, at: datetime, title: str | None = None) -> tuple[ApprovalForm, ...]:
    """The rows of an import file; `title` is for rows that name none. Raises RegisterInputError with all problems."""
    needed = ("id", "status") if title else ("id", "title", "status")
    sheet = read_sheet(file, Columns(known=APPROVAL_COLUMNS, needed=needed))
    forms = [_approval_form(row, at, title) for row in sheet.rows]
    first: dict[str, ApprovalForm] = {}
    for row, form in zip(sheet.rows, forms, strict=True):
        name = form.approval.approval_id
        if name and first.setdefault(name, form) is not form:
            row.wrong("id", f"{clipped(name)} is that of {first[name].place} already")
    sheet.check()
    return tuple(forms)


def _approval_form(row: Row, at: datetime, title: str | None) -> ApprovalForm:
    row.needed("id")
    row.needed("status")
    status = row.parsed("status", word(ApprovalStatus)) or ApprovalStatus.DRAFT
    approval = Approval(
        approval_id=row.parsed("id", identifier) or "",
        title=row.needed("title", title),
        status=status,
        scope=_scope(row),
        approver=row.text("approver") or "",
        approver_role=row.text("approver_role"),
        decided_at=row.parsed("decided_at", moment),
        valid_from=row.parsed("valid_from", moment),
        valid_to=row.parsed("valid_to", end_moment),
        document=row.text("document"),
        note=row.text("note"),
        terms=_terms(row),
        created_at=at,
    )
    whole_title = row.parsed("whole_title", _yes) or False
    # A cell that could not be read is not also a cell that is missing; nor is a scope of such cells an empty one.
    unread = {column for column in APPROVAL_COLUMNS if row.blamed(column)}
    for column, reason in faults(approval, whole_title=whole_title):
        if column not in unread and not (column == "whole_title" and unread & _SCOPE_COLUMNS):
            row.wrong(column, reason)
    return ApprovalForm(place=row.place, approval=approval, whole_title=whole_title)


def _scope(row: Row) -> Scope:
    return Scope(
        drop_classes=row.each("drop_class", word(DropClass)),
        records=row.several("record"),
        assets=row.several("asset"),
        shots=row.several("shot"),
        timecodes=row.each("timecode", timecode_range),
        file_patterns=row.several("file"),
        tools=row.several("tool"),
        tool_versions=row.each("tool_version", version_range),
        sha256=row.each("sha256", sha256),
        seasons=row.several("season"),
        episodes=row.several("episode"),
        territories=row.several("territory"),
        vendors=row.several("vendor"),
        max_prominence=row.parsed("max_prominence", most_prominent),
    )


def _terms(row: Row) -> Terms:
    return Terms(
        action=row.parsed("action", action) or Action.ESCALATE,
        triggers=row.each("trigger", trigger),
        permits=permits(row.each("permit", permit)),
        conditions=row.each("condition", condition),
        consents=row.several("consent"),
        requested_by=row.text("requested_by"),
        requested_at=row.parsed("requested_at", moment),
        legal_review_ref=row.text("legal_review_ref"),
        document_sha256=row.parsed("document_sha256", sha256),
        supersedes=row.parsed("supersedes", identifier),
    )


def faults(approval: Approval, *, whole_title: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with an approval by itself: the column, and why."""
    if approval.status in APPROVED:
        if not approval.approver:
            yield "approver", "an approved one must say who approved it"
        if approval.decided_at is None:
            yield "decided_at", "an approved one must say when it was decided"
        if approval.scope == _EMPTY and not whole_title:
            yield "whole_title", "its scope is empty: say what it is for, or that the whole title is meant"
    if whole_title and approval.scope != _EMPTY:
        yield "whole_title", "the whole title is not meant when the scope names parts of it"
    if approval.valid_from is not None and approval.valid_to is not None and approval.valid_to <= approval.valid_from:
        yield "valid_to", "this ends before valid_from begins"
    yield from _faults_of_terms(approval)


def _faults_of_terms(approval: Approval) -> Iterator[tuple[str, str]]:
    terms = approval.terms
    if approval.status is ApprovalStatus.APPROVED_WITH_CONDITIONS and not terms.conditions:
        yield "condition", "one that is approved with conditions must say on which"
    if approval.status is ApprovalStatus.APPROVED and terms.conditions:
        yield "status", "one with conditions is approved_with_conditions"
    if terms.supersedes == approval.approval_id:
        yield "supersedes", "it cannot take its own place"
    for each in terms.conditions:
        if reason := limit_fault(each.check, each.limit):
            yield "condition", f"{each.condition_id}: {reason}"


def timecode_range(text: str) -> TimecodeRange:
    """`HH:MM:SS:FF-HH:MM:SS:FF`, the second being the first frame after the stretch; `;FF` counts as well.

    Raises ValueError, also for a stretch that ends before it begins. The notation is that of SMPTE ST 12-1.
    """
    first, dash, last = (part.strip() for part in text.partition("-"))
    for timecode in (first, last):
        if not dash or not _TIMECODE.fullmatch(timecode):
            msg = f"{clipped(text)} is not a stretch of timecode like 01:00:10:00-01:00:14:12"
            raise ValueError(msg)
    if last.replace(";", ":") <= first.replace(";", ":"):
        msg = f"{clipped(text)} holds no frame: the second timecode is that of the first frame after the stretch"
        raise ValueError(msg)
    return TimecodeRange(first=first, last=last)


def _yes(text: str) -> bool:
    if text.lower() in ("yes", "true", "1"):
        return True
    if text.lower() in ("no", "false", "0"):
        return False
    msg = f"{clipped(text)} is neither yes nor no"
    raise ValueError(msg)
