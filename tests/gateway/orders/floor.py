"""A journal, what waits in it, and whoever begins it: the floor on which backlogs are tried."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from gateway.journal.journal import JournalAway, Row, Unit
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import records
from gateway.orders.backlog import Backlog
from gateway.orders.dispatcher import Dispatcher
from gateway.orders.order import Order
from gateway.orders.ready import Ready
from tests.gateway.orders.waiting_orders import NOW

WINDOW = 8
HOSTS = ("orange", "sfr")


class Weary(Ready):
    """Looks into a journal that is away as often as wished."""

    away = 0

    async def of_line(self, line_id: str, now: datetime) -> list[Row]:
        if self.away:
            self.away -= 1
            raise JournalAway
        return await super().of_line(line_id, now)


@dataclass
class Floor:
    """A journal, a dispatcher whose runs end orders in the journal, and the backlog between them."""

    journal: SqliteJournal
    now: datetime = NOW
    started: list[Order] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    most_loaded: int = 0

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self._run, 3)
        self.ready = Weary(self.journal)
        self.backlog = Backlog(
            self.ready,
            self.dispatcher,
            lambda: self.now,
            HOSTS,
            shared=True,
            window=WINDOW,
            look_s=0.01,
        )

    async def accept(self, order: Order, *, told: bool = True) -> None:
        """Make an order durable; ``told``: here, else by another instance."""
        unit = Unit()
        records.add_order(unit, order)
        await self.journal.commit(unit)
        if told and self.backlog.holds(order.line_id) and (order.due_at is None or order.due_at <= self.now):
            self.backlog.admit(order)

    async def write(self, order: Order, **values: object) -> None:
        unit = Unit()
        records.set_order(unit, order.order_id, **values)
        await self.journal.commit(unit)

    async def until(self, count: int) -> None:
        """Wait until so many have started."""
        async with asyncio.timeout(60):
            while len(self.started) < count:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.002)

    async def _run(self, order: Order) -> bool:
        row = await records.order(self.journal, order.order_id)
        assert row is not None
        if row["state"] == "completed":
            return True
        self.started.append(order)
        self.most_loaded = max(self.most_loaded, *self.dispatcher.loaded.values())
        await self.gate.wait()
        await self.write(order, state="completed", error=None)
        return True
