"""Local features: each set is kept once, a row a frame, whatever assets and examinations show it.

A set is written and read a page of frames at a time: one of a film has some hundred megabytes.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from scanner.aside import set_aside
from scanner.model import FeatureFrame, PictureFeatures
from scanner.store.codec import features_digest
from scanner.store.engine import Database
from scanner.store.tables import feature_frames, feature_sets

SET_FIELDS = ("algorithm", "version", "time_base")
_FRAME_FIELDS = tuple(field.name for field in fields(FeatureFrame))
_FRAMES_AT_ONCE = 64


def keep_features(database: Database, features: PictureFeatures) -> int:
    """The id of this very set, written down first where it is not: each page is a transaction of its own.

    Nothing refers to a set before it is whole; one that was cut short is gone on with the next time.
    """
    digest = features_digest(features)
    with database.reading() as connection:
        known, written = _known(connection, digest)
    while known is None or written < len(features.frames):
        with database.writing() as connection:
            known, written = _known(connection, digest)
            if known is None:
                known = _begin(connection, digest, features)
            written += _write_page(connection, known, written, features)
    return known


def _known(connection: Connection, digest: str) -> tuple[int | None, int]:
    """The id of the set with this name, and how many of its frames are there, which are its first ones."""
    this = feature_sets.c.digest == digest
    known = connection.execute(select(feature_sets.c.feature_set_id).where(this)).scalar_one_or_none()
    if known is None:
        return None, 0
    last = select(func.max(feature_frames.c.position)).where(feature_frames.c.feature_set_id == known)
    position: int | None = connection.execute(last).scalar_one()
    return known, 0 if position is None else position + 1


def _begin(connection: Connection, digest: str, features: PictureFeatures) -> int:
    values = {name: getattr(features, name) for name in SET_FIELDS}
    adding = insert(feature_sets).values(**values, digest=digest, frames=len(features.frames))
    return int(connection.execute(adding.returning(feature_sets.c.feature_set_id)).scalar_one())


def _write_page(connection: Connection, set_id: int, written: int, features: PictureFeatures) -> int:
    page = features.frames[written : written + _FRAMES_AT_ONCE]
    rows = [
        {name: getattr(frame, name) for name in _FRAME_FIELDS} | {"feature_set_id": set_id, "position": position}
        for position, frame in enumerate(page, start=written)
    ]
    if rows:
        connection.execute(insert(feature_frames), rows)
    return len(rows)


def kept_features(connection: Connection, set_id: int, head: Row[Any]) -> PictureFeatures:
    """A set with its frames; `head` is a row with its algorithm, version and clock."""
    values = {name: getattr(head, name) for name in SET_FIELDS}
    return PictureFeatures(**values, frames=set_aside(_frames(connection, set_id)))


def _frames(connection: Connection, set_id: int) -> Iterator[FeatureFrame]:
    page = (
        select(*(feature_frames.c[name] for name in _FRAME_FIELDS))
        .where(feature_frames.c.feature_set_id == set_id)
        .order_by(feature_frames.c.position)
        .limit(_FRAMES_AT_ONCE)
    )
    last = -1
    while True:
        rows = connection.execute(page.where(feature_frames.c.position > last)).all()
        yield from (FeatureFrame(**row._mapping) for row in rows)
        if len(rows) < _FRAMES_AT_ONCE:
            return
        last += len(rows)
