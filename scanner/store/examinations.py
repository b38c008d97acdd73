"""Examinations that were made already, by the examined bytes and the examiner's version."""

from dataclasses import replace

from sqlalchemy import Connection, insert, select

from scanner.model import Examination, PictureCodes
from scanner.store.registered import CODE_FIELDS
from scanner.store.tables import examinations


def examination(connection: Connection, sha256: str, examiner: str) -> Examination | None:
    """What an examiner of this version made of these bytes, None if none was kept."""
    row = connection.execute(
        select(examinations.c.document, *(examinations.c[name] for name in CODE_FIELDS)).where(
            examinations.c.sha256 == sha256, examinations.c.examiner == examiner
        )
    ).one_or_none()
    if row is None:
        return None
    kept: Examination = row.document
    if row.codes is None:
        return kept
    return replace(kept, codes=PictureCodes(**dict(zip(CODE_FIELDS, row[1:], strict=True))))


def keep_examination(connection: Connection, sha256: str, made: Examination) -> None:
    """Keep an examination; the first one kept for these bytes and this examiner stays."""
    same = (examinations.c.sha256 == sha256, examinations.c.examiner == made.examiner)
    if connection.execute(select(examinations.c.sha256).where(*same)).one_or_none() is not None:
        return
    values = {} if made.codes is None else {name: getattr(made.codes, name) for name in CODE_FIELDS}
    document = replace(made, codes=None)
    connection.execute(insert(examinations).values(sha256=sha256, examiner=made.examiner, document=document, **values))
