"""How long a connection may be silent: when to ask whether it lives, when it is dead, when nobody needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from drivers.esme.alarm import Alarm
from drivers.esme.config import Timers


class Listener(Protocol):
    """What a silent connection does about it."""

    def ask(self) -> None:
        """Send enquire_link (SMPP 3.4 §4.11)."""

    def die(self) -> None:
        """Nobody answered."""

    def part(self) -> None:
        """There has been no message for ``inactivity_s``."""


class Silence:
    """One timer, looked at only when it rings: hearing something is one assignment."""

    def __init__(self, timers: Timers, listener: Listener, last_message_s: Callable[[], float] | None) -> None:
        """``last_message_s`` tells when there was last a message; ``None`` for a connection that stays without any."""
        self._timers = timers
        self._listener = listener
        self._last_message_s = last_message_s
        self._loop = asyncio.get_running_loop()
        self.heard_s = self._begun_s = self._loop.time()
        self._asked_s: float | None = None
        self._deaf = False
        self._alarm = Alarm(self._ring)

    def begin(self) -> None:
        """Watch from now on."""
        self.heard_s = self._begun_s = self._loop.time()
        self._again()

    def end(self) -> None:
        """Watch no more."""
        self._alarm.cancel()

    def answered(self) -> None:
        """Our enquire_link has been answered: the next is due by the silence, not by the one just asked."""
        self._asked_s = None
        if self._alarm.is_set:
            self._again()

    def deafen(self) -> None:
        """Nothing is read for now: silence proves nothing."""
        self._deaf = True

    def listen(self) -> None:
        """Reading goes on."""
        self._deaf, self.heard_s = False, self._loop.time()
        if self._asked_s is not None:
            self._asked_s = self.heard_s

    def _again(self) -> None:
        self._alarm.set(min(self._dues()))

    def _dues(self) -> list[float]:
        if self._deaf:
            return [self._loop.time() + self._timers.enquire_link_s]
        link_s = self.heard_s + self._timers.enquire_link_s
        dues = [link_s if self._asked_s is None else self._asked_s + self._timers.response_s]
        if self._last_message_s is not None:
            dues.append(max(self._begun_s, self._last_message_s()) + self._timers.inactivity_s)
        return dues

    def _ring(self) -> None:
        now_s = self._loop.time()
        link_s, *idle_s = self._dues()
        if any(due_s <= now_s for due_s in idle_s):
            self._listener.part()
            return
        if link_s <= now_s and self._asked_s is not None:
            self._listener.die()
            return
        if link_s <= now_s:
            self._asked_s = now_s
            self._listener.ask()
        self._again()
