"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NOT_ENDED = sa.text("state IN ('acknowledged', 'pending', 'held', 'in_progress', 'partial')")


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_line_id"), "events", ["line_id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "lines",
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("msisdn", sa.Text(), nullable=False),
        sa.Column("imsi", sa.Text(), nullable=False),
        sa.Column("iccid", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line_id"),
    )
    op.create_index("lines_by_iccid", "lines", ["iccid", "line_id"], unique=False)
    op.create_index("lines_by_imsi", "lines", ["imsi", "line_id"], unique=False)
    op.create_index("lines_by_msisdn", "lines", ["msisdn", "line_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("msisdn", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("smsc_id", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index(op.f("ix_messages_order_id"), "messages", ["order_id"], unique=False)
    op.create_index("messages_waiting", "messages", ["state", "created_at"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("msisdn", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("free_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("msisdn"),
    )
    op.create_table(
        "orders",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("msisdn", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.Text(), nullable=True),
        sa.Column("effective_at", sa.Text(), nullable=True),
        sa.Column("effective", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("undoing", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("order_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("orders_of_line", "orders", ["line_id", "seq"], unique=False)
    op.create_index(
        "orders_unfinished", "orders", ["seq"], unique=False, sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED
    )
    op.create_table(
        "sims",
        sa.Column("iccid", sa.Text(), nullable=False),
        sa.Column("imsi", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.Text(), nullable=False),
        sa.Column("ki", sa.LargeBinary(), nullable=True),
        sa.Column("opc", sa.LargeBinary(), nullable=True),
        sa.Column("pin1", sa.LargeBinary(), nullable=True),
        sa.Column("puk1", sa.LargeBinary(), nullable=True),
        sa.Column("pin2", sa.LargeBinary(), nullable=True),
        sa.Column("puk2", sa.LargeBinary(), nullable=True),
        sa.Column("adm1", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("iccid"),
        sa.UniqueConstraint("imsi"),
    )
    op.create_table(
        "steps",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "n"),
    )


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("steps")
    op.drop_table("sims")
    op.drop_index("orders_unfinished", table_name="orders", sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED)
    op.drop_index("orders_of_line", table_name="orders")
    op.drop_table("orders")
    op.drop_table("numbers")
    op.drop_index("messages_waiting", table_name="messages")
    op.drop_index(op.f("ix_messages_order_id"), table_name="messages")
    op.drop_table("messages")
    op.drop_index("lines_by_msisdn", table_name="lines")
    op.drop_index("lines_by_imsi", table_name="lines")
    op.drop_index("lines_by_iccid", table_name="lines")
    op.drop_table("lines")
    op.drop_table("idempotency")
    op.drop_index(op.f("ix_events_line_id"), table_name="events")
    op.drop_table("events")
