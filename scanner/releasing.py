"""Takes what was judged again to where its verdict says. What goes on is verified first, byte for byte.

The target is written down before anything moves, and every function here may be called again after a crash.
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from scanner import actions
from scanner.errors import AlteredError, CustodyError
from scanner.model import Delivery, DeliveryRecord, Outcome, Stage, Unreadable, Verdict
from scanner.pipeline import CHANGED, take_sign_away
from scanner.policy.judge import judge
from scanner.report.scanned import of_record
from scanner.store import LastChanges
from scanner.studio import Studio

_log = logging.getLogger("scanner")
GONE = "it lies neither in quarantine nor where it was held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a verdict of today rests on; `borders`: when approvals of a title began or ceased to count.

    `waived`: when findings of a delivery were set aside, or began to count again.
    """

    policy: str
    changes: LastChanges
    borders: Mapping[str, tuple[datetime, ...]]
    waived: Mapping[str, tuple[datetime, ...]]

    @classmethod
    def of(cls, studio: Studio) -> "Grounds":
        """As it is now. Raises StoreUnavailableError."""
        judging, now = studio.kept.judging, studio.now()
        return cls(
            policy=studio.policy.digest,
            changes=judging.last_changes(),
            borders=judging.borders(now),
            waived=judging.waived(now),
        )

    def have_changed_since(self, verdict: Verdict, title: str | None) -> bool:
        """Whether something has changed since this verdict that can matter to a delivery of this title."""
        if verdict.policy != self.policy or verdict.register is None:
            return True
        past = (self.borders.get(title, ()) if title else ()) + self.waived.get(verdict.delivery_id, ())
        changed = self.changes.concerning(title) > verdict.register.version
        return changed or any(verdict.judged_at < border for border in past)


def carry_out_again(studio: Studio, delivery_id: str) -> None:
    """Move a delivery that was judged again to where its verdict says; by setting, what passes waits for a person."""
    record = studio.kept.delivery(delivery_id)
    source = studio.kept_back_at(record.delivery)
    if record.stage is not Stage.JUDGED_AGAIN:
        return
    with actions.alone_with(source or Path(str(record.place))):
        # Somebody may have ruled on it or moved it while this waited.
        record = studio.kept.delivery(delivery_id)
        if record.stage is not Stage.JUDGED_AGAIN or record.verdict is None or record.is_kept:
            return
        if waits(studio, record.verdict):
            _log.info("waits", extra={"delivery": delivery_id, "told": "it passes now: a person may release it"})
            _leave_word(studio, record, source)
        else:
            _carry_out(studio, record, record.verdict)


def waits(studio: Studio, verdict: Verdict) -> bool:
    """Whether what passes now waits for a person, by the settings."""
    return verdict.outcome < Outcome.HOLD and studio.settings.judging.releases == "a-person"


def _carry_out(studio: Studio, record: DeliveryRecord, verdict: Verdict) -> None:
    delivery, after = record.delivery, record.verdicts_before + 1
    source = studio.kept_back_at(delivery)
    target = _target(studio, record, verdict)
    arrived = actions.resume(source) if source is not None and source != target else None
    if arrived is not None:
        source, target = None, arrived
    if source is not None and verdict.outcome < Outcome.HOLD and not _may_go_on(studio, record, verdict, source):
        return
    if source is not None and source != target:
        if not studio.kept.judging.going(delivery.delivery_id, after=after, place=str(target)):
            return
        target = _placed(studio, delivery, verdict, source, target, after=after)
    elif source is None and not os.path.lexists(target):
        _check_handed_on(record, verdict, target)
    if studio.kept.judging.arrived(delivery.delivery_id, after=after, place=str(target)):
        _leave_word(studio, record, target)
        if verdict.outcome < Outcome.HOLD:
            take_sign_away(studio, delivery)
        _log.info("moved", extra={"delivery": delivery.delivery_id, "to": str(target)})


def _may_go_on(studio: Studio, record: DeliveryRecord, verdict: Verdict, source: Path) -> bool:
    """Every byte is what was examined, and nothing has changed since the verdict; else it is judged once more."""
    try:
        actions.verify(source, record.delivery.members, record.delivery.refused)
    except AlteredError as error:
        _keep_altered(studio, record, source, str(error))
        return False
    return not Grounds.of(studio).have_changed_since(verdict, record.delivery.title)


def _target(studio: Studio, record: DeliveryRecord, verdict: Verdict) -> Path:
    """Where it goes: what was chosen before a crash, else anew."""
    chosen = Path(str(record.place))
    blocked = [studio.target(record.delivery, outcome) for outcome in (Outcome.HOLD, Outcome.QUARANTINE)]
    if verdict.outcome < Outcome.HOLD and chosen not in blocked:
        return chosen
    return studio.target(record.delivery, verdict.outcome)


def _placed(studio: Studio, delivery: Delivery, verdict: Verdict, source: Path, target: Path, *, after: int) -> Path:
    """Move, or move beside what has taken that place since it was chosen."""

    def proof(copy: Path) -> None:
        actions.verify(copy, delivery.members, delivery.refused)

    try:
        actions.place(source, target, proof=proof)
    except AlteredError:
        raise
    except CustodyError:
        other = studio.target(delivery, verdict.outcome)
        if other == target or not os.path.lexists(source):
            raise
        if not studio.kept.judging.going(delivery.delivery_id, after=after, place=str(other)):
            raise
        actions.place(source, other, proof=proof)
        return other
    return target


def _check_handed_on(record: DeliveryRecord, verdict: Verdict, target: Path) -> None:
    """What was released may have been taken from its place before that was written down; anything else is lost."""
    if verdict.outcome >= Outcome.HOLD or record.place != str(target):
        msg = f"{record.delivery.delivery_id}: {GONE}. Look for it by hand; nothing was moved."
        raise CustodyError(msg)
    _log.warning("collected", extra={"delivery": record.delivery.delivery_id, "told": f"gone from {target}"})


def _keep_altered(studio: Studio, record: DeliveryRecord, source: Path, why: str) -> None:
    """The bytes are not those that were examined: a verdict that says so, and the delivery stays where it is."""
    delivery, after = record.delivery, record.verdicts_before + 1
    changed = Unreadable(source="file", reason=CHANGED)
    evidence = tuple(
        replace(item, evidence=(*item.evidence, changed)) for item in studio.kept.evidence(delivery.delivery_id)
    )
    state = studio.kept.register_state(studio.now())
    verdict = judge(studio.case(delivery, evidence, state), studio.policy)
    in_quarantine = source == studio.target(delivery, Outcome.QUARANTINE)
    verdict = replace(verdict, outcome=Outcome.QUARANTINE if in_quarantine else Outcome.HOLD)
    judging = studio.kept.judging
    if judging.judged_again(verdict, evidence, record.pictures, after=after, place=str(source)):
        judging.arrived(delivery.delivery_id, after=after + 1, place=str(source))
        _leave_word(studio, studio.kept.delivery(delivery.delivery_id), source)
    _log.error("not released", extra={"delivery": delivery.delivery_id, "why": why})


def _leave_word(studio: Studio, record: DeliveryRecord, place: Path | None) -> None:
    """The verdict beside what is kept back."""
    scanned = of_record(record)
    if scanned is not None and place is not None and place == studio.kept_back_at(record.delivery):
        actions.leave_word(place.parents[1], scanned, studio.settings.examining.shortest_shot)
