"""Judging again: what verdicts rest on beside the bytes, what is kept back, and the new verdicts on it.

Also which changes of the register the past is still to be searched for.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, false, func, or_, select

from scanner.model import (
    Code,
    Delivery,
    Finding,
    MemberEvidence,
    Order,
    Outcome,
    PaperKind,
    Picture,
    RulingAction,
    Stage,
    Verdict,
)
from scanner.store.decisions import decided
from scanner.store.deliveries import change, current
from scanner.store.engine import Database
from scanner.store.examinations import own_key
from scanner.store.outbox import Outbox
from scanner.store.papers import naming_consent, shares
from scanner.store.servers import current_orders, give_order
from scanner.store.tables import (
    approvals,
    assets,
    deliveries,
    examinations,
    findings,
    papers,
    records,
    register_changes,
    rulings,
    verdicts,
)

KEPT_BACK = (Stage.CARRIED_OUT, Stage.JUDGED_AGAIN)
_BLOCKED = (Outcome.HOLD, Outcome.QUARANTINE)
_BORDERS = (approvals.c.decided_at, approvals.c.valid_from, approvals.c.valid_to, approvals.c.revoked_at)
_OF_APPROVALS = ("approval added", "approval revoked", "approval changed", "approval noted")
_OF_PAPERS = ("paper added", "consent revoked")
_OF_MATERIAL = ("record added", "record reinstated", "fingerprints added")
_REVOKED = ("approval revoked", "approval changed")
_WITHDRAWN = "consent revoked"
_SEARCHED = "searched"
_BY = "scanner"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """A held or quarantined delivery that nobody has ruled on, with its latest verdict but for the findings."""

    delivery_id: str
    title: str | None
    stage: Stage
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChanges:
    """The numbers of the last changes of the register: of its records, of the approvals of each title, of papers."""

    records: int
    approvals: dict[str, int]
    papers: int = 0

    def concerning(self, title: str | None) -> int:
        """The last change that can matter to a delivery of this title."""
        return max(self.records, self.papers, self.approvals.get(title, 0) if title else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented:
    """The ids of the records and approvals that name a consent."""

    records: frozenset[str]
    approvals: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSearch:
    """What of the register the past has not been searched for, up to change number `version`.

    `assets`: who entered each, by its id; `revoked`: who revoked or changed each approval, by its id; `withdrawn`: who
    entered that a consent was revoked, by its id.
    """

    version: int
    assets: dict[str, str]
    revoked: dict[str, str]
    withdrawn: dict[str, str] = field(default_factory=dict)


class Judgings:
    """Every method is one transaction. All raise StoreUnavailableError when the database cannot be used."""

    def __init__(self, opened: Database, outbox: Outbox) -> None:
        self._database = opened
        self._outbox = outbox

    def standing(self, at: datetime) -> tuple[int, int]:
        """The register's version, and how many borders of approvals (validity, decision, revocation) are past.

        What people set aside of what is kept back counts as well, from when, and until when.
        """
        last = select(func.coalesce(func.max(register_changes.c.id), 0)).scalar_subquery()
        with self._database.reading() as connection:
            version, *past = connection.execute(select(last, *(_past(border, at) for border in _BORDERS))).one()
            waived = sum(map(len, _waived(connection, at).values()))
        return int(version), sum(past) + waived

    def kept_back(self) -> tuple[KeptBack, ...]:
        """What is held, in quarantine or judged again and not carried out, the oldest first.

        Not what a person has ruled to keep.
        """
        blocked = and_(deliveries.c.stage == Stage.CARRIED_OUT, deliveries.c.outcome.in_(_BLOCKED))
        latest = and_(verdicts.c.delivery_id == deliveries.c.delivery_id, verdicts.c.sequence == deliveries.c.verdicts)
        asked = (
            select(deliveries.c.delivery_id, deliveries.c.title, deliveries.c.stage, verdicts.c.document)
            .join(verdicts, latest)
            .where(or_(blocked, deliveries.c.stage == Stage.JUDGED_AGAIN), ~_is_kept())
            .order_by(deliveries.c.received_at, deliveries.c.delivery_id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(asked).all()
        return tuple(
            KeptBack(delivery_id=row.delivery_id, title=row.title, stage=row.stage, verdict=row.document)
            for row in rows
        )

    def last_changes(self) -> LastChanges:
        """When the register was last changed, in numbers of changes."""
        number, what = func.max(register_changes.c.id), register_changes.c.what
        of_title = (
            select(approvals.c.title, number.label("last"))
            .join(approvals, approvals.c.approval_id == register_changes.c.thing)
            .where(what.in_(_OF_APPROVALS))
            .group_by(approvals.c.title)
        )
        with self._database.reading() as connection:
            others = (*_OF_APPROVALS, *_OF_PAPERS)
            of_records = connection.execute(select(number).where(what.not_in(others))).scalar_one()
            of_papers = connection.execute(select(number).where(what.in_(_OF_PAPERS))).scalar_one()
            by_title = {row.title: int(row.last) for row in connection.execute(of_title)}
        return LastChanges(records=of_records or 0, approvals=by_title, papers=of_papers or 0)

    def borders(self, at: datetime) -> dict[str, tuple[datetime, ...]]:
        """The moments up to `at` at which an approval began or ceased to count, by title."""
        past: dict[str, list[datetime]] = defaultdict(list)
        with self._database.reading() as connection:
            for border in _BORDERS:
                for row in connection.execute(select(approvals.c.title, border.label("at")).where(border <= at)):
                    past[row.title].append(row.at)
        return {title: tuple(moments) for title, moments in past.items()}

    def waived(self, at: datetime) -> dict[str, tuple[datetime, ...]]:
        """The moments up to `at` at which findings of what is kept back were set aside, or count again, by delivery."""
        with self._database.reading() as connection:
            return {delivery_id: tuple(moments) for delivery_id, moments in _waived(connection, at).items()}

    def judged_again(
        self,
        verdict: Verdict,
        evidence: Sequence[MemberEvidence],
        pictures: Sequence[Picture],
        *,
        after: int,
        place: str,
    ) -> bool:
        """Add a verdict to a delivery that is kept back at `place`. Raises UnknownIdError.

        False, and nothing is written, when it was judged or ruled on since it had `after` verdicts.
        """
        with self._database.writing() as connection:
            if not _is_kept_back(connection, verdict.delivery_id, after):
                return False
            decided(connection, verdict, evidence, pictures, place=place)
            change(connection, verdict.delivery_id, stage=Stage.JUDGED_AGAIN, place=place)
            self._outbox.rejudged(connection, verdict.delivery_id)
        return True

    def was_not_seen_whole(self, delivery: Delivery) -> bool:
        """Whether something in it could not be read, or changed while it was: such examinations count for it alone."""
        if any(member.opened is not None and member.opened.unread for member in delivery.members):
            return True
        keys = [own_key(member.sha256, delivery.delivery_id) for member in delivery.members]
        kept = examinations.c.sha256
        with self._database.reading() as connection:
            return any(
                connection.execute(select(kept).where(kept.in_(share)).limit(1)).first() is not None
                for share in shares(keys)
            )

    def going(self, delivery_id: str, *, after: int, place: str) -> bool:
        """The delivery is about to be moved to `place`; False when it was moved, judged or ruled on since."""
        with self._database.writing() as connection:
            going = _is_judged_again(connection, delivery_id, after)
            if going:
                change(connection, delivery_id, place=place)
        return going

    def arrived(self, delivery_id: str, *, after: int, place: str) -> bool:
        """The bytes are at `place` now, as the latest verdict wants it; False when somebody else said so already."""
        with self._database.writing() as connection:
            arrived = _is_judged_again(connection, delivery_id, after)
            if arrived:
                change(connection, delivery_id, stage=Stage.CARRIED_OUT, place=place)
                self._outbox.carried_out(connection, delivery_id)
        return arrived

    def to_search(self, after: int | None = None) -> ToSearch:
        """What is new, and what approves less than it did, since change `after`, or since the past was searched."""
        with self._database.reading() as connection:
            start = _searched(connection) if after is None else after
            wanted = (*_OF_MATERIAL, *_REVOKED, _WITHDRAWN)
            what, number = register_changes.c.what, register_changes.c.id
            rows = connection.execute(
                select(number, what, register_changes.c.thing).where(number > start, what.in_(wanted)).order_by(number)
            ).all()
            things = {name: [row.thing for row in rows if row.what == name] for name in wanted}
            in_force = things["record added"] + things["record reinstated"]
            return ToSearch(
                version=max((row.id for row in rows), default=start),
                assets=_entered(connection, in_force, things["fingerprints added"]),
                revoked=_revoked(connection, [thing for name in _REVOKED for thing in things[name]]),
                withdrawn=_entered_by(connection, PaperKind.CONSENT, things[_WITHDRAWN]),
            )

    def searched(self, version: int, *, at: datetime) -> None:
        """The past has been searched for all that was entered up to this change of the register."""
        order = Order(name=_SEARCHED, value=str(version), by=_BY, reason="recalls", at=at)
        with self._database.writing() as connection:
            if version > _searched(connection):
                give_order(connection, order)

    def resting_on(self, approval_id: str) -> dict[str, tuple[Finding, ...]]:
        """The deliveries whose latest verdict used this approval, with the findings that it covered."""
        latest = and_(findings.c.delivery_id == deliveries.c.delivery_id, findings.c.sequence == deliveries.c.verdicts)
        asked = (
            select(findings.c.delivery_id, findings.c.document)
            .join(deliveries, latest)
            .where(findings.c.code == Code.AI_APPROVED)
        )
        covered: dict[str, list[Finding]] = defaultdict(list)
        with self._database.reading() as connection:
            for row in connection.execute(asked):
                if row.document.approval == approval_id:
                    covered[row.delivery_id].append(row.document)
        return {delivery_id: tuple(found) for delivery_id, found in covered.items()}

    def consented_by(self, consent_id: str) -> Consented:
        """What names this consent: records, and approvals."""
        with self._database.reading() as connection:
            agreed = connection.execute(select(approvals.c.approval_id, approvals.c.terms)).all()
            return Consented(
                records=frozenset(naming_consent(connection, consent_id)),
                approvals=frozenset(row.approval_id for row in agreed if consent_id in row.terms.consents),
            )

    def showing(self, record_ids: Collection[str]) -> dict[str, tuple[Finding, ...]]:
        """The deliveries whose latest verdict found material of these records, with those findings."""
        latest = and_(findings.c.delivery_id == deliveries.c.delivery_id, findings.c.sequence == deliveries.c.verdicts)
        asked = select(findings.c.delivery_id, findings.c.document).join(deliveries, latest)
        shown: dict[str, list[Finding]] = defaultdict(list)
        with self._database.reading() as connection:
            for row in connection.execute(asked) if record_ids else ():
                asset = row.document.asset
                if asset is not None and asset.record_id in record_ids:
                    shown[row.delivery_id].append(row.document)
        return {delivery_id: tuple(found) for delivery_id, found in shown.items()}


def _past(border: ColumnElement[Any], at: datetime) -> ScalarSelect[int]:
    return select(func.count()).select_from(approvals).where(border <= at).scalar_subquery()


def _is_kept() -> ColumnElement[bool]:
    """Whether the last ruling on a delivery is that it is kept."""
    of_it = rulings.c.delivery_id == deliveries.c.delivery_id
    last = select(rulings.c.action).where(of_it).order_by(rulings.c.position.desc()).limit(1).scalar_subquery()
    return func.coalesce(last == RulingAction.KEEP, false())


def _waived(connection: Connection, at: datetime) -> dict[str, list[datetime]]:
    asked = (
        select(rulings.c.delivery_id, rulings.c.at, rulings.c.terms)
        .join(deliveries, deliveries.c.delivery_id == rulings.c.delivery_id)
        .where(rulings.c.action == RulingAction.WAIVE, deliveries.c.stage.in_(KEPT_BACK))
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for row in connection.execute(asked):
        ends = row.terms.waiver.until if row.terms.waiver else None
        found[row.delivery_id] += [moment for moment in (row.at, ends) if moment is not None and moment <= at]
    return found


def _is_kept_back(connection: Connection, delivery_id: str, after: int) -> bool:
    row = current(connection, delivery_id)
    return row.verdicts == after and row.stage in KEPT_BACK


def _is_judged_again(connection: Connection, delivery_id: str, after: int) -> bool:
    row = current(connection, delivery_id)
    return row.verdicts == after and row.stage is Stage.JUDGED_AGAIN


def _searched(connection: Connection) -> int:
    """Up to which change of the register the past has been searched."""
    order = current_orders(connection, (_SEARCHED,)).get(_SEARCHED)
    return int(order.value) if order is not None else 0


def _entered(connection: Connection, record_ids: Collection[str], asset_ids: Collection[str]) -> dict[str, str]:
    """Who entered each asset of these records, and each of these assets."""
    found: dict[str, str] = {}
    for column, ids in ((assets.c.record_id, record_ids), (assets.c.asset_id, asset_ids)):
        for share in shares(ids):
            asked = select(assets.c.asset_id, records.c.created_by).join(records).where(column.in_(share))
            found |= {row.asset_id: row.created_by for row in connection.execute(asked)}
    return found


def _entered_by(connection: Connection, kind: PaperKind, ids: Collection[str]) -> dict[str, str]:
    """Who entered the latest version of each of these papers."""
    found: dict[str, str] = {}
    for share in shares(ids):
        asked = select(papers.c.paper_id, papers.c.by).where(papers.c.kind == kind, papers.c.paper_id.in_(share))
        found |= {row.paper_id: row.by for row in connection.execute(asked.order_by(papers.c.version))}
    return found


def _revoked(connection: Connection, approval_ids: Collection[str]) -> dict[str, str]:
    """Who took each approval back, or changed it."""
    found = _entered_by(connection, PaperKind.APPROVAL, approval_ids)
    for share in shares(approval_ids):
        asked = select(approvals.c.approval_id, approvals.c.revoked_by).where(approvals.c.approval_id.in_(share))
        for row in connection.execute(asked):
            found[row.approval_id] = row.revoked_by or found.get(row.approval_id, _BY)
    return found
