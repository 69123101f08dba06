"""How far batches have come: counted in stretches of the file, those of which all is over but once.

A hundred thousand rows are never counted at one go, as everybody else would wait for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.batches import shown
from gateway.batches.shown import Orders
from gateway.batches.states import OVER, Batch, BatchState, RowState
from gateway.journal.journal import Journal
from gateway.orders.order import FINAL, OrderState

_STRETCH: Final = 500
_MOST_KNOWN: Final = 32  #: batches under way whose counts are kept
_MOST_ENDED: Final = 4096  #: batches of which nothing changes any more
_NEW_ENOUGH_S: Final = 0.4
_RATE_OVER_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch has come: rows by state, their orders by state, and how fast orders end."""

    rows: Mapping[str, int]
    orders: Mapping[str, int]
    problems: Mapping[str, int]
    rate_per_s: float | None
    eta_s: float | None
    over: bool  # nothing moves by itself any more


@dataclass(slots=True)
class _Known:
    """What is known of one batch."""

    done: dict[int, Orders] = field(default_factory=dict)  # stretches of which every order is over
    orders: Orders = field(default_factory=Orders)
    looked_s: float = float("-inf")
    looked_for: tuple[BatchState, int, int] | None = None
    ends: deque[tuple[float, int]] = field(default_factory=deque)  # when, and how many rows were over then
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Tallies:
    """Counts for whoever asks; asked again at once it answers what it knows."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._ended: OrderedDict[str, Orders] = OrderedDict()

    async def progress(self, batch: Batch) -> Progress:
        """Tell how far a batch has come."""
        if batch.batch_id in self._ended:
            self._ended.move_to_end(batch.batch_id)
            return await self._told(batch, self._ended[batch.batch_id], None)
        known = self._known.setdefault(batch.batch_id, _Known())
        self._known.move_to_end(batch.batch_id)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        async with known.lock:
            await self._look(batch, known)
        if batch.state in OVER and known.orders.over and known.orders.states.total() == batch.placed:
            self._keep(batch.batch_id, known.orders)
        return await self._told(batch, known.orders, _rate(known, _rows_over(batch, known.orders)))

    def _keep(self, batch_id: str, orders: Orders) -> None:
        """Keep what no later look would find otherwise: a list need not count it again."""
        self._ended[batch_id] = orders
        self._known.pop(batch_id, None)
        if len(self._ended) > _MOST_ENDED:
            self._ended.popitem(last=False)

    async def _told(self, batch: Batch, orders: Orders, rate: float | None) -> Progress:
        left = batch.total - _rows_over(batch, orders)
        return Progress(
            rows=_rows(batch),
            orders=dict(orders.states),
            problems=await shown.problems(self._journal, batch.batch_id),
            rate_per_s=None if rate is None else round(rate, 2),
            eta_s=round(left / rate, 1) if rate and batch.state is BatchState.RUNNING else None,
            over=batch.state in OVER and not orders.moving,
        )

    async def _look(self, batch: Batch, known: _Known) -> None:
        """Count what is not known to be over, a stretch at a time."""
        now_s = asyncio.get_running_loop().time()
        seen = (batch.state, batch.placed, batch.refused)
        if seen == known.looked_for and now_s - known.looked_s < _NEW_ENOUGH_S:
            return
        orders = Orders()
        last = await self._last_placed(batch)
        for begin in range(0, last, _STRETCH):
            counted = known.done.get(begin)
            if counted is None:
                counted = await shown.order_states(self._journal, batch.batch_id, begin, begin + _STRETCH)
                await asyncio.sleep(0)  # everybody else first
                if begin + _STRETCH < last and counted.over:
                    known.done[begin] = counted
            orders += counted
        known.orders, known.looked_for = orders, seen
        known.looked_s = asyncio.get_running_loop().time()
        known.ends.append((known.looked_s, _rows_over(batch, orders)))
        while known.ends[0][0] < known.looked_s - _RATE_OVER_S:
            known.ends.popleft()

    async def _last_placed(self, batch: Batch) -> int:
        """Return a line of the file behind which no row has been placed."""
        if not batch.placed:
            return 0
        return await shown.next_unplaced(self._journal, batch.batch_id, batch.lines)


def _rows(batch: Batch) -> dict[str, int]:
    """Count rows by state; what was never placed of a cancelled batch is cancelled."""
    received = batch.total - batch.valid - batch.problems
    valid = batch.valid - batch.placed - batch.refused
    counts = {
        RowState.RECEIVED: received,
        RowState.VALID: valid,
        RowState.PROBLEM: batch.problems,
        RowState.PLACED: batch.placed,
        RowState.REFUSED: batch.refused,
    }
    if batch.state is BatchState.CANCELLED:
        counts |= {RowState.RECEIVED: 0, RowState.VALID: 0, RowState.CANCELLED: received + valid}
    return {state.value: count for state, count in counts.items() if count}


def _rows_over(batch: Batch, orders: Orders) -> int:
    """Count the rows that nothing happens to any more."""
    ended = sum(count for state, count in orders.states.items() if OrderState(state) in FINAL)
    return batch.problems + batch.refused + ended


def _rate(known: _Known, over: int) -> float | None:
    """How many rows a second were over lately; ``None`` before that can be told."""
    if not known.ends:
        return None
    began_s, then = known.ends[0]
    took_s = known.looked_s - began_s
    return (over - then) / took_s if took_s > 0 else None
