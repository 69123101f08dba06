"""What is to happen at a time: one heap, one timer of the event loop for the next of it."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

_SHORTEST_S = 0.01  # a clock that stands still must not keep the loop busy


class Alarm:
    """Calls at or after a time (seconds of ``now``); armed only while a loop runs, else at the next ``ring``."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._armed_for = 0.0

    def at(self, when: float, call: Callable[[], None]) -> None:
        """Have something called at a time."""
        self._count += 1
        heapq.heappush(self._waiting, (when, self._count, call))
        self.arm()

    def arm(self) -> None:
        """Set the timer for the next call, in the loop that runs now; without one nothing is set."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if not self._waiting:
            return
        when = self._waiting[0][0]
        if self._timer is not None and self._loop is loop and when >= self._armed_for:
            return
        self._disarm()
        self._loop, self._armed_for = loop, when
        self._timer = loop.call_later(max(_SHORTEST_S, when - self._now()), self._ring_again)

    def ring(self) -> None:
        """Call everything that is due."""
        due = self._now()
        while self._waiting and self._waiting[0][0] <= due:
            heapq.heappop(self._waiting)[2]()

    def close(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._disarm()

    def _ring_again(self) -> None:
        self._timer = None
        self.ring()
        self.arm()

    def _disarm(self) -> None:
        if self._timer is not None and self._loop is not None and not self._loop.is_closed():
            self._timer.cancel()
        self._timer = None
