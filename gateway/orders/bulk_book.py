"""Bulk orders in the journal: the only file that knows their columns."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, Update, bindparam, case, func, select

from gateway.journal.archived import archived_orders
from gateway.journal.bulk_orders import PLACING, WAITING, bulk_orders, bulk_rows
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import NOT_ENDED, insert_row, orders, row_by, update_row
from gateway.orders import records
from gateway.orders.codec import dump


class BulkState(StrEnum):
    """Where a bulk order is; its single orders have states of their own."""

    AWAITING_APPROVAL = "awaiting_approval"
    REJECTED = "rejected"
    PLACING = "placing"  # its rows become orders, one after the other
    PLACED = "placed"  # every row is an order, or refused


@dataclass(frozen=True, slots=True)
class NewBulk:
    """A bulk order about to be written: ``body`` as it was asked, its lines apart."""

    bulk_id: str
    action: str
    state: BulkState
    body: Mapping[str, Any]
    lines: Sequence[Mapping[str, str]]
    accepted_at: datetime

    @property
    def external_id(self) -> str | None:
        """The asker's own number for it."""
        found: str | None = self.body.get("external_id")
        return found


_NEW = insert_row(bulk_orders)
_NEW_ROW = insert_row(bulk_rows)
_BY_ID = row_by(bulk_orders, "bulk_id")
_PLACING = select(bulk_orders).where(PLACING).order_by(bulk_orders.c.seq)
_WAITING = (
    select(bulk_rows)
    .where(bulk_rows.c.bulk_id == bindparam("bulk_id"), WAITING, bulk_rows.c.n > bindparam("after"))
    .order_by(bulk_rows.c.n)
    .limit(bindparam("most"))
)
_ROW = (bulk_rows.c.bulk_id == bindparam("of_bulk"), bulk_rows.c.n == bindparam("of_n"), WAITING)
_SET_PLACED = bulk_rows.update().where(*_ROW).values(state="placed", order_id=bindparam("order_id"))
_SET_REFUSED = bulk_rows.update().where(*_ROW).values(state="refused", problem=bindparam("problem"))
_FROM_STATE = bulk_orders.c.state == bindparam("from_state", type_=Text)
_DECIDE: Update = update_row(bulk_orders, "bulk_id", "state", "decided_by", "decided_at").where(_FROM_STATE)
_CLOSE: Update = update_row(bulk_orders, "bulk_id", "state", "placed_at").where(_FROM_STATE)
_WITH_ORDERS = bulk_rows.outerjoin(orders, orders.c.order_id == bulk_rows.c.order_id).outerjoin(
    archived_orders, archived_orders.c.order_id == bulk_rows.c.order_id
)
_ORDER_STATE = func.coalesce(orders.c.state, archived_orders.c.state)
_ORDER_ERROR = func.coalesce(orders.c.error, archived_orders.c.error)
#: of a row that became an order, the order's state
_STATE = func.coalesce(_ORDER_STATE, bulk_rows.c.state)
_OPEN = func.sum(case((NOT_ENDED, 1), else_=0))
_COUNTED: tuple[ColumnElement[Any], ...] = (_STATE.label("state"), func.count().label("count"), _OPEN.label("open"))
_COUNTS = (
    select(*_COUNTED).select_from(_WITH_ORDERS).where(bulk_rows.c.bulk_id == bindparam("bulk_id")).group_by(_STATE)
)
_PAGE = (
    select(bulk_rows, _ORDER_STATE.label("order_state"), _ORDER_ERROR.label("order_error"))
    .select_from(_WITH_ORDERS)
    .where(bulk_rows.c.bulk_id == bindparam("bulk_id"), bulk_rows.c.n > bindparam("after", type_=Integer))
    .order_by(bulk_rows.c.n)
    .limit(bindparam("most"))
)


async def bulk(journal: Journal, bulk_id: str) -> Row | None:
    """Return one bulk order."""
    rows = await journal.rows(_BY_ID, bulk_id=bulk_id)
    return rows[0] if rows else None


async def newest(journal: Journal, state: BulkState | None, before: int | None, most: int) -> Sequence[Row]:
    """Return a page of bulk orders, newest first."""
    asked = {"state": None if state is None else state.value, "before": before}
    given = {name: value for name, value in asked.items() if value is not None}
    return await journal.rows(listing(tuple(given)), most=most, **given)


async def placing(journal: Journal) -> Sequence[Row]:
    """Return those whose rows are to become orders, oldest first."""
    return await journal.rows(_PLACING)


async def waiting(journal: Journal, bulk_id: str, after: int, most: int) -> Sequence[Row]:
    """Return a bulk order's rows that are no order yet, in their order."""
    return await journal.rows(_WAITING, bulk_id=bulk_id, after=after, most=most)


async def counts(journal: Journal, bulk_id: str) -> tuple[dict[str, int], int]:
    """Count rows by state (of an order: the order's), and tell how many of those orders have not ended."""
    rows = await journal.rows(_COUNTS, bulk_id=bulk_id)
    return {row["state"]: row["count"] for row in rows}, sum(row["open"] for row in rows)


async def page(journal: Journal, bulk_id: str, after: int, most: int) -> Sequence[Row]:
    """Return a bulk order's rows with their orders' states, in their order."""
    return await journal.rows(_PAGE, bulk_id=bulk_id, after=after, most=most)


def add(unit: Unit, new: NewBulk) -> None:
    """Write a bulk order, all its rows, and the event."""
    unit.add(
        _NEW,
        bulk_id=new.bulk_id,
        external_id=new.external_id,
        action=new.action,
        state=new.state.value,
        body=dump(new.body),
        total=len(new.lines),
        accepted_at=new.accepted_at.isoformat(),
    )
    for n, line in enumerate(new.lines):
        unit.add(_NEW_ROW, bulk_id=new.bulk_id, n=n, line=dump(line), state="waiting")
    told = {"action": new.action, "lines": len(new.lines), "state": new.state.value}
    by = new.body["requested_by"]
    records.add_notice(unit, "bulk.accepted", new.accepted_at, None, bulk_id=new.bulk_id, requested_by=by, **told)


def decide(unit: Unit, bulk_id: str, by: Mapping[str, str], at: datetime, *, approved: bool) -> None:
    """Write the second person's word; the unit conflicts ("state") when nobody's is awaited."""
    state = BulkState.PLACING if approved else BulkState.REJECTED
    awaited = BulkState.AWAITING_APPROVAL.value
    values = {"state": state.value, "decided_by": dump(by), "decided_at": at.isoformat()}
    unit.add(_DECIDE, "state", where_bulk_id=bulk_id, from_state=awaited, **values)
    word = "bulk.approved" if approved else "bulk.rejected"
    records.add_notice(unit, word, at, None, bulk_id=bulk_id, requested_by=by)


def close(unit: Unit, bulk_id: str, at: datetime) -> None:
    """Write that no row waits any more."""
    values = {"state": BulkState.PLACED.value, "placed_at": at.isoformat()}
    unit.add(_CLOSE, "state", where_bulk_id=bulk_id, from_state=BulkState.PLACING.value, **values)
    records.add_notice(unit, "bulk.placed", at, None, bulk_id=bulk_id)


def set_placed(unit: Unit, row: Row, order_id: str) -> None:
    """Write which order a row has become; the unit conflicts ("row") when it had become one before."""
    unit.add(_SET_PLACED, "row", of_bulk=row["bulk_id"], of_n=row["n"], order_id=order_id)


def set_refused(unit: Unit, row: Row, problem: Mapping[str, str]) -> None:
    """Write why a row becomes no order; the unit conflicts ("row") as above."""
    unit.add(_SET_REFUSED, "row", of_bulk=row["bulk_id"], of_n=row["n"], problem=dump(problem))


@functools.cache
def listing(names: tuple[str, ...]) -> Select[Any]:
    """The statement for one choice of filters."""
    conditions = {
        "state": bulk_orders.c.state == bindparam("state"),
        "before": bulk_orders.c.seq < bindparam("before"),
    }
    chosen = select(bulk_orders).where(*(conditions[name] for name in names))
    return chosen.order_by(bulk_orders.c.seq.desc()).limit(bindparam("most"))
