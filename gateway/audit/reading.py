"""Reading elements below everybody else's traffic: so many a second, and waiting for those that are away."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from drivers.commands import Held, ReadKeys
from drivers.errors import Garbled, InDoubt, NotSpoken, Unreachable
from drivers.flow import Paused
from drivers.subscription import Imsi
from drivers.target import Target
from gateway.contract.action import Lane

T = TypeVar("T")
_LANE = int(Lane.AUDIT)
_PAUSED_LOOK_S = 60.0
_MOST_DOUBLINGS = 16
_MOST_GARBLED = 4  # times one subscriber's answer makes no sense, or is a refusal
_MOST_SILENCES = 10  # times it gets no answer; an element that answers nobody is paused long before


class Pace:
    """So many turns a second, evenly spread; none a second is as many as there are."""

    def __init__(self, per_s: int) -> None:
        self._gap_s = 1 / per_s if per_s else 0.0
        self._next_s = 0.0

    async def turn(self) -> None:
        """Wait for the next one."""
        if not self._gap_s:
            return
        now_s = asyncio.get_running_loop().time()
        mine_s = max(now_s, self._next_s)
        self._next_s = mine_s + self._gap_s
        await asyncio.sleep(mine_s - now_s)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was asked cannot be told, however often it is asked."""

    why: str


class Reader:
    """Asks elements for one audit; ``waiting_for`` tells why it stands still, while it does."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._waits: Counter[str] = Counter()
        self._suspects: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def waiting_for(self) -> str | None:
        """Which elements cannot be had now, and why."""
        return "; ".join(self._waits) or None

    async def look(self, element: Target, imsi: Imsi, *, keys: bool) -> Held | Unreadable | None:
        """Read a subscriber; ``keys``: ask for them apart where reading it does not tell."""
        held = await self._ask(element, lambda: element.look(imsi, _LANE))
        if not isinstance(held, Held) or held.keys is not None or not keys:
            return held
        if ReadKeys not in element.capabilities.commands:
            return held
        there = await self._ask(element, lambda: element.has_keys(imsi, _LANE))
        return there if isinstance(there, Unreadable) else replace(held, keys=there)

    async def list(self, element: Target, prefix: str) -> tuple[Imsi, ...] | Unreadable:
        """List the subscribers whose IMSIs begin so."""
        return await self._ask(element, lambda: element.list(prefix, _LANE))

    async def _ask(self, element: Target, attempt: Callable[[], Awaitable[T]]) -> T | Unreadable:
        """Ask until there is an answer, or it is clear that there will be none."""
        garbled = silences = 0
        while True:
            await self._pace.turn()
            try:
                if not garbled:
                    return await attempt()
                async with self._suspects[element.name]:  # one garbled answer ends all its session waits for: whose?
                    return await attempt()
            except NotSpoken as never:
                return Unreadable(str(never))
            except Paused as paused:
                await self._wait(str(paused), element.reopened(_PAUSED_LOOK_S))
            except (Unreachable, InDoubt) as away:
                garbled += isinstance(away, Garbled)
                silences += isinstance(away, InDoubt)
                if garbled >= _MOST_GARBLED or silences >= _MOST_SILENCES:
                    return Unreadable(str(away))
                rule = element.retry.pauses(away)
                pause_s = min(rule.min_s * 2 ** min(silences, _MOST_DOUBLINGS), rule.max_s)
                await self._wait(str(away), asyncio.sleep(pause_s))

    async def _wait(self, why: str, until: Awaitable[None]) -> None:
        self._waits[why] += 1
        try:
            await until
        finally:
            self._waits[why] -= 1
            if not self._waits[why]:
                del self._waits[why]
