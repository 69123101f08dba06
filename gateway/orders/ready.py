"""Which orders can begin: reading them from the journal a page at a time, for the shards that are ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from gateway.contract.action import Lane
from gateway.journal.journal import Journal, Row, together
from gateway.journal.schema import COMING, NOT_ENDED, READY, STARTED, orders, row_by
from gateway.orders.order import OrderState

OPERATOR = "operator"  #: what an order waits for that somebody keeps from starting
_SIGN = 1 << 63
Dated = tuple[str, int]  #: due time and number of an order


def _ours() -> ColumnElement[bool]:
    """The order's shard is among those whose bits are set in ``mask``."""
    mask = bindparam("mask", type_=BigInteger)
    return mask.bitwise_rshift(orders.c.shard).bitwise_and(literal_column("1")) == literal_column("1")


def _page(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(orders).where(*conditions, _ours()).limit(bindparam("most"))


_OF_KEY = and_(orders.c.host == bindparam("host"), orders.c.lane == bindparam("lane"))
_READY = _page(READY, _OF_KEY, orders.c.seq > bindparam("after")).order_by(orders.c.seq)
_NEW = _page(NOT_ENDED, orders.c.due_at.is_(None), orders.c.seq > bindparam("after")).order_by(orders.c.seq)
_DUE = _page(
    COMING,
    orders.c.host == bindparam("host"),
    tuple_(orders.c.due_at, orders.c.seq) > tuple_(bindparam("after", type_=Text), bindparam("seq", type_=BigInteger)),
    orders.c.due_at <= bindparam("now"),
).order_by(orders.c.due_at, orders.c.seq)
_STARTED = _page(STARTED, orders.c.seq > bindparam("after")).order_by(orders.c.seq)
_HOSTS = select(orders.c.host).distinct().where(NOT_ENDED)
_COUNT = select(func.count().label("count")).where(READY, _ours())
_LAST = select(func.max(orders.c.seq).label("seq")).where(NOT_ENDED)
_OF_LINE = row_by(orders, "line_id").where(NOT_ENDED)
_IDS_OF_LINE = together(
    select(orders.c.order_id).where(
        orders.c.line_id == bindparam("line_id"),
        NOT_ENDED,
        or_(orders.c.due_at.is_(None), orders.c.due_at <= bindparam("now"), orders.c.plan.is_not(None)),
    )
)


class Ready:
    """Reads orders that can begin; ``shards`` are those to look in."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def of_key(self, host: str, lane: Lane, after: int, most: int, shards: Iterable[int]) -> Sequence[Row]:
        """Return orders without a date of one host and lane, in the order of acceptance."""
        values = {"host": host, "lane": int(lane), "after": after, "most": most}
        return await self._journal.rows(_READY, **values, mask=_mask(shards))

    async def new(self, after: int, most: int, shards: Iterable[int]) -> Sequence[Row]:
        """Return orders without a date accepted after that one."""
        return await self._journal.rows(_NEW, after=after, most=most, mask=_mask(shards))

    async def due(self, host: str, after: Dated, now: datetime, most: int, shards: Iterable[int]) -> Sequence[Row]:
        """Return orders of one host whose date has come, by date, after that one."""
        values = {"host": host, "after": after[0], "seq": after[1], "now": now.isoformat(), "most": most}
        return await self._journal.rows(_DUE, **values, mask=_mask(shards))

    async def started(self, after: int, most: int, shards: Iterable[int]) -> Sequence[Row]:
        """Return orders that have reached the network, in the order of acceptance."""
        return await self._journal.rows(_STARTED, after=after, most=most, mask=_mask(shards))

    async def of_line(self, line_id: str, now: datetime) -> list[Row]:
        """Return a line's orders in the turn they have: what has begun, then as they became ready."""
        rows = [row for row in await self._journal.rows(_OF_LINE, line_id=line_id) if _is_ready(row, now)]
        return in_turn(rows)

    async def ids_of_line(self, line_id: str, now: datetime) -> list[str]:
        """Return the orders of a line that have begun or could."""
        rows = await self._journal.rows(_IDS_OF_LINE, line_id=line_id, now=now.isoformat())
        return [row["order_id"] for row in rows]

    async def hosts(self) -> set[str]:
        """Return the hosts of all orders without an end."""
        return {row["host"] for row in await self._journal.rows(_HOSTS)}

    async def count(self, shards: Iterable[int]) -> int:
        """Count the orders without a date and without an end."""
        return int((await self._journal.rows(_COUNT, mask=_mask(shards)))[0]["count"])

    async def last(self) -> int:
        """Return the newest order without an end; 0 when there is none."""
        seq: int | None = (await self._journal.rows(_LAST))[0]["seq"]
        return seq or 0


def in_turn(rows: Iterable[Row]) -> list[Row]:
    """Sort orders: what has begun is before all else, then as they became ready.

    Those without a date in the order of their numbers, whatever the clocks of the instances that accepted them said.
    """
    times: dict[int, str] = {}
    latest = ""
    for row in sorted(rows, key=lambda row: int(row["seq"])):
        if row["due_at"] is None:
            latest = max(latest, row["accepted_at"])
        times[row["seq"]] = row["due_at"] or latest
    return sorted(rows, key=lambda row: (row["plan"] is None, times[row["seq"]], row["seq"]))


def stays_put(row: Row) -> bool:
    """Tell whether an order waits for a human."""
    waiting_for, state = str(row["waiting_for"]), str(row["state"])
    return waiting_for == OPERATOR or state == OrderState.PARTIAL.value


def _is_ready(row: Row, now: datetime) -> bool:
    begun: bool = row["plan"] is not None
    due_at: str | None = row["due_at"]
    return begun or due_at is None or due_at <= now.isoformat()


def _mask(shards: Iterable[int]) -> int:
    """Return a signed 64-bit number with the shards' bits set."""
    mask = sum(1 << shard for shard in shards)
    return mask - 2 * _SIGN if mask & _SIGN else mask
