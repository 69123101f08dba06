"""The pen: every waiting unit in one transaction and one round trip, in the order they were asked for."""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.journal.journal import JournalAway, JournalFull, Unit
from gateway.journal.postgres.batches import Waiting, channels, next_batch, nothing, waiting
from gateway.journal.postgres.errors import Refusal
from gateway.journal.postgres.session import Session
from gateway.journal.postgres.statements import Statements

_TRIES: Final = 6  #: of what may pass when asked again
_PAUSE_S: Final = 0.01  #: doubled before every further try


class Writer:
    """Writes units through a session while there is one.

    Nobody pays for another's fault: a unit that is refused is left out of its transaction, by the server itself (see
    linegate_write in migration 0009), and each unit finds what those before it have written.
    """

    def __init__(self, statements: Statements, max_waiting: int) -> None:
        self.session: Session | None = None  #: ``None``: there is nowhere to write
        self._statements = statements
        self._max_waiting = max_waiting
        self._waiting: list[Waiting] = []
        self._flushing: asyncio.Task[None] | None = None

    async def commit(self, unit: Unit) -> None:
        """See Journal."""
        if self.session is None or self.session.lost.is_set():
            raise JournalAway
        if len(self._waiting) >= self._max_waiting:
            raise JournalFull
        await self._queue(waiting(unit, self._statements))

    async def settle(self) -> None:
        """Return when all that was asked for before is written or refused. Raises JournalAway."""
        if self.session is None or self.session.lost.is_set():
            raise JournalAway
        await self._queue(nothing())

    async def _queue(self, asked: Waiting) -> None:
        self._waiting.append(asked)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="journal")
        await asked.done

    async def finish(self) -> None:
        """Return when nothing waits any more."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])

    def lose(self) -> None:
        """There is no session any more: what waits has not been written."""
        self.session = None
        for unit in self._waiting:
            unit.fail(JournalAway())
        self._waiting.clear()

    async def _flush(self) -> None:
        """Write batch after batch until nothing waits."""
        try:
            while self._waiting:
                await asyncio.sleep(0)  # one more turn of the loop: who has just been answered may ask again
                count = next_batch(self._waiting)
                batch = self._waiting[:count]
                del self._waiting[:count]
                await self._write(batch)
        finally:
            self._flushing = None

    async def _write(self, batch: list[Waiting]) -> None:
        """Write units from the front, as many at once as will go, in this session or not at all."""
        session, most, tries = self.session, len(batch), 0
        while batch:
            chunk = batch[:most]
            try:
                refusals = await self._ask(session, chunk)
            except JournalAway as away:
                return _fail(batch, away)
            except Exception as failure:  # noqa: BLE001 - the whole call failed: too long, say, or too much
                if len(chunk) > 1:
                    most = len(chunk) // 2
                    continue
                chunk[0].fail(failure)
                refusals = []
            if refusals and refusals[-1].may_pass and tries < _TRIES:
                del chunk[refusals.pop().unit :]
                await asyncio.sleep(_PAUSE_S * 2**tries)
                tries += 1
            else:
                if refusals and refusals[-1].may_pass:
                    del chunk[refusals[-1].unit + 1 :]
                tries = 0
            _answer(chunk, refusals)
            del batch[: len(chunk)]
            most = len(batch)
        return None

    async def _ask(self, session: Session | None, units: list[Waiting]) -> list[Refusal]:
        """Write all of them but those that are refused."""
        if session is None or session is not self.session:
            raise JournalAway
        for call in {call.name: call for unit in units for call in unit.calls}.values():
            await session.prepare(call)
        return await session.write([unit.text for unit in units], channels(units))


def _answer(units: list[Waiting], refusals: list[Refusal]) -> None:
    for refusal in refusals:
        units[refusal.unit].fail(refusal.error())
    for unit in units:
        unit.succeed()


def _fail(units: list[Waiting], failure: Exception) -> None:
    for unit in units:
        unit.fail(failure)
