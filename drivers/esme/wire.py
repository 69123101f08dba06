"""One line's two tasks: reading what comes, and writing what there is, all of it at once."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from drivers.errors import Garbled, NothingSent, StreamClosed
from drivers.stream import Stream

_log = logging.getLogger(__name__)


class Talker(Protocol):
    """Whose line it is."""

    def take(self, data: bytes) -> None:
        """Take what has come. Raises Garbled; what there is to write then is still written."""

    async def ready(self) -> None:
        """Wait until more may be read."""

    def to_write(self) -> bytes:
        """Return what there is to write; it is asked for after ``Wire.write_soon``."""

    def unsent(self) -> None:
        """What ``to_write`` returned last has not left: the line had ended before."""

    def over(self, why: str) -> None:
        """The line is of no more use."""


class Wire:
    """Several ``write_soon`` in one turn of the loop are one write."""

    def __init__(self, name: str, stream: Stream, talker: Talker) -> None:
        self._stream = stream
        self._talker = talker
        self._due = asyncio.Event()
        self._name = name
        self._tasks = (
            asyncio.create_task(self._read(), name=f"reader {name}"),
            asyncio.create_task(self._write(), name=f"writer {name}"),
        )

    def write_soon(self) -> None:
        """There is something to write."""
        self._due.set()

    async def close(self) -> None:
        """Close the line; what was due a turn of the loop ago has been written."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self._stream.close()

    async def _write(self) -> None:
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                await self._stream.send(self._talker.to_write())
        except NothingSent as gone:
            self._talker.unsent()
            self._talker.over(str(gone))
        except StreamClosed as gone:
            self._talker.over(str(gone))

    async def _read(self) -> None:
        try:
            while True:
                self._talker.take(await self._stream.receive())
                await self._talker.ready()
        except (StreamClosed, Garbled) as gone:
            self._talker.over(str(gone))
        except Exception as fault:  # noqa: BLE001 - a fault in the dialect must not leave messages waiting unheard
            _log.exception("%s: what came broke the dialect; the connection is closed", self._name)
            self._talker.over(f"the answer broke the dialect ({type(fault).__name__})")
