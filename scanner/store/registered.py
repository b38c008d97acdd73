"""Reading the register: records, their assets and fingerprints, thumbnails, and which state it is in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, func, or_, select

from scanner.errors import UnknownIdError
from scanner.model import (
    EVERY_TITLE,
    Asset,
    AssetRef,
    MediaKind,
    NamedAsset,
    PaperKind,
    PictureCodes,
    PictureFeatures,
    ProvenanceRecord,
    RegisterState,
    SoundMarks,
    Thumbnail,
    Use,
    utc,
)
from scanner.store import tables
from scanner.store.engine import Database
from scanner.store.features import SET_FIELDS, kept_features
from scanner.store.papers import latest, shares
from scanner.store.sound_tables import asset_sounds, sound_sets
from scanner.store.sounds import COLUMNS, by_asset, marks_of, sounds_of_asset
from scanner.store.tables import (
    asset_features,
    assets,
    feature_sets,
    file_hashes,
    fingerprints,
    records,
    thumbnails,
)

RECORD_FIELDS = tuple(field.name for field in fields(ProvenanceRecord) if field.name not in {"assets", "particulars"})
_PRINTS = {"file_hashes", "codes", "features", "sounds"}
ASSET_FIELDS = tuple(field.name for field in fields(Asset) if field.name not in _PRINTS)
CODE_FIELDS = tuple(field.name for field in fields(PictureCodes))
_REF = (assets.c.asset_id, assets.c.record_id, assets.c.name)

Condition = ColumnElement[bool]
# Databases limit how many values one statement may carry; blobs are read a page at a time.
_CODES_AT_ONCE = 200
_SOUNDS_AT_ONCE = 20

Kind = tuple[str, int]
"""An algorithm of fingerprints, and its version."""


def all_records(connection: Connection, *conditions: Condition, codes: bool) -> tuple[ProvenanceRecord, ...]:
    """The records that meet the conditions (on table `records`), oldest first."""
    held = _assets(connection, conditions, codes=codes)
    rows = connection.execute(
        select(*(records.c[name] for name in RECORD_FIELDS))
        .where(*conditions)
        .order_by(records.c.created_at, records.c.record_id)
    )
    return tuple(ProvenanceRecord(**row._mapping, assets=tuple(held.get(row.record_id, ()))) for row in rows)


def _assets(connection: Connection, conditions: Iterable[Condition], *, codes: bool) -> dict[str, list[Asset]]:
    hashes: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(
        select(file_hashes.c.asset_id, file_hashes.c.sha256)
        .select_from(file_hashes.join(assets).join(records))
        .where(*conditions)
        .order_by(file_hashes.c.asset_id, file_hashes.c.position)
    ):
        hashes[row.asset_id].append(row.sha256)
    prints = _fingerprints(connection, conditions) if codes else {}
    held: dict[str, list[Asset]] = defaultdict(list)
    for row in connection.execute(
        select(assets.c.record_id, *(assets.c[name] for name in ASSET_FIELDS))
        .select_from(assets.join(records))
        .where(*conditions)
        .order_by(assets.c.record_id, assets.c.position)
    ):
        values = dict(zip(ASSET_FIELDS, row[1:], strict=True))
        files, known = tuple(hashes.get(row.asset_id, ())), tuple(prints.get(row.asset_id, ()))
        held[row.record_id].append(Asset(**values, file_hashes=files, codes=known))
    return held


def _fingerprints(connection: Connection, conditions: Iterable[Condition]) -> dict[str, list[PictureCodes]]:
    prints: dict[str, list[PictureCodes]] = defaultdict(list)
    for row in connection.execute(
        select(fingerprints.c.asset_id, *(fingerprints.c[name] for name in CODE_FIELDS))
        .select_from(fingerprints.join(assets).join(records))
        .where(*conditions)
        .order_by(fingerprints.c.asset_id, fingerprints.c.position)
    ):
        prints[row.asset_id].append(PictureCodes(**dict(zip(CODE_FIELDS, row[1:], strict=True))))
    return prints


def record(connection: Connection, record_id: str) -> ProvenanceRecord:
    """One record with its fingerprints. Raises UnknownIdError."""
    found = all_records(connection, records.c.record_id == record_id, codes=True)
    if not found:
        msg = f"no provenance record has the id {record_id!r}; list the register to see which there are"
        raise UnknownIdError(msg)
    held = (
        replace(
            asset,
            features=tuple(_features(connection, asset.asset_id)),
            sounds=sounds_of_asset(connection, asset.asset_id),
        )
        for asset in found[0].assets
    )
    said = latest(connection, PaperKind.RECORD, [record_id]).get(record_id)
    return replace(found[0], assets=tuple(held), particulars=said)


def _features(connection: Connection, asset_id: str) -> Iterator[PictureFeatures]:
    heads = connection.execute(
        select(feature_sets.c.feature_set_id, *(feature_sets.c[name] for name in SET_FIELDS))
        .select_from(asset_features.join(feature_sets))
        .where(asset_features.c.asset_id == asset_id)
        .order_by(asset_features.c.position)
    ).all()
    return (kept_features(connection, head.feature_set_id, head) for head in heads)


def records_in_force(connection: Connection, title: str | None) -> dict[str, Use]:
    """What each record is for that is looked for in deliveries of a title, or of any."""
    wanted = [records.c.retired_at.is_(None), *of_title(records.c.title, title)]
    rows = connection.execute(select(records.c.record_id, records.c.use).where(*wanted))
    return {row.record_id: row.use for row in rows}


def of_title(column: ColumnElement[str], title: str | None) -> list[Condition]:
    """What is of this title or of every title; no condition without a title."""
    return [] if title is None else [column.in_((title, EVERY_TITLE))]


def records_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, ProvenanceRecord]:
    """Those of the records that exist, with their particulars and without fingerprints."""
    found = {
        found.record_id: found
        for share in shares(ids)
        for found in all_records(connection, records.c.record_id.in_(share), codes=False)
    }
    said = latest(connection, PaperKind.RECORD, found)
    return {name: replace(record, particulars=said.get(name)) for name, record in found.items()}


def asset_by_file_hash(connection: Connection, hashes: Iterable[str], *, title: str | None) -> dict[str, AssetRef]:
    """SHA-256 of a file to the asset that it is, or is a file of; records in force go before retired ones."""
    found: dict[str, AssetRef] = {}
    for share in shares(hashes):
        whole = select(assets.c.sha256, assets.c.asset_id).where(assets.c.sha256.in_(share))
        parts = select(file_hashes.c.sha256, file_hashes.c.asset_id).where(file_hashes.c.sha256.in_(share))
        either = whole.union(parts).subquery()
        for row in connection.execute(
            select(either.c.sha256, assets.c.asset_id, assets.c.record_id, assets.c.name)
            .select_from(either.join(assets, assets.c.asset_id == either.c.asset_id).join(records))
            .where(*of_title(records.c.title, title))
            .order_by(records.c.retired_at.is_not(None), records.c.created_at, assets.c.asset_id)
        ):
            ref = AssetRef(asset_id=row.asset_id, record_id=row.record_id, name=row.name)
            found.setdefault(row.sha256, ref)
    return found


def named_assets(connection: Connection, title: str | None) -> tuple[NamedAsset, ...]:
    """Every asset of AI material in force, oldest first, with its tool and shot."""
    asked: Select[Any] = (
        select(*_REF, records.c.tool, records.c.tool_version, records.c.shot)
        .select_from(assets.join(records))
        .where(records.c.retired_at.is_(None), records.c.use != Use.KNOWN_GOOD, *of_title(records.c.title, title))
        .order_by(records.c.created_at, assets.c.asset_id)
    )
    return tuple(
        NamedAsset(asset=_ref(row), tool=" ".join(filter(None, (row.tool, row.tool_version))), shot=row.shot)
        for row in connection.execute(asked)
    )


def registered_codes(
    database: Database, *, title: str | None, kind: Kind, after: int
) -> Iterator[tuple[int, AssetRef, PictureCodes]]:
    """Row and codes of every fingerprint of a kind, retired assets' included, in the order of registration.

    Pages are read in transactions of their own: fingerprints are never changed and new ones come last.
    """
    wanted = and_(fingerprints.c.algorithm == kind[0], fingerprints.c.version == kind[1])
    page = (
        select(fingerprints.c.fingerprint_id.label("row_id"), *_REF, *(fingerprints.c[name] for name in CODE_FIELDS))
        .select_from(fingerprints.join(assets))
        .where(wanted, *of_title(assets.c.title, title))
    )
    for row in _paged(database, page, fingerprints.c.fingerprint_id, after):
        codes = PictureCodes(**{name: getattr(row, name) for name in CODE_FIELDS})
        yield row.row_id, _ref(row), codes


def registered_features(
    database: Database, *, title: str | None, kind: Kind, after: int
) -> Iterator[tuple[int, AssetRef, PictureFeatures]]:
    """Row and local features of every set of a kind, retired assets' included, in the order of registration."""
    wanted = and_(feature_sets.c.algorithm == kind[0], feature_sets.c.version == kind[1])
    columns = (feature_sets.c.feature_set_id, *(feature_sets.c[name] for name in SET_FIELDS))
    page = (
        select(asset_features.c.asset_feature_id.label("row_id"), *_REF, *columns)
        .select_from(asset_features.join(assets).join(feature_sets))
        .where(wanted, *of_title(assets.c.title, title))
    )
    for row in _paged(database, page, asset_features.c.asset_feature_id, after):
        with database.reading() as connection:
            features = kept_features(connection, row.feature_set_id, row)
        yield row.row_id, _ref(row), features


def registered_sounds(
    database: Database, *, title: str | None, kind: Kind, after: int
) -> Iterator[tuple[int, AssetRef, tuple[SoundMarks, ...]]]:
    """Last row of, and all that was heard of, every asset by a kind of listener, in the order of registration."""
    wanted = and_(sound_sets.c.algorithm == kind[0], sound_sets.c.version == kind[1])
    page = (
        select(asset_sounds.c.asset_sound_id.label("row_id"), *_REF, *COLUMNS)
        .select_from(asset_sounds.join(assets).join(sound_sets))
        .where(wanted, *of_title(assets.c.title, title))
    )
    for rows in by_asset(_paged(database, page, asset_sounds.c.asset_sound_id, after, at_once=_SOUNDS_AT_ONCE)):
        yield rows[-1].row_id, _ref(rows[0]), tuple(map(marks_of, rows))


def _paged(
    database: Database, page: Select[Any], number: ColumnElement[int], after: int, *, at_once: int = _CODES_AT_ONCE
) -> Iterator[Row[Any]]:
    page = page.order_by(number).limit(at_once)
    while True:
        with database.reading() as connection:
            rows = connection.execute(page.where(number > after)).all()
        yield from rows
        if len(rows) < at_once:
            return
        after = rows[-1].row_id


def _ref(row: Row[Any]) -> AssetRef:
    return AssetRef(asset_id=row.asset_id, record_id=row.record_id, name=row.name)


def outdated(
    connection: Connection, *, title: str | None, codes: Kind, features: Kind, sounds: Kind | None = None
) -> tuple[AssetRef, ...]:
    """Pictures, and with `sounds` sounds, in force that lack fingerprints of these kinds: other versions wrote theirs.

    Of what was registered without its media (`size` 0) no features can be expected.
    """
    has_codes = select(fingerprints.c.asset_id).where(fingerprints.c.asset_id == assets.c.asset_id)
    has_sets = select(asset_features.c.asset_id).where(asset_features.c.asset_id == assets.c.asset_id)
    right_codes = has_codes.where(fingerprints.c.algorithm == codes[0], fingerprints.c.version == codes[1])
    right_sets = has_sets.where(
        asset_features.c.feature_set_id == feature_sets.c.feature_set_id,
        feature_sets.c.algorithm == features[0],
        feature_sets.c.version == features[1],
    )
    lacking = or_(~right_codes.exists(), and_(assets.c.size > 0, ~right_sets.exists()))
    unheard = false() if sounds is None else _unheard(sounds)
    asked: Select[Any] = (
        select(*_REF)
        .select_from(assets.join(records))
        .where(records.c.retired_at.is_(None), or_(and_(or_(has_codes.exists(), has_sets.exists()), lacking), unheard))
        .where(*of_title(assets.c.title, title))
        .order_by(records.c.created_at, assets.c.asset_id)
    )
    return tuple(map(_ref, connection.execute(asked)))


def _unheard(kind: Kind) -> ColumnElement[bool]:
    """Media that may have sound, and of which nothing is kept that this kind of listener heard."""
    heard = select(asset_sounds.c.asset_id).where(
        asset_sounds.c.asset_id == assets.c.asset_id,
        asset_sounds.c.sound_set_id == sound_sets.c.sound_set_id,
        sound_sets.c.algorithm == kind[0],
        sound_sets.c.version == kind[1],
    )
    return and_(assets.c.size > 0, assets.c.kind.in_((MediaKind.SOUND, MediaKind.VIDEO)), ~heard.exists())


def thumbnail(connection: Connection, asset_id: str, seconds: Fraction) -> Thumbnail | None:
    """The asset's thumbnail nearest to a time; None when it has none. Raises UnknownIdError."""
    nearest = func.abs(thumbnails.c.about_seconds - float(seconds))
    row = connection.execute(
        select(thumbnails.c.seconds, thumbnails.c.jpeg)
        .where(thumbnails.c.asset_id == asset_id)
        .order_by(nearest, thumbnails.c.about_seconds)
        .limit(1)
    ).one_or_none()
    if row is not None:
        return Thumbnail(seconds=row.seconds, jpeg=row.jpeg)
    if connection.execute(select(assets.c.asset_id).where(assets.c.asset_id == asset_id)).one_or_none() is None:
        msg = f"no registered asset has the id {asset_id!r}"
        raise UnknownIdError(msg)
    return None


def register_version(connection: Connection) -> int:
    """How many changes were ever made to the register."""
    newest = select(func.coalesce(func.max(tables.register_changes.c.id), 0))
    return int(connection.execute(newest).scalar_one())


def register_state(connection: Connection, at: datetime) -> RegisterState:
    """How many changes, records (retired ones too) and approvals (of any status) the register has."""
    version, held, agreed = connection.execute(
        select(
            select(func.coalesce(func.max(tables.register_changes.c.id), 0)).scalar_subquery(),
            select(func.count()).select_from(records).scalar_subquery(),
            select(func.count()).select_from(tables.approvals).scalar_subquery(),
        )
    ).one()
    return RegisterState(version=version, records=held, approvals=agreed, read_at=utc(at))
