"""What the audit log says of each thing that is written down; called in the transaction that writes it.

`kept` lists the rows that an entry vouches for: kind, key and SHA-256 of each. `stage` and `place` are those of the
delivery from then on; an entry without them does not change them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from sqlalchemy import Connection, select

from scanner.model import Approval, Delivery, PaperKind, PaperVersion, ProvenanceRecord, Recall, Ruling, Stage, Verdict
from scanner.model.audit import What
from scanner.store.audit import Note, add, add_all, head, plain
from scanner.store.audit_rows import (
    CLOSING,
    DELIVERY,
    OF_APPROVALS,
    OF_DELIVERIES,
    PAPER,
    RECALL,
    RECORD,
    REGISTERED,
    RETIREMENT,
    REVOCATION,
    RULING,
    RULING_TERMS,
    VERDICT,
    Kind,
    digest,
    digests,
    pages,
)
from scanner.store.tables import deliveries, members

RECEIPT = "receipt of delivery"
"""Stands for a delivery's being there at all, beside the kinds of rows."""

IDS_AT_ONCE = 200


class Standing(Protocol):
    """How far a delivery has come, where it is, and how many verdicts it has."""

    @property
    def stage(self) -> Stage: ...
    @property
    def place(self) -> str | None: ...
    @property
    def verdicts(self) -> int: ...


# A delivery that is decided, or judged again, is on its way: its place is where it goes.
_COMING_TO = {
    Stage.EXAMINED: What.EXAMINED,
    Stage.CARRIED_OUT: What.CARRIED_OUT,
    Stage.RULED: What.CARRIED_OUT,
}


def _kept(connection: Connection, kind: Kind, *key: str | int) -> list[str]:
    return [kind.name, "/".join(map(str, key)), digest(connection, kind, *key)]


def received(connection: Connection, delivery: Delivery, place: str) -> None:
    """A delivery was taken into custody."""
    facts = {
        "name": delivery.name,
        "origin": delivery.origin,
        "title": delivery.title,
        "vendor": delivery.vendor,
        "drop_class": delivery.drop_class.value,
        "received_at": _instant(delivery.received_at),
        "stage": Stage.RECEIVED.value,
        "place": place,
    }
    add(connection, What.RECEIVED, facts, delivery_id=delivery.delivery_id)


def decided(connection: Connection, verdict: Verdict, sequence: int, place: str, *, on_bench: bool) -> None:
    """A verdict was written down: on what it rests, and where it takes the delivery."""
    delivery_id, register = verdict.delivery_id, verdict.register
    held = select(members.c.name, members.c.sha256).where(members.c.delivery_id == delivery_id)
    facts: dict[str, object] = {
        "outcome": verdict.outcome.label,
        "sequence": sequence,
        "codes": [finding.code.value for finding in verdict.findings],
        "approvals_used": list(verdict.approvals_used),
        "members": [[row.name, row.sha256] for row in connection.execute(held.order_by(members.c.position))],
        "policy": verdict.policy,
        "examiner": verdict.examiner,
        "register": None if register is None else register.version,
        "judged_at": _instant(verdict.judged_at),
        "goes_to": place,
        "kept": [
            _kept(connection, VERDICT, delivery_id, sequence),
            _kept(connection, DELIVERY, delivery_id),
        ],
    }
    if on_bench:
        facts |= {"stage": Stage.DECIDED.value, "place": place}
    add(connection, What.DECIDED, facts, delivery_id=delivery_id)


def went_on(connection: Connection, delivery_id: str, was: Standing, now: Standing) -> None:
    """A delivery came to another stage or place, under its verdict of number `sequence`."""
    what = _COMING_TO.get(now.stage, What.MOVED)
    if now.stage is Stage.JUDGED_AGAIN and now.place == was.place:
        what = What.JUDGED_AGAIN
    facts = {"sequence": now.verdicts, "stage": now.stage.value, "place": now.place}
    add(connection, what, facts, delivery_id=delivery_id)


def ruled(connection: Connection, delivery_id: str, ruling: Ruling, position: int, moved: Mapping[str, object]) -> None:
    """A person ruled on a delivery. `moved`: the stage and place to which it comes by that; none where it stays."""
    key, terms = f"{delivery_id}/{position}", ruling.terms
    kept_terms = digests(connection, RULING_TERMS, [delivery_id]).get(key)
    facts = {
        "action": ruling.action.value,
        "by": ruling.by,
        "reason": ruling.reason,
        "approval": ruling.approval,
        "ruled_at": _instant(ruling.at),
        "role": terms.role,
        "second": terms.second,
        "waives": list(terms.waiver.codes) if terms.waiver else [],
        "teaches": terms.lesson.value if terms.lesson else None,
        **moved,
        "kept": [
            _kept(connection, RULING, delivery_id, position),
            *([[RULING_TERMS.name, key, kept_terms]] if kept_terms else []),
        ],
    }
    add(connection, What.RULED, facts, delivery_id=delivery_id, who=ruling.by)


def recalled(connection: Connection, recall: Recall) -> None:
    """Registered material was found in what had gone on."""
    facts = {
        "recall": recall.recall_id,
        "asset": recall.asset.asset_id,
        "record": recall.asset.record_id,
        "reason": recall.reason.value,
        "outcome": recall.outcome.label,
        "codes": [finding.code.value for finding in recall.findings],
        "kept": [_kept(connection, RECALL, recall.recall_id)],
    }
    add(connection, What.RECALLED, facts, delivery_id=recall.delivery_id, who=recall.by)


def recall_closed(connection: Connection, recall: Recall) -> None:
    """A person said that a recall has been dealt with."""
    facts = {
        "recall": recall.recall_id,
        "reason": recall.closed_reason,
        "kept": [_kept(connection, CLOSING, recall.recall_id)],
    }
    add(connection, What.RECALL_CLOSED, facts, delivery_id=recall.delivery_id, who=recall.closed_by)


def records_added(connection: Connection, added: Sequence[ProvenanceRecord]) -> None:
    """AI material came into the register, or pictures known to be good."""
    kept = digests(connection, RECORD, [record.record_id for record in added])
    add_all(connection, [_record_added(record, kept[record.record_id]) for record in added])


def _record_added(record: ProvenanceRecord, kept: str) -> Note:
    facts = {
        "record": record.record_id,
        "title": record.title,
        "tool": record.tool,
        "use": record.use.value,
        "assets": [[asset.asset_id, asset.sha256] for asset in record.assets],
        "kept": [[RECORD.name, record.record_id, kept]],
    }
    return Note(what=What.RECORD_ADDED, who=record.created_by, facts=facts)


def record_retired(connection: Connection, record_id: str, *, by: str, reason: str) -> None:
    """A record was taken out of force."""
    kept = [_kept(connection, RETIREMENT, record_id)]
    add(connection, What.RECORD_RETIRED, {"record": record_id, "reason": reason, "kept": kept}, who=by)


def retirement(connection: Connection, record_id: str) -> list[str]:
    """How an entry vouches for the retirement of a record, as it is now."""
    return _kept(connection, RETIREMENT, record_id)


def record_reinstated(
    connection: Connection, record: ProvenanceRecord, ended: list[str], *, by: str, reason: str
) -> None:
    """A record that was retired, as it is given, came back into force. `ended`: what vouched for its retirement."""
    facts = {
        "record": record.record_id,
        "reason": reason,
        "was_retired": {"at": record.retired_at and _instant(record.retired_at), "reason": record.retired_reason},
        "ended": [ended],
    }
    add(connection, What.RECORD_REINSTATED, facts, who=by)


def fingerprints_added(connection: Connection, asset_id: str) -> None:
    """A registered asset got fingerprints of another version."""
    add(connection, What.FINGERPRINTS_ADDED, {"asset": asset_id})


def approvals_added(connection: Connection, added: Sequence[Approval]) -> None:
    """Escalations, and what was decided on them, were registered."""
    kept = kept_of_approvals(connection, [approval.approval_id for approval in added])
    add_all(connection, [_approval_added(approval, kept[approval.approval_id]) for approval in added])


def kept_of_approvals(connection: Connection, ids: Iterable[str]) -> dict[str, list[list[str]]]:
    """What is to be vouched for of each of these approvals, as they are now."""
    ids, kept = list(ids), defaultdict[str, list[list[str]]](list)
    for kind in OF_APPROVALS:
        for approval_id, found in digests(connection, kind, ids).items():
            kept[approval_id].append([kind.name, approval_id, found])
    return kept


def _approval_added(approval: Approval, kept: list[list[str]]) -> Note:
    facts = {
        "approval": approval.approval_id,
        "title": approval.title,
        "status": approval.status.value,
        "approver": approval.approver,
        "kept": kept,
    }
    return Note(what=What.APPROVAL_ADDED, facts=facts)


def approval_revoked(connection: Connection, approval_id: str, *, by: str, reason: str) -> None:
    """An approval was taken back."""
    kept = [_kept(connection, REVOCATION, approval_id)]
    add(connection, What.APPROVAL_REVOKED, {"approval": approval_id, "reason": reason, "kept": kept}, who=by)


def papers_added(connection: Connection, added: Sequence[PaperVersion], *, by: str) -> None:
    """Papers got new versions; those of approvals have changed, or made, the approval itself."""
    agreed = [each.paper.paper_id for each in added if each.paper.kind is PaperKind.APPROVAL]
    approvals = kept_of_approvals(connection, agreed)
    kept = digests(connection, PAPER, [each.paper.paper_id for each in added])
    add_all(connection, [_paper_added(each, kept, approvals, by) for each in added])


def _paper_added(
    version: PaperVersion, kept: Mapping[str, str], approvals: Mapping[str, list[list[str]]], by: str
) -> Note:
    kind, paper_id = version.paper.kind, version.paper.paper_id
    key = f"{kind}/{paper_id}/{version.version}"
    facts = {
        "kind": kind.value,
        "id": paper_id,
        "version": version.version,
        "digest": version.digest,
        "reason": version.reason,
        "kept": [[PAPER.name, key, kept[key]], *(approvals[paper_id] if kind is PaperKind.APPROVAL else ())],
    }
    return Note(what=What.PAPER_ADDED, who=by, facts=facts)


def begin(connection: Connection) -> None:
    """Begin a log, unless there is one, and say what stood in the database before: how much, and its digest."""
    if head(connection).number:
        return
    before: dict[str, list[str]] = {}
    for page in pages(connection, deliveries.c.delivery_id, IDS_AT_ONCE):
        before.setdefault(RECEIPT, []).extend(f"{plain(delivery_id)} -" for delivery_id in page)
        _count(connection, before, OF_DELIVERIES, page)
    for ids, kinds in REGISTERED:
        for page in pages(connection, ids, IDS_AT_ONCE):
            _count(connection, before, kinds, page)
    add(connection, What.BEGUN, {"before": {name: tally(lines) for name, lines in before.items() if lines}})


def _count(connection: Connection, before: dict[str, list[str]], kinds: Iterable[Kind], page: Sequence[str]) -> None:
    rows = {kind: digests(connection, kind, page) for kind in kinds}
    if DELIVERY in rows:
        # What a delivery holds is settled by its first verdict.
        judged = rows[VERDICT]
        rows[DELIVERY] = {key: each for key, each in rows[DELIVERY].items() if f"{key}/1" in judged}
    for kind, found in rows.items():
        before.setdefault(kind.name, []).extend(f"{plain(key)} {each}" for key, each in found.items())


def tally(lines: Sequence[str]) -> list[object]:
    """How many things there are, and the SHA-256 of all their lines, whatever the order."""
    whole = sha256()
    for line in sorted(lines):
        whole.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return [len(lines), whole.hexdigest()]


def _instant(at: datetime) -> str:
    return at.isoformat()
