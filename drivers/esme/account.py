"""What all connections with one login know together: whether the SMSC wants us at all."""

from __future__ import annotations

import asyncio
import contextlib

_PATIENCE_S = 1.0  # how long the first bind's outcome is waited for by the others


class Account:
    """Lets one connection ask for all: many refused at once, or one after the other, would lock the account."""

    def __init__(self, pause_s: float) -> None:
        """``pause_s``: how long nobody binds after a refusal."""
        self.reason = ""  # why the SMSC does not want us
        self._pause_s = pause_s
        self._loop = asyncio.get_running_loop()
        self._known = asyncio.Event()
        self._asked = False
        self._refused_until_s = 0.0

    async def rest_s(self) -> float:
        """How long to leave the SMSC alone; 0: bind now, and say ``wanted``, ``refused`` or ``unknown``."""
        if self._asked:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await self._known.wait()
        self._asked = True
        now_s = self._loop.time()
        if not self.reason:
            return 0.0
        if now_s < self._refused_until_s:
            return self._refused_until_s - now_s
        self._refused_until_s = now_s + self._pause_s  # this one asks; the others wait for what it is told
        return 0.0

    def wanted(self) -> None:
        """A bind was accepted."""
        self.reason = ""
        self._known.set()

    def refused(self, why: str) -> float:
        """A bind was refused for who we are; return how long to wait."""
        self.reason = why
        self._refused_until_s = self._loop.time() + self._pause_s
        self._known.set()
        return self._pause_s

    def unknown(self) -> None:
        """A bind failed for another reason."""
        self._known.set()

    def anew(self) -> None:
        """Somebody may have mended it: one connection asks at once."""
        self.reason, self._asked = "", False
        self._known.clear()
