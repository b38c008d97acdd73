"""A studio opened for work: its settings, policy, database and examining processes, and the register kept in memory."""

import logging
import os
import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from scanner import __version__
from scanner.actions import blocked_destination, destination
from scanner.errors import SettingsError, StoreUnavailableError
from scanner.examine.job import Job, examiner_version
from scanner.examine.pool import ExaminerPool
from scanner.intake.scratch import beside, kept_as
from scanner.match.evidence import Register
from scanner.match.heard import Sounds
from scanner.match.lineage import Names
from scanner.match.look_alikes import Pictures
from scanner.match.shelf import Shelf
from scanner.match.sound_shelf import SoundShelf
from scanner.model import (
    Approval,
    AssetRef,
    Case,
    Delivery,
    Heard,
    Identical,
    LookAlike,
    Member,
    MemberEvidence,
    Outcome,
    Policy,
    RegisterOutOfReach,
    RegisterState,
    Statement,
    TrustAnchors,
    Use,
)
from scanner.settings import Settings, default_policy, read_policy
from scanner.trust import trust_anchors

if TYPE_CHECKING:
    from scanner.store import Store

_log = logging.getLogger("scanner")
# Of one look-up: frames are looked up side by side, and threads of OpenMP that wait keep a core from the decoders.
_THREADS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where the bytes of a delivery lie: as delivered, and as our own copies out of its containers."""

    payload: Path
    opened: Path

    @classmethod
    def of(cls, payload: Path) -> "Whereabouts":
        """On the bench; and of what has left it, whose copies are gone."""
        return cls(payload=payload, opened=beside(payload))

    def root(self, member: Member) -> Path:
        """What the files of a member lie below, or the one file itself."""
        return self.opened if member.is_inside else self.payload


@dataclass(slots=True)
class Studio(AbstractContextManager["Studio"]):
    """Everything that one run of the program works with. A one-off scan without a studio has no store.

    `store_error` says why a studio's database could not be opened: everything is then held, nothing is cleared.
    """

    settings: Settings
    policy: Policy
    pool: ExaminerPool
    has_store: bool = False
    store: "Store | None" = None
    store_error: str | None = None
    trust_anchors: TrustAnchors | None = None
    _policy_seen: tuple[int, int, int] | None = None
    _policy_read: tuple[int, int, int] | None = None
    _registers: dict[tuple[int, str | None], Register] = field(default_factory=dict)
    _approved: dict[str, tuple[int, tuple[Approval, ...]]] = field(default_factory=dict)
    _names: dict[tuple[int, str | None], Names] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, settings: Settings, *, processes: int | None = None) -> "Studio":
        """Open a studio. Raises StoreUnavailableError, SettingsError."""
        studio = cls.open_for_scan(settings, processes=processes)
        studio.connect()
        if studio.store_error is not None:
            studio.pool.close()
            raise StoreUnavailableError(studio.store_error)
        return studio

    @classmethod
    def open_for_scan(cls, settings: Settings | None, *, processes: int | None = None) -> "Studio":
        """What a one-off scan needs; `connect` it while the first examinations run. Without a studio: no register."""
        if settings is None:
            alone = Settings(home=Path("/"))
            pool = ExaminerPool(alone.examining, processes=processes)
            return cls(settings=alone, policy=default_policy(), pool=pool, trust_anchors=trust_anchors(alone))
        policy = read_policy(settings.home / settings.policy.file)
        anchors = trust_anchors(settings)
        pool = ExaminerPool(settings.examining, processes=processes)
        return cls(settings=settings, policy=policy, pool=pool, has_store=True, trust_anchors=anchors)

    def connect(self) -> None:
        """Open the studio's database, once. Out of reach, it leaves `store_error`: everything is then held."""
        if not self.has_store or self.store is not None or self.store_error is not None:
            return
        from scanner.store import Store

        try:
            named = self.settings.server.name
            who = f"scanner {__version__} on {named}" if named else None
            self.store = Store.open(self.settings.store_url, make=False, who=who)
            self.store.subscriptions = [table.subscription for table in self.settings.telling]
        except StoreUnavailableError as error:
            self.store_error = str(error)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.close()
        if self.store is not None:
            self.store.close()

    @property
    def kept(self) -> "Store":
        """The database of a studio that must have one."""
        if self.store is None:
            msg = self.store_error or "this needs a studio's database. Make one with: scanner init DIR"
            raise StoreUnavailableError(msg)
        return self.store

    def take_up_policy(self) -> None:
        """Take up a policy.toml that was changed, at the second look that shows it so: it may be being written.

        One that cannot be read is told, and the policy of before stays in force.
        """
        path = self.settings.home / self.settings.policy.file
        try:
            status = path.stat()
        except OSError:
            return
        now = (status.st_mtime_ns, status.st_size, status.st_ino)
        before, self._policy_seen = self._policy_seen, now
        if now == before and now != self._policy_read:
            self._policy_read = now
            try:
                policy = read_policy(path)
            except SettingsError as error:
                _log.error("policy not taken up", extra={"why": str(error)})
                return
            if policy != self.policy:
                with self._reading:
                    self.policy, self._registers = policy, {}
                _log.info("policy taken up", extra={"policy": policy.digest})

    @property
    def sample_step(self) -> int:
        return self.settings.examining.sample_step

    @property
    def examiner(self) -> str:
        """The version of everything beside the bytes that examinations depend on."""
        asked = self.settings.examining
        return examiner_version(self.sample_step, self.trust_anchors, asked.range_seconds, watermarks=asked.watermarks)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def payload(self, delivery: Delivery) -> Path:
        """Where a delivery lies while it is on the bench."""
        return self.settings.folder("work") / delivery.delivery_id / "payload" / delivery.name

    def where(self, delivery: Delivery) -> Whereabouts:
        """Where a delivery's bytes lie while it is on the bench."""
        return Whereabouts.of(self.payload(delivery))

    def target(self, delivery: Delivery, outcome: Outcome) -> Path:
        """Where an outcome takes a delivery. What goes on, goes below the folder that it was dropped in."""
        match outcome:
            case Outcome.PASS:
                return self._onward(self.settings.folder("cleared"), delivery)
            case Outcome.FLAG:
                return self._onward(self.settings.folder("flagged"), delivery)
            case Outcome.HOLD:
                return blocked_destination(self.settings.folder("held"), delivery.name, delivery.delivery_id)
            case Outcome.QUARANTINE:
                return blocked_destination(self.settings.folder("quarantine"), delivery.name, delivery.delivery_id)

    def kept_back_at(self, delivery: Delivery) -> Path | None:
        """Where a held or quarantined delivery lies now; None when it is in neither place."""
        places = (self.target(delivery, outcome) for outcome in (Outcome.QUARANTINE, Outcome.HOLD))
        return next((place for place in places if os.path.lexists(place)), None)

    def case(self, delivery: Delivery, members: tuple[MemberEvidence, ...], state: RegisterState) -> Case:
        """Evidence that rests on this state of the register, with the records and approvals of now: to be judged."""
        records = self.kept.records_by_id(records_named(members))
        approvals = self._approvals(delivery.title)
        return Case(
            delivery=delivery,
            members=members,
            records=records,
            approvals=approvals,
            register=state,
            examiner=self.examiner,
            at=self.now(),
            papers=self.kept.papers_named_by(records.values(), approvals),
            waived=self.kept.waived(delivery.delivery_id),
        )

    def _approvals(self, title: str | None) -> tuple[Approval, ...]:
        """The approvals of a title as they are now; read anew only when something in the register has changed."""
        if not title:
            return ()
        version = self.kept.register_version()
        known = self._approved.get(title)
        if known is None or known[0] != version:
            # Read after the version: what changes in between is read again the next time.
            known = self._approved[title] = (version, self.kept.approvals(title=title))
        return known[1]

    def _onward(self, folder: Path, delivery: Delivery) -> Path:
        parent, drop = Path(delivery.origin).parent, self.settings.folder("drop")
        if parent.is_relative_to(drop):
            folder = folder / parent.relative_to(drop)
        return destination(folder, delivery.name, delivery.delivery_id)

    def register(self, title: str | None) -> Register | RegisterOutOfReach | None:
        """The register as it stands now; kept in memory until it changes."""
        if self.store_error is not None:
            return RegisterOutOfReach(reason=self.store_error)
        if self.store is None:
            return None
        try:
            with self._reading:
                found = self._current(title if self.settings.matching.scope == "title" else None, self.store)
                return replace(found, names=self._names_of(title, self.store, found.state.version))
        except StoreUnavailableError as error:
            return RegisterOutOfReach(reason=str(error))

    def _current(self, title: str | None, store: "Store") -> Register:
        state = store.register_state(self.now())
        key = (state.version, title)
        kept = self._registers.get(key) or self._read(title, store, state)
        current = {other: read for other, read in self._registers.items() if other[0] == state.version}
        self._registers = current | {key: kept}
        return Register(state=state, pictures=kept.pictures, sounds=kept.sounds, by_hash=kept.by_hash)

    def _read(self, title: str | None, store: "Store", state: RegisterState) -> Register:
        uses = store.records_in_force(title)

        def by_hash(hashes: tuple[str, ...]) -> dict[str, AssetRef]:
            found = store.asset_by_file_hash(hashes, title=title)
            ai = {record for record, use in uses.items() if use is not Use.KNOWN_GOOD}
            return {sha256: asset for sha256, asset in found.items() if asset.record_id in ai}

        pictures, sounds = self.pictures(store, uses), self.sounds(store, uses)
        return Register(state=state, pictures=pictures, sounds=sounds, by_hash=by_hash)

    def _names_of(self, title: str | None, store: "Store", version: int) -> Names:
        """Only those of the delivery's own title, whatever the scope: names are common to many productions."""
        kept = self._names.get((version, title)) or Names.of(store.named_assets(title))
        self._names = {key: names for key, names in self._names.items() if key[0] == version} | {(version, title): kept}
        return kept

    def pictures(self, store: "Store", uses: Mapping[str, Use], *, only: Collection[str] | None = None) -> Pictures:
        """The registered pictures of these records (id to use), or of `only` these assets of them."""
        shelf = self._shelf(store)
        good = frozenset(record for record, use in uses.items() if use is Use.KNOWN_GOOD)
        return Pictures(
            whole=shelf.whole, parts=shelf.parts, part_assets=shelf.assets, good=good, records=uses, only=only
        )

    def sounds(self, store: "Store", uses: Mapping[str, Use], *, only: Collection[str] | None = None) -> Sounds:
        """The registered sounds of these records (id to use), or of `only` these assets of them."""
        try:
            shelf = SoundShelf.open_or_build(store, self.settings.folder("index") / "sound")
        except OSError as error:
            _log.warning("the index of sounds cannot be kept on disk (%s): it is read anew each time", error)
            shelf = SoundShelf.read_anew(store)
        good = frozenset(record for record, use in uses.items() if use is Use.KNOWN_GOOD)
        return Sounds(index=shelf.index, good=good, records=uses, only=only)

    def _shelf(self, store: "Store") -> Shelf:
        """The register's fingerprints: from the studio's folder, or in memory where nothing can be written there."""
        try:
            folder = self.settings.folder("index")
            return Shelf.open_or_build(store, folder, least_quality=self.policy.least_quality, threads=_THREADS)
        except OSError as error:
            _log.warning("the register's index cannot be kept on disk (%s): it is read anew each time", error)
        shelf = Shelf.empty(self.policy.least_quality, _THREADS)
        shelf.update(store)
        return shelf


def records_named(members: Iterable[MemberEvidence]) -> set[str]:
    """The ids of the records whose material is in the evidence, or is stated to be."""
    shown = (
        e.asset for item in members for e in item.evidence if isinstance(e, Identical | LookAlike | Heard | Statement)
    )
    return {asset.record_id for asset in shown if asset is not None}


def job_of(studio: Studio, member: Member, root: Path, *, registering: bool = False) -> Job:
    """What the examining process is asked about a member whose files lie at `root`."""
    return Job(
        root=root,
        files=tuple(kept_as(file) for file in member.files) if member.is_inside else member.files,
        kind=member.kind,
        format=member.format,
        sample_step=studio.sample_step,
        deadline=studio.pool.deadline(member.size),
        stall_seconds=studio.settings.examining.stall_seconds,
        trust_anchors=studio.trust_anchors,
        range_seconds=studio.settings.examining.range_seconds,
        watermarks=studio.settings.examining.watermarks,
        registering=registering,
    )
