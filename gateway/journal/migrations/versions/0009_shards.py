"""Orders by shard, and those that are ready or coming by the turn they wait for."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from gateway.journal.shards import shard_of

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NOT_ENDED = "state IN ('acknowledged', 'pending', 'held', 'in_progress', 'partial')"
_READY = sa.text(f"{_NOT_ENDED} AND due_at IS NULL")
_COMING = sa.text(f"{_NOT_ENDED} AND due_at IS NOT NULL")
_AT_ONCE = 1000


def upgrade() -> None:
    """Apply this version."""
    op.add_column("orders", sa.Column("shard", sa.Integer(), nullable=False, server_default=sa.text("0")))
    _fill()
    op.create_index("orders_ready", "orders", ["host", "lane", "seq"], sqlite_where=_READY, postgresql_where=_READY)
    op.create_index("orders_coming", "orders", ["due_at", "seq"], sqlite_where=_COMING, postgresql_where=_COMING)


def downgrade() -> None:
    """Take this version back."""
    op.drop_index("orders_coming", "orders")
    op.drop_index("orders_ready", "orders")
    op.drop_column("orders", "shard")


def _fill() -> None:
    """Tell each order its line's shard, and write due times in UTC, so that they compare as text."""
    connection, after = op.get_bind(), 0
    page = sa.text("SELECT seq, line_id, due_at FROM orders WHERE seq > :after ORDER BY seq LIMIT :most")
    change = sa.text("UPDATE orders SET shard = :shard, due_at = :due_at WHERE seq = :seq")
    while rows := connection.execute(page, {"after": after, "most": _AT_ONCE}).all():
        told = [{"seq": r.seq, "shard": shard_of(r.line_id), "due_at": _in_utc(r.due_at)} for r in rows]
        connection.execute(change, told)
        after = rows[-1].seq


def _in_utc(moment: str | None) -> str | None:
    return None if moment is None else datetime.fromisoformat(moment).astimezone(UTC).isoformat()
