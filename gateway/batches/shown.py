"""Rows of a batch with what has become of their orders, the archived ones too: nothing is kept twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, case, func, literal_column, select

from gateway.journal.archived import archived_orders
from gateway.journal.batching import VALID, WRONG, batch_problems, batch_rows
from gateway.journal.journal import Journal, Row
from gateway.journal.schema import orders
from gateway.orders.order import FINAL, OrderState
from gateway.orders.under_way import MOVING

_JOINED = batch_rows.outerjoin(orders, orders.c.order_id == batch_rows.c.order_id).outerjoin(
    archived_orders, archived_orders.c.order_id == batch_rows.c.order_id
)
_ORDER_STATE = func.coalesce(orders.c.state, archived_orders.c.state)
_PAGE = (
    select(
        batch_rows.c.n,
        batch_rows.c.external_id,
        batch_rows.c.line,
        batch_rows.c.state,
        batch_rows.c.after_n,
        batch_rows.c.order_id,
        batch_rows.c.problem,
        _ORDER_STATE.label("order_state"),
        func.coalesce(orders.c.error, archived_orders.c.error).label("order_error"),
    )
    .select_from(_JOINED)
    .where(batch_rows.c.batch_id == bindparam("batch_id"), batch_rows.c.n > bindparam("after", type_=Integer))
    .order_by(batch_rows.c.n)
    .limit(bindparam("most"))
)
_WRONG_PAGE = _PAGE.where(WRONG)
_COUNTED: tuple[ColumnElement[Any], ...] = (
    _ORDER_STATE.label("state"),
    func.count().label("count"),
    func.count(case((MOVING, literal_column("1")))).label("moving"),
)
_ENDS = (
    select(*_COUNTED)
    .select_from(_JOINED)
    .where(
        batch_rows.c.batch_id == bindparam("batch_id"),
        batch_rows.c.n > bindparam("after", type_=Integer),
        batch_rows.c.n <= bindparam("upto", type_=Integer),
        batch_rows.c.order_id.is_not(None),
    )
    .group_by(_ORDER_STATE)
)
_NEXT = (
    select(batch_rows.c.n)
    .where(batch_rows.c.batch_id == bindparam("batch_id"), VALID)
    .order_by(batch_rows.c.n)
    .limit(1)
)
_PROBLEMS = (
    select(batch_problems.c.type, batch_problems.c["count"])
    .where(batch_problems.c.batch_id == bindparam("batch_id"))
    .order_by(batch_problems.c.type)
)


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of a batch: how many in each state, and how many of all of them go on by themselves."""

    states: Counter[str] = field(default_factory=Counter)
    moving: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing can happen to any of them any more."""
        return all(OrderState(state) in FINAL for state in self.states)

    def __add__(self, other: Orders) -> Orders:
        """Count both."""
        return Orders(self.states + other.states, self.moving + other.moving)


async def page(journal: Journal, batch_id: str, after: int, most: int, *, wrong: bool = False) -> Sequence[Row]:
    """Return rows behind line ``after`` of the file; with ``wrong`` those that have a problem."""
    return await journal.rows(_WRONG_PAGE if wrong else _PAGE, batch_id=batch_id, after=after, most=most)


async def problems(journal: Journal, batch_id: str) -> dict[str, int]:
    """Count the problems of a batch's rows by type."""
    return {row["type"]: row["count"] for row in await journal.rows(_PROBLEMS, batch_id=batch_id)}


async def order_states(journal: Journal, batch_id: str, after: int, upto: int) -> Orders:
    """Count the orders of the rows between two lines of the file."""
    rows = [row for row in await journal.rows(_ENDS, batch_id=batch_id, after=after, upto=upto) if row["state"]]
    return Orders(Counter({row["state"]: row["count"] for row in rows}), sum(row["moving"] for row in rows))


async def next_unplaced(journal: Journal, batch_id: str, lines: int) -> int:
    """Return the first line whose row waits to become an order, or the last line of the file: rows go in its order."""
    rows = await journal.rows(_NEXT, batch_id=batch_id)
    return int(rows[0]["n"]) if rows else lines
