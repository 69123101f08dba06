"""One connection to the message centre, from connecting to its end (SMPP 3.4 §2.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from drivers.commands import Command, Reply
from drivers.dialects.smpp import pdu as p
from drivers.dialects.smpp.pdu import Malformed, Pdu, UnknownPdu
from drivers.dialects.smpp.server import status_of
from drivers.errors import Garbled, StreamClosed
from drivers.stream import Stream
from hlr_sim.element import SimulatedElement
from hlr_sim.faults import Fault, Kind
from hlr_sim.smsc import status
from hlr_sim.smsc.answers import Answer, Answers
from hlr_sim.smsc.binding import Bound
from hlr_sim.smsc.centre import Smsc
from hlr_sim.smsc.deliveries import Deliveries
from hlr_sim.smsc.line import Line
from hlr_sim.smsc.requests import Requests
from hlr_sim.smsc.submitting import Submissions
from hlr_sim.smsc.timers import PATIENCE_S, Timers


class SmscConversation:
    """Talks until either side ends it. ``end_of_file`` closes our half of the stream, where it can."""

    def __init__(
        self,
        element: SimulatedElement,
        smsc: Smsc,
        stream: Stream,
        end_of_file: Callable[[], None] | None = None,
    ) -> None:
        self._element = element
        self._ledger = smsc.ledger
        self._door = smsc.door(element.spec.name)
        self._line = Line(stream, element, lambda: self._door.knobs.tcp, end_of_file)
        self._answers = Answers(self._line, self._door, element, self.cut)
        self.deliveries = Deliveries(self._line, self._door, smsc.outgoing, self.next_sequence, element.clock)
        self._submissions = Submissions(self, element, smsc, self._answers, self._line)
        self._requests = Requests(self, element, smsc)
        self._timers = Timers(self, element, self._door)
        self._ended = asyncio.Event()
        self._sequence = 0
        self._door.opened += 1
        self.bound: Bound | None = None
        self.is_unbinding = False
        self.name = f"{element.spec.name}-{self._door.opened}"

    async def run(self) -> None:
        """Talk until the end."""
        helpers = [asyncio.create_task(work()) for work in (self._line.write, self._timers.watch, self._read)]
        try:
            await self._ended.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._line.flush()
        finally:
            for task in helpers:
                task.cancel()
            self._unbound()
            self._answers.forget()
            await self._line.abort()
            results = await asyncio.gather(*helpers, return_exceptions=True)
        for broken in (result for result in results if isinstance(result, Exception)):
            raise broken  # a mistake of ours: whoever runs the simulator shall see it

    def cut(self) -> None:
        """End the connection once what was said before has left."""
        self._ended.set()

    async def kill(self) -> None:
        """End it now; what has not left never does."""
        self._ended.set()
        await self._line.abort()

    def unbind(self) -> None:
        """End it politely (SMPP 3.4 §4.2): the ESME answers, or is cut off."""
        if not self.is_unbinding:
            self.is_unbinding = True
            self._timers.unbinding()
            self.deliveries.end()
            self.send(p.encode(Pdu("unbind", self.next_sequence())))

    def begin(self, bound: Bound) -> None:
        """The ESME is bound."""
        self.bound = bound
        self._door.binds[bound.kind, bound.system_id] += 1

    def receive_from_now_on(self) -> None:
        """Its bind is answered: deliveries may follow."""
        if self.bound is not None and self.bound.receives and not self._ended.is_set():
            self.deliveries.begin(self.bound.system_id)

    def send(self, raw: bytes) -> None:
        """Send something of our own."""
        self._line.send(raw)

    def next_sequence(self) -> int:
        """Return the number of our next request."""
        self._sequence = self._sequence % p.MAX_SEQUENCE + 1
        return self._sequence

    def respond(self, answer: Pdu, fault: Fault | None, given: Callable[[], None] = lambda: None) -> None:
        """Answer anything but a submission."""
        raw = p.encode(answer)
        if fault is not None:
            self._answers.give_damaged(Answer(raw, given), fault)
        else:
            self.send(raw)
            given()

    async def suffer(self, fault: Fault, command: Command | None) -> int | None:
        """Do what a fault does before its command: return OK to go on, a status to refuse it, ``None`` to be silent."""
        match fault.kind:
            case Kind.BUSY:
                return status.THROTTLED
            case Kind.REFUSE:
                return status.SUBMIT_FAILED if fault.why is None else status_of(fault.why)
            case Kind.SESSION_TIMEOUT:
                self._unbound()
                return status.INVALID_BIND
            case Kind.LOST | Kind.DROP_BEFORE:
                self.note(command, None, fault)
                if fault.kind is Kind.DROP_BEFORE:
                    self._ledger.commit()  # earlier ones were answered before this one was heard
                    self.cut()
                return None
            case Kind.FREEZE:
                self._ledger.commit()
                await self._line.flush()
                self._element.freeze(fault.delay_s or 0.0)
                await self._element.thawed()
        return status.OK

    def note(self, command: Command | None, reply: Reply | None, fault: Fault | None) -> None:
        """Write the element's log."""
        self._element.log.note(command, reply, None if fault is None else fault.kind)

    async def _read(self) -> None:
        buffer = bytearray()
        try:
            while not self._ended.is_set():
                buffer += await self._line.receive()
                while not self._ended.is_set() and (raw := p.take(buffer)) is not None:
                    if self._element.is_frozen:
                        await self._element.thawed()
                    await self._hear(raw)
        except StreamClosed:
            pass
        except Garbled:  # where the next PDU begins cannot be known (SMPP 3.4 §4.3)
            self.send(p.encode(Pdu("generic_nack", 0, p.INVALID_COMMAND_LENGTH)))
        finally:
            self._ended.set()

    async def _hear(self, raw: bytes) -> None:
        try:
            pdu = p.decode(raw)
        except UnknownPdu as unknown:
            if not unknown.is_response:
                self._nack(unknown.sequence)
            return
        except Malformed as broken:
            self._door.statuses[broken.status] += 1
            self.send(broken.answer())
            return
        self._timers.heard(pdu.name)
        match pdu.name:
            case "submit_sm" | "data_sm":
                await self._submissions.hear(pdu)
            case "deliver_sm_resp" | "data_sm_resp" | "generic_nack":
                self.deliveries.answered(pdu)
            case "enquire_link":
                await self._requests.keep_alive(pdu)
            case "bind_transceiver" | "bind_transmitter" | "bind_receiver":
                await self._requests.bind(pdu)
            case "query_sm":
                self._requests.query(pdu)
            case "unbind" | "unbind_resp":
                self._part(pdu)
            case name if not name.endswith("_resp"):
                self._nack(pdu.sequence)

    def _part(self, pdu: Pdu) -> None:
        """Either side has had enough: what is stored is answered first."""
        if pdu.name == "unbind":
            self._ledger.commit()
            self._answers.give_all()
            self.send(p.encode(Pdu("unbind_resp", pdu.sequence)))
        if pdu.name == "unbind" or self.is_unbinding:
            self._unbound()
            self.cut()

    def _nack(self, sequence: int) -> None:
        self.send(p.encode(Pdu("generic_nack", sequence, status.INVALID_COMMAND)))

    def _unbound(self) -> None:
        self.deliveries.end()
        if self.bound is not None:
            self._door.binds[self.bound.kind, self.bound.system_id] -= 1
            self.bound = None
