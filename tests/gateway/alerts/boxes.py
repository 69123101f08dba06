"""Short words for what tests of the outbox do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from drivers.dialects.smpp.delivery import FromPhone, Heard
from drivers.subscription import Msisdn
from gateway.alerts.outbox import book, evidence
from gateway.alerts.outbox.outbox import Outbox
from gateway.journal.journal import Row, Unit
from gateway.journal.sqlite import SqliteJournal
from gateway.orders.ids import new_id
from gateway.orders.messages import AlertKey, Handling, Kind, NewMessage, OnDoubt, queue_message
from gateway.sending import MessageSettings
from tests.gateway.alerts.centres import FakeEsme, Out
from tests.gateway.rig import Time

TO = "+33612345678"
RESEND = Handling(on_doubt=OnDoubt.RESEND)


def new(text: str = "hello", **more: Any) -> NewMessage:  # noqa: ANN401 - fields of NewMessage
    return replace(NewMessage(Msisdn(TO), "TECHNICO", text, Kind.APPLICATION), **more)


def alert(percent: int, line: str = "line-1", **more: Any) -> NewMessage:  # noqa: ANN401 - fields of NewMessage
    key = AlertKey(line, "data", "2026-03", percent)
    return new(f"{percent} %", kind=Kind.ALERT, alert=key, line_id=line, **more)


@dataclass
class Box:
    journal: SqliteJournal
    time: Time
    esme: FakeEsme
    settings: MessageSettings = field(default_factory=MessageSettings)
    asked: list[tuple[str, FromPhone]] = field(default_factory=list)
    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """As after a start: nothing is known but what the journal holds."""
        self.outbox = Outbox(self.journal, self.time, self.settings, random.Random(5), lambda: None)
        self.outbox.answer_by(self._ask)

    async def _ask(self, centre: str, phone: FromPhone) -> None:
        self.asked.append((centre, phone))

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Outbox]:
        async with self.outbox.sending(self.esme):
            yield self.outbox

    async def queue(self, *messages: NewMessage) -> list[str]:
        """Queue them, each in a commit of its own."""
        ids: list[str] = []
        for message in messages:
            now, unit = self.time(), Unit()
            ids.append(new_id(now))
            queue_message(unit, ids[-1], message, now)
            await self.journal.commit(unit)
            self.outbox.wake()
            await asyncio.sleep(0.002)  # ids of one millisecond have no order
        return ids

    async def row(self, message_id: str) -> Row:
        row = await book.message(self.journal, message_id)
        assert row is not None
        return row

    async def state(self, message_id: str) -> str:
        return str((await self.row(message_id))["state"])

    async def until(self, message_id: str, state: str) -> Row:
        """Wait until a message is in that state."""
        await self.wait(lambda: self._is(message_id, state), f"{message_id} never was {state}")
        return await self.row(message_id)

    async def out(self, number: int) -> list[Out]:
        """Wait until so many parts have gone out."""
        await self.wait(lambda: len(self.esme.out) >= number, f"{number} parts never went out")
        return self.esme.out

    async def wait(self, holds: Callable[[], bool], otherwise: str) -> None:
        for _ in range(2000):
            if holds():
                return
            self.outbox.wake()  # a clock that jumped wakes nobody
            await asyncio.sleep(0.005)
        raise AssertionError(otherwise)

    async def hear(self, *heard: Heard, centre: str = "smsc") -> None:
        await self.outbox.hear(centre, heard)

    async def outcomes(self) -> list[str]:
        rows = self.journal._reader.execute("SELECT outcome FROM receipts ORDER BY seq").fetchall()
        return [row["outcome"] for row in rows]

    async def receipts(self, message_id: str) -> list[str]:
        return [row["outcome"] for row in await evidence.of_message(self.journal, message_id)]

    def events(self) -> list[str]:
        return [row["type"] for row in self.journal._reader.execute("SELECT type FROM events ORDER BY seq").fetchall()]

    def _is(self, message_id: str, state: str) -> bool:
        found = self.journal._reader.execute("SELECT state FROM messages WHERE message_id = ?", (message_id,))
        return bool(found.fetchone()["state"] == state)
