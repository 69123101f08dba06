"""Orders by what they are about: a page at a time, newest first."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from gateway.journal.journal import Journal, Row
from gateway.journal.schema import orders
from gateway.orders.order import OrderState


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders to list."""

    msisdn: str | None = None
    state: OrderState | None = None
    action: str | None = None
    since: datetime | None = None
    before: int | None = None


@functools.cache
def _listing(names: tuple[str, ...]) -> Select[Any]:
    """The statement for one choice of filters; at most two to the fifth of them."""
    conditions = {
        "msisdn": orders.c.msisdn == bindparam("msisdn"),
        "state": orders.c.state == bindparam("state"),
        "action": orders.c.action == bindparam("action"),
        "since": orders.c.accepted_at >= bindparam("since"),
        "before": orders.c.seq < bindparam("before"),
    }
    chosen = select(orders).where(*(conditions[name] for name in names))
    return chosen.order_by(orders.c.seq.desc()).limit(bindparam("most"))


async def list_orders(journal: Journal, wanted: Wanted, most: int) -> Sequence[Row]:
    """Return orders, newest first."""
    values = {
        "msisdn": wanted.msisdn,
        "state": None if wanted.state is None else wanted.state.value,
        "action": wanted.action,
        "since": None if wanted.since is None else wanted.since.isoformat(),
        "before": wanted.before,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return await journal.rows(_listing(tuple(given)), most=most, **given)
