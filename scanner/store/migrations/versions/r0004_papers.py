"""Papers with their versions; terms of approvals and rulings; season, episode and territories of deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text()
INTEGER = sa.Integer()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("approvals", sa.Column("terms", TEXT, nullable=False, server_default="{}"))
    op.add_column("rulings", sa.Column("terms", TEXT, nullable=False, server_default="{}"))
    op.add_column("deliveries", sa.Column("season", TEXT))
    op.add_column("deliveries", sa.Column("episode", TEXT))
    op.add_column("deliveries", sa.Column("territories", TEXT, nullable=False, server_default="[]"))
    op.create_table(
        "papers",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("paper_id", TEXT, nullable=False),
        sa.Column("version", INTEGER, autoincrement=False, nullable=False),
        sa.Column("title", TEXT),
        sa.Column("label", TEXT),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.PrimaryKeyConstraint("kind", "paper_id", "version", name="pk_papers"),
    )
    op.create_index("ix_papers_kind_label", "papers", ["kind", "label"])
    op.create_index("ix_papers_title", "papers", ["title"])


def downgrade() -> None:
    """Not offered: it would throw papers away."""
    msg = "there is no way back from schema 0004; restore a backup instead"
    raise NotImplementedError(msg)
