"""What the SMSC tells by itself, handed on in batches and acknowledged only when it is in safe hands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from drivers.dialects.smpp.delivery import Heard
from drivers.dialects.smpp.pdu import OK

_log = logging.getLogger(__name__)

Hear = Callable[[Sequence[Heard]], Awaitable[None]]
"""Takes what was heard into safe keeping; when it raises, the SMSC is asked to send it again."""

ERROR_OF_OURS = 0x64  # ESME_RX_T_APPN: "temporary application error", the SMSC tries again (SMPP 3.4 §5.1.3)
MOST_WAITING = 1000
_ENOUGH_FAULTS = 5  # one after the other: then it is no single message's fault


class Hearing:
    """A bounded queue and one task; ``acknowledge`` is called for each batch once ``hear`` has returned or raised.

    A batch that cannot be kept is handed on again one by one: a message that nobody can keep, and that comes again and
    again, must not keep the others from being kept.
    """

    def __init__(self, name: str, hear: Hear, acknowledge: Callable[[Sequence[Heard], int], None]) -> None:
        self._name = name
        self._hear = hear
        self._acknowledge = acknowledge
        self._waiting: list[Heard] = []
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    @property
    def full(self) -> bool:
        """Whether no more should be read from the line for now."""
        return len(self._waiting) >= MOST_WAITING

    def put(self, heard: Sequence[Heard]) -> None:
        """Queue what was heard."""
        self._waiting += heard
        if self.full:
            self._room.clear()
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name=f"hearing {self._name}")

    async def room(self) -> None:
        """Wait until more may be read."""
        await self._room.wait()

    async def emptied(self) -> None:
        """Wait until all that was heard has been handed on."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def close(self, timeout_s: float) -> None:
        """Let what was heard be handed on for so long; after that the SMSC has to tell it again."""
        if self._task is None:
            return
        await asyncio.wait([self._task], timeout=timeout_s)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                self._room.set()
                if await self._kept(batch):
                    self._acknowledge(batch, OK)
                elif len(batch) == 1:
                    self._acknowledge(batch, ERROR_OF_OURS)
                else:
                    await self._one_by_one(batch)
        finally:
            self._task = None

    async def _one_by_one(self, batch: Sequence[Heard]) -> None:
        faults = 0
        for one in batch:
            kept = faults < _ENOUGH_FAULTS and await self._kept([one])
            faults = 0 if kept else faults + 1
            self._acknowledge([one], OK if kept else ERROR_OF_OURS)

    async def _kept(self, batch: Sequence[Heard]) -> bool:
        try:
            await self._hear(batch)
        except Exception as fault:  # noqa: BLE001 - whatever it was, the SMSC keeps what is refused and sends it again
            kind = type(fault).__name__  # its text may quote a message
            _log.warning("%s: %d heard cannot be kept (%s)", self._name, len(batch), kind)
            return False
        return True
