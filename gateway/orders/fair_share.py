"""How much of the gateway bulk work may have now: all of it when nobody else asks, little when somebody does.

Bulk orders under way are counted in a window that grows by steps and is halved when the event loop is late
(additive increase, multiplicative decrease), as TCP shares a line. The rule is pure; a thin sampler feeds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.contract.action import Lane

_SAMPLE_EACH_S: Final = 0.02
_NAP_S: Final = 0.002
_AT_A_STRETCH_S: Final = 0.002  #: others are kept waiting no longer than this by many small pieces of work
_LONGEST_WAIT_S: Final = 0.02  #: what is urgent may hang for hours on an element that is away; bulk goes on, slowly
_URGENT: Final = (Lane.EMERGENCY, Lane.INTERACTIVE)


class Traffic(Protocol):
    """Who knows of everybody else's orders."""

    @property
    def last_urgent(self) -> float:
        """When the last emergency or interactive order was accepted, in the event loop's time; 0.0 before any."""

    def unfinished_in(self, lane: Lane) -> int:
        """How many orders of a lane wait or are under way here."""


@dataclass(frozen=True, slots=True)
class ShareRules:
    """The bounds of the window: in orders, and in seconds that the event loop may be late."""

    most: int = 64
    least: int = 2  # one that hangs for a while must not keep the other back
    urgent_part: float = 0.25  # of ``most``, at most, while somebody else asks
    late_s: float = 0.0025  # while somebody else asks
    late_alone_s: float = 0.025  # whoever comes finds a loop that is no later than this
    quiet_s: float = 1.0  # so long after the last urgent order nobody asks any more
    forgotten_s: float = 30.0  # what was accepted before that and is not done yet hangs on an element, not on us


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen: the loop's time, how late it was, when the last urgent order came, how many are unfinished."""

    at_s: float
    late_s: float
    last_urgent_s: float = 0.0
    urgent: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """The window, and whether somebody else asks."""

    window: float
    busy: bool = False


def next_level(level: Level, sample: Sample, rules: ShareRules) -> Level:
    """Return the window after one more sample; it stays within ``least`` and ``most``."""
    since_s = sample.at_s - sample.last_urgent_s
    came = sample.last_urgent_s > 0
    busy = came and (since_s < rules.quiet_s or (sample.urgent > 0 and since_s < rules.forgotten_s))
    least = float(min(rules.least, rules.most))
    roof = max(least, rules.most * rules.urgent_part) if busy else float(rules.most)
    if busy and not level.busy:
        return Level(least, busy)  # make room first, then see how much there is
    if sample.late_s > (rules.late_s if busy else rules.late_alone_s):
        return Level(min(roof, max(least, level.window / 2)), busy)
    step = 1.0 if busy else max(1.0, rules.most / 10)
    return Level(min(roof, level.window + step), busy)


class FairShare:
    """What bulk placing and batches ask before they take more; looks at the event loop only while somebody asks."""

    def __init__(self, traffic: Traffic, most: int) -> None:
        self._traffic = traffic
        self._rules = ShareRules(most=most)
        self._level = Level(float(most))
        self._watchers = 0
        self._debt_s = 0.0  # worked since the last rest
        self._sampler: asyncio.Task[None] | None = None

    @property
    def at_once(self) -> int:
        """How many bulk orders may be under way now; at least one."""
        return int(self._level.window)

    def take(self, sample: Sample) -> None:
        """See one sample."""
        self._level = next_level(self._level, sample, self._rules)

    def rest_s(self, took_s: float) -> float:
        """Return how long to rest after work that took so long, for the share of time to be that of the window."""
        if self._level.window >= self._rules.most:
            return 0.0
        return took_s * (self._rules.most / self._level.window - 1)

    async def give_way(self, took_s: float) -> None:
        """Give up the loop after a piece of work; after some milliseconds of it rest, and let urgent orders end."""
        self._debt_s += took_s
        if self._debt_s < _AT_A_STRETCH_S:
            await asyncio.sleep(0)
            return
        rest_s, self._debt_s = min(self.rest_s(self._debt_s), _LONGEST_WAIT_S), 0.0
        clock = asyncio.get_running_loop().time
        until = clock() + _LONGEST_WAIT_S
        await asyncio.sleep(rest_s)
        while self._level.busy and self._urgent() and clock() < until:  # noqa: ASYNC110 - the engine tells nobody
            await asyncio.sleep(_NAP_S)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Sample the event loop inside."""
        self._watchers += 1
        if self._sampler is None:
            self._sampler = asyncio.create_task(self._sample(), name="fair share")
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                sampler, self._sampler = self._sampler, None
                sampler.cancel()
                await asyncio.gather(sampler, return_exceptions=True)  # whose own end it is, and not also ours

    def _urgent(self) -> int:
        return sum(self._traffic.unfinished_in(lane) for lane in _URGENT)

    async def _sample(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due_s = clock() + _SAMPLE_EACH_S
            await asyncio.sleep(_SAMPLE_EACH_S)
            now_s = clock()
            self.take(Sample(now_s, max(0.0, now_s - due_s), self._traffic.last_urgent, self._urgent()))
