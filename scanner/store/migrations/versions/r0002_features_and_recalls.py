"""Local features of the register and of examinations; the order of examinations; recalls."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text()
BLOB = sa.LargeBinary()
INTEGER = sa.Integer()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _feature_sets()
    _of_assets()
    _of_examinations()
    _recalls()


def downgrade() -> None:
    """Not offered: it would throw recalls away."""
    msg = "there is no way back from schema 0002; restore a backup instead"
    raise NotImplementedError(msg)


def _feature_sets() -> None:
    op.create_table(
        "feature_sets",
        sa.Column("feature_set_id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("algorithm", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("time_base", TEXT, nullable=False),
        sa.Column("frames", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("feature_set_id", name="pk_feature_sets"),
        sa.UniqueConstraint("digest", name="uq_feature_sets_digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feature_frames",
        sa.Column("feature_set_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("pts", sa.BigInteger(), nullable=False),
        sa.Column("width", INTEGER, nullable=False),
        sa.Column("height", INTEGER, nullable=False),
        sa.Column("descriptors", BLOB, nullable=False),
        sa.Column("points", BLOB, nullable=False),
        sa.Column("grey", BLOB, nullable=False),
        sa.ForeignKeyConstraint(
            ["feature_set_id"], ["feature_sets.feature_set_id"], name="fk_feature_frames_feature_set_id"
        ),
        sa.PrimaryKeyConstraint("feature_set_id", "position", name="pk_feature_frames"),
    )


def _of_assets() -> None:
    op.create_table(
        "asset_features",
        sa.Column("asset_feature_id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("feature_set_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name="fk_asset_features_asset_id"),
        sa.ForeignKeyConstraint(
            ["feature_set_id"], ["feature_sets.feature_set_id"], name="fk_asset_features_feature_set_id"
        ),
        sa.PrimaryKeyConstraint("asset_feature_id", name="pk_asset_features"),
        sa.UniqueConstraint("asset_id", "position", name="uq_asset_features_asset_id_position"),
        sqlite_autoincrement=True,
    )


def _of_examinations() -> None:
    op.add_column("examinations", sa.Column("sequence", INTEGER))
    op.create_index("ix_examinations_sequence", "examinations", ["sequence"])
    op.create_table(
        "examination_features",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("examiner", TEXT, nullable=False),
        sa.Column("feature_set_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256", "examiner"],
            ["examinations.sha256", "examinations.examiner"],
            name="fk_examination_features_sha256",
        ),
        sa.ForeignKeyConstraint(
            ["feature_set_id"], ["feature_sets.feature_set_id"], name="fk_examination_features_feature_set_id"
        ),
        sa.PrimaryKeyConstraint("sha256", "examiner", name="pk_examination_features"),
    )


def _recalls() -> None:
    op.create_table(
        "recalls",
        sa.Column("recall_id", TEXT, nullable=False),
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("outcome", INTEGER, nullable=False),
        sa.Column("findings", TEXT, nullable=False),
        sa.Column("closed_at", TIME),
        sa.Column("closed_by", TEXT),
        sa.Column("closed_reason", TEXT),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.delivery_id"], name="fk_recalls_delivery_id"),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name="fk_recalls_asset_id"),
        sa.PrimaryKeyConstraint("recall_id", name="pk_recalls"),
    )
    for column in ("delivery_id", "asset_id", "closed_at"):
        op.create_index(f"ix_recalls_{column}", "recalls", [column])
