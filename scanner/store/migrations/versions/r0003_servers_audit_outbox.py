"""Servers, their heartbeats and claims; orders; the audit log; the outbox; priorities and begun examinations."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text()
INTEGER = sa.Integer()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("begun", INTEGER, nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("priority", TEXT, nullable=False, server_default="normal"))
    _servers()
    _audit()
    _outbox()


def downgrade() -> None:
    """Not offered: it would throw the audit log away."""
    msg = "there is no way back from schema 0003; restore a backup instead"
    raise NotImplementedError(msg)


def _servers() -> None:
    op.create_table(
        "servers",
        sa.Column("instance", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("process", INTEGER, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("facts", TEXT, nullable=False, server_default="{}"),
        sa.PrimaryKeyConstraint("instance", name="pk_servers"),
    )
    op.create_index("ix_servers_name", "servers", ["name"])
    op.create_index("ix_servers_state", "servers", ["state"])
    op.create_table(
        "claims",
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("instance", TEXT, nullable=False),
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_claims"),
    )
    op.create_index("ix_claims_delivery_id", "claims", ["delivery_id"])
    op.create_table(
        "orders",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_orders_name", "orders", ["name"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("delivery_id", TEXT),
        sa.Column("who", TEXT, nullable=False),
        sa.Column("facts", TEXT, nullable=False),
        sa.Column("previous", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("digest", name="uq_audit_digest"),
    )
    op.create_index("ix_audit_delivery_id", "audit", ["delivery_id"])
    if op.get_bind().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(
                f"create trigger audit_no_{change} before {change} on audit "
                "begin select raise(abort, 'the audit log is append-only'); end"
            )
        return
    op.execute(
        "create function audit_is_append_only() returns trigger language plpgsql as "
        "$$ begin raise exception 'the audit log is append-only'; end $$"
    )
    op.execute(
        "create trigger audit_no_change before update or delete or truncate on audit "
        "for each statement execute function audit_is_append_only()"
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("delivery_id", TEXT),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("tries", INTEGER, nullable=False),
        sa.Column("next_at", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("last_error", TEXT),
        sa.PrimaryKeyConstraint("message_id", name="pk_outbox"),
    )
    for column in ("delivery_id", "created_at", "next_at"):
        op.create_index(f"ix_outbox_{column}", "outbox", [column])
