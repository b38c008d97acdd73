"""What was heard of the register and of examinations; excerpts of registered and of found sound."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text()
BLOB = sa.LargeBinary()
INTEGER = sa.Integer()


def upgrade() -> None:
    _sets()
    _of_assets()
    _of_examinations()
    for side in ("found", "registered"):
        op.add_column("pictures", sa.Column(f"{side}_sound", BLOB))
        op.add_column("pictures", sa.Column(f"{side}_length", TEXT))


def downgrade() -> None:
    """Not offered: it would throw fingerprints away."""
    msg = "there is no way back from schema 0005; restore a backup instead"
    raise NotImplementedError(msg)


def _sets() -> None:
    op.create_table(
        "sound_sets",
        sa.Column("sound_set_id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("algorithm", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("stream", INTEGER, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("start", TEXT, nullable=False),
        sa.Column("hop", TEXT, nullable=False),
        sa.Column("hops", INTEGER, nullable=False),
        sa.Column("codes", BLOB, nullable=False),
        sa.Column("times", BLOB, nullable=False),
        sa.Column("informative", BLOB, nullable=False),
        sa.PrimaryKeyConstraint("sound_set_id", name="pk_sound_sets"),
        sa.UniqueConstraint("digest", name="uq_sound_sets_digest"),
        sqlite_autoincrement=True,
    )


def _of_assets() -> None:
    op.create_table(
        "asset_sounds",
        sa.Column("asset_sound_id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("sound_set_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name="fk_asset_sounds_asset_id"),
        sa.ForeignKeyConstraint(["sound_set_id"], ["sound_sets.sound_set_id"], name="fk_asset_sounds_sound_set_id"),
        sa.PrimaryKeyConstraint("asset_sound_id", name="pk_asset_sounds"),
        sa.UniqueConstraint("asset_id", "position", name="uq_asset_sounds_asset_id_position"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "excerpts",
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("seconds", TEXT, nullable=False),
        sa.Column("about_seconds", sa.Float(53), nullable=False),
        sa.Column("length", TEXT, nullable=False),
        sa.Column("jpeg", BLOB, nullable=False),
        sa.Column("sound", BLOB, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name="fk_excerpts_asset_id"),
        sa.PrimaryKeyConstraint("asset_id", "seconds", name="pk_excerpts"),
    )


def _of_examinations() -> None:
    op.create_table(
        "examination_sounds",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("examiner", TEXT, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("sound_set_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256", "examiner"],
            ["examinations.sha256", "examinations.examiner"],
            name="fk_examination_sounds_sha256",
        ),
        sa.ForeignKeyConstraint(
            ["sound_set_id"], ["sound_sets.sound_set_id"], name="fk_examination_sounds_sound_set_id"
        ),
        sa.PrimaryKeyConstraint("sha256", "examiner", "position", name="pk_examination_sounds"),
    )
