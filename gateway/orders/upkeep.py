"""Maintenance windows kept: those an operator opens by hand are in the journal, so that a restart keeps them too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from gateway.journal.journal import Conflict, Journal, Unit
from gateway.journal.schema import insert_row, maintenance
from gateway.maintenance import Window
from gateway.network import Network
from gateway.orders import records
from gateway.orders.judgement import Clock
from gateway.orders.routine import again_and_again

_log = logging.getLogger(__name__)
_ALL = select(maintenance)
_OPEN = insert_row(maintenance)
_CLOSE = delete(maintenance).where(maintenance.c.element == bindparam("closed"))
_CLOSE_THIS = _CLOSE.where(maintenance.c.since == bindparam("opened"))
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Opening:
    """What an operator decided: leave an element, or a whole group, alone, until then or until told otherwise."""

    element: str
    until: datetime | None
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A window opened by hand, and by whom."""

    window: Window
    who: str


class Upkeep:
    """Tells every element when it is left alone and when no more."""

    def __init__(self, journal: Journal, network: Network, clock: Clock) -> None:
        self._journal = journal
        self._network = network
        self._clock = clock
        self._hands = asyncio.Lock()  # what was read a moment ago must not be told after what was written since

    async def run(self) -> None:
        """Look at the clock for as long as the gateway runs."""
        await again_and_again("keeping maintenance windows", _LOOK_S, self.tend, _log)

    async def tend(self) -> None:
        """Hold and release as it is written now; forget windows that are over."""
        async with self._hands:
            await self._tend()

    async def opened(self) -> Mapping[str, Opened]:
        """Return the windows opened by hand, by element or group."""
        found: dict[str, Opened] = {}
        for row in await self._journal.rows(_ALL):
            until = None if row["until"] is None else datetime.fromisoformat(row["until"])
            window = Window(datetime.fromisoformat(row["since"]), until, row["why"])
            found[row["element"]] = Opened(window, row["who"])
        return found

    async def open(self, opening: Opening) -> None:
        """Leave an element alone from now on; a window already opened by hand is replaced. Raises JournalFull."""
        async with self._hands:
            now, unit = self._clock(), Unit()
            until = None if opening.until is None else opening.until.isoformat()
            row = {"element": opening.element, "since": now.isoformat(), "until": until}
            unit.add(_CLOSE, closed=opening.element)
            unit.add(_OPEN, **row, why=opening.why, who=opening.who)
            records.add_notice(unit, "maintenance.opened", now, None, **row, why=opening.why, who=opening.who)
            await self._journal.commit(unit)
            await self._tend()

    async def close(self, element: str, why: str) -> bool:
        """Speak to it again; ``False`` when no window was opened by hand. Raises JournalFull."""
        async with self._hands:
            opened = (await self.opened()).get(element)
            if opened is None:
                return False
            await self._forget(element, opened.window, why)
            await self._tend()
            return True

    async def _tend(self) -> None:
        now = self._clock()
        by_hand: dict[str, tuple[Window, ...]] = {}
        for element, opened in (await self.opened()).items():
            if opened.window.over(now):
                await self._forget(element, opened.window, "its time was over")
            else:
                by_hand[element] = (opened.window,)
        self._network.keep_windows(by_hand, now)

    async def _forget(self, element: str, window: Window, why: str) -> None:
        """Close this window, once: another instance may have closed it just now, and somebody opened the next one."""
        unit = Unit()
        unit.add(_CLOSE_THIS, "window", closed=element, opened=window.since.isoformat())
        records.add_notice(unit, "maintenance.closed", self._clock(), None, element=element, why=why)
        with suppress(Conflict):
            await self._journal.commit(unit)
