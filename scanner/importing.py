"""Lists of provenance records and of approvals come into the register: every row, or none and all that is wrong."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanner.errors import RegisterInputError
from scanner.intake.approval_forms import approval_forms, faults
from scanner.intake.forms import RecordForm, record_forms
from scanner.intake.materials import Material, materials
from scanner.intake.sheets import refusal
from scanner.model import Approval, MediaKind, Paper, PaperKind, ProvenanceRecord, Scope, Thumbnail
from scanner.registering import (
    Examining,
    OnMember,
    Registered,
    Said,
    already,
    asset_of,
    drawn_up,
    holder,
    opposite,
    record_of,
    remarks,
    retired,
    unfit,
)
from scanner.store import Store
from scanner.studio import Studio

_BY_BYTES = "registered without its media: it will be found only by its bytes"
_BY_FINGERPRINT = "registered without its media: it will be found only by the one fingerprint that was given"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One record that a list asks for: a row, and one piece of media of it or the hashes that stand for media.

    `known`: the record that holds these bytes already.
    """

    form: RecordForm
    said: Said
    name: str
    sha256: str
    material: Material | None = None
    known: ProvenanceRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What an entry comes to, if nothing is wrong with any other."""

    entry: _Entry
    result: Registered
    thumbnails: dict[str, Sequence[Thumbnail]]


def import_records(
    studio: Studio, file: Path, *, by: str, title: str | None = None, on_member: OnMember | None = None
) -> tuple[Registered, ...]:
    """Register every row of a CSV or JSON file, or none. `title` is for rows that name none.

    Raises RegisterInputError with all that is wrong: with what the rows say first, and only then with their media.
    """
    entries = _entries(studio, file, by=by, title=title)
    problems: list[str] = []
    drafts: list[_Draft] = []
    with Examining(studio, [e.material for e in entries if e.material is not None and e.known is None]) as examining:
        for number, entry in enumerate(entries, start=1):
            if on_member is not None:
                on_member(entry.name, number, len(entries))
            draft = _draft(studio, entry, examining)
            if isinstance(draft, _Draft):
                drafts.append(draft)
            else:
                problems.append(f"{entry.form.place}, column path: {entry.name!r}: {draft}")
    _check(file, problems)
    return tuple(_written_down(studio.kept, file, drafts))


def _entries(studio: Studio, file: Path, *, by: str, title: str | None) -> list[_Entry]:
    problems: list[str] = []
    forms = record_forms(file, title=title)
    entries = [entry for form in forms for entry in _asked_for(studio, form, by=by, problems=problems)]
    problems += _contradictions(studio.kept, entries)
    _check(file, problems)
    return entries


def _asked_for(studio: Studio, form: RecordForm, *, by: str, problems: list[str]) -> Iterator[_Entry]:
    said = Said(
        title=form.title,
        tool=form.tool,
        tool_version=form.tool_version,
        use=form.use,
        shot=form.shot,
        vendor=form.vendor,
        note=form.note,
        by=by,
        at=form.created_at or studio.now(),
        record_id=form.record_id,
    )
    if form.path is None:
        sha256 = form.sha256 or _stand_in(form)
        known = holder(studio.kept, form.title, sha256)
        yield _Entry(form=form, said=said, name=form.place, sha256=sha256, known=known)
        return
    media = list(_media(form, form.path, problems))
    if form.record_id and len(media) > 1:
        problems.append(f"{form.place}, column record_id: one id, but {len(media)} pieces of media at its path")
    for item in media:
        known = holder(studio.kept, form.title, item.member.sha256)
        yield _Entry(form=form, said=said, name=item.name, sha256=item.member.sha256, material=item, known=known)


def _media(form: RecordForm, path: Path, problems: list[str]) -> Iterator[Material]:
    for item in materials([path]):
        if isinstance(item, Material):
            yield item
        elif not item.skipped:
            problems.append(f"{form.place}, column path: {item.name!r}: {item.reason}")


def _stand_in(form: RecordForm) -> str:
    """In place of the SHA-256 of media that only a fingerprint is known of: no file's, and always the same."""
    codes = b"".join((b"fingerprint of media not seen: ", form.codes.codes if form.codes else b""))
    return hashlib.sha256(codes).hexdigest()


def _contradictions(store: Store, entries: Sequence[_Entry]) -> Iterator[str]:
    """What of the rows cannot be true as well as the register, or as one another."""
    namesakes = store.records_by_id(entry.form.record_id for entry in entries if entry.form.record_id)
    first: dict[tuple[str, str], _Entry] = {}
    for entry in entries:
        place = entry.form.place
        namesake = namesakes.get(entry.form.record_id or "")
        if namesake is not None and (entry.known is None or entry.known.record_id != namesake.record_id):
            yield f"{place}, column record_id: {namesake.record_id!r} is registered already, for other bytes or title"
        if entry.known is not None and (reason := retired(entry.known)):
            yield f"{place}: {reason}"
        if reason := opposite(store, entry.said.use, entry.sha256):
            yield f"{place}: {reason}"
        same = first.setdefault((entry.form.title, entry.sha256), entry)
        if _facts(same) != _facts(entry):
            yield f"{place}: these are the bytes of {same.form.place}, and something else is said of them"


def _facts(entry: _Entry) -> tuple[str | None, ...]:
    said = entry.said
    return said.tool, said.tool_version, said.use, said.shot, said.vendor, said.note, said.record_id


def _draft(studio: Studio, entry: _Entry, examining: Examining) -> _Draft | str:
    """What an entry comes to, or why it cannot be registered."""
    if entry.known is not None:
        return _Draft(entry=entry, result=already(entry.said, entry.name, entry.known), thumbnails={})
    if entry.material is None:
        return _without_media(entry)
    examined = examining.result(entry.material)
    if reason := unfit(entry.material, examined.examination):
        return reason
    record, thumbnails = drawn_up(entry.said, entry.material, examined)
    noted = remarks(studio, entry.material, examined)
    result = Registered(name=entry.name, record=record, new=True, remarks=noted)
    return _Draft(entry=entry, result=result, thumbnails=dict(thumbnails))


def _without_media(entry: _Entry) -> _Draft:
    form = entry.form
    asset = asset_of(
        entry.said,
        name=form.shot or form.record_id or "media not seen",
        kind=MediaKind.STILL if form.codes else MediaKind.OTHER,
        sha256=entry.sha256,
        size=0,
        file_hashes=(form.sha256,) if form.sha256 else (),
        codes=(form.codes,) if form.codes else (),
    )
    noted = _BY_FINGERPRINT if form.codes else _BY_BYTES
    result = Registered(name=entry.name, record=record_of(entry.said, asset), new=True, remarks=(noted,))
    return _Draft(entry=entry, result=result, thumbnails={})


def _written_down(store: Store, file: Path, drafts: Sequence[_Draft]) -> Iterator[Registered]:
    new = [(draft.result.record, draft.thumbnails) for draft in drafts if draft.result.new]
    try:
        added = iter(store.add_records(new))
    except RegisterInputError as error:
        raise refusal(file, str(error).splitlines()[:-1]) from error
    for draft in drafts:
        kept, is_new = next(added) if draft.result.new else (draft.result.record, False)
        if draft.result.new and not is_new:
            yield already(draft.entry.said, draft.result.name, kept)
        else:
            yield draft.result


def import_approvals(
    store: Store, file: Path, *, at: datetime, title: str | None = None
) -> tuple[tuple[Approval, bool], ...]:
    """Register every row of a CSV or JSON file, or none; True where it was new. `title` is for rows that name none.

    Raises RegisterInputError with all that is wrong.
    """
    forms = approval_forms(file, at=at, title=title)
    unknown = _unknown(store, (form.approval for form in forms))
    problems = [f"{form.place}, column {reason}" for form in forms for reason in unknown[form.approval.approval_id]]
    _check(file, problems)
    try:
        return tuple(store.add_approvals([form.approval for form in forms]))
    except RegisterInputError as error:
        raise refusal(file, str(error).splitlines()[:-1]) from error


def add_approval(store: Store, approval: Approval, *, whole_title: bool) -> tuple[Approval, bool]:
    """Register one approval; the one that is there, and False, if it says the same. Raises RegisterInputError."""
    problems = [
        f"--{column.replace('_', '-')}: {reason}" for column, reason in faults(approval, whole_title=whole_title)
    ]
    problems += [f"--{reason}" for reason in _unknown(store, [approval])[approval.approval_id]]
    _check_one(approval, problems)
    return store.add_approval(approval)


def decide_approval(store: Store, approval: Approval, *, by: str, reason: str | None, at: datetime) -> bool:
    """Enter a new version of an approval; False when it says what it said. Raises RegisterInputError."""
    whole_title = approval.scope == Scope()
    _check_one(approval, [f"{column}: {why}" for column, why in faults(approval, whole_title=whole_title)])
    paper = Paper(kind=PaperKind.APPROVAL, paper_id=approval.approval_id, content=approval)
    return bool(store.put_papers([paper], by=by, reason=reason, at=at))


def _check_one(approval: Approval, problems: Sequence[str]) -> None:
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        msg = f"approval {approval.approval_id!r} was not registered:\n{lines}"
        raise RegisterInputError(msg)


def _unknown(store: Store, approvals: Iterable[Approval]) -> dict[str, list[str]]:
    """By approval, the records and assets that its scope names and the register does not hold."""
    approvals = tuple(approvals)
    records = store.records_by_id(record for item in approvals for record in item.scope.records).keys()
    assets = _asset_ids(store) if any(item.scope.assets for item in approvals) else frozenset()
    return {
        item.approval_id: [
            *(f"record: {each!r} is not in the register" for each in item.scope.records if each not in records),
            *(f"asset: {each!r} is not in the register" for each in item.scope.assets if each not in assets),
        ]
        for item in approvals
    }


def _asset_ids(store: Store) -> frozenset[str]:
    return frozenset(asset.asset_id for record in store.records() for asset in record.assets)


def _check(file: Path, problems: Sequence[str]) -> None:
    if problems:
        raise refusal(file, problems)
