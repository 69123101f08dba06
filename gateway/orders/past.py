"""Orders that ended long ago, read from the archive: nothing is ever changed in it but by what moves them there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select

from gateway.journal.archived import archived_orders, archived_steps
from gateway.journal.journal import Journal, Row
from gateway.journal.schema import row_by
from gateway.orders.order import OrderState

_BY_ID = row_by(archived_orders, "order_id")
_STEPS = row_by(archived_steps, "order_id").order_by(archived_steps.c.n)
_COMPLETED = archived_orders.c.state == OrderState.COMPLETED.value
_EFFECT: Select[Any] = (
    select(archived_orders.c.effective, archived_orders.c.effective_at, archived_orders.c.stored_at)
    .where(archived_orders.c.line_id == bindparam("line_id"), _COMPLETED)
    .order_by(archived_orders.c.seq.desc())
    .limit(1)
)


async def order(journal: Journal, order_id: str) -> Row | None:
    """Return one archived order's row."""
    rows = await journal.rows(_BY_ID, order_id=order_id)
    return rows[0] if rows else None


async def order_steps(journal: Journal, order_id: str) -> Sequence[Row]:
    """Return an archived order's steps."""
    return await journal.rows(_STEPS, order_id=order_id)


async def effect_on_line(journal: Journal, line_id: str) -> Row | None:
    """Return effective, effective_at and stored_at of the last archived order that completed on a line."""
    rows = await journal.rows(_EFFECT, line_id=line_id)
    return rows[0] if rows else None
