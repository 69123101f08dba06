"""A small ESME for the tests of the message centre, in PDUs: it says what it is told and keeps what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Pdu
from drivers.dialects.smpp.receipt import Told, told
from drivers.errors import StreamClosed
from drivers.memory import memory_pair
from drivers.stream import Stream
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.faults import FaultPlan
from hlr_sim.scenario import ElementSpec
from hlr_sim.server import ElementServer
from hlr_sim.smsc import Smsc
from hlr_sim.smsc.door import Door
from hlr_sim.smsc.knobs import Knobs

USER, PASSWORD = "linegate", "FAKEpw01"
PHONE = "33612345678"
RECEIPTED_ID, STATE, REFERENCE, PAYLOAD = 0x001E, 0x0427, 0x0204, 0x0424
Fields = dict[str, Any]  # as a PDU has them


def submission(text: bytes = b"hello", to: str = PHONE, **fields: object) -> Fields:
    """The mandatory fields of a submit_sm."""
    plain: Fields = dict.fromkeys(("service_type", "schedule_delivery_time", "validity_period"), "")
    addresses = {"source_addr_ton": 5, "source_addr": "Linegate", "dest_addr_ton": 1, "dest_addr_npi": 1}
    body = {"destination_addr": to, "registered_delivery": 1, "sm_length": len(text), "short_message": text}
    return plain | addresses | body | fields


@dataclass
class Esme:
    """One connection. ``answers`` is the status it answers deliveries with; ``None`` is silence."""

    stream: Stream
    answers: int | None = p.OK
    answers_enquiries: bool = True
    heard: list[Pdu] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    closed: bool = False
    _sequence: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Read until the other end is gone."""
        buffer = bytearray()
        try:
            while True:
                data = await self.stream.receive()
                self.pieces.append(len(data))
                buffer += data
                while (raw := p.take(buffer)) is not None:
                    self.heard.append(p.decode(raw))
                    await self._react(self.heard[-1])
                self._news.set()
        except StreamClosed:
            self.closed = True
            self._news.set()

    async def _react(self, pdu: Pdu) -> None:
        if pdu.name == "deliver_sm" and self.answers is not None:
            await self.send("deliver_sm_resp", {"message_id": ""}, sequence=pdu.sequence, status=self.answers)
        if pdu.name == "enquire_link" and self.answers_enquiries:
            await self.send("enquire_link_resp", sequence=pdu.sequence)

    async def send(
        self, name: str, fields: Fields | None = None, *, sequence: int = 0, status: int = 0, **tlvs: bytes
    ) -> int:
        """Send a PDU; TLVs by hexadecimal name (``x0204``); return its number."""
        if not sequence:
            self._sequence += 1
            sequence = self._sequence
        optional = {int(tag[1:], 16): value for tag, value in tlvs.items()}
        await self.stream.send(p.encode(Pdu(name, sequence, status, fields or {}, optional)))
        return sequence

    async def bind(self, kind: str = "transceiver", user: str = USER, password: str = PASSWORD) -> Pdu:
        login = {"system_id": user, "password": password, "system_type": "", "address_range": ""}
        return await self.answer(await self.send(f"bind_{kind}", login))

    async def submit(self, text: bytes = b"hello", to: str = PHONE, **more: Any) -> Pdu:  # noqa: ANN401 - fields and TLVs
        """Submit one message and return what is answered; ``x…`` are TLVs."""
        return await self.answer(await self.say(text, to, **more))

    async def say(self, text: bytes = b"hello", to: str = PHONE, **more: Any) -> int:  # noqa: ANN401 - the same
        tlvs = {name: value for name, value in more.items() if name.startswith("x")}
        fields = {name: value for name, value in more.items() if name not in tlvs}
        return await self.send("submit_sm", submission(text, to, **fields), **tlvs)

    async def answer(self, sequence: int) -> Pdu:
        """Wait for the answer to one of ours."""
        return (await self.until(lambda pdu: pdu.sequence == sequence and _is_answer(pdu)))[0]

    async def until(self, wanted: Callable[[Pdu], bool], count: int = 1, wait_s: float = 10.0) -> list[Pdu]:
        """Wait until so many PDUs of a kind were heard."""
        async with asyncio.timeout(wait_s):
            while len(found := [pdu for pdu in self.heard if wanted(pdu)]) < count:
                if self.closed:
                    raise StreamClosed("the centre has gone")
                self._news.clear()
                await self._news.wait()
        return found

    async def delivered(self, count: int = 1, name: str = "deliver_sm") -> list[Pdu]:
        return await self.until(lambda pdu: pdu.name == name, count)

    async def until_closed(self, wait_s: float = 10.0) -> None:
        async with asyncio.timeout(wait_s):
            while not self.closed:
                self._news.clear()
                await self._news.wait()


def _is_answer(pdu: Pdu) -> bool:
    return pdu.name.endswith("_resp") or pdu.name == "generic_nack"


def text_of(pdu: Pdu) -> Told:
    """The words of a receipt."""
    return told((pdu.fields["short_message"] or b"").decode())


def id_of(pdu: Pdu) -> str:
    """The message id of a submit_sm_resp."""
    return str((pdu.fields["message_id"] or b"").decode())


@dataclass
class Clock:
    """A wall clock that goes on, and jumps when told."""

    ahead_s: float = 0.0

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.ahead_s, UTC)


@dataclass
class Site:
    """One message centre without a port, and everything to turn on it."""

    directory: Path
    clock: Clock = field(default_factory=Clock)
    faults: FaultPlan = field(default_factory=FaultPlan)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    spec: ElementSpec = field(default_factory=lambda: ElementSpec("smsc", "smpp", "tcp", "127.0.0.1", 0, USER))

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Make the centre over its database, as after a start."""
        around = Surroundings(now=self.clock, random=Random(7))
        self.smsc = Smsc(self.directory / "smsc.sqlite", self.clock, Random(7))
        element = SimulatedElement(self.spec, Account(PASSWORD), self.smsc, self.faults, around)
        self.server = ElementServer(element, self.directory)

    @property
    def door(self) -> Door:
        return self.smsc.door(self.spec.name)

    @property
    def figures(self) -> dict[str, Any]:
        return self.smsc.figures(self.spec.name)

    def turn(self, **knobs: object) -> Knobs:
        self.door.turn(knobs)
        return self.door.knobs

    def listen(self, stream: Stream, **more: Any) -> Esme:  # noqa: ANN401 - passed on
        esme = Esme(stream, **more)
        self._keep(asyncio.create_task(esme.listen()))
        return esme

    def connect(self, **more: Any) -> Esme:  # noqa: ANN401 - passed on
        """Open a connection in memory."""
        ours, theirs = memory_pair()
        self._keep(asyncio.create_task(self.server.converse(theirs)))
        return self.listen(ours, **more)

    async def bound(self, kind: str = "transceiver", **more: Any) -> Esme:  # noqa: ANN401 - passed on
        esme = self.connect(**more)
        assert (await esme.bind(kind)).status == p.OK
        return esme

    def texts(self, to: str | None = None) -> list[str]:
        return [sms.text for sms in self.smsc.inbox(to, 10_000)]

    async def settled(self, condition: Callable[[], bool], wait_s: float = 10.0) -> None:
        async with asyncio.timeout(wait_s):
            while not condition():  # noqa: ASYNC110 - what is looked at tells nobody
                await asyncio.sleep(0.01)

    async def crash(self) -> None:
        """What kill -9 leaves: what was not committed is gone, nobody says goodbye."""
        await self._stop_tasks()
        self.smsc.ledger._database.rollback()
        self.smsc.alarm.close()
        self.smsc.ledger._then.clear()
        self.smsc.ledger._database.close()
        self.open()

    async def close(self) -> None:
        self.server.element.thaw()
        await self._stop_tasks()
        self.smsc.close()

    async def _stop_tasks(self) -> None:
        await self.server.stop()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self.tasks.append(task)


@asynccontextmanager
async def site_in(directory: Path, **more: Any) -> AsyncIterator[Site]:  # noqa: ANN401 - passed on
    """Run a centre for a test."""
    site = Site(directory, **more)
    try:
        yield site
    finally:
        await site.close()
