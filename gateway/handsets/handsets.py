"""Having handsets kept out, or let in again: durable when asked, told to every register, confirmed when read back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from gateway.contract.action import Refusal
from gateway.handsets import book
from gateway.handsets.identity import misread
from gateway.handsets.keeper import Keeper
from gateway.journal.journal import Journal, Unit
from gateway.network import Network
from gateway.orders.judgement import Clock

_NO_REGISTER = (
    "no Equipment Identity Register is configured: add one with role eir to elements.toml, or have whoever runs "
    "yours block the handset"
)


class Handsets:
    """The door to every register; ``elements`` are their names."""

    def __init__(self, journal: Journal, elements: Sequence[str], clock: Clock, published: Callable[[], None]) -> None:
        self._journal = journal
        self._elements = tuple(elements)
        self._clock = clock
        self._published = published
        self._hands = asyncio.Lock()  # two at once would write the same version
        self.news = {name: asyncio.Event() for name in self._elements}

    async def ask(self, asked: book.Asked) -> Refusal | None:
        """Write a wish; what is wished already stays as it is, but a register that refused is asked again.

        Returns why it is refused, if it is. Raises JournalFull.
        """
        if (wrong := misread(asked.imei)) is not None:
            return wrong
        if not self._elements:
            return Refusal("not-supported", _NO_REGISTER)
        async with self._hands:
            known = await book.handset(self._journal, asked.imei)
            if known is None and not asked.blocked:
                return Refusal("handset-unknown", f"the handset {asked.imei} was never blocked here: check its IMEI")
            if known is not None and bool(known["blocked"]) is asked.blocked and not await self._lacking(asked.imei):
                return None
            unit, version = Unit(), 1 if known is None else known["version"] + 1
            book.write(unit, asked, version, self._elements, self._clock())
            await self._journal.commit(unit)
        self._published()
        for event in self.news.values():
            event.set()
        return None

    async def _lacking(self, imei: str) -> bool:
        """Tell whether a register has refused the wish, or was not there when it was made."""
        told = {row["element"]: row["state"] for row in await book.wishes(self._journal, imei)}
        return "refused" in told.values() or not told.keys() >= set(self._elements)


@asynccontextmanager
async def keeping(
    handsets: Handsets, network: Network, means: tuple[Journal, Clock, random.Random, Callable[[], None]]
) -> AsyncIterator[None]:
    """Have every register told for as long as this is entered; what was open before is taken up."""
    journal, clock, chance, published = means
    tasks = []
    for name, news in handsets.news.items():
        keeper = Keeper(journal, network.element(name), clock, chance, published)
        tasks.append(asyncio.create_task(keeper.run(news), name=f"handsets {name}"))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
