"""Two streams joined in memory, with a hook to damage what passes: faults become ordinary tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.errors import NothingSent, StreamClosed

Damage = Callable[[bytes], bytes | None]
"""Given what was sent, returns what arrives; ``None`` cuts the line instead."""


class MemoryStream:
    """One end; made by ``memory_pair``."""

    def __init__(self, damage: Damage | None) -> None:
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._peer: MemoryStream = self
        self._damage = damage
        self.closed = False

    async def receive(self) -> bytes:
        """See Stream."""
        data = None if self.closed and self._inbox.empty() else await self._inbox.get()
        if data is None:
            self.closed = True
            raise StreamClosed("the peer ended the conversation")
        return data

    async def send(self, data: bytes) -> None:
        """See Stream."""
        if self.closed:
            raise NothingSent("this end is closed")
        arriving = data if self._damage is None else self._damage(data)
        if arriving is None:
            await self.close()
            raise StreamClosed("the line was cut")
        if arriving:
            self._peer._inbox.put_nowait(arriving)  # noqa: SLF001 - the two ends are one object in two halves

    async def close(self) -> None:
        """See Stream."""
        if not self.closed:
            self.closed = True
            self._inbox.put_nowait(None)
            self._peer._inbox.put_nowait(None)  # noqa: SLF001 - as above


def memory_pair(to_right: Damage | None = None, to_left: Damage | None = None) -> tuple[MemoryStream, MemoryStream]:
    """Join two ends; ``to_right`` damages what the left end sends, ``to_left`` the other way."""
    left, right = MemoryStream(to_right), MemoryStream(to_left)
    left._peer, right._peer = right, left  # noqa: SLF001 - the two ends are one object in two halves
    return left, right
