"""The tables of sound: what was heard of registered and of delivered media, and excerpts to be listened to."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from scanner.store.tables import metadata
from scanner.store.types import AnyText, Exact, Ticks

# What was heard in one channel is named by its digest and kept once. `times` are packed: see `sounds.packed`.
sound_sets = Table(
    "sound_sets",
    metadata,
    Column("sound_set_id", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False),
    Column("algorithm", AnyText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("stream", Integer, nullable=False),
    Column("channel", AnyText, nullable=False),
    Column("start", Exact, nullable=False),
    Column("hop", Exact, nullable=False),
    Column("hops", Integer, nullable=False),
    Column("codes", LargeBinary, nullable=False),
    Column("times", LargeBinary, nullable=False),
    Column("informative", Ticks, nullable=False),
    UniqueConstraint("digest"),
    sqlite_autoincrement=True,
)

asset_sounds = Table(
    "asset_sounds",
    metadata,
    Column("asset_sound_id", Integer, primary_key=True, autoincrement=True),
    Column("asset_id", AnyText, ForeignKey("assets.asset_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("sound_set_id", Integer, ForeignKey("sound_sets.sound_set_id"), nullable=False),
    UniqueConstraint("asset_id", "position"),
    sqlite_autoincrement=True,
)

examination_sounds = Table(
    "examination_sounds",
    metadata,
    Column("sha256", AnyText, primary_key=True),
    Column("examiner", AnyText, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sound_set_id", Integer, ForeignKey("sound_sets.sound_set_id"), nullable=False),
    ForeignKeyConstraint(["sha256", "examiner"], ["examinations.sha256", "examinations.examiner"]),
)

excerpts = Table(
    "excerpts",
    metadata,
    Column("asset_id", AnyText, ForeignKey("assets.asset_id"), primary_key=True),
    Column("seconds", Exact, primary_key=True),
    Column("about_seconds", Float(53), nullable=False),
    Column("length", Exact, nullable=False),
    Column("jpeg", LargeBinary, nullable=False),
    Column("sound", LargeBinary, nullable=False),
)
