"""What every part of usage works with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Unit
from gateway.orders.desk import Listeners
from gateway.orders.engine import Engine
from gateway.orders.judgement import Clock

#: how often somebody whose unit conflicted looks again
TRIES = 10


@dataclass(frozen=True, slots=True)
class Means:
    """The journal, the engine, the contracts, the time, and who is told after a commit."""

    journal: Journal
    engine: Engine
    contracts: Mapping[str, Rules]
    clock: Clock
    listeners: Listeners


class Turns:
    """Whoever changes what is counted of a line waits for its turn."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, line_id: str) -> asyncio.Lock:
        """Return the line's lock."""
        return self._locks.setdefault(line_id, asyncio.Lock())

    @asynccontextmanager
    async def of_all(self, line_ids: Iterable[str]) -> AsyncIterator[None]:
        """Have the turns of many lines; always taken in one order, so that no two wait for each other."""
        async with AsyncExitStack() as turns:
            for line_id in sorted(set(line_ids)):
                await turns.enter_async_context(self.of(line_id))
            yield


@dataclass(frozen=True, slots=True)
class Writing:
    """A unit being written; its orders are taken when ``orders`` is left, after the commit, without an error."""

    unit: Unit = field(default_factory=Unit)
    orders: AsyncExitStack = field(default_factory=AsyncExitStack)
