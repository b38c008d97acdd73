"""A studio opened for work: its settings, policy, database and examining processes, and the register kept in memory."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from scanner.errors import SettingsError, StoreUnavailableError
from scanner.examine.job import examiner_version
from scanner.examine.pool import ExaminerPool
from scanner.fingerprint.names import ALGORITHM, VERSION
from scanner.match.evidence import Register
from scanner.match.pictures import PictureIndex
from scanner.model import AssetRef, Policy, RegisterOutOfReach
from scanner.settings import Settings, default_policy, read_policy

if TYPE_CHECKING:
    from scanner.store import Store


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
    trust_anchors: str | None = None
    _registers: dict[tuple[int, str | None], Register] = field(default_factory=dict)

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
            return cls(settings=alone, policy=default_policy(), pool=pool)
        policy = read_policy(settings.home / settings.policy.file)
        anchors = _anchors(settings)
        pool = ExaminerPool(settings.examining, processes=processes)
        return cls(settings=settings, policy=policy, pool=pool, has_store=True, trust_anchors=anchors)

    def connect(self) -> None:
        """Open the studio's database, once. Out of reach, it leaves `store_error`: everything is then held."""
        if not self.has_store or self.store is not None or self.store_error is not None:
            return
        from scanner.store import Store

        try:
            self.store = Store.open(self.settings.store_url)
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

    @property
    def sample_step(self) -> int:
        return self.settings.examining.sample_step

    @property
    def examiner(self) -> str:
        """The version of everything beside the bytes that examinations depend on."""
        return examiner_version(self.sample_step, self.trust_anchors)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def register(self, title: str | None) -> Register | RegisterOutOfReach | None:
        """The register as it stands now; kept in memory until it changes."""
        if self.store_error is not None:
            return RegisterOutOfReach(reason=self.store_error)
        if self.store is None:
            return None
        try:
            return self._current(title if self.settings.matching.scope == "title" else None, self.store)
        except StoreUnavailableError as error:
            return RegisterOutOfReach(reason=str(error))

    def _current(self, title: str | None, store: "Store") -> Register:
        state = store.register_state(self.now())
        key = (state.version, title)
        if key not in self._registers:
            live = {r.record_id for r in store.records(title=title) if r.retired_at is None}
            codes = store.registered_codes(title=title, algorithm=ALGORITHM, version=VERSION)
            index = PictureIndex.of(
                ((asset, code) for asset, code in codes if asset.record_id in live),
                least_quality=self.policy.least_quality,
            )

            def by_hash(hashes: tuple[str, ...]) -> dict[str, AssetRef]:
                found = store.asset_by_file_hash(hashes, title=title)
                return {sha256: asset for sha256, asset in found.items() if asset.record_id in live}

            self._registers = {key: Register(state=state, pictures=index, by_hash=by_hash)}
        kept = self._registers[key]
        return Register(state=state, pictures=kept.pictures, by_hash=kept.by_hash)


def _anchors(settings: Settings) -> str | None:
    texts = []
    for path in settings.trust.anchors:
        try:
            texts.append((settings.home / path).read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{settings.home / path}: trust anchors cannot be read: {error}"
            raise SettingsError(msg) from error
    return "\n".join(texts) or None
