"""One delivery from start to end; a one-off scan, the same without the moves; and a person's ruling.

There is no second way to release a file: everything that leaves the bench goes through `carry_out` or `rule`.
"""

import logging
import os
from hashlib import sha256
from pathlib import Path

from scanner import actions, examining, measures, opening, rulings
from scanner.errors import AlteredError, CustodyError, ExaminerLostError, RulingError, UnknownIdError
from scanner.intake.bench import BenchState, bench_entry, clear_leftover
from scanner.intake.episodes import in_series
from scanner.intake.receive import finish_receiving
from scanner.intake.stock import take_stock
from scanner.judging import held, judged, pictures_of, with_trouble
from scanner.model import (
    MOVING,
    Delivery,
    DeliveryRecord,
    DropClass,
    Outcome,
    Picture,
    Refused,
    Ruling,
    RulingAction,
    Stage,
    Unreadable,
)
from scanner.report.scanned import Scanned, of_record
from scanner.steps import Run, Spread, at_once, one_by_one
from scanner.studio import Studio

_log = logging.getLogger("scanner")
_DECIDED = (Stage.DECIDED, Stage.CARRIED_OUT, Stage.JUDGED_AGAIN, Stage.RULED)
_NO_SEAL = ""
CHANGED = "its bytes changed after they were examined"
_CHANGING = Unreadable(source="file", reason="it changed while it was being read: scan it again when it is whole")
_NEVER_ENDED = "its examination was begun again and again and never came to an end: look at it by hand"


def handle(studio: Studio, delivery_id: str, run: Run = at_once, spread: Spread = one_by_one) -> None:
    """Take a delivery that lies on the bench to its end. Each step is harmless to repeat."""
    seal = run("take stock", receive, studio, delivery_id)
    run("open", opening.open_containers, studio, delivery_id)
    pieces = run("spread", ranges, studio, delivery_id)
    if pieces:
        spread(delivery_id, pieces)
    run("examine", examine, studio, delivery_id, seal)
    run("decide", decide, studio, delivery_id)
    run("carry out", carry_out, studio, delivery_id, seal)
    run("close", close, studio, delivery_id)


def receive(studio: Studio, delivery_id: str) -> str:
    """Name, hash and sniff everything that was delivered. Gives a seal: the stamps of the bytes as they were then.

    Begun anew after the decision, bytes that are not those that were decided on get no seal.
    """
    entry = bench_entry(studio.settings.folder("work") / delivery_id)
    if entry.state is BenchState.EMPTY and _is_decided(studio, delivery_id):
        return _NO_SEAL
    entry = finish_receiving(entry)
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
        priority=receipt.priority,
        season=receipt.season,
        episode=receipt.episode,
        territories=receipt.territories,
        members=members,
        refused=(*refused, *gone),
    )
    delivery = in_series(delivery)
    studio.kept.received(delivery, place=str(payload))
    studio.kept.described(delivery)
    _log.info("received", extra={"delivery": delivery_id, "drop": receipt.name, "members": len(members)})
    kept = studio.kept.delivery(delivery_id).delivery.unopened
    return seal if (kept.members, kept.refused) == (delivery.members, delivery.refused) else _NO_SEAL


def ranges(studio: Studio, delivery_id: str) -> list[tuple[int, int]]:
    """The ranges of its long films that are worth being read apart: the member's position, the range's number."""
    record = studio.kept.delivery(delivery_id)
    if record.stage is not Stage.RECEIVED:
        return []
    return examining.spread(studio, record.delivery, studio.where(record.delivery))


def read_range(studio: Studio, delivery_id: str, position: int, number: int) -> None:
    """Read one range of a film, and keep what it shows."""
    record = studio.kept.delivery(delivery_id)
    if record.stage is not Stage.RECEIVED:
        return
    if examining.read_range(studio, record.delivery, studio.where(record.delivery), position, number):
        _log.info("read", extra={"delivery": delivery_id, "member": position, "range": number})


def examine(studio: Studio, delivery_id: str, seal: str) -> None:
    """Look at every member that no earlier delivery of the same bytes has had looked at."""
    record = studio.kept.delivery(delivery_id)
    if record.stage in _DECIDED:
        return
    tries = studio.kept.begun(delivery_id)
    if tries > studio.settings.examining.tries:
        _log.error("given up", extra={"delivery": delivery_id, "tries": tries - 1})
        return
    payload = studio.payload(record.delivery)
    try:
        examined = examining.examined(studio, record.delivery, studio.where(record.delivery))
    except ExaminerLostError:
        studio.kept.not_begun(delivery_id)
        raise
    # What was looked at while it changed says nothing about the bytes that were hashed.
    still = seal == _seal(payload)
    for member, examination in examined:
        key = member.sha256 if still and examining.saw_all(examination) else examining.own_key(member, record.delivery)
        studio.kept.keep_examination(key, examination)
    studio.kept.examined(delivery_id)
    measures.examined(sum(member.size for member in record.delivery.members))
    _log.info("examined", extra={"delivery": delivery_id})


def decide(studio: Studio, delivery_id: str) -> None:
    """Match, judge, and write down the verdict and where it will take the delivery, before anything moves."""
    record = studio.kept.delivery(delivery_id)
    if record.stage in _DECIDED:
        return
    if record.stage is Stage.RECEIVED:
        evidence, verdict = held(studio, record.delivery, "examination", _NEVER_ENDED)
        pictures: tuple[Picture, ...] = ()
    else:
        where = studio.where(record.delivery)
        examined = examining.examined(studio, record.delivery, where)
        evidence, verdict = judged(studio, record.delivery, examined, where)
        pictures = pictures_of(studio, evidence, where)
    target = studio.target(record.delivery, verdict.outcome)
    studio.kept.decided(verdict, evidence, pictures, place=str(target), first=True)
    measures.judged(verdict, record.delivery.drop_class)
    _log.info("decided", extra={"delivery": delivery_id, "outcome": verdict.outcome.label})


def carry_out(studio: Studio, delivery_id: str, seal: str) -> None:
    """Move the delivery to where its verdict says. Bytes that changed after they were read void the verdict: held."""
    record = studio.kept.delivery(delivery_id)
    if record.stage in (Stage.CARRIED_OUT, Stage.JUDGED_AGAIN, Stage.RULED):
        return
    payload = studio.payload(record.delivery)
    arrived = actions.resume(payload)
    if arrived is not None and record.verdict is not None and record.place != str(arrived):
        studio.kept.decided(record.verdict, (), (), place=str(arrived))
        record = studio.kept.delivery(delivery_id)
    if os.path.lexists(payload) and _goes_on(record) and _seal(payload) != seal:
        record = _void(studio, record)
    target = _moved(studio, record, payload)
    _log.info("moved", extra={"delivery": delivery_id, "to": str(target)})


def close(studio: Studio, delivery_id: str) -> None:
    """The record is done; the bench is cleared."""
    record = studio.kept.delivery(delivery_id)
    if record.place is not None and record.verdict is not None:
        scanned = of_record(record)
        if scanned is not None and not _goes_on(record):
            actions.leave_word(Path(record.place).parents[1], scanned, studio.settings.examining.shortest_shot)
            _leave_sign(studio, scanned)
        studio.kept.carried_out(delivery_id, place=record.place)
    bench = studio.settings.folder("work") / delivery_id
    if bench.exists():
        clear_leftover(bench)
    _log.info("closed", extra={"delivery": delivery_id, "audit": str(studio.kept.audit.head())})


def scan(
    studio: Studio,
    path: Path,
    *,
    title: str | None,
    drop_class: DropClass,
    season: str | None = None,
    episode: str | None = None,
    territories: tuple[str, ...] = (),
    pictures: bool = False,
) -> Scanned:
    """Examine and judge a file or folder where it lies. Changes nothing, writes nothing down."""
    before = actions.stamp(path)
    name = path.resolve().name
    members, refused = take_stock(path, name=name)
    delivery = Delivery(
        delivery_id="scan",
        name=name,
        origin=str(path.absolute()),
        title=title,
        vendor=None,
        drop_class=drop_class,
        received_at=studio.now(),
        season=season,
        episode=episode,
        territories=territories,
        members=members,
        refused=refused,
    )
    delivery = in_series(delivery)
    with opening.passing(delivery, path) as where:
        delivery = opening.with_contents(studio, delivery, where)
        begun = examining.begun(studio, delivery, where)
        # The database and the register are opened while the first members are being examined.
        studio.connect()
        studio.register(title)
        examined = begun.result()
        if _changed(path, before):
            examined = [(member, with_trouble(examination, _CHANGING)) for member, examination in examined]
        evidence, verdict = judged(studio, delivery, examined, where)
        shown = pictures_of(studio, evidence, where) if pictures else ()
    return Scanned(path=str(path), record=delivery, verdict=verdict, pictures=shown)


def rule(studio: Studio, delivery_id: str, ruling: Ruling) -> Path:
    """Carry out a person's ruling on a held or quarantined delivery. Gives its place.

    What is moved is verified first; a ruling that moves nothing is written down only. Raises RulingError,
    UnknownIdError, AlteredError, CustodyError.
    """
    record = studio.kept.delivery(delivery_id)
    delivery, ruling = record.delivery, rulings.checked(studio, record, ruling)
    outcome = record.verdict.outcome if record.verdict else Outcome.HOLD
    source = studio.kept_back_at(delivery) or studio.target(delivery, max(outcome, Outcome.HOLD))
    drop = studio.settings.folder("drop")
    with actions.alone_with(source):
        arrived = actions.resume(source)
        if arrived is not None:  # the same ruling, cut short before
            take_sign_away(studio, delivery)
            return arrived
        if not os.path.lexists(source):
            msg = f"{delivery.delivery_id} is not at {source} any more. Its record says: {record.place or 'handed on'}."
            raise RulingError(msg)
        if ruling.action not in MOVING:
            studio.kept.noted(delivery.delivery_id, ruling)
            _log.info("ruled", extra={"delivery": delivery_id, "action": ruling.action.value, "by": ruling.by})
            return source
        actions.verify(source, delivery.members, delivery.refused)
        target = rulings.target_of(studio, delivery, ruling)
        studio.kept.ruled(delivery.delivery_id, ruling, place=str(target))

        def proof(copy: Path) -> None:
            actions.verify(copy, delivery.members, delivery.refused)

        within = drop if ruling.action is RulingAction.RESTORE and target.is_relative_to(drop) else None
        _told(delivery, actions.place(source, target, within=within, proof=proof))
        take_sign_away(studio, delivery)
    _log.info("ruled", extra={"delivery": delivery.delivery_id, "action": ruling.action.value, "by": ruling.by})
    return target


def _is_decided(studio: Studio, delivery_id: str) -> bool:
    try:
        return studio.kept.delivery(delivery_id).stage in _DECIDED
    except UnknownIdError:
        return False


def _leave_sign(studio: Studio, scanned: Scanned) -> None:
    """Say where it was dropped what became of it. The verdict holds without."""
    signs, delivery = studio.settings.signs, scanned.record
    if not signs.in_drop:
        return
    try:
        drop = studio.settings.folder("drop")
        actions.leave_sign(Path(delivery.origin), scanned, signs.reviewer, within=drop)
    except CustodyError as error:
        _log.warning("no sign", extra={"delivery": delivery.delivery_id, "why": str(error)})


def take_sign_away(studio: Studio, delivery: Delivery) -> None:
    """What was blocked goes on, or comes back: the note where it was dropped goes."""
    try:
        drop = studio.settings.folder("drop")
        actions.take_sign_away(Path(delivery.origin), delivery.delivery_id, within=drop)
    except CustodyError as error:
        _log.warning("sign stays", extra={"delivery": delivery.delivery_id, "why": str(error)})


def _told(delivery: Delivery, lost: tuple[str, ...]) -> None:
    """Tell what another volume could not keep beside the bytes."""
    for what in lost:
        _log.warning("not kept", extra={"delivery": delivery.delivery_id, "what": what})


def _goes_on(record: DeliveryRecord) -> bool:
    return record.verdict is not None and record.verdict.outcome < Outcome.HOLD


def _moved(studio: Studio, record: DeliveryRecord, payload: Path) -> Path:
    """Move to the place in the record, or beside what has taken that place since it was chosen. Safe to repeat."""
    if record.place is None or record.verdict is None:
        msg = f"{record.delivery.delivery_id}: no verdict is written down, so nothing was moved."
        raise CustodyError(msg)
    target = Path(record.place)
    if _goes_on(record) and not os.path.lexists(payload) and not os.path.lexists(target):
        _log.warning("collected", extra={"delivery": record.delivery.delivery_id, "told": f"gone from {target}"})
        return target
    try:
        _told(record.delivery, actions.place(payload, target))
    except AlteredError:
        # What was read is not what would arrive: it is judged as what it is now.
        raise
    except CustodyError:
        other = studio.target(record.delivery, record.verdict.outcome)
        if other == target or not os.path.lexists(payload):
            raise
        studio.kept.decided(record.verdict, (), (), place=str(other))
        _told(record.delivery, actions.place(payload, other))
        return other
    return target


def _void(studio: Studio, record: DeliveryRecord) -> DeliveryRecord:
    """Somebody still wrote into the delivery after it was read: a new verdict, held whatever the policy says."""
    evidence, verdict = held(studio, record.delivery, "file", CHANGED)
    studio.kept.decided(verdict, evidence, (), place=str(studio.target(record.delivery, verdict.outcome)))
    return studio.kept.delivery(record.delivery.delivery_id)


def _changed(path: Path, before: actions.Stamps) -> bool:
    try:
        return actions.stamp(path) != before
    except CustodyError:
        return True


def _seal(payload: Path) -> str:
    return sha256(repr(actions.stamp(payload)).encode("utf-8", "surrogateescape")).hexdigest()
