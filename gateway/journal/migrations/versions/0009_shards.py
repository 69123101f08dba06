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
_STARTED = sa.text(f"{_NOT_ENDED} AND plan IS NOT NULL")
_READY = sa.text(f"{_NOT_ENDED} AND due_at IS NULL")
_COMING = sa.text(f"{_NOT_ENDED} AND due_at IS NOT NULL")
_AT_ONCE = 1000
#: lets a unit fail, with a word, when a write that had to change a row changed none
_MUST_CHANGE = """CREATE FUNCTION linegate_must_change(changed bigint, word text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF changed = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'LG001', MESSAGE = word;
    END IF;
END
$$"""
#: all units at once; if that fails, one by one, and those that fail are told, counted from 0. It ends at one that
#: the same again might help: 40001 serialization_failure, 40P01 deadlock_detected, 55P03 lock_not_available
_WRITE = """CREATE FUNCTION linegate_write(units text[], channels text[])
RETURNS TABLE (unit integer, code text, said text) LANGUAGE plpgsql AS $$
DECLARE
    one text;
BEGIN
    BEGIN
        FOREACH one IN ARRAY units LOOP
            EXECUTE one;
        END LOOP;
        FOREACH one IN ARRAY channels LOOP
            PERFORM pg_notify(one, '');
        END LOOP;
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        unit := 0;
    END;
    FOREACH one IN ARRAY channels LOOP
        PERFORM pg_notify(one, '');
    END LOOP;
    FOREACH one IN ARRAY units LOOP
        BEGIN
            EXECUTE one;
        EXCEPTION WHEN OTHERS THEN
            code := SQLSTATE;
            said := SQLERRM;
            RETURN NEXT;
            IF code IN ('40001', '40P01', '55P03') THEN
                RETURN;
            END IF;
        END;
        unit := unit + 1;
    END LOOP;
END
$$"""


def upgrade() -> None:
    """Apply this version."""
    op.add_column("orders", sa.Column("shard", sa.Integer(), nullable=False, server_default=sa.text("0")))
    _fill()
    op.create_index("orders_ready", "orders", ["host", "lane", "seq"], sqlite_where=_READY, postgresql_where=_READY)
    op.create_index("orders_started", "orders", ["seq"], sqlite_where=_STARTED, postgresql_where=_STARTED)
    op.create_index(
        "orders_coming", "orders", ["host", "due_at", "seq"], sqlite_where=_COMING, postgresql_where=_COMING
    )
    op.create_table(
        "errands",
        sa.Column("errand_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("errand_id"),
    )
    _sharing()


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("instances")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION linegate_write")
        op.execute("DROP FUNCTION linegate_must_change")
    op.drop_table("errands")
    op.drop_index("orders_coming", "orders")
    op.drop_index("orders_started", "orders")
    op.drop_index("orders_ready", "orders")
    op.drop_column("orders", "shard")


def _sharing() -> None:
    """Make what several instances need: a row for each, and on PostgreSQL what writes units."""
    op.create_table(
        "instances",
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("backend_pid", sa.Integer(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_MUST_CHANGE)
        op.execute(_WRITE)


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
