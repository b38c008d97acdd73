"""Writing provenance records: a batch goes in whole or not at all, and the same one twice is harmless."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from scanner.errors import RegisterInputError, UnknownIdError
from scanner.model import Asset, PictureCodes, ProvenanceRecord, Thumbnail, Use
from scanner.store import audit_entries
from scanner.store.codec import digest
from scanner.store.papers import shares
from scanner.store.registered import ASSET_FIELDS, CODE_FIELDS, RECORD_FIELDS, record, records_by_id
from scanner.store.sounds import SoundSets, add_excerpts, add_to_asset, add_to_assets
from scanner.store.tables import (
    asset_features,
    assets,
    file_hashes,
    fingerprints,
    records,
    register_changes,
    thumbnails,
    titles,
)

Thumbnails = Mapping[str, Sequence[Thumbnail]]
Registration = tuple[ProvenanceRecord, Thumbnails]
FeatureSets = Mapping[str, Sequence[int]]
"""By asset id, the ids of its sets of local features, which are kept already."""
_NO_SOUNDS: SoundSets = {}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The registered records that a batch touches; the batch's own are added as it is gone through."""

    by_id: dict[str, ProvenanceRecord] = field(default_factory=dict)
    by_bytes: dict[tuple[str, str], ProvenanceRecord] = field(default_factory=dict)
    by_asset: dict[str, ProvenanceRecord] = field(default_factory=dict)
    in_force: dict[str, list[ProvenanceRecord]] = field(default_factory=dict)

    def take(self, known: ProvenanceRecord) -> None:
        self.by_id[known.record_id] = known
        for asset in known.assets:
            if known.retired_at is None:
                self.in_force.setdefault(asset.sha256, []).append(known)
            self.by_bytes[known.title, asset.sha256] = known
            self.by_asset[asset.asset_id] = known

    def same_as(self, new: ProvenanceRecord) -> ProvenanceRecord | None:
        """The record that is already there for the new one's bytes (or for its id, when it has no assets)."""
        if not new.assets:
            return self.by_id.get(new.record_id)
        return self.by_bytes.get((new.title, new.assets[0].sha256))


def add_records(
    connection: Connection, batch: Iterable[Registration], sets: FeatureSets, sounds: SoundSets = _NO_SOUNDS
) -> list[tuple[ProvenanceRecord, bool]]:
    """Register each record unless its bytes are in the title's register already; True where it was new.

    Raises RegisterInputError with a line for each record that contradicts itself, the register or the batch.
    """
    batch = list(batch)
    known = _known(connection, [new for new, _ in batch])
    results: list[tuple[ProvenanceRecord, bool]] = []
    added: list[Registration] = []
    refused: list[str] = []
    for new, pictures in batch:
        reasons = [*_faults(new, pictures), *_contradictions(new, known)]
        refused += [f"record {new.record_id!r}: {reason}" for reason in reasons]
        present = known.same_as(new)
        results.append((new if present is None else present, present is None))
        if present is None and not reasons:
            known.take(new)
            added.append((new, pictures))
    if refused:
        raise RegisterInputError("\n".join([*refused, "Nothing was registered; correct these and try again"]))
    _insert(connection, added, sets, sounds)
    return results


def _known(connection: Connection, new: Sequence[ProvenanceRecord]) -> _Known:
    touched = [item.record_id for item in new]
    media = [asset for item in new for asset in item.assets]
    for column, values in (
        (assets.c.sha256, [asset.sha256 for asset in media]),
        (assets.c.asset_id, [asset.asset_id for asset in media]),
    ):
        for share in shares(values):
            touched += connection.execute(select(assets.c.record_id).where(column.in_(share))).scalars()
    known = _Known()
    for present in records_by_id(connection, touched).values():
        known.take(present)
    return known


def _faults(new: ProvenanceRecord, pictures: Thumbnails) -> Iterator[str]:
    """What is wrong with a record by itself."""
    for what in ("sha256", "asset_id"):
        if len({getattr(asset, what) for asset in new.assets}) < len(new.assets):
            yield f"two of its assets have the same {what}"
    for stranger in pictures.keys() - {asset.asset_id for asset in new.assets}:
        yield f"thumbnails were given for {stranger!r}, which is none of its assets"
    for asset in new.assets:
        try:
            os.fsencode(asset.name)
        except UnicodeEncodeError:
            yield f"the name of asset {asset.asset_id!r} cannot be a file's name"


def _contradictions(new: ProvenanceRecord, known: _Known) -> Iterator[str]:
    """What of a record cannot be true as well as what is registered."""
    yield from _good_and_ai(new, known)
    namesake = known.by_id.get(new.record_id)
    if namesake is not None:
        if _bytes_of(namesake) != _bytes_of(new):
            yield "this id is registered already, for another title or other bytes"
        elif not new.assets and _said(namesake) != _said(new):
            yield "this id is registered already, with other content"
        return
    holders = [known.by_bytes.get((new.title, asset.sha256)) for asset in new.assets]
    if len({None if holder is None else holder.record_id for holder in holders}) > 1:
        held = sorted({repr(holder.record_id) for holder in holders if holder is not None})
        yield f"only some of its bytes are registered already, in {', '.join(held)}; register the others by themselves"
    elif None in holders:
        for asset in new.assets:
            if asset.asset_id in known.by_asset:
                yield f"its asset {asset.asset_id!r} is registered already, with other bytes or for another title"


def _good_and_ai(new: ProvenanceRecord, known: _Known) -> Iterator[str]:
    """The same bytes cannot be AI material and known to be good, whatever the titles."""
    good = new.use is Use.KNOWN_GOOD
    for asset in new.assets:
        for holder in known.in_force.get(asset.sha256, ()):
            if (holder.use is Use.KNOWN_GOOD) is not good:
                yield either_good_or_ai(holder)


def either_good_or_ai(holder: ProvenanceRecord) -> str:
    """Why bytes that this record holds cannot be registered as the opposite of what it says."""
    if holder.use is Use.KNOWN_GOOD:
        return f"these bytes are known to be good ({holder.record_id!r}: {holder.note or '-'}); retire that first"
    return f"these bytes are registered as AI material ({holder.record_id!r}, title {holder.title}); retire that first"


def _bytes_of(item: ProvenanceRecord) -> tuple[str, frozenset[str]]:
    return item.title, frozenset(asset.sha256 for asset in item.assets)


def _said(item: ProvenanceRecord) -> ProvenanceRecord:
    """A record without what depends on when and by whom it was entered, and whether it was retired since."""
    return replace(item, created_at=_EPOCH, created_by="", retired_at=None, retired_reason=None)


def add_titles(connection: Connection, named: Iterable[str]) -> None:
    """Make the titles known that are not yet."""
    for share in shares(named):
        known = set(connection.execute(select(titles.c.title).where(titles.c.title.in_(share))).scalars())
        if missing := [{"title": title} for title in share if title not in known]:
            connection.execute(insert(titles), missing)


def note_changes(connection: Connection, what: str, changes: Iterable[tuple[datetime, str]]) -> None:
    """Count changes of the register: when, and to which record or approval."""
    if rows := [{"at": at, "what": what, "thing": thing} for at, thing in changes]:
        connection.execute(insert(register_changes), rows)


def _insert(connection: Connection, added: Sequence[Registration], sets: FeatureSets, sounds: SoundSets) -> None:
    if not added:
        return
    new = [item for item, _ in added]
    media = [(item, position, asset) for item in new for position, asset in enumerate(item.assets)]
    add_titles(connection, (item.title for item in new))
    connection.execute(insert(records), [{name: getattr(item, name) for name in RECORD_FIELDS} for item in new])
    for table, rows in (
        (assets, [_asset_row(*place) for place in media]),
        (file_hashes, [row for _, _, asset in media for row in _hash_rows(asset)]),
        (fingerprints, [row for _, _, asset in media for row in _code_rows(asset.asset_id, asset.codes)]),
        (asset_features, [row for _, _, asset in media for row in _set_rows(asset.asset_id, sets)]),
        (thumbnails, [row for _, pictures in added for row in _thumbnail_rows(pictures)]),
    ):
        if rows:
            connection.execute(insert(table), rows)
    add_to_assets(connection, (asset for _, _, asset in media), sounds)
    for _, pictures in added:
        for asset_id, shown in pictures.items():
            add_excerpts(connection, asset_id, (each for each in shown if each.sound))
    note_changes(connection, "record added", ((item.created_at, item.record_id) for item in new))
    audit_entries.records_added(connection, new)


_Row = dict[str, object]


def _asset_row(item: ProvenanceRecord, position: int, asset: Asset) -> _Row:
    values = {name: getattr(asset, name) for name in ASSET_FIELDS}
    return values | {"record_id": item.record_id, "title": item.title, "position": position}


def _hash_rows(asset: Asset) -> list[_Row]:
    rows = enumerate(asset.file_hashes)
    return [{"asset_id": asset.asset_id, "position": position, "sha256": sha256} for position, sha256 in rows]


def _code_rows(asset_id: str, prints: Iterable[PictureCodes], first: int = 0) -> list[_Row]:
    return [
        {name: getattr(codes, name) for name in CODE_FIELDS}
        | {"asset_id": asset_id, "position": position, "digest": digest(codes)}
        for position, codes in enumerate(prints, start=first)
    ]


def _set_rows(asset_id: str, sets: FeatureSets, first: int = 0) -> list[_Row]:
    return [
        {"asset_id": asset_id, "position": position, "feature_set_id": set_id}
        for position, set_id in enumerate(sets.get(asset_id, ()), start=first)
    ]


def _thumbnail_rows(pictures: Thumbnails) -> list[_Row]:
    return [
        {"asset_id": asset_id, "seconds": at, "about_seconds": float(at), "jpeg": jpeg}
        for asset_id, shown in pictures.items()
        for at, jpeg in {picture.seconds: picture.jpeg for picture in shown if not picture.sound}.items()
    ]


def add_fingerprints(
    connection: Connection,
    asset_id: str,
    codes: Iterable[PictureCodes],
    sets: FeatureSets,
    sounds: SoundSets = _NO_SOUNDS,
    *,
    at: datetime,
) -> bool:
    """Add to a registered asset what it does not have; False when it has all. Raises UnknownIdError."""
    if connection.execute(select(assets.c.asset_id).where(assets.c.asset_id == asset_id)).one_or_none() is None:
        msg = f"no registered asset has the id {asset_id!r}"
        raise UnknownIdError(msg)
    held = select(fingerprints.c.digest).where(fingerprints.c.asset_id == asset_id)
    known = connection.execute(held).scalars().all()
    new = _code_rows(asset_id, [each for each in codes if digest(each) not in known], first=len(known))
    linked = select(asset_features.c.feature_set_id).where(asset_features.c.asset_id == asset_id)
    have = connection.execute(linked).scalars().all()
    more = {asset_id: [set_id for set_id in sets.get(asset_id, ()) if set_id not in have]}
    for table, rows in ((fingerprints, new), (asset_features, _set_rows(asset_id, more, first=len(have)))):
        if rows:
            connection.execute(insert(table), rows)
    changed = any((new, more[asset_id], add_to_asset(connection, asset_id, sounds)))
    note_changes(connection, "fingerprints added", [(at, asset_id)] if changed else [])
    if changed:
        audit_entries.fingerprints_added(connection, asset_id)
    return changed


def retire(connection: Connection, record_id: str, *, by: str, reason: str, at: datetime) -> ProvenanceRecord:
    """Take a record out of force; a second time changes nothing. Raises UnknownIdError."""
    retired = connection.execute(
        update(records)
        .where(records.c.record_id == record_id, records.c.retired_at.is_(None))
        .values(retired_at=at, retired_by=by, retired_reason=reason)
    )
    if retired.rowcount:
        note_changes(connection, "record retired", [(at, record_id)])
        audit_entries.record_retired(connection, record_id, by=by, reason=reason)
    return record(connection, record_id)


def reinstate(
    connection: Connection, record_id: str, *, by: str, reason: str, at: datetime
) -> tuple[ProvenanceRecord, bool]:
    """Bring a retired record of AI material back into force; False where it was not retired: nothing is changed.

    Raises UnknownIdError; RegisterInputError where its bytes are known to be good by now, or the record itself says so.
    """
    held = record(connection, record_id)
    if held.retired_at is None:
        return held, False
    if held.use is Use.KNOWN_GOOD:
        msg = f"{record_id!r} is known to be good, no AI material: it cannot be brought back"
        raise RegisterInputError(msg)
    if good := _known_good_with(connection, held):
        raise RegisterInputError(either_good_or_ai(good))
    ended = audit_entries.retirement(connection, record_id)
    connection.execute(
        update(records)
        .where(records.c.record_id == record_id)
        .values(retired_at=None, retired_by=None, retired_reason=None)
    )
    note_changes(connection, "record reinstated", [(at, record_id)])
    audit_entries.record_reinstated(connection, held, ended, by=by, reason=reason)
    return replace(held, retired_at=None, retired_reason=None), True


def _known_good_with(connection: Connection, held: ProvenanceRecord) -> ProvenanceRecord | None:
    """What is in force as known to be good and has bytes in common with a record: as a whole, or a file of it."""
    own = {sha256 for asset in held.assets for sha256 in (asset.sha256, *asset.file_hashes)}
    touched: set[str] = set()
    for share in shares(own):
        of_files = select(assets.c.record_id).join(file_hashes, file_hashes.c.asset_id == assets.c.asset_id)
        touched |= set(connection.execute(of_files.where(file_hashes.c.sha256.in_(share))).scalars())
        touched |= set(connection.execute(select(assets.c.record_id).where(assets.c.sha256.in_(share))).scalars())
    found = records_by_id(connection, touched).values()
    return next((each for each in found if each.use is Use.KNOWN_GOOD and each.retired_at is None), None)
