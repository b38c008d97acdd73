"""One delivery from start to end; a one-off scan, the same without the moves; and a person's ruling.

There is no second way to release a file: everything that leaves the bench goes through `carry_out` or `rule`.
"""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypeVar

from scanner import actions
from scanner.errors import CustodyError, RulingError
from scanner.examine.job import Job
from scanner.intake.bench import bench_entry, clear_leftover
from scanner.intake.receive import finish_receiving
from scanner.intake.stock import take_stock
from scanner.match.evidence import Register, evidence_of
from scanner.model import (
    Case,
    Delivery,
    DeliveryRecord,
    DropClass,
    Examination,
    Identical,
    LookAlike,
    Member,
    MemberEvidence,
    Outcome,
    Picture,
    Refused,
    Ruling,
    RulingAction,
    Stage,
    Unreadable,
    Verdict,
)
from scanner.policy.judge import judge
from scanner.report.scanned import Scanned
from scanner.studio import Studio

Result = TypeVar("Result")
_log = logging.getLogger("scanner")
# Thumbnails are for people: more than this of one delivery nobody looks at.
_MOST_PICTURES = 24


class Run(Protocol):
    """How a step is run: at once, or as a durable step of the engine. A step may be run again after a crash."""

    def __call__(self, name: str, step: Callable[..., Result], *arguments: object) -> Result:
        """Run one step and give its result."""


def at_once(name: str, step: Callable[..., Result], *arguments: object) -> Result:
    """Run a step here and now."""
    return step(*arguments)


def handle(studio: Studio, delivery_id: str, run: Run = at_once) -> None:
    """Take a delivery that lies on the bench to its end. Each step is harmless to repeat."""
    seal = run("take stock", receive, studio, delivery_id)
    run("examine", examine, studio, delivery_id)
    run("decide", decide, studio, delivery_id)
    run("carry out", carry_out, studio, delivery_id, seal)
    run("close", close, studio, delivery_id)


def receive(studio: Studio, delivery_id: str) -> str:
    """Name, hash and sniff everything that was delivered. Gives a seal: the stamps of the bytes as they were then."""
    entry = finish_receiving(bench_entry(studio.settings.folder("work") / delivery_id))
    receipt, payload = entry.receipt, entry.payload
    if receipt is None or payload is None:
        msg = f"{entry.folder}: its receipt or payload is gone. Nothing was moved; look at it by hand."
        raise CustodyError(msg)
    seal = _seal(payload)
    members, refused = take_stock(payload, name=receipt.name)
    gone = tuple(Refused(name=name, reason="it went away while the delivery was taken in") for name in entry.missing)
    delivery = Delivery(
        delivery_id=delivery_id,
        name=receipt.name,
        origin=receipt.origin,
        title=receipt.title,
        vendor=receipt.vendor,
        drop_class=receipt.drop_class,
        received_at=receipt.received_at,
        members=members,
        refused=(*refused, *gone),
    )
    studio.kept.received(delivery, place=str(payload))
    studio.kept.described(delivery)
    _log.info("received", extra={"delivery": delivery_id, "drop": receipt.name, "members": len(members)})
    return seal


def examine(studio: Studio, delivery_id: str) -> None:
    """Look at every member that no earlier delivery of the same bytes has had looked at."""
    record = studio.kept.delivery(delivery_id)
    for member, examination in _examined(studio, record.delivery, _payload(studio, record.delivery)):
        studio.kept.keep_examination(_cache_key(member, examination, delivery_id), examination)
    studio.kept.examined(delivery_id)
    _log.info("examined", extra={"delivery": delivery_id})


def decide(studio: Studio, delivery_id: str) -> None:
    """Match, judge, and write down the verdict and where it will take the delivery, before anything moves."""
    record = studio.kept.delivery(delivery_id)
    if record.stage in (Stage.DECIDED, Stage.CARRIED_OUT, Stage.RULED):
        return
    payload = _payload(studio, record.delivery)
    examined = _examined(studio, record.delivery, payload)
    evidence, verdict = _judged(studio, record.delivery, examined)
    pictures = _pictures(studio, evidence, payload)
    target = _target(studio, record.delivery, verdict.outcome)
    studio.kept.decided(verdict, evidence, pictures, place=str(target))
    _log.info("decided", extra={"delivery": delivery_id, "outcome": verdict.outcome.label})


def carry_out(studio: Studio, delivery_id: str, seal: str) -> None:
    """Move the delivery to where its verdict says. Bytes that changed after they were read void the verdict: held."""
    record = studio.kept.delivery(delivery_id)
    payload = _payload(studio, record.delivery)
    if record.place is None or record.verdict is None:
        msg = f"{delivery_id}: no verdict is written down, so nothing was moved."
        raise CustodyError(msg)
    target = Path(record.place)
    if os.path.lexists(payload) and record.verdict.outcome < Outcome.HOLD and _seal(payload) != seal:
        target = _void(studio, record)
    actions.place(payload, target)
    _log.info("moved", extra={"delivery": delivery_id, "to": str(target)})


def close(studio: Studio, delivery_id: str) -> None:
    """The record is done; the bench is cleared."""
    record = studio.kept.delivery(delivery_id)
    if record.place is not None and record.verdict is not None:
        studio.kept.carried_out(delivery_id, place=record.place)
    bench = studio.settings.folder("work") / delivery_id
    if bench.exists():
        clear_leftover(bench)
    _log.info("closed", extra={"delivery": delivery_id})


def scan(studio: Studio, path: Path, *, title: str | None, drop_class: DropClass, pictures: bool = False) -> Scanned:
    """Examine and judge a file or folder where it lies. Changes nothing, writes nothing down."""
    before = actions.stamp(path)
    members, refused = take_stock(path, name=path.name)
    delivery = Delivery(
        delivery_id="scan",
        name=path.name,
        origin=str(path.absolute()),
        title=title,
        vendor=None,
        drop_class=drop_class,
        received_at=studio.now(),
        members=members,
        refused=refused,
    )
    begun = [studio.pool.begin(job_of(studio, member, path)) for member in members]
    # The database and the register are opened while the first members are being examined.
    studio.connect()
    studio.register(title)
    examined = [(member, job.result().examination) for member, job in zip(members, begun, strict=True)]
    if _changed(path, before):
        changed = Unreadable(source="file", reason="it changed while it was being read: scan it again when it is whole")
        examined = [(member, _with(examination, changed)) for member, examination in examined]
    evidence, verdict = _judged(studio, delivery, examined)
    shown = _pictures(studio, evidence, path) if pictures else ()
    return Scanned(path=str(path), record=delivery, verdict=verdict, pictures=shown)


def rule(studio: Studio, delivery_id: str, ruling: Ruling) -> Path:
    """Carry out a person's ruling on a held or quarantined delivery; its bytes are verified first. Gives its new place.

    Raises RulingError, UnknownIdError, AlteredError, CustodyError.
    """
    record = studio.kept.delivery(delivery_id)
    delivery, verdict = record.delivery, record.verdict
    if verdict is None or verdict.outcome < Outcome.HOLD:
        msg = f"{delivery.delivery_id} is neither held nor quarantined: there is nothing to rule on."
        raise RulingError(msg)
    source = _target(studio, delivery, verdict.outcome)
    if not os.path.lexists(source):
        msg = f"{delivery.delivery_id} is not at {source} any more. Its record says: {record.place or 'handed on'}."
        raise RulingError(msg)
    actions.verify(source, delivery.members, delivery.refused)
    target = _ruled_target(studio, delivery, ruling)
    if not record.rulings or record.stage is not Stage.RULED:
        studio.kept.ruled(delivery.delivery_id, ruling, place=str(target))
    actions.place(source, target)
    _log.info("ruled", extra={"delivery": delivery.delivery_id, "action": ruling.action.value, "by": ruling.by})
    return target


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examining:
    """One member on its way through the examining processes."""

    studio: Studio
    delivery: Delivery
    payload: Path

    def __call__(self, member: Member) -> Examination:
        kept = self._kept(member)
        if kept is not None:
            return kept
        return self.studio.pool.examine(job_of(self.studio, member, self.payload)).examination

    def _kept(self, member: Member) -> Examination | None:
        store = self.studio.store
        if store is None:
            return None
        for key in (member.sha256, f"{member.sha256}/{self.delivery.delivery_id}"):
            examination = store.examination(key, self.studio.examiner)
            if examination is not None and examination.kind is member.kind:
                return examination
        return None


def job_of(studio: Studio, member: Member, root: Path, *, registering: bool = False) -> Job:
    """What the examining process is asked about a member of the delivery at `root`."""
    return Job(
        root=root,
        files=member.files,
        kind=member.kind,
        format=member.format,
        sample_step=studio.sample_step,
        deadline=studio.pool.deadline(member.size),
        stall_seconds=studio.settings.examining.stall_seconds,
        trust_anchors=studio.trust_anchors,
        registering=registering,
    )


def _examined(studio: Studio, delivery: Delivery, payload: Path) -> list[tuple[Member, Examination]]:
    look = _Examining(studio=studio, delivery=delivery, payload=payload)
    if len(delivery.members) == 1:
        return [(delivery.members[0], look(delivery.members[0]))]
    with ThreadPoolExecutor(max_workers=studio.settings.examining.processes) as threads:
        return list(zip(delivery.members, threads.map(look, delivery.members), strict=True))


def _cache_key(member: Member, examination: Examination, delivery_id: str) -> str:
    """Examinations that broke off for our reasons are kept for this delivery only: the next one is looked at anew."""
    broke_off = any(isinstance(o, Unreadable) and o.source == "examination" for o in examination.observations)
    return f"{member.sha256}/{delivery_id}" if broke_off else member.sha256


def _judged(
    studio: Studio, delivery: Delivery, examined: list[tuple[Member, Examination]]
) -> tuple[tuple[MemberEvidence, ...], Verdict]:
    register = studio.register(delivery.title)
    evidence = tuple(evidence_of(m, examination, register, studio.policy) for m, examination in examined)
    known = isinstance(register, Register) and studio.store is not None
    records = {e.asset.record_id for item in evidence for e in item.evidence if isinstance(e, Identical | LookAlike)}
    case = Case(
        delivery=delivery,
        members=evidence,
        records=studio.kept.records_by_id(records) if known else {},
        approvals=studio.kept.approvals(title=delivery.title) if known and delivery.title else (),
        register=register.state if isinstance(register, Register) else None,
        examiner=studio.examiner,
        at=studio.now(),
    )
    return evidence, judge(case, studio.policy)


def _pictures(studio: Studio, evidence: tuple[MemberEvidence, ...], payload: Path) -> tuple[Picture, ...]:
    """Found and registered frame side by side, for the people who look at the verdict."""
    wanted = [(item.member, e) for item in evidence for e in item.evidence if isinstance(e, LookAlike)]
    pictures = []
    for member, found in wanted[:_MOST_PICTURES]:
        thumbnails = studio.pool.pictures(job_of(studio, member, payload), (found.best_seconds,))
        registered = studio.kept.thumbnail(found.asset.asset_id, found.best_asset_seconds)
        pictures.append(
            Picture(
                member=member.name,
                found=thumbnails[0] if thumbnails else None,
                registered=registered,
                asset_id=found.asset.asset_id,
            )
        )
    return tuple(pictures)


def _payload(studio: Studio, delivery: Delivery) -> Path:
    """Where a delivery lies while it is on the bench."""
    return studio.settings.folder("work") / delivery.delivery_id / "payload" / delivery.name


def _target(studio: Studio, delivery: Delivery, outcome: Outcome) -> Path:
    """Where an outcome takes a delivery."""
    settings = studio.settings
    match outcome:
        case Outcome.PASS:
            return actions.destination(_beside(studio, "cleared", delivery), delivery.name, delivery.delivery_id)
        case Outcome.FLAG:
            return actions.destination(_beside(studio, "flagged", delivery), delivery.name, delivery.delivery_id)
        case Outcome.HOLD:
            return actions.blocked_destination(settings.folder("held"), delivery.name, delivery.delivery_id)
        case Outcome.QUARANTINE:
            return actions.blocked_destination(settings.folder("quarantine"), delivery.name, delivery.delivery_id)


def _ruled_target(studio: Studio, delivery: Delivery, ruling: Ruling) -> Path:
    match ruling.action:
        case RulingAction.RELEASE:
            return _target(studio, delivery, Outcome.PASS)
        case RulingAction.RESTORE:
            return Path(delivery.origin)


def _beside(studio: Studio, folder: str, delivery: Delivery) -> Path:
    """The folder in cleared/ or flagged/ that answers to the door that the delivery came in by."""
    base = studio.settings.folder("cleared" if folder == "cleared" else "flagged")
    parent = Path(delivery.origin).parent
    drop = studio.settings.folder("drop")
    return base / parent.relative_to(drop) if parent.is_relative_to(drop) else base


def _void(studio: Studio, record: DeliveryRecord) -> Path:
    """Somebody still wrote into the delivery after it was read: a new verdict, held."""
    changed = Unreadable(source="file", reason="its bytes changed after they were examined")
    examined: list[tuple[Member, Examination]] = [
        (member, _with(Examination(examiner=studio.examiner, kind=member.kind, format=member.format), changed))
        for member in record.delivery.members
    ]
    evidence, verdict = _judged(studio, record.delivery, examined)
    target = _target(studio, record.delivery, verdict.outcome)
    studio.kept.decided(verdict, evidence, (), place=str(target))
    return target


def _with(examination: Examination, observation: Unreadable) -> Examination:
    return replace(examination, observations=(*examination.observations, observation))


def _changed(path: Path, before: actions.Stamps) -> bool:
    try:
        return actions.stamp(path) != before
    except CustodyError:
        return True


def _seal(payload: Path) -> str:
    return sha256(repr(actions.stamp(payload)).encode("utf-8", "surrogateescape")).hexdigest()
