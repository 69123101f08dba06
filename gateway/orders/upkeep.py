"""Maintenance windows kept: those an operator opens by hand are in the journal, so that a restart keeps them too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from gateway.journal.journal import Journal, Unit
from gateway.journal.schema import insert_row, maintenance
from gateway.maintenance import Window
from gateway.network import Network
from gateway.orders import records
from gateway.orders.judgement import Clock

_ALL = select(maintenance)
_OPEN = insert_row(maintenance)
_CLOSE = delete(maintenance).where(maintenance.c.element == bindparam("closed"))
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Opening:
    """What an operator decided: leave an element alone, until then or until told otherwise."""

    element: str
    until: datetime | None
    why: str
    who: str


class Upkeep:
    """Tells every element when it is left alone and when no more."""

    def __init__(self, journal: Journal, network: Network, clock: Clock) -> None:
        self._journal = journal
        self._network = network
        self._clock = clock

    async def run(self) -> None:
        """Look at the clock for as long as the gateway runs."""
        while True:
            await asyncio.sleep(_LOOK_S)
            await self.tend()

    async def tend(self) -> None:
        """Hold and release as it is written now; forget windows that are over."""
        now, by_hand = self._clock(), {}
        for row in await self._journal.rows(_ALL):
            until = None if row["until"] is None else datetime.fromisoformat(row["until"])
            window = Window(datetime.fromisoformat(row["since"]), until, row["why"])
            if window.over(now):
                await self.close(row["element"], "its time was over")
            else:
                by_hand[row["element"]] = (window,)
        self._network.keep_windows(by_hand, now)

    async def open(self, opening: Opening) -> None:
        """Leave an element alone from now on; a window already opened by hand is replaced."""
        now, unit = self._clock(), Unit()
        until = None if opening.until is None else opening.until.isoformat()
        unit.add(_CLOSE, closed=opening.element)
        row = {"element": opening.element, "since": now.isoformat(), "until": until}
        unit.add(_OPEN, **row, why=opening.why, who=opening.who)
        records.add_notice(unit, "maintenance.opened", now, None, **row, why=opening.why, who=opening.who)
        await self._journal.commit(unit)
        await self.tend()

    async def close(self, element: str, why: str) -> None:
        """Speak to it again."""
        unit = Unit()
        unit.add(_CLOSE, closed=element)
        records.add_notice(unit, "maintenance.closed", self._clock(), None, element=element, why=why)
        await self._journal.commit(unit)
