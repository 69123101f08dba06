"""The worker: once in a while everything that is due about numbers that come and go is done, wherever we stopped."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from drivers.errors import DriverError
from gateway.contract.rules import Rules
from gateway.journal.journal import Row, Unit
from gateway.orders.routine import again_and_again
from gateway.portability import asking, book, telling
from gateway.portability.days import Days
from gateway.portability.hearing import Listener
from gateway.portability.means import Means
from gateway.portability.saying import Speaker

_log = logging.getLogger(__name__)
_LOOK_S: Final = 0.5
_ASK_EVERY: Final = 4  # looks


@dataclass(slots=True)
class Figures:
    """Since the start: numbers that came by whether the promise was kept, and for how long they were out of service."""

    came: Counter[bool] = field(default_factory=Counter)
    outage_s: float = 0.0
    longest_s: float = 0.0


class Porter:
    """Sees to every port; ``means`` are also what a RIO is told with."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.figures = Figures()
        self._speaker, self._listener, self._days = Speaker(means), Listener(means), Days(means)
        self._hands = asyncio.Lock()
        self._away = False

    async def run(self) -> None:
        """Look for as long as the gateway runs; the clearing house is asked at every fourth look."""
        asked = itertools.cycle((True, *(False,) * (_ASK_EVERY - 1)))
        await again_and_again("seeing to ports", _LOOK_S, lambda: self.tend(ask=next(asked)), _log)

    async def tend(self, *, ask: bool = True) -> None:
        """Do everything that is due now; ``ask``: the clearing house too for what is new."""
        async with self._hands:
            await self._days.drop_orphans()
            for port in await book.select_rows(self.means.journal, book.ARRIVED):
                await self._arrived(port)
            await self._talk(ask=ask)
            await self._days.begin_all()
            for port in await book.select_rows(self.means.journal, book.JUDGED):
                await asking.judged(self.means, port)

    async def _talk(self, *, ask: bool) -> None:
        house = self.means.network.clearing
        if house is None:
            return
        try:
            await self._speaker.say_all(house)
            if ask:
                await self._listener.hear_all(house)
        except DriverError as trouble:
            if not self._away:
                _log.warning("the clearing house cannot be had, ports wait for it: %s", trouble)
            self._away = True
        else:
            self._away = False

    async def _arrived(self, port: Row) -> None:
        """Tell how long a customer was out of service: from the donor's release to our stored confirmation."""
        released_at, stored_at = (
            datetime.fromisoformat(port["released_at"]),
            datetime.fromisoformat(port["switched_at"]),
        )
        outage_s = max(0.0, (stored_at - released_at).total_seconds())
        within = _kept(self.means.contracts.get(str(port["contract"])), released_at, stored_at)
        unit, now = Unit(), self.means.clock().isoformat()
        ended_at = now if port["state"] == "done" else None
        book.put(unit, port["reference"], outage_s=outage_s, within_promise=int(within), ended_at=ended_at)
        told = {"outage_s": outage_s, "within_promise": within, "stored_at": port["switched_at"]}
        telling.add_event(unit, self.means, "completed", port, released_at=port["released_at"], **told)
        telling.add_message(unit, self.means, "port_done", port, await self.means.line_of(port))
        await self.means.commit(unit)
        self.figures.came[within] += 1
        self.figures.outage_s += outage_s
        self.figures.longest_s = max(self.figures.longest_s, outage_s)


def _kept(rules: Rules | None, released_at: datetime, stored_at: datetime) -> bool:
    rule = None if rules is None else rules.bounds.portability
    if rules is None or rule is None:
        return True
    return stored_at <= rules.timing.calendar.after(released_at, rule.outage)
