"""A scripted SMSC, written on PDUs alone, at the far end of lines in memory or of TCP."""

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.submission import Part, Submission
from drivers.errors import Garbled, StreamClosed
from drivers.memory import Damage, memory_pair
from drivers.stream import PipeStream, Stream
from drivers.subscription import Msisdn

NUMBER = Msisdn("+33612345678")
RECEIPT = {
    "service_type": "",
    "source_addr_ton": 1,
    "source_addr": "33612345678",
    "destination_addr": "Linegate",
    "esm_class": 4,
    "schedule_delivery_time": "",
    "validity_period": "",
    "short_message": b"id:1 sub:001 dlvrd:001 submit date:2511220101 done date:2511220101 stat:DELIVRD err:000 text:",
}


def submission(text: bytes = b"hello") -> Submission:
    return Submission("Linegate", NUMBER, Part(text))


def reply(asked: Pdu, status: int = 0, **fields: object) -> bytes:
    """The answer to a request, in bytes."""
    return p.encode(Pdu(f"{asked.name}_resp", asked.sequence, status, {} if status else fields))


def took(asked: Pdu) -> bytes:
    return reply(asked, message_id=f"id-{asked.sequence}")


def nothing(_: "Visit", __: Pdu) -> bytes:
    return b""


def refusing(status: int) -> "Script":
    return lambda _, asked: reply(asked, status)


@dataclass
class Visit:
    """One connection from the ESME."""

    stream: Stream
    asked: list[Pdu] = field(default_factory=list)
    chunks: int = 0
    unanswered: list[Pdu] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def named(self, name: str) -> list[Pdu]:
        return [pdu for pdu in self.asked if pdu.name == name]

    async def say(self, name: str, **fields: object) -> int:
        number = next(self.numbers)
        await self.stream.send(p.encode(Pdu(name, number, fields=fields)))
        return number

    async def tell(self, count: int = 1) -> None:
        """Receipts, all in one piece."""
        pdus = [p.encode(Pdu("deliver_sm", next(self.numbers), fields=dict(RECEIPT))) for _ in range(count)]
        await self.stream.send(b"".join(pdus))

    async def answer(self, asked: Pdu) -> None:
        self.unanswered.remove(asked)
        await self.stream.send(took(asked))


Script = Callable[[Visit, Pdu], bytes]


def keeping(visit: Visit, asked: Pdu) -> bytes:
    """Keeps submits unanswered for the test to answer."""
    visit.unanswered.append(asked)
    return b""


@dataclass
class Smsc:
    """Takes everything, unless its scripts say otherwise."""

    submit: Script = lambda _, asked: took(asked)
    bind: Script = lambda _, asked: reply(asked, system_id="SMSC")
    enquire: Script = lambda _, asked: reply(asked)
    unbind: Script = lambda _, asked: reply(asked)
    damage: Damage | None = None
    visits: list[Visit] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)  # when submits came
    calls_s: list[float] = field(default_factory=list)  # when somebody connected
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def connect(self) -> Stream:
        """A new line in memory."""
        self.calls_s.append(asyncio.get_running_loop().time())
        ours, theirs = memory_pair(to_left=self.damage)
        self.tasks.append(asyncio.create_task(self.serve(theirs)))
        return ours

    @property
    def last(self) -> Visit:
        return self.visits[-1]

    def submitted(self) -> list[Pdu]:
        return [pdu for visit in self.visits for pdu in visit.named("submit_sm")]

    async def serve(self, stream: Stream) -> None:
        visit, buffer = Visit(stream), bytearray()
        self.visits.append(visit)
        try:
            while True:
                buffer += await stream.receive()
                visit.chunks += 1
                answers = b""
                while (raw := p.take(buffer)) is not None:
                    asked = p.decode(raw)
                    visit.asked.append(asked)
                    answers += self._answer(visit, asked)
                if answers:
                    await stream.send(answers)
        except (StreamClosed, Garbled):
            await stream.close()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _answer(self, visit: Visit, asked: Pdu) -> bytes:
        if asked.name.startswith("bind_") and not asked.name.endswith("_resp"):
            return self.bind(visit, asked)
        if asked.name == "submit_sm":
            self.times_s.append(asyncio.get_running_loop().time())
        scripts = {"submit_sm": self.submit, "enquire_link": self.enquire, "unbind": self.unbind}
        return scripts[asked.name](visit, asked) if asked.name in scripts else b""


@asynccontextmanager
async def listening(smsc: Smsc, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The SMSC on a free port of the loopback interface."""

    def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        smsc.tasks.append(asyncio.create_task(smsc.serve(PipeStream(reader, writer))))

    async with await asyncio.start_server(visit, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1]
        server.close()
        for one in smsc.visits:
            await one.stream.close()
    await smsc.close()
