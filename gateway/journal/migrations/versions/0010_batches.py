"""Files of orders: batches, their rows, and orders by the asker's own number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_AT_WORK = sa.text("state IN ('validating', 'running')")
_ROWS = {
    "received": (["batch_id", "n"], sa.text("state = 'received'")),
    "valid": (["batch_id", "n"], sa.text("state = 'valid'")),
    "wrong": (["batch_id", "n"], sa.text("problem IS NOT NULL")),
    "asked": (["batch_id", "asker"], sa.text("asker IS NOT NULL")),
}
_NAMED = sa.text("external_id IS NOT NULL")


def upgrade() -> None:
    """Apply this version."""
    _batches()
    _rows()
    op.create_index("orders_by_external_id", "orders", ["external_id"], sqlite_where=_NAMED, postgresql_where=_NAMED)


def downgrade() -> None:
    """Take this version back."""
    op.drop_index("orders_by_external_id", "orders")
    op.drop_table("batch_problems")
    op.drop_table("batch_names")
    for name in _ROWS:
        op.drop_index(f"batch_rows_{name}", "batch_rows")
    op.drop_table("batch_rows")
    op.drop_index("batches_at_work", "batches")
    op.drop_index("batches_by_state", "batches")
    op.drop_table("batches")


def _count(name: str, kind: sa.types.TypeEngine[int] | None = None) -> sa.Column[int]:
    return sa.Column(name, kind or sa.Integer(), nullable=False, server_default=sa.text("0"))


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("batch_id", sa.Text, nullable=False, unique=True),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("start", sa.Text, nullable=False),
        sa.Column("validate_only", sa.Integer, nullable=False),
        sa.Column("requested_by", sa.Text),
        sa.Column("channels", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        _count("received", sa.BigInteger()),
        _count("complete"),
        sa.Column("header", sa.Text),
        *(_count(name) for name in ("lines", "total", "valid", "problems", "placed", "refused")),
        *(sa.Column(name, sa.Text) for name in ("detail", "approved_by", "approved_at")),
        *(sa.Column(name, sa.Text) for name in ("validated_at", "started_at", "ended_at")),
        sqlite_autoincrement=True,
    )
    op.create_index("batches_by_state", "batches", ["state", "seq"])
    op.create_index("batches_at_work", "batches", ["seq"], sqlite_where=_AT_WORK, postgresql_where=_AT_WORK)


def _rows() -> None:
    batch = ("batch_id", sa.Text, sa.ForeignKey("batches.batch_id"))
    op.create_table(
        "batch_rows",
        sa.Column(*batch, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("line", sa.Text),
        sa.Column("after_n", sa.Integer),
        sa.Column("asker", sa.Text),
        sa.Column("order_id", sa.Text),
        sa.Column("problem", sa.Text),
    )
    for name, (columns, where) in _ROWS.items():
        op.create_index(f"batch_rows_{name}", "batch_rows", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "batch_names",
        sa.Column("batch_id", sa.Text, sa.ForeignKey("batches.batch_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("takes", sa.Integer, nullable=False),
    )
    op.create_table(
        "batch_problems",
        sa.Column("batch_id", sa.Text, sa.ForeignKey("batches.batch_id"), primary_key=True),
        sa.Column("type", sa.Text, primary_key=True),
        _count("count"),
    )
