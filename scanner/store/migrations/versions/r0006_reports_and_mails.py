"""Reports that were made, and the mails that bring them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("report_id", TEXT, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("written_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.PrimaryKeyConstraint("report_id", name="pk_reports"),
    )
    op.create_index("ix_reports_due_at", "reports", ["due_at"])
    op.create_table(
        "mails",
        sa.Column("mail_id", TEXT, nullable=False),
        sa.Column("report_id", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("unsure_at", TIME),
        sa.Column("last_error", TEXT),
        sa.ForeignKeyConstraint(["report_id"], ["reports.report_id"], name="fk_mails_report_id"),
        sa.PrimaryKeyConstraint("mail_id", name="pk_mails"),
    )
    op.create_index("ix_mails_report_id", "mails", ["report_id"])
    op.create_index("ix_mails_next_at", "mails", ["next_at"])


def downgrade() -> None:
    """Not offered: it would forget what was sent to whom, and send it again."""
    msg = "there is no way back from schema 0006; restore a backup instead"
    raise NotImplementedError(msg)
