"""Bulk orders, and handsets to be kept out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PLACING = sa.text("state = 'placing'")
_WAITING = sa.text("state = 'waiting'")
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Apply this version."""
    _bulk_orders()
    _handsets()


def downgrade() -> None:
    """Take this version back."""
    op.drop_index("handset_wishes_open", "handset_wishes")
    op.drop_table("handset_wishes")
    op.drop_table("handsets")
    op.drop_index("bulk_rows_waiting", "bulk_rows")
    op.drop_table("bulk_rows")
    op.drop_index("bulk_orders_placing", "bulk_orders")
    op.drop_table("bulk_orders")


def _bulk_orders() -> None:
    op.create_table(
        "bulk_orders",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("bulk_id", sa.Text, nullable=False, unique=True),
        sa.Column("external_id", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("accepted_at", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.Text),
        sa.Column("placed_at", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("bulk_orders_placing", "bulk_orders", ["seq"], sqlite_where=_PLACING, postgresql_where=_PLACING)
    op.create_table(
        "bulk_rows",
        sa.Column("bulk_id", sa.Text, sa.ForeignKey("bulk_orders.bulk_id"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("order_id", sa.Text),
        sa.Column("problem", sa.Text),
    )
    op.create_index(
        "bulk_rows_waiting", "bulk_rows", ["bulk_id", "n"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )


def _handsets() -> None:
    op.create_table(
        "handsets",
        sa.Column("handset", sa.Text, primary_key=True),
        sa.Column("imei", sa.Text, nullable=False),
        sa.Column("blocked", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("reference", sa.Text),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Text, nullable=False),
    )
    op.create_table(
        "handset_wishes",
        sa.Column("handset", sa.Text, sa.ForeignKey("handsets.handset"), primary_key=True),
        sa.Column("element", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("at", sa.Text),
    )
    op.create_index("handset_wishes_open", "handset_wishes", ["element"], sqlite_where=_OPEN, postgresql_where=_OPEN)
