"""Bulk orders that were placed and are not over: whoever places more looks here first."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Text, and_, bindparam, exists, func, or_, select

from gateway.journal.journal import Journal
from gateway.journal.schema import orders
from gateway.orders.order import OrderState
from gateway.orders.ready import OPERATOR

_AT_A_TIME: Final = 16
_HANGS_AFTER_S: Final = 10.0  #: an order that takes longer waits for its element, not for us
_NAMES: Final = tuple(f"id_{n}" for n in range(_AT_A_TIME))
_before = orders.alias("before")
#: what is behind an order that waits for a human
_BLOCKED: Final = exists(
    select(_before.c.order_id).where(
        _before.c.line_id == orders.c.line_id,
        _before.c.seq < orders.c.seq,
        or_(
            _before.c.state == OrderState.PARTIAL.value,
            and_(_before.c.state == OrderState.HELD.value, _before.c.waiting_for == OPERATOR),
        ),
    )
)
#: what goes on by itself: also what is held while its element is away, not what somebody keeps from starting
MOVING: Final = or_(
    and_(orders.c.state == OrderState.ACKNOWLEDGED.value, ~_BLOCKED),
    orders.c.state == OrderState.IN_PROGRESS.value,
    and_(orders.c.state == OrderState.HELD.value, func.coalesce(orders.c.waiting_for, "") != OPERATOR),
)
_STILL = select(orders.c.order_id, orders.c.state).where(
    or_(*(orders.c.order_id == bindparam(name, type_=Text) for name in _NAMES)), MOVING
)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An order, the source whose row it was, and when it was placed, in the event loop's time."""

    order_id: str
    source: str
    at_s: float


class UnderWay:
    """Knows what this process has placed; begins empty, and grows to the window and those that hang."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._moving: deque[_Placed] = deque()
        self._hanging: deque[_Placed] = deque()
        self._hanging_of: Counter[str] = Counter()

    @property
    def moving(self) -> int:
        """How many are on their way."""
        return len(self._moving)

    @property
    def hanging(self) -> int:
        """How many wait for their element: held, or not over for long."""
        return len(self._hanging)

    def moving_of(self, source: str) -> int:
        """How many of one source are on their way."""
        return sum(placed.source == source for placed in self._moving)

    def hanging_of(self, source: str) -> int:
        """How many of one source wait for their element."""
        return self._hanging_of[source]

    def add(self, order_id: str, source: str) -> None:
        """An order was placed."""
        self._moving.append(_Placed(order_id, source, asyncio.get_running_loop().time()))

    async def look(self) -> None:
        """See what has become of them; those that have ended, or wait for a date or a human, are forgotten."""
        long_ago = asyncio.get_running_loop().time() - _HANGS_AFTER_S
        still = await self._still(self._moving)
        kept, self._moving = [placed for placed in self._moving if placed.order_id in still], deque()
        for placed in kept:
            if placed.at_s <= long_ago or still[placed.order_id] == OrderState.HELD:
                self._hang(placed)
            else:
                self._moving.append(placed)
        looked = [self._hanging.popleft() for _ in range(min(_AT_A_TIME, len(self._hanging)))]
        self._hanging_of.subtract(placed.source for placed in looked)
        hangs = await self._still(looked)
        for placed in looked:
            if placed.order_id in hangs:
                self._hang(placed)
        self._hanging_of += Counter()  # forgets who has none

    def _hang(self, placed: _Placed) -> None:
        self._hanging.append(placed)
        self._hanging_of[placed.source] += 1

    async def _still(self, asked: Iterable[_Placed]) -> Mapping[str, str]:
        """Return the states of those that go on by themselves."""
        found: dict[str, str] = {}
        for some in _slices([placed.order_id for placed in asked]):
            named = {name: some[min(n, len(some) - 1)] for n, name in enumerate(_NAMES)}
            rows = await self._journal.rows(_STILL, **named)
            found.update((row["order_id"], row["state"]) for row in rows)
        return found


def _slices(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[begin : begin + _AT_A_TIME] for begin in range(0, len(ids), _AT_A_TIME))
