"""One register brought to what is wished: look, say, look again; nothing it answers is taken on trust."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from typing import Final

from drivers.commands import Refused, Why
from drivers.equipment import BlockImei, Imei, ImeiHeld, ReadImei, UnblockImei
from drivers.errors import Busy, Garbled, InDoubt, NotSpoken, Unreachable
from drivers.flow import Paused
from drivers.target import Target
from gateway.contract.action import Lane
from gateway.handsets import book
from gateway.handsets.book import Wish
from gateway.journal.journal import Conflict, Journal, JournalAway, Unit
from gateway.orders.judgement import Clock

_log = logging.getLogger(__name__)
_LOOK_S: Final = 1.0
_AFTER_FAULT_S: Final = 5.0
_PAUSED_LOOK_S: Final = 60.0
_AT_A_TIME: Final = 100
_MOST_DOUBLINGS: Final = 16
_SAID_AT_MOST: Final = 3
_MEANS_SO: Final = {True: Why.EXISTS, False: Why.NOT_FOUND}


class Keeper:
    """Tells one register what is wished, the oldest wish first, however long it is away."""

    def __init__(
        self, journal: Journal, element: Target, clock: Clock, chance: random.Random, published: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._element = element
        self._clock = clock
        self._chance = chance
        self._published = published

    async def run(self, news: asyncio.Event) -> None:
        """Settle every open wish, and every new one, until cancelled."""
        while True:
            news.clear()
            try:
                for wish in await book.open_wishes(self._journal, self._element.name, _AT_A_TIME):
                    await self._settle(wish)
            except JournalAway:
                _log.warning("handsets wait for the database")
                await asyncio.sleep(_AFTER_FAULT_S)
                continue
            except Exception:  # noqa: BLE001 - a fault of ours, or a full journal, must not end the keeping
                _log.exception("handsets of %s: stopped by a fault; it goes on after a pause", self._element.name)
                await asyncio.sleep(_AFTER_FAULT_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):  # wait_for may lose a cancel that comes with the news
                    await news.wait()

    async def _settle(self, wish: Wish) -> None:
        refused = await self._bring(wish)
        unit = Unit()
        book.settle(unit, wish, self._clock(), refused)
        with contextlib.suppress(Conflict):  # something else is wished by now: that is an open wish of its own
            await self._journal.commit(unit)
            self._published()

    async def _bring(self, wish: Wish) -> tuple[str, str] | None:
        """Bring the register to the wish; return code and text of a final no.

        It is looked at before anything is said, so what went out before a stop or a silence is found done.
        """
        tries = said = 0
        while True:
            try:
                if await self._is_so(wish):
                    return None
                if said == _SAID_AT_MOST:
                    return ("", "it confirmed the command, but does not hold what it says: ask the register's owner")
                said += 1
                if (refused := await self._say(wish)) is not None:
                    return refused
            except Paused:
                said = 0
                await self._element.reopened(_PAUSED_LOOK_S)
            except (Unreachable, InDoubt, Garbled) as away:
                said = 0
                rule = self._element.retry.pauses(away)
                pause_s = min(rule.min_s * 2**tries, rule.max_s)
                tries = min(tries + 1, _MOST_DOUBLINGS)
                await asyncio.sleep(self._chance.uniform(pause_s / 2, pause_s))
            except NotSpoken as never:
                return ("", str(never))

    async def _is_so(self, wish: Wish) -> bool:
        match await self._element.send(ReadImei(Imei(wish.imei)), lane=Lane.EMERGENCY):
            case ImeiHeld(blocked):
                return blocked is wish.blocked
            case Refused(Why.NOT_FOUND):
                return not wish.blocked
            case Refused(Why.BUSY) as busy:
                raise Busy(f"{self._element.name} is busy (code {busy.code})")
            case other:
                raise Garbled(f"{self._element.name} does not tell of handsets: {other}")

    async def _say(self, wish: Wish) -> tuple[str, str] | None:
        imei = Imei(wish.imei)
        command = BlockImei(imei, wish.reason) if wish.blocked else UnblockImei(imei)
        reply = await self._element.send(command, lane=Lane.EMERGENCY)
        match reply:
            case Refused(Why.BUSY, code):
                raise Busy(f"{self._element.name} is busy (code {code})")
            case Refused(why, code, text) if why is not _MEANS_SO[wish.blocked]:
                return (code, text)
            case _:
                return None
