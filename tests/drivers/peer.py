"""A scripted element at the far end of a line in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from drivers import commands as c
from drivers.commands import Command, Reply
from drivers.dialect import Server
from drivers.dialects import mml_h
from drivers.errors import StreamClosed
from drivers.memory import Damage, MemoryStream, memory_pair
from drivers.session import Limits, Session
from drivers.stream import Stream

LOGIN = c.Login("gate", "FAKEpw01")
QUICK = Limits(answer_timeout_s=0.3, connect_timeout_s=0.3, reconnect_min_s=0.05, reconnect_max_s=0.2)


class Cut:
    """Ends the line instead of answering."""


class Silence:
    """Keeps the answer back; ``Peer.kept`` can give it later."""


Act = Reply | bytes | Cut | Silence
Script = Callable[[Command], Act]


@dataclass
class Kept:
    """A question still open at the peer."""

    command: Command
    server: Server
    stream: MemoryStream
    number: int

    async def answer(self, reply: Reply) -> None:
        await self.stream.send(self.server.answer(self.number, reply))


@dataclass
class Peer:
    """Counts connections, notes what it heard, and acts by its script."""

    script: Script = lambda _: c.Done()
    damage: Damage | None = None
    heard: list[Command] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    streams: list[MemoryStream] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self) -> Stream:
        ours, theirs = memory_pair(to_right=self.damage)
        self.streams.append(ours)
        self.tasks.append(asyncio.create_task(self._serve(theirs)))
        return ours

    async def heard_after(self, count: int) -> list[Command]:
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()
        return self.heard

    async def _serve(self, stream: MemoryStream) -> None:
        server = mml_h.server({})
        try:
            while True:
                for asked in server.feed(await stream.receive()):
                    assert asked.command is not None, asked.complaint
                    self.heard.append(asked.command)
                    await self._act(Kept(asked.command, server, stream, asked.number))
                    self.news.set()
        except StreamClosed:
            return

    async def _act(self, question: Kept) -> None:
        match self.script(question.command):
            case bytes(raw):
                await question.stream.send(raw)
            case Cut():
                await question.stream.close()
            case Silence():
                self.kept.append(question)
            case reply:
                await question.answer(reply)


@asynccontextmanager
async def session_with(peer: Peer, limits: Limits = QUICK) -> AsyncIterator[Session]:
    """A session that speaks MML to the peer; everything is put away afterwards."""
    session = Session("hlr-1", peer.connect, lambda: mml_h.client({}), LOGIN, limits)
    try:
        yield session
    finally:
        await session.close()
        for task in peer.tasks:
            task.cancel()
        await asyncio.gather(*peer.tasks, return_exceptions=True)
