"""The part of the store that keeps the register: provenance records with their fingerprints, and approvals."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction

from scanner.model import (
    Approval,
    AssetRef,
    NamedAsset,
    Paper,
    PaperContent,
    PaperKind,
    Papers,
    PaperVersion,
    PictureCodes,
    PictureFeatures,
    ProvenanceRecord,
    RegisterState,
    SoundMarks,
    Thumbnail,
    Use,
)
from scanner.store import approvals, paper_batches, paper_reading, papers, register, registered, tables
from scanner.store.engine import Database
from scanner.store.features import keep_features
from scanner.store.register import Registration, Thumbnails
from scanner.store.sounds import add_excerpts, excerpt, keep_sounds

_NO_THUMBNAILS: Thumbnails = {}


class RegisterStore:
    """Every method is one transaction, but that local features are written before it. Errors as of `Store`."""

    _database: Database

    # The register

    def add_record(
        self, record: ProvenanceRecord, thumbnails: Thumbnails = _NO_THUMBNAILS
    ) -> tuple[ProvenanceRecord, bool]:
        """Register a record; the one that holds the same bytes for the same title, and False, if there is one."""
        return self.add_records([(record, thumbnails)])[0]

    def add_records(self, records: Sequence[Registration]) -> list[tuple[ProvenanceRecord, bool]]:
        """Register records with their thumbnails by asset id, all or none. Raises RegisterInputError.

        A record that was there already comes without its fingerprints.
        """
        assets = [asset for record, _ in records for asset in record.assets]
        sets = {asset.asset_id: self._keep_features(asset.features) for asset in assets}
        heard = {asset.asset_id: keep_sounds(self._database, asset.sounds) for asset in assets}
        with self._database.writing() as connection:
            return register.add_records(connection, records, sets, heard)

    def add_fingerprints(
        self,
        asset_id: str,
        *,
        codes: Sequence[PictureCodes],
        features: Sequence[PictureFeatures],
        sounds: Sequence[SoundMarks] = (),
        at: datetime,
    ) -> bool:
        """Add to a registered asset what it does not have; False when it has all. Raises UnknownIdError."""
        sets = {asset_id: self._keep_features(features)}
        heard = {asset_id: keep_sounds(self._database, sounds)}
        with self._database.writing() as connection:
            return register.add_fingerprints(connection, asset_id, codes, sets, heard, at=at)

    def add_excerpts(self, asset_id: str, sounds: Sequence[Thumbnail]) -> None:
        """Keep what is to be listened to of a registered asset; what is there already stays."""
        with self._database.writing() as connection:
            add_excerpts(connection, asset_id, sounds)

    def _keep_features(self, features: Iterable[PictureFeatures]) -> list[int]:
        return [keep_features(self._database, each) for each in features]

    def record(self, record_id: str) -> ProvenanceRecord:
        """One record with its codes and local features. Raises UnknownIdError."""
        with self._database.reading() as connection:
            return registered.record(connection, record_id)

    def records(
        self, *, title: str | None = None, retired: bool = True, codes: bool = False
    ) -> tuple[ProvenanceRecord, ...]:
        """The records, oldest first; their assets' codes only if asked for, and never their local features."""
        conditions = [] if title is None else [tables.records.c.title == title]
        if not retired:
            conditions.append(tables.records.c.retired_at.is_(None))
        with self._database.reading() as connection:
            return registered.all_records(connection, *conditions, codes=codes)

    def records_by_id(self, ids: Iterable[str]) -> dict[str, ProvenanceRecord]:
        """Those of the records that exist, with their particulars and without fingerprints."""
        with self._database.reading() as connection:
            return registered.records_by_id(connection, ids)

    def papers_named_by(self, records: Iterable[ProvenanceRecord], approvals: Iterable[Approval]) -> Papers:
        """The tools, consents and people that these name, as they are now."""
        with self._database.reading() as connection:
            return papers.named_by(connection, records, approvals)

    def records_in_force(self, title: str | None = None) -> dict[str, Use]:
        """What each record is for that is not retired and of this title or of every title; without a title, all."""
        with self._database.reading() as connection:
            return registered.records_in_force(connection, title)

    def outdated(
        self,
        *,
        title: str | None = None,
        codes: registered.Kind,
        features: registered.Kind,
        sounds: registered.Kind | None = None,
    ) -> tuple[AssetRef, ...]:
        """Registered media in force that have no fingerprints of these algorithms and versions, or not all kinds."""
        with self._database.reading() as connection:
            return registered.outdated(connection, title=title, codes=codes, features=features, sounds=sounds)

    def retire(self, record_id: str, *, by: str, reason: str, at: datetime) -> ProvenanceRecord:
        """Take a record out of force; the first time stands. Raises UnknownIdError."""
        with self._database.writing() as connection:
            return register.retire(connection, record_id, by=by, reason=reason, at=at)

    def reinstate(self, record_id: str, *, by: str, reason: str, at: datetime) -> tuple[ProvenanceRecord, bool]:
        """Bring a retired record of AI material back into force; False where it was not retired.

        Raises UnknownIdError; RegisterInputError where its bytes, or the record itself, are known to be good.
        """
        with self._database.writing() as connection:
            return register.reinstate(connection, record_id, by=by, reason=reason, at=at)

    def thumbnail(self, asset_id: str, seconds: Fraction) -> Thumbnail | None:
        """The asset's thumbnail nearest to a time, None when it has none. Raises UnknownIdError."""
        with self._database.reading() as connection:
            return registered.thumbnail(connection, asset_id, seconds)

    def excerpt(self, asset_id: str, seconds: Fraction) -> Thumbnail | None:
        """What is to be listened to of an asset, nearest to a time; None when it has none."""
        with self._database.reading() as connection:
            return excerpt(connection, asset_id, seconds)

    def asset_by_file_hash(self, hashes: Iterable[str], *, title: str | None = None) -> dict[str, AssetRef]:
        """The registered asset of each SHA-256 that is an asset's or one of its files'; retired only if no other."""
        with self._database.reading() as connection:
            return registered.asset_by_file_hash(connection, hashes, title=title)

    def named_assets(self, title: str | None = None) -> tuple[NamedAsset, ...]:
        """The AI material in force that is of this title or of every title (without one, all), to look up names by."""
        with self._database.reading() as connection:
            return registered.named_assets(connection, title)

    def registered_codes(
        self, *, title: str | None = None, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[AssetRef, PictureCodes]]:
        """As `numbered_codes`, without the numbers."""
        numbered = self.numbered_codes(title=title, algorithm=algorithm, version=version, after=after)
        return ((asset, codes) for _, asset, codes in numbered)

    def numbered_codes(
        self, *, title: str | None = None, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, PictureCodes]]:
        """Every registered fingerprint of an algorithm, retired assets' included, read as it is asked for.

        Of a title: its own and what is of every title. New ones have higher numbers: `after` reads only those.
        """
        kind = (algorithm, version)
        return registered.registered_codes(self._database, title=title, kind=kind, after=after)

    def registered_features(
        self, *, title: str | None = None, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, PictureFeatures]]:
        """Every registered set of local features of an algorithm, with its number; otherwise as `numbered_codes`."""
        kind = (algorithm, version)
        return registered.registered_features(self._database, title=title, kind=kind, after=after)

    def registered_sounds(
        self, *, title: str | None = None, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, tuple[SoundMarks, ...]]]:
        """All that was heard of every registered asset, with its last number; otherwise as `numbered_codes`."""
        kind = (algorithm, version)
        return registered.registered_sounds(self._database, title=title, kind=kind, after=after)

    def register_state(self, at: datetime) -> RegisterState:
        """Which state the register is in, all records and approvals counted."""
        with self._database.reading() as connection:
            return registered.register_state(connection, at)

    def register_version(self) -> int:
        """How many changes the register has had."""
        with self._database.reading() as connection:
            return registered.register_version(connection)

    # Papers

    def put_papers(
        self, batch: Sequence[Paper], *, by: str, reason: str | None = None, at: datetime
    ) -> list[PaperVersion]:
        """Enter papers, all or none; the versions that were added, of those that say something new.

        An approval becomes what its paper says. Raises RegisterInputError.
        """
        with self._database.writing() as connection:
            return paper_batches.put(connection, batch, by=by, reason=reason, at=at)

    def refused_papers(self, batch: Sequence[Paper]) -> list[tuple[Paper, str]]:
        """Which of these papers could not be entered, and why. Nothing is written."""
        with self._database.reading() as connection:
            return paper_batches.refused(connection, batch)

    def papers(self, kind: PaperKind, ids: Iterable[str]) -> dict[str, PaperContent]:
        """Those of the papers that exist, as they are now."""
        with self._database.reading() as connection:
            return paper_reading.papers(connection, kind, ids)

    def record_titles(self, ids: Iterable[str]) -> dict[str, str]:
        """The title of each of these records that is registered."""
        with self._database.reading() as connection:
            return paper_batches.titles_of(connection, ids)

    def paper_ids(self, kind: PaperKind, *, title: str | None = None) -> list[str]:
        """The ids of all papers of a kind, in order; with a title, also of tools, and of people of any title."""
        with self._database.reading() as connection:
            return paper_reading.ids(connection, kind, title)

    def paper_history(self, kind: PaperKind, paper_id: str) -> tuple[PaperVersion, ...]:
        """All versions of a paper, the oldest first. Raises UnknownIdError."""
        with self._database.reading() as connection:
            return paper_reading.history(connection, kind, paper_id)

    # Approvals

    def add_approval(self, approval: Approval) -> tuple[Approval, bool]:
        """Register an approval; the one that is there, and False, if it says the same. Raises RegisterInputError."""
        return self.add_approvals([approval])[0]

    def add_approvals(self, batch: Sequence[Approval]) -> list[tuple[Approval, bool]]:
        """Register approvals, all or none. Raises RegisterInputError."""
        with self._database.writing() as connection:
            return approvals.add_approvals(connection, batch)

    def approval(self, approval_id: str) -> Approval:
        """One approval. Raises UnknownIdError."""
        with self._database.reading() as connection:
            return approvals.approval(connection, approval_id)

    def approvals(self, *, title: str | None = None) -> tuple[Approval, ...]:
        """The approvals, oldest first, of any status."""
        conditions = [] if title is None else [tables.approvals.c.title == title]
        with self._database.reading() as connection:
            return approvals.all_approvals(connection, *conditions)

    def revoke(self, approval_id: str, *, by: str, reason: str, at: datetime) -> Approval:
        """Take an approval back; the first time stands. Raises UnknownIdError."""
        with self._database.writing() as connection:
            return approvals.revoke(connection, approval_id, by=by, reason=reason, at=at)
