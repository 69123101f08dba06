"""The way out of one connection: whoever has something to send hands it over and goes on; one task writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.errors import StreamClosed
from drivers.stream import Stream
from hlr_sim.element import SimulatedElement
from hlr_sim.smsc.knobs import Tcp

_GATHER_S = 0.02
_ENOUGH_BYTES = 1 << 20  # waiting to be written: nothing more is read before the peer has taken some


class Line:
    """One stream with its outbox. ``end_of_file`` closes our half only, where the stream can do that."""

    def __init__(
        self,
        stream: Stream,
        element: SimulatedElement,
        manner: Callable[[], Tcp],
        end_of_file: Callable[[], None] | None = None,
    ) -> None:
        self._stream = stream
        self._element = element
        self._manner = manner
        self._end_of_file = end_of_file
        self._outbox = bytearray()
        self._has_some = asyncio.Event()
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self._shut = False

    def send(self, data: bytes) -> None:
        """Have bytes sent after all that was handed over before; nobody is told when the peer is gone."""
        if not self._shut and data:
            self._outbox += data
            self._has_some.set()
            self._is_empty.clear()

    def shut(self) -> None:
        """Take nothing more; what was handed over is still sent."""
        self._shut = True

    async def receive(self) -> bytes:
        """Wait for bytes. Raises StreamClosed."""
        if len(self._outbox) > _ENOUGH_BYTES:
            await self._is_empty.wait()
        return await self._stream.receive()

    async def flush(self) -> None:
        """Wait until everything is handed to the stream, or the peer is gone."""
        await self._is_empty.wait()

    async def half_close(self) -> None:
        """Send what there is and nothing more, ever; go on reading."""
        await self.flush()
        self._shut = True
        if self._end_of_file is not None:
            self._end_of_file()

    async def abort(self) -> None:
        """End the connection now; what was not yet written is lost."""
        self._shut = True
        self._outbox.clear()
        self._is_empty.set()
        await self._stream.close()

    async def write(self) -> None:
        """Write until cancelled."""
        while True:
            await self._has_some.wait()
            self._has_some.clear()
            if self._element.is_frozen:
                await self._element.thawed()
            manner = self._manner()
            if manner is Tcp.COALESCED:
                await asyncio.sleep(_GATHER_S)
            data = bytes(self._outbox)
            self._outbox.clear()
            try:
                await self._put(data, manner)
            except StreamClosed:
                self._shut = True
                self._outbox.clear()
            if not self._outbox:
                self._is_empty.set()

    async def _put(self, data: bytes, manner: Tcp) -> None:
        if manner is not Tcp.BYTES:
            await self._stream.send(data)
            return
        for n in range(len(data)):
            await self._stream.send(data[n : n + 1])
            await asyncio.sleep(0)
