"""The first schema: the register, examinations, deliveries, and what was decided on them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
BLOB = sa.LargeBinary()
INTEGER = sa.Integer()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _titles_and_records()
    _assets()
    _fingerprints()
    _approvals()
    _examinations()
    _deliveries()
    _verdicts()
    _evidence()
    _pictures_and_rulings()


def downgrade() -> None:
    """Not offered: it would throw the records of deliveries away."""
    msg = "there is no way back from the first schema; restore a backup instead"
    raise NotImplementedError(msg)


def _titles_and_records() -> None:
    op.create_table(
        "titles", sa.Column("title", TEXT, nullable=False), sa.PrimaryKeyConstraint("title", name="pk_titles")
    )
    op.create_table(
        "records",
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("tool", TEXT, nullable=False),
        sa.Column("tool_version", TEXT),
        sa.Column("use", TEXT, nullable=False),
        sa.Column("shot", TEXT),
        sa.Column("vendor", TEXT),
        sa.Column("note", TEXT),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("retired_at", TIME),
        sa.Column("retired_by", TEXT),
        sa.Column("retired_reason", TEXT),
        sa.ForeignKeyConstraint(["title"], ["titles.title"], name="fk_records_title"),
        sa.PrimaryKeyConstraint("record_id", name="pk_records"),
    )
    op.create_index("ix_records_title", "records", ["title"])


def _assets() -> None:
    op.create_table(
        "assets",
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("name", BLOB, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"], name="fk_assets_record_id"),
        sa.ForeignKeyConstraint(["title"], ["titles.title"], name="fk_assets_title"),
        sa.PrimaryKeyConstraint("asset_id", name="pk_assets"),
        sa.UniqueConstraint("record_id", "position", name="uq_assets_record_id_position"),
        sa.UniqueConstraint("title", "sha256", name="uq_assets_title_sha256"),
    )
    op.create_index("ix_assets_sha256", "assets", ["sha256"])
    op.create_table(
        "file_hashes",
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name="fk_file_hashes_asset_id"),
        sa.PrimaryKeyConstraint("asset_id", "position", name="pk_file_hashes"),
    )
    op.create_index("ix_file_hashes_sha256", "file_hashes", ["sha256"])


def _fingerprints() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("fingerprint_id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("algorithm", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("time_base", TEXT, nullable=False),
        sa.Column("pts", BLOB, nullable=False),
        sa.Column("codes", BLOB, nullable=False),
        sa.Column("quality", BLOB, nullable=False),
        sa.Column("views", BLOB, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name="fk_fingerprints_asset_id"),
        sa.PrimaryKeyConstraint("fingerprint_id", name="pk_fingerprints"),
        sa.UniqueConstraint("asset_id", "position", name="uq_fingerprints_asset_id_position"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_fingerprints_algorithm_version", "fingerprints", ["algorithm", "version"])
    op.create_index("ix_fingerprints_digest", "fingerprints", ["digest"])
    op.create_table(
        "thumbnails",
        sa.Column("asset_id", TEXT, nullable=False),
        sa.Column("seconds", TEXT, nullable=False),
        sa.Column("about_seconds", sa.Float(precision=53), nullable=False),
        sa.Column("jpeg", BLOB, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.asset_id"], name="fk_thumbnails_asset_id"),
        sa.PrimaryKeyConstraint("asset_id", "seconds", name="pk_thumbnails"),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("approval_id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("approver", TEXT, nullable=False),
        sa.Column("approver_role", TEXT),
        sa.Column("decided_at", TIME),
        sa.Column("valid_from", TIME),
        sa.Column("valid_to", TIME),
        sa.Column("document", TEXT),
        sa.Column("note", TEXT),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.Column("revoked_by", TEXT),
        sa.Column("revoked_reason", TEXT),
        sa.ForeignKeyConstraint(["title"], ["titles.title"], name="fk_approvals_title"),
        sa.PrimaryKeyConstraint("approval_id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_title", "approvals", ["title"])
    op.create_table(
        "register_changes",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("thing", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_changes"),
        sqlite_autoincrement=True,
    )


def _examinations() -> None:
    op.create_table(
        "examinations",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("examiner", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("algorithm", TEXT),
        sa.Column("version", INTEGER),
        sa.Column("time_base", TEXT),
        sa.Column("pts", BLOB),
        sa.Column("codes", BLOB),
        sa.Column("quality", BLOB),
        sa.Column("views", BLOB),
        sa.PrimaryKeyConstraint("sha256", "examiner", name="pk_examinations"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("name", BLOB, nullable=False),
        sa.Column("origin", BLOB, nullable=False),
        sa.Column("title", TEXT),
        sa.Column("vendor", TEXT),
        sa.Column("drop_class", TEXT, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("refused", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("place", BLOB),
        sa.Column("outcome", INTEGER),
        sa.Column("verdicts", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_outcome", "deliveries", ["outcome"])
    op.create_index("ix_deliveries_received_at", "deliveries", ["received_at"])
    op.create_index("ix_deliveries_stage", "deliveries", ["stage"])
    op.create_table(
        "members",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("name", BLOB, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.delivery_id"], name="fk_members_delivery_id"),
        sa.PrimaryKeyConstraint("delivery_id", "position", name="pk_members"),
    )
    op.create_index("ix_members_sha256", "members", ["sha256"])


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("sequence", INTEGER, autoincrement=False, nullable=False),
        sa.Column("outcome", INTEGER, nullable=False),
        sa.Column("judged_at", TIME, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.delivery_id"], name="fk_verdicts_delivery_id"),
        sa.PrimaryKeyConstraint("delivery_id", "sequence", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_judged_at", "verdicts", ["judged_at"])
    op.create_table(
        "findings",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("sequence", INTEGER, autoincrement=False, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("outcome", INTEGER, nullable=False),
        sa.Column("member", BLOB, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id", "sequence"], ["verdicts.delivery_id", "verdicts.sequence"], name="fk_findings_delivery_id"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "sequence", "position", name="pk_findings"),
    )
    op.create_index("ix_findings_code", "findings", ["code"])


def _evidence() -> None:
    op.create_table(
        "member_coverage",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("sequence", INTEGER, autoincrement=False, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("member_position", INTEGER),
        sa.Column("member", TEXT),
        sa.Column("coverage", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id", "sequence"],
            ["verdicts.delivery_id", "verdicts.sequence"],
            name="fk_member_coverage_delivery_id",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "sequence", "position", name="pk_member_coverage"),
    )
    op.create_table(
        "evidence",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("sequence", INTEGER, autoincrement=False, nullable=False),
        sa.Column("member_position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("member", BLOB, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id", "sequence"], ["verdicts.delivery_id", "verdicts.sequence"], name="fk_evidence_delivery_id"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "sequence", "member_position", "position", name="pk_evidence"),
    )
    op.create_index("ix_evidence_kind", "evidence", ["kind"])


def _pictures_and_rulings() -> None:
    op.create_table(
        "pictures",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("sequence", INTEGER, autoincrement=False, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("member", BLOB, nullable=False),
        sa.Column("asset_id", TEXT),
        sa.Column("found_seconds", TEXT),
        sa.Column("found_jpeg", BLOB),
        sa.Column("registered_seconds", TEXT),
        sa.Column("registered_jpeg", BLOB),
        sa.ForeignKeyConstraint(
            ["delivery_id", "sequence"], ["verdicts.delivery_id", "verdicts.sequence"], name="fk_pictures_delivery_id"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "sequence", "position", name="pk_pictures"),
    )
    op.create_table(
        "rulings",
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("after_verdicts", INTEGER, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("approval", TEXT),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.delivery_id"], name="fk_rulings_delivery_id"),
        sa.PrimaryKeyConstraint("delivery_id", "position", name="pk_rulings"),
    )
    op.create_index("ix_rulings_at", "rulings", ["at"])
