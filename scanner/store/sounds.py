"""What was heard: each channel's landmarks are kept once, whatever assets and examinations hold them; and excerpts."""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, func, insert, select

from scanner.model import Asset, SoundMarks, Thumbnail
from scanner.store.codec import as_json
from scanner.store.engine import Database
from scanner.store.sound_tables import asset_sounds, examination_sounds, excerpts, sound_sets

SOUND_FIELDS = tuple(field.name for field in fields(SoundMarks))
COLUMNS = tuple(sound_sets.c[name] for name in SOUND_FIELDS)
SoundSets = Mapping[str, Sequence[int]]
"""By asset id, the ids of what was heard of it, which is kept already."""


def digest(marks: SoundMarks) -> str:
    """SHA-256 that names exactly this: algorithm, channel, times and every byte of it."""
    head = [marks.algorithm, marks.version, marks.stream, marks.channel, marks.start, marks.hop, marks.hops]
    parts = (as_json(list[str], [str(each) for each in head]).encode("utf-8", "surrogatepass"), marks.codes)
    spans = struct.pack(f"<{2 * len(marks.informative)}q", *_flat(marks.informative))
    told = b"".join(hashlib.sha256(part).digest() for part in (*parts, marks.times, spans))
    return hashlib.sha256(told).hexdigest()


def packed(times: bytes) -> bytes:
    """Ascending 32-bit numbers as what each adds to the one before, deflated: a sixth of their size."""
    numbers = np.frombuffer(times, dtype="<u4")
    return zlib.compress(np.diff(numbers, prepend=np.uint32(0)).astype("<u4").tobytes(), 6)


def unpacked(blob: bytes) -> bytes:
    return np.cumsum(np.frombuffer(zlib.decompress(blob), dtype="<u4"), dtype="<u4").tobytes()


def keep_sounds(database: Database, sounds: Iterable[SoundMarks]) -> list[int]:
    """The ids of these very sets, each written down first where it is not, in a transaction of its own."""
    return [_kept(database, digest(marks), marks) for marks in sounds]


def _kept(database: Database, name: str, marks: SoundMarks) -> int:
    this = select(sound_sets.c.sound_set_id).where(sound_sets.c.digest == name)
    with database.reading() as connection:
        known = connection.execute(this).scalar_one_or_none()
    if known is not None:
        return int(known)
    with database.writing() as connection:
        known = connection.execute(this).scalar_one_or_none()
        if known is None:
            adding = insert(sound_sets).values(**_row(marks), digest=name).returning(sound_sets.c.sound_set_id)
            known = connection.execute(adding).scalar_one()
    return int(known)


def _row(marks: SoundMarks) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(marks, name) for name in SOUND_FIELDS}
    return values | {"times": packed(marks.times), "informative": _flat(marks.informative)}


def _flat(spans: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    return tuple(each for span in spans for each in span)


def marks_of(row: Row[Any]) -> SoundMarks:
    """What a row with the columns `COLUMNS` holds."""
    values = {name: getattr(row, name) for name in SOUND_FIELDS}
    ends = values["informative"]
    spans = tuple(zip(ends[::2], ends[1::2], strict=True))
    return SoundMarks(**values | {"times": unpacked(values["times"]), "informative": spans})


def sounds_of_asset(connection: Connection, asset_id: str) -> tuple[SoundMarks, ...]:
    asked: Select[Any] = select(*COLUMNS).select_from(asset_sounds.join(sound_sets))
    this = asked.where(asset_sounds.c.asset_id == asset_id).order_by(asset_sounds.c.position)
    return tuple(map(marks_of, connection.execute(this)))


def sounds_of_examination(connection: Connection, sha256: str, examiner: str) -> tuple[SoundMarks, ...]:
    this = (examination_sounds.c.sha256 == sha256, examination_sounds.c.examiner == examiner)
    asked: Select[Any] = select(*COLUMNS).select_from(examination_sounds.join(sound_sets))
    return tuple(map(marks_of, connection.execute(asked.where(*this).order_by(examination_sounds.c.position))))


def add_to_examination(connection: Connection, sha256: str, examiner: str, sets: Sequence[int]) -> None:
    """Say what was heard when these bytes were examined."""
    rows = [
        {"sha256": sha256, "examiner": examiner, "position": position, "sound_set_id": set_id}
        for position, set_id in enumerate(sets)
    ]
    if rows:
        connection.execute(insert(examination_sounds), rows)


def add_to_assets(connection: Connection, assets: Iterable[Asset], sets: SoundSets) -> None:
    """Say what was heard of assets that are new."""
    for asset in assets:
        add_to_asset(connection, asset.asset_id, sets)


def add_to_asset(connection: Connection, asset_id: str, sets: SoundSets) -> bool:
    """Say what was heard of an asset, beside what is known of it; False where that was all."""
    held = select(asset_sounds.c.sound_set_id).where(asset_sounds.c.asset_id == asset_id)
    have = connection.execute(held).scalars().all()
    new = [set_id for set_id in dict.fromkeys(sets.get(asset_id, ())) if set_id not in have]
    rows = [
        {"asset_id": asset_id, "position": position, "sound_set_id": set_id}
        for position, set_id in enumerate(new, start=len(have))
    ]
    if rows:
        connection.execute(insert(asset_sounds), rows)
    return bool(rows)


def add_excerpts(connection: Connection, asset_id: str, sounds: Iterable[Thumbnail]) -> None:
    """Keep what is to be listened to of an asset; what is there already stays."""
    held = connection.execute(select(excerpts.c.seconds).where(excerpts.c.asset_id == asset_id)).scalars().all()
    rows = [
        {
            "asset_id": asset_id,
            "seconds": each.seconds,
            "about_seconds": float(each.seconds + each.length / 2),
            "length": each.length,
            "jpeg": each.jpeg,
            "sound": each.sound,
        }
        for each in {sound.seconds: sound for sound in sounds}.values()
        if each.seconds not in held
    ]
    if rows:
        connection.execute(insert(excerpts), rows)


def excerpt(connection: Connection, asset_id: str, seconds: Fraction) -> Thumbnail | None:
    """The excerpt of an asset whose middle is nearest to a time; None when there is none."""
    nearest = func.abs(excerpts.c.about_seconds - float(seconds))
    row = connection.execute(
        select(excerpts.c.seconds, excerpts.c.length, excerpts.c.jpeg, excerpts.c.sound)
        .where(excerpts.c.asset_id == asset_id)
        .order_by(nearest, excerpts.c.about_seconds)
        .limit(1)
    ).one_or_none()
    return None if row is None else Thumbnail(**row._mapping)


def by_asset(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """Rows of one asset that follow one another, together."""
    held: list[Row[Any]] = []
    for row in rows:
        if held and held[-1].asset_id != row.asset_id:
            yield held
            held = []
        held.append(row)
    if held:
        yield held
