"""Orders by what they are about: a page at a time, newest first; the archive's among them, as if there were none."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Subquery,
    Table,
    bindparam,
    literal_column,
    select,
    union_all,
)

from gateway.journal.journal import Journal, Row
from gateway.journal.listed import ORDERS_LISTED
from gateway.orders.ids import first_id
from gateway.orders.order import OrderState

#: instances do not agree more closely on the time: where to begin to look is earlier by so much
_CLOCKS_DIFFER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders to list."""

    msisdn: str | None = None
    state: OrderState | None = None
    action: str | None = None
    since: datetime | None = None
    before: int | None = None

    @property
    def leads(self) -> str | None:
        """What is found by an index, the rarest first: few orders have a number, nearly all are completed."""
        if self.msisdn is not None:
            return "msisdn"
        if self.action is not None and self.state in (None, OrderState.COMPLETED):
            return "action"
        return None if self.state is None else "state"


async def list_orders(journal: Journal, wanted: Wanted, most: int) -> Sequence[Row]:
    """Return orders, newest first."""
    values = {
        "msisdn": wanted.msisdn,
        "state": None if wanted.state is None else wanted.state.value,
        "action": wanted.action,
        "since": None if wanted.since is None else wanted.since.astimezone(UTC).isoformat(),
        "before": wanted.before,
    }
    given = {name: value for name, value in values.items() if value is not None}
    born = {} if wanted.since is None else {"born": first_id(wanted.since - _CLOCKS_DIFFER)}
    return await journal.rows(listing(tuple(given), wanted.leads), most=most, **given, **born)


@functools.cache
def listing(names: tuple[str, ...], leads: str | None) -> Select[Any]:
    """The statement for one choice of filters, at most two to the fifth of them: one look at both tables."""
    both = union_all(*(select(_part(table, names, leads)) for table in ORDERS_LISTED)).subquery()
    return select(both).order_by(both.c.seq.desc()).limit(bindparam("most"))


def _part(table: Table, names: tuple[str, ...], leads: str | None) -> Subquery:
    conditions = [_condition(table, name, leads) for name in names]
    if leads is not None:
        conditions.append(ORDERS_LISTED[table])
    chosen: Select[Any] = select(table).where(*conditions)
    return chosen.order_by(table.c.seq.desc()).limit(bindparam("most")).subquery()


def _condition(table: Table, name: str, leads: str | None) -> ColumnElement[bool]:
    match name:
        case "before":
            return table.c.seq < bindparam("before")
        case "since":
            first = select(table.c.seq).where(table.c.order_id >= bindparam("born")).order_by(table.c.order_id).limit(1)
            return (table.c.seq >= first.scalar_subquery()) & (table.c.accepted_at >= bindparam("since"))
        case _:
            column: Column[Any] = table.c[name]
            # said so that its index does not serve it
            return (column if name == leads else column.concat(literal_column("''"))) == bindparam(name)
