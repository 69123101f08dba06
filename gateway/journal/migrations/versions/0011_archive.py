"""Orders that ended long ago in tables of their own, and an index for everything that is listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_RESERVED = "order_id IS NOT NULL"
#: always true, and said only by lists: see gateway.journal.listed
_LINES, _ORDERS, _MESSAGES, _PORTS = "line_id != ''", "seq != 0", "message_id != ''", "made_at != ''"
_ORDERED_BY = ("msisdn", "state", "action")
#: name, table, columns, of which rows
_INDEXES = (
    *((f"orders_by_{name}", "orders", [name, "seq"], _ORDERS) for name in _ORDERED_BY),
    ("lines_by_contract", "lines", ["contract", "line_id"], _LINES),
    ("lines_by_state", "lines", ["state", "line_id", "contract", "host"], "line_id != ' '"),
    ("sims_reserved", "sims", ["order_id"], _RESERVED),
    ("numbers_reserved", "numbers", ["order_id"], _RESERVED),
    ("ix_idempotency_at", "idempotency", ["at"], None),
    ("audits_by_state", "audits", ["state", "seq"], None),
    ("ix_audits_ended_at", "audits", ["ended_at"], None),
    *((f"findings_by_{name}", "findings", ["audit_id", name, "n"], None) for name in ("kind", "outcome")),
    *((f"messages_by_{name}", "messages", [name, "message_id"], _MESSAGES) for name in ("state", "msisdn", "kind")),
    *((f"ports_by_{name}", "ports", [name, "made_at", "reference"], _PORTS) for name in ("state", "direction")),
    ("bulk_orders_by_state", "bulk_orders", ["state", "seq"], None),
)


def upgrade() -> None:
    """Apply this version."""
    for index in _INDEXES:
        _index(*index)
    _archived_orders()
    _archived_steps()


def downgrade() -> None:
    """Take this version back; what was archived goes back to where it was."""
    for table in ("orders", "steps"):
        names = ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns(f"archived_{table}"))
        op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM archived_{table}")  # noqa: S608 - our own names
    op.drop_table("archived_steps")
    for name in ("of_line", *(f"by_{name}" for name in _ORDERED_BY)):
        op.drop_index(f"archived_orders_{name}", "archived_orders")
    op.drop_table("archived_orders")
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table)


def _index(name: str, table: str, columns: list[str], rows: str | None) -> None:
    condition = None if rows is None else sa.text(rows)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _archived_orders() -> None:
    op.create_table(
        "archived_orders",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("order_id", sa.Text, nullable=False, unique=True),
        sa.Column("external_id", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("line_id", "msisdn", "action", "state")),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text),
        sa.Column("accepted_at", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("stored_at", "effective_at", "effective", "error")),
        *(sa.Column(name, sa.Text) for name in ("waiting_for", "expected_at", "plan")),
        sa.Column("undoing", sa.Integer, nullable=False),
        sa.Column("shard", sa.Integer, nullable=False),
    )
    op.create_index("archived_orders_of_line", "archived_orders", ["line_id", "seq"])
    for name in _ORDERED_BY:
        _index(f"archived_orders_by_{name}", "archived_orders", [name, "seq"], _ORDERS)


def _archived_steps() -> None:
    op.create_table(
        "archived_steps",
        sa.Column("order_id", sa.Text, sa.ForeignKey("archived_orders.order_id"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("element", "command", "outcome")),
        *(sa.Column(name, sa.Text) for name in ("code", "text", "at")),
    )
