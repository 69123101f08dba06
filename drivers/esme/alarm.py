"""A timer by which silence is judged, that does not take a busy machine for a silent peer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_LATE_S = 0.1  # later than timers usually are; and time enough to read what lies there


class Alarm:
    """One timer. When it rings late the loop was held up: what has come meanwhile is read before anybody is judged."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None

    @property
    def is_set(self) -> bool:
        """Whether it will ring."""
        return self._handle is not None

    def set(self, due_s: float) -> None:
        """Ring then, and not when it was set to before."""
        self.cancel()
        self._handle = self._loop.call_at(due_s, self._due, due_s)

    def cancel(self) -> None:
        """Ring no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _due(self, due_s: float) -> None:
        if self._loop.time() - due_s > _LATE_S:
            self._handle = self._loop.call_later(_LATE_S, self._now)
        else:
            self._now()

    def _now(self) -> None:
        self._handle = None
        self._ring()
