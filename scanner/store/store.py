"""The store: everything that the product remembers, behind one door.

Every method is one transaction, but that local features are written before it, in pages of their own. All of them raise
StoreUnavailableError when the database cannot be used, and ValueError for a time without a zone; nothing was written
then that anything refers to.
"""

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from scanner.model import (
    Delivery,
    DeliveryRecord,
    Examination,
    Member,
    MemberEvidence,
    Outcome,
    Picture,
    Recall,
    Ruling,
    Stage,
    Subscription,
    Verdict,
    Waived,
)
from scanner.store import (
    decisions,
    deliveries,
    delivery_records,
    examinations,
    recalls,
    tables,
)
from scanner.store.audit import program
from scanner.store.audit_log import Audit
from scanner.store.canaries import Canaries
from scanner.store.engine import Database, database
from scanner.store.judgings import Judgings
from scanner.store.mails import Mails
from scanner.store.outbox import Outbox
from scanner.store.register_store import RegisterStore
from scanner.store.schema import bring_up_to_date
from scanner.store.servers import Sharing
from scanner.store.status import Status
from scanner.store.track_files import track_files


class Store(RegisterStore):
    """An open database, SQLite or PostgreSQL. Threads may share it."""

    def __init__(self, opened: Database) -> None:
        self._database = opened
        self.subscriptions: Sequence[Subscription] = ()

    @classmethod
    def open(cls, url: str, *, patience: float = 30.0, make: bool = True, who: str | None = None) -> Self:
        """Open `sqlite:///path` or `postgresql://…`, made or migrated when needed. `patience`: seconds for a lock.

        `who`: the name under which the audit log tells what the program did; by default with the machine's name.
        Raises SettingsError for another URL, StoreUnavailableError also for a schema newer than this program and, where
        none is to be made, for a database that is not there: an empty register in its place would let everything pass.
        """
        opened = replace(database(url, patience=patience, make=make), who=who or program())
        with ExitStack() as undo:
            undo.callback(opened.engine.dispose)
            bring_up_to_date(opened, make=make)
            undo.pop_all()
        return cls(opened)

    def close(self) -> None:
        """Give all connections back."""
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def audit(self) -> Audit:
        """The log of everything that was decided, ruled on and moved."""
        return Audit(database=self._database)

    @property
    def outbox(self) -> Outbox:
        """What is still to be told to those who subscribed."""
        return Outbox(self._database, self.subscriptions)

    @property
    def canaries(self) -> Canaries:
        """The canary's clip and its runs."""
        return Canaries(self._database)

    @property
    def mails(self) -> Mails:
        """The reports that were made, and the mails that bring them."""
        return Mails(self._database, self.outbox)

    @property
    def sharing(self) -> Sharing:
        """What the servers of the studio tell each other."""
        return Sharing(self._database)

    @property
    def status(self) -> Status:
        """What is where at this moment."""
        return Status(self._database)

    @property
    def judging(self) -> Judgings:
        """What is judged again, and what the past is still to be searched for."""
        return Judgings(self._database, self.outbox)

    # Examinations

    def examination(self, sha256: str, examiner: str, *, features: bool = True) -> Examination | None:
        """What an examiner of this version made of these bytes, None if none was kept; its features only if wanted."""
        with self._database.reading() as connection:
            return examinations.examination(connection, sha256, examiner, features=features)

    def keep_examination(self, sha256: str, examination: Examination) -> None:
        """Keep an examination; the first one for these bytes and this examiner stays."""
        examinations.keep_examination(self._database, sha256, examination)

    def newest_examination(
        self, member: Member, delivery_id: str, *, algorithm: str, version: int, features: bool = True
    ) -> Examination | None:
        """The newest examination of a delivered member with codes of this algorithm, by any examiner.

        One without any codes, if no other was ever kept; None where its codes are of another algorithm or version.
        """
        with self._database.reading() as connection:
            return examinations.newest_examination(
                connection, member, delivery_id, algorithm=algorithm, version=version, features=features
            )

    # Deliveries

    def received(self, delivery: Delivery, *, place: str) -> None:
        """Write a delivery down as taken into custody, with its bytes at `place`."""
        with self._database.writing() as connection:
            deliveries.received(connection, delivery, place=place)

    def described(self, delivery: Delivery) -> None:
        """Write down what the delivery holds, until something is decided on it. Raises UnknownIdError."""
        with self._database.writing() as connection:
            deliveries.described(connection, delivery)

    def examined(self, delivery_id: str) -> None:
        """Every member has been examined. Raises UnknownIdError."""
        with self._database.writing() as connection:
            deliveries.examined(connection, delivery_id)

    def begun(self, delivery_id: str) -> int:
        """Its examination begins: the how-maniest time that is without an end. Raises UnknownIdError."""
        with self._database.writing() as connection:
            return deliveries.begun(connection, delivery_id, times=1)

    def not_begun(self, delivery_id: str) -> None:
        """Its examination was stopped from outside: that beginning does not count. Raises UnknownIdError."""
        with self._database.writing() as connection:
            deliveries.begun(connection, delivery_id, times=-1)

    def decided(
        self,
        verdict: Verdict,
        evidence: Sequence[MemberEvidence],
        pictures: Sequence[Picture],
        *,
        place: str,
        first: bool = False,
    ) -> None:
        """Add a verdict unless it is the latest already; `place` is where it will be carried. Raises UnknownIdError.

        A delivery that has left the bench keeps its stage and place until `carried_out`. `first`: only where none is.
        """
        with self._database.writing() as connection:
            decisions.decided(connection, verdict, evidence, pictures, place=place, first=first)
            self.outbox.rejudged(connection, verdict.delivery_id)

    def carried_out(self, delivery_id: str, *, place: str) -> None:
        """The bytes are at `place` now; does nothing when a person has ruled since. Raises UnknownIdError."""
        with self._database.writing() as connection:
            deliveries.carried_out(connection, delivery_id, place=place)
            self.outbox.carried_out(connection, delivery_id)

    def ruled(self, delivery_id: str, ruling: Ruling, *, place: str | None) -> None:
        """Add a ruling; the bytes are at `place` now, None when handed on. Raises UnknownIdError."""
        with self._database.writing() as connection:
            deliveries.ruled(connection, delivery_id, ruling, place=place)
            self.outbox.ruled(connection, delivery_id)

    def noted(self, delivery_id: str, ruling: Ruling) -> None:
        """Add a ruling that moves nothing. Raises UnknownIdError."""
        with self._database.writing() as connection:
            if deliveries.noted(connection, delivery_id, ruling):
                self.outbox.ruled(connection, delivery_id)

    def waived(self, delivery_id: str) -> tuple[Waived, ...]:
        """What people have set aside of a delivery; nothing of one that is not there."""
        with self._database.reading() as connection:
            return delivery_records.waived(connection, delivery_id)

    def delivery(self, delivery_id: str) -> DeliveryRecord:
        """The record of the delivery with this id, or the only id that starts so. Raises UnknownIdError."""
        with self._database.reading() as connection:
            return delivery_records.delivery(connection, delivery_records.found_id(connection, delivery_id))

    def deliveries(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        stages: Collection[Stage] | None = None,
        outcomes: Collection[Outcome] | None = None,
    ) -> tuple[DeliveryRecord, ...]:
        """The records without pictures, newest first, of deliveries to which something happened from `since` on.

        What happens: it is received, judged or ruled on. `until` is the first moment that does not count.
        """
        with self._database.reading() as connection:
            return delivery_records.all_deliveries(
                connection, since=since, until=until, stages=stages, outcomes=outcomes
            )

    def evidence(self, delivery_id: str) -> tuple[MemberEvidence, ...]:
        """What the latest verdict rests on, member by member. Raises UnknownIdError."""
        with self._database.reading() as connection:
            return delivery_records.member_evidence(connection, delivery_records.found_id(connection, delivery_id))

    def track_files(self, title: str, asset_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """In which delivery of a title, and which member of it, the files with these UUIDs of asset maps came last."""
        with self._database.reading() as connection:
            return track_files(connection, title, asset_ids)

    # Recalls

    def went_on(self, since: datetime | None = None) -> tuple[str, ...]:
        """The ids, newest first, of deliveries that were or are about to be cleared or flagged, and of all ruled on."""
        with self._database.reading() as connection:
            return recalls.went_on(connection, since)

    def add_recalls(self, found: Sequence[Recall]) -> list[tuple[Recall, bool]]:
        """Write recalls down, each once; the one that is there, and False, if it says the same or worse."""
        with self._database.writing() as connection:
            results = recalls.add_recalls(connection, found)
            self.outbox.recalled(connection, [recall for recall, new in results if new])
            return results

    def recalls(self, *, closed: bool = True) -> tuple[Recall, ...]:
        """The recalls, oldest first."""
        conditions = [] if closed else [tables.recalls.c.closed_at.is_(None)]
        with self._database.reading() as connection:
            return recalls.all_recalls(connection, *conditions)

    def close_recall(self, recall_id: str, *, by: str, reason: str, at: datetime) -> Recall:
        """Say that a recall has been dealt with; the first time stands. Raises UnknownIdError."""
        with self._database.writing() as connection:
            return recalls.close_recall(connection, recall_id, by=by, reason=reason, at=at)
