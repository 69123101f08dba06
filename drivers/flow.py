"""Who may speak to an element now: so many at once, so many a second, the urgent first, nobody while it is paused."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from drivers.errors import Unreachable

BACKGROUND = 3  #: lanes from here on get a quarter of the places, and only those nobody else waits for

_GRAIN_S = 0.01  #: what timers may be late by; a bucket at which somebody waits does not lose what came meanwhile
_ONE = 1 - 1e-6  # one token, as far as sums of small fractions tell


class Paused(Unreachable):
    """Nobody is let through to the element; ``until`` is when that is expected to end, if anybody knows."""

    def __init__(self, why: str, until: datetime | None) -> None:
        super().__init__(why)
        self.until = until


@dataclass(frozen=True, slots=True)
class Pace:
    """How much an element takes: commands in flight, commands a second (``None``: any), and how it is woken."""

    window: int = 8
    per_s: float | None = None
    burst: int = 1
    ramp_s: float = 10.0  # after a pause the window opens from one place to all over so long


class Flow:
    """The gate before an element. ``admitted`` is entered for each command; waiting is by lane, then by age."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._in_flight = 0
        self._background = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._ticket = itertools.count()
        self._tokens = float(pace.burst)
        self._filled_s = 0.0
        self._ramp_from_s: float | None = None
        self._pause: tuple[str, datetime | None] | None = None
        self._news = asyncio.Event()  # set, and replaced, when the pause ends or changes
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def paused(self) -> tuple[str, datetime | None] | None:
        """Why nobody is let in and until when, as far as anybody knows; ``None`` when the gate is open."""
        return self._pause

    @asynccontextmanager
    async def admitted(self, lane: int) -> AsyncIterator[None]:
        """Wait for a place and keep it. Raises Paused, also when the pause begins while waiting."""
        if self._pause is not None:
            raise Paused(*self._pause)
        if self._waiting or not self._has_place(lane):
            await self._queue(lane)
        else:
            self._take(lane)
        try:
            if self._pause is not None:  # it began between being given a place and coming to it
                raise Paused(*self._pause)
            yield
        finally:
            self._leave(lane)

    def pause(self, why: str, until: datetime | None = None) -> None:
        """Let nobody in from now on; those waiting are sent away."""
        self._pause = (why, until)
        for _, _, place in self._waiting:
            if not place.done():
                place.set_exception(Paused(why, until))
        self._waiting.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._tell()

    def reopen(self) -> None:
        """Let them in again, few at first: what has piled up must not knock the element over."""
        if self._pause is None:
            return
        self._pause = None
        self._ramp_from_s = asyncio.get_running_loop().time()
        self._tell()

    async def reopened(self, timeout_s: float) -> None:
        """Wait until the gate is open, or closed for another reason or time, at most so long."""
        if self._pause is None:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return

    async def emptied(self) -> None:
        """Wait until nobody is in."""
        await self._quiet.wait()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _queue(self, lane: int) -> None:
        """Wait until a place is kept for us."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._ticket), place))
        self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._leave(lane)
            raise

    def _let_in(self) -> None:
        """Give free places to those who wait; if time must pass first, come back then."""
        while self._waiting and self._has_place(self._waiting[0][0]):
            lane, _, place = heapq.heappop(self._waiting)
            if not place.done():
                self._take(lane)
                place.set_result(None)
        due_s = self._due_s()
        if self._waiting and due_s is not None and self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(due_s, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        self._let_in()

    def _due_s(self) -> float | None:
        """How long until time alone may let somebody in; ``None``: only whoever leaves lets the next in."""
        waits: list[float] = []
        if self._ramp_from_s is not None:
            waits.append(self.pace.ramp_s / self.pace.window)
        if self.pace.per_s is not None and not self._has_token():
            waits.append((1 - self._tokens) / self.pace.per_s)
        return min(waits, default=None)

    def _has_place(self, lane: int) -> bool:
        limit = self._limit()
        if lane >= BACKGROUND and self._background >= max(1, limit // 4):
            return False
        return self._in_flight < limit and self._has_token()

    def _limit(self) -> int:
        if self._ramp_from_s is None:
            return self.pace.window
        passed_s = asyncio.get_running_loop().time() - self._ramp_from_s
        if passed_s >= self.pace.ramp_s:
            self._ramp_from_s = None
            return self.pace.window
        return 1 + int(self.pace.window * passed_s / self.pace.ramp_s)

    def _has_token(self) -> bool:
        if self.pace.per_s is None:
            return True
        now_s = asyncio.get_running_loop().time()
        full = self.pace.burst + (self.pace.per_s * _GRAIN_S if self._waiting else 0)
        self._tokens = min(full, self._tokens + (now_s - self._filled_s) * self.pace.per_s)
        self._filled_s = now_s
        return self._tokens >= _ONE

    def _take(self, lane: int) -> None:
        self._in_flight += 1
        self._background += lane >= BACKGROUND
        self._quiet.clear()
        if self.pace.per_s is not None:
            self._tokens -= 1

    def _leave(self, lane: int) -> None:
        self._in_flight -= 1
        self._background -= lane >= BACKGROUND
        if not self._in_flight:
            self._quiet.set()
        self._let_in()
