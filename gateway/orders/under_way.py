"""Bulk orders that were placed and are not over: whoever places more looks here first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Text, and_, bindparam, func, or_, select

from gateway.journal.journal import Journal
from gateway.journal.schema import orders
from gateway.orders.ready import OPERATOR

_AT_A_TIME: Final = 16
_HANGS_AFTER_S: Final = 10.0  #: an order that takes longer waits for its element, not for us
_NAMES: Final = tuple(f"id_{n}" for n in range(_AT_A_TIME))
#: what goes on by itself: also what is held while its element is away, not what somebody keeps from starting
MOVING: Final = or_(
    orders.c.state == "acknowledged",
    orders.c.state == "in_progress",
    and_(orders.c.state == "held", func.coalesce(orders.c.waiting_for, "") != OPERATOR),
)
_STILL = select(orders.c.order_id).where(
    or_(*(orders.c.order_id == bindparam(name, type_=Text) for name in _NAMES)), MOVING
)


class UnderWay:
    """Knows what this process has placed; begins empty, and grows to ``window`` and those that hang."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._moving: deque[tuple[str, float]] = deque()  # an order and when it was placed, oldest first
        self._hanging: deque[str] = deque()

    @property
    def hanging(self) -> int:
        """How many are neither over nor moving for long."""
        return len(self._hanging)

    def add(self, order_id: str) -> None:
        """An order was placed."""
        self._moving.append((order_id, asyncio.get_running_loop().time()))

    async def count(self) -> int:
        """Count those that are moving; those that have ended, or wait for a date or a human, are forgotten."""
        long_ago = asyncio.get_running_loop().time() - _HANGS_AFTER_S
        still = await self._still([order_id for order_id, _ in self._moving])
        kept = [entry for entry in self._moving if entry[0] in still]
        self._moving = deque(entry for entry in kept if entry[1] > long_ago)
        self._hanging.extend(order_id for order_id, at in kept if at <= long_ago)
        looked = [self._hanging.popleft() for _ in range(min(_AT_A_TIME, len(self._hanging)))]
        hangs = await self._still(looked)
        self._hanging.extend(order_id for order_id in looked if order_id in hangs)
        return len(self._moving)

    async def _still(self, ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for some in _slices(ids):
            asked = {name: some[min(n, len(some) - 1)] for n, name in enumerate(_NAMES)}
            found.update(row["order_id"] for row in await self._journal.rows(_STILL, **asked))
        return found


def _slices(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[begin : begin + _AT_A_TIME] for begin in range(0, len(ids), _AT_A_TIME))
