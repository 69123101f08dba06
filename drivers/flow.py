"""Who may speak to an element now: so many at once, so many a second, the urgent first, nobody while it is paused."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from drivers.errors import Paused

BACKGROUND = 3  #: lanes from here on get a quarter of the places, and only those nobody else waits for

_LOOK_AGAIN_S = 0.01  #: how often those who wait for time to pass are looked at


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
        self._pace = pace
        self._in_flight = 0
        self._background = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._ticket = itertools.count()
        self._tokens = float(pace.burst)
        self._filled_s = 0.0
        self._ramp_from_s: float | None = None
        self._pause: tuple[str, datetime | None] | None = None
        self._moving = asyncio.Event()
        self._moving.set()
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
            yield
        finally:
            self._leave(lane)

    def pause(self, why: str, until: datetime | None = None) -> None:
        """Let nobody in from now on; those waiting are sent away."""
        self._pause = (why, until)
        self._moving.clear()
        for _, _, place in self._waiting:
            if not place.done():
                place.set_exception(Paused(why, until))
        self._waiting.clear()

    def reopen(self) -> None:
        """Let them in again, few at first: what has piled up must not knock the element over."""
        if self._pause is None:
            return
        self._pause = None
        self._ramp_from_s = asyncio.get_running_loop().time()
        self._moving.set()

    async def reopened(self, timeout_s: float) -> None:
        """Wait until the gate is open, at most so long."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._moving.wait()
        except TimeoutError:
            return

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
        timed = self._ramp_from_s is not None or self._pace.per_s is not None  # else whoever leaves lets the next in
        if self._waiting and timed and self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(_LOOK_AGAIN_S, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        self._let_in()

    def _has_place(self, lane: int) -> bool:
        limit = self._limit()
        if lane >= BACKGROUND and self._background >= max(1, limit // 4):
            return False
        return self._in_flight < limit and self._has_token()

    def _limit(self) -> int:
        if self._ramp_from_s is None:
            return self._pace.window
        passed_s = asyncio.get_running_loop().time() - self._ramp_from_s
        if passed_s >= self._pace.ramp_s:
            self._ramp_from_s = None
            return self._pace.window
        return 1 + int(self._pace.window * passed_s / self._pace.ramp_s)

    def _has_token(self) -> bool:
        if self._pace.per_s is None:
            return True
        now_s = asyncio.get_running_loop().time()
        full = max(1, self._pace.burst)
        self._tokens = min(full, self._tokens + (now_s - self._filled_s) * self._pace.per_s)
        self._filled_s = now_s
        return self._tokens >= 1

    def _take(self, lane: int) -> None:
        self._in_flight += 1
        self._background += lane >= BACKGROUND
        if self._pace.per_s is not None:
            self._tokens -= 1

    def _leave(self, lane: int) -> None:
        self._in_flight -= 1
        self._background -= lane >= BACKGROUND
        self._let_in()
