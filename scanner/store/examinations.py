"""Examinations that were made already, by the examined bytes and the examiner's version."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, select

from scanner.model import Examination, Member, PictureCodes
from scanner.store.engine import Database
from scanner.store.features import SET_FIELDS, keep_features, kept_features
from scanner.store.registered import CODE_FIELDS
from scanner.store.sounds import add_to_examination, keep_sounds, sounds_of_examination
from scanner.store.tables import examination_features, examinations, feature_sets


def examination(connection: Connection, sha256: str, examiner: str, *, features: bool) -> Examination | None:
    """What an examiner of this version made of these bytes, None if none was kept."""
    this = (examinations.c.sha256 == sha256, examinations.c.examiner == examiner)
    row = connection.execute(_wanted().where(*this)).one_or_none()
    return None if row is None else _examination(connection, row, features=features)


def newest_examination(
    connection: Connection, member: Member, delivery_id: str, *, algorithm: str, version: int, features: bool
) -> Examination | None:
    """The newest examination of a member's bytes with codes of this algorithm, by whatever examiner it was made.

    Failing that, the newest one if it has no codes at all; codes of any other algorithm are never given.
    """
    known = and_(examinations.c.algorithm == algorithm, examinations.c.version == version)
    keys = (member.sha256, own_key(member.sha256, delivery_id))
    rows: Sequence[Row[Any]] = connection.execute(
        _wanted()
        .where(examinations.c.sha256.in_(keys), known | examinations.c.algorithm.is_(None))
        .order_by(examinations.c.algorithm.is_(None), func.coalesce(examinations.c.sequence, 0).desc())
    ).all()
    fitting = next((row for row in rows if row.document.kind is member.kind), None)
    if fitting is None or (fitting.codes is None and _has_others(connection, keys, member)):
        return None
    return _examination(connection, fitting, features=features)


def own_key(sha256: str, delivery_id: str) -> str:
    """Under what an examination is kept that counts for one delivery only."""
    return f"{sha256}/{delivery_id}"


def _has_others(connection: Connection, keys: Sequence[str], member: Member) -> bool:
    """Whether these bytes have codes of another algorithm: then they show a picture that must be looked at anew."""
    others = select(examinations.c.document).where(examinations.c.sha256.in_(keys), examinations.c.codes.is_not(None))
    return any(document.kind is member.kind for document in connection.execute(others).scalars())


def _wanted() -> Select[Any]:
    return select(
        examinations.c.sha256,
        examinations.c.examiner,
        examinations.c.document,
        *(examinations.c[name] for name in CODE_FIELDS),
        examination_features.c.feature_set_id,
    ).select_from(examinations.outerjoin(examination_features))


def _examination(connection: Connection, row: Row[Any], *, features: bool) -> Examination:
    kept: Examination = row.document
    if row.codes is not None:
        kept = replace(kept, codes=PictureCodes(**{name: getattr(row, name) for name in CODE_FIELDS}))
    if features and row.feature_set_id is not None:
        this = feature_sets.c.feature_set_id == row.feature_set_id
        head = connection.execute(select(*(feature_sets.c[name] for name in SET_FIELDS)).where(this)).one()
        kept = replace(kept, features=kept_features(connection, row.feature_set_id, head))
    if features:
        kept = replace(kept, sounds=sounds_of_examination(connection, row.sha256, row.examiner))
    return kept


def keep_examination(database: Database, sha256: str, made: Examination) -> None:
    """Keep an examination; the first one kept for these bytes and this examiner stays."""
    with database.reading() as connection:
        if _is_kept(connection, sha256, made.examiner):
            return
    set_id = None if made.features is None else keep_features(database, made.features)
    sounds = keep_sounds(database, made.sounds)
    with database.writing() as connection:
        if not _is_kept(connection, sha256, made.examiner):
            _insert(connection, sha256, made, set_id)
            add_to_examination(connection, sha256, made.examiner, sounds)


def _is_kept(connection: Connection, sha256: str, examiner: str) -> bool:
    same = (examinations.c.sha256 == sha256, examinations.c.examiner == examiner)
    return connection.execute(select(examinations.c.sha256).where(*same)).one_or_none() is not None


def _insert(connection: Connection, sha256: str, made: Examination, set_id: int | None) -> None:
    key = {"sha256": sha256, "examiner": made.examiner}
    codes = {} if made.codes is None else {name: getattr(made.codes, name) for name in CODE_FIELDS}
    last = connection.execute(select(func.coalesce(func.max(examinations.c.sequence), 0))).scalar_one()
    document = replace(made, codes=None, features=None, sounds=())
    connection.execute(insert(examinations).values(**key, document=document, sequence=last + 1, **codes))
    if set_id is not None:
        connection.execute(insert(examination_features).values(**key, feature_set_id=set_id))
