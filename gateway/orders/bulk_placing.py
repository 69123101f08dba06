"""Making orders of rows, of bulk orders and of batches: each exactly once, whatever stops in between.

An order and the word that its row has become one are in the same commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum, auto
from typing import Final, Protocol

from gateway.contract.action import Refusal
from gateway.journal.journal import Conflict, Journal, JournalAway, JournalFull, Row, Unit
from gateway.orders.fair_share import FairShare
from gateway.orders.order import NewOrder, Order, Problem
from gateway.orders.under_way import UnderWay

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 16  #: rows in one commit at most
_LOOK_S: Final = 0.5
_FOR_ROOM_S: Final = 0.02
_AFTER_FAULT_S: Final = 2.0
_LATELY_S: Final = 1.0  #: a source that had rows so long ago has more, or is done


class Went(Enum):
    """What came of a step."""

    IDLE = auto()  # there is nothing to do
    WAITS = auto()  # there is, but no room for it
    MOVED = auto()


class Engine(Protocol):
    """What placing asks of the engine."""

    @property
    def backlog(self) -> int:
        """How many orders wait or are in progress."""

    def enclosed(self, unit: Unit, new: NewOrder) -> AbstractAsyncContextManager[Order | Refusal]:
        """See Acceptance.enclosed."""


class Source(Protocol):
    """Rows that are to become orders in their turn; a row has ``n``, and ``after_n`` where another comes first."""

    @property
    def name(self) -> str:
        """What tells it from every other."""

    async def waiting(self, most: int) -> Sequence[Row]:
        """Return the next rows that are no order yet."""

    async def order_of(self, row: Row) -> NewOrder | Problem:
        """Lay one row out as the order it is, or say why it is none."""

    def set_placed(self, unit: Unit, row: Row, order_id: str) -> None:
        """Write which order a row has become; the unit conflicts ("row") when it may not become one any more."""

    def set_refused(self, unit: Unit, row: Row, problem: Problem) -> None:
        """Write why a row becomes no order; the unit conflicts ("row") as above."""


class Work(Protocol):
    """Something that is done bit by bit, with what time the others leave."""

    async def step(self) -> Went:
        """Do the next bit. Raises JournalFull, JournalAway."""


class RowPlacing:
    """Places rows of any source, as many at once as the fair share has room for.

    Sources share that room alike; and one whose element is away leaves the others half of what may hang.
    """

    def __init__(self, journal: Journal, engine: Engine, share: FairShare, max_backlog: int) -> None:
        self._journal = journal
        self._engine = engine
        self._share = share
        self._most = max(1, max_backlog // 2)  # the other half of the queue is everybody else's
        self._under_way = UnderWay(journal)
        self._seen_s: dict[str, float] = {}  # when each source last had rows, in the event loop's time

    async def some(self, source: Source) -> Went:
        """Place the next rows of a source; IDLE when it has none."""
        room = await self._room(source.name)
        rows = await source.waiting(max(1, min(room, _AT_ONCE)))
        if not rows:
            self._seen_s.pop(source.name, None)
            return Went.IDLE
        if room < 1:
            return Went.WAITS
        for wave in waves(rows):
            began = time.perf_counter()
            results = await asyncio.gather(*(self._one(source, row) for row in wave), return_exceptions=True)
            for failure in (r for r in results if isinstance(r, BaseException)):
                raise failure
            await self._share.give_way(time.perf_counter() - began)
        return Went.MOVED

    async def _room(self, source: str) -> int:
        under_way, at_once, sources = self._under_way, self._share.at_once, self._sources(source)
        await under_way.look()
        own = max(1, at_once // sources) - under_way.moving_of(source)
        left = self._most - under_way.hanging - under_way.moving
        may_hang = left - under_way.hanging_of(source)  # no more than is left to the others
        return min(own, at_once - under_way.moving, self._most - self._engine.backlog, may_hang)

    def _sources(self, asking: str) -> int:
        """Count the sources that have rows to place."""
        now_s = asyncio.get_running_loop().time()
        self._seen_s[asking] = now_s
        self._seen_s = {name: at_s for name, at_s in self._seen_s.items() if at_s > now_s - _LATELY_S}
        return len(self._seen_s)

    async def _one(self, source: Source, row: Row) -> None:
        """Make one row an order, or write why not."""
        new = await source.order_of(row)
        if isinstance(new, Problem):
            await self._refuse(source, row, new)
            return
        unit = Unit()
        try:
            async with self._engine.enclosed(unit, new) as order:
                if not isinstance(order, Refusal):
                    source.set_placed(unit, row, order.order_id)
                    await self._journal.commit(unit)
                    self._under_way.add(order.order_id, source.name)
                    return
        except Conflict as conflict:
            if conflict.what == "row":
                return  # it was an order before, or may not become one any more
            taken = f"the {conflict.what} was taken by another order just now"
            await self._refuse(source, row, Problem(f"{conflict.what}-not-available", taken))
            return
        await self._refuse(source, row, Problem(order.slug, order.detail))

    async def _refuse(self, source: Source, row: Row, problem: Problem) -> None:
        unit = Unit()
        source.set_refused(unit, row, problem)
        with contextlib.suppress(Conflict):  # it was an order before
            await self._journal.commit(unit)


class BulkPlacer:
    """Goes round its works for as long as it runs: on a shared journal, in one instance at a time."""

    def __init__(self, share: FairShare, works: Sequence[Work]) -> None:
        self._share = share
        self._works = works
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There is something to do."""
        self._news.set()

    async def run(self) -> None:
        """Do what is to be done for as long as the gateway runs."""
        while True:
            self._news.clear()
            try:
                await self._until_idle()
            except (JournalFull, JournalAway):
                await asyncio.sleep(_LOOK_S)
                continue
            except Exception:  # noqa: BLE001 - a fault of ours must not leave the rows behind it unplaced for good
                _log.exception("placing bulk orders stopped; it goes on after a pause")
                await asyncio.sleep(_AFTER_FAULT_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):  # wait_for may lose a cancel that comes with the news
                    await self._news.wait()

    async def _until_idle(self) -> None:
        went = {await work.step() for work in self._works}
        if went == {Went.IDLE}:
            return
        async with self._share.watched():
            while went - {Went.IDLE}:
                if Went.MOVED not in went:
                    await asyncio.sleep(_FOR_ROOM_S)
                went = {await work.step() for work in self._works}


def waves(rows: Iterable[Row]) -> Iterable[Sequence[Row]]:
    """Cut rows where one has to come after another of the same wave."""
    wave: list[Row] = []
    for row in rows:
        if wave and row["after_n"] is not None and row["after_n"] >= wave[0]["n"]:
            yield wave
            wave = []
        wave.append(row)
    if wave:
        yield wave
