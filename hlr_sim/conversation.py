"""One connection to an element, from its first byte to its last: login, commands in order, and their misfortunes.

Whose dialect knows no login asks for none: everybody is in from the first byte, and nobody is ever logged out. Where a
session has no end but that of its connection, who is not logged in is cut off.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from drivers.commands import Command, Done, Login, Refused, Reply, Why
from drivers.dialect import Asked, Server
from drivers.errors import Garbled, StreamClosed
from drivers.stream import Stream
from hlr_sim.element import SimulatedElement
from hlr_sim.faults import Fault, Kind

_UNPRINTABLE = re.compile(r"[^ -~]|-{3,}")  # what could break an answer's lines, or end it early
_COMPLAINT_CHARS = 100
_PART = 4  # of an answer that is cut short: where a prompt ends it, half of it might be all that matters


class _Cut(Exception):
    """The connection ends here, as scripted."""


class Conversation:
    """Reads, carries out and answers strictly in order; nothing is answered that is not durable."""

    def __init__(self, element: SimulatedElement, dialect: Server, stream: Stream) -> None:
        self._element = element
        self._dialect = dialect
        self._stream = stream
        self._logged_in = not element.needs_login
        self._heard_at = element.clock()
        self._outbox = bytearray()

    async def run(self) -> None:
        """Talk until either side ends it."""
        try:
            await self._greet()
            while True:
                await self._hear(await self._receive())
        except (StreamClosed, TimeoutError, _Cut):
            pass  # however it ended, what was carried out stays carried out
        finally:
            await self._stream.close()

    async def _greet(self) -> None:
        """Say what some dialects say before anything is asked: a banner, a prompt."""
        await self._element.thawed()
        await self._flush()

    async def _receive(self) -> bytes:
        # an idle session is told on its next command that it has ended; one never heard of again gives its place back
        async with asyncio.timeout(2 * self._element.spec.idle_logout_s if self._element.needs_login else None):
            return await self._stream.receive()

    async def _hear(self, data: bytes) -> None:
        try:
            for asked in self._dialect.feed(data):
                await self._serve(asked)
        except Garbled:
            await self._flush()
            raise _Cut from None  # framing is lost: no later byte can be trusted
        await self._flush()

    async def _flush(self) -> None:
        self._outbox += self._dialect.to_send()
        if self._outbox:
            answers, self._outbox = bytes(self._outbox), bytearray()
            with suppress(StreamClosed):  # nobody listens any more: what was heard is carried out all the same
                await self._stream.send(answers)

    async def _serve(self, asked: Asked) -> None:
        if self._element.is_frozen:
            await self._element.thawed()
        command, idle_s = asked.command, self._element.clock() - self._heard_at
        self._heard_at = self._element.clock()
        if self._element.needs_login and idle_s > self._element.spec.idle_logout_s:
            self._logged_in = False
        if command is None:
            self._outbox += self._refused(asked, Why.INVALID, text=_printable(asked.complaint))
        elif not (self._logged_in or isinstance(command, Login)):
            await self._log_out(asked)
        elif (fault := self._element.faults.strike(self._element.spec.name, command)) is None:
            self._outbox += self._carried_out(asked, command)
        else:
            await self._suffer(fault, asked, command)

    async def _suffer(self, fault: Fault, asked: Asked, command: Command) -> None:
        match fault.kind:
            case Kind.BUSY:
                self._outbox += self._refused(asked, Why.BUSY, fault=fault)
                return
            case Kind.REFUSE:
                self._outbox += self._refused(asked, fault.why or Why.OTHER, fault=fault)
                return
            case Kind.SESSION_TIMEOUT:
                await self._log_out(asked, fault)
                return
            case Kind.DROP_BEFORE:
                self._element.log.note(command, None, fault.kind)
                await self._cut()
            case Kind.LOST:
                self._element.log.note(command, None, fault.kind)
                self._pass_over(asked)
                return
            case Kind.FREEZE:
                self._element.freeze(fault.delay_s or 0.0)
                await self._flush()
                await self._element.thawed()
        answer = self._carried_out(asked, command, fault)
        match fault.kind:
            case Kind.LATE:
                await self._flush()
                await asyncio.sleep(fault.delay_s or 0.0)
                self._outbox += answer
            case Kind.DROP_AFTER:
                await self._cut()
            case Kind.HALF_LINE:
                self._outbox += answer[: len(answer) // _PART]
                await self._cut()
            case Kind.GARBAGE:
                self._outbox += self._element.random.randbytes(len(answer))
            case Kind.DUPLICATE:
                self._outbox += answer * 2
            case Kind.FREEZE:
                self._outbox += answer

    async def _log_out(self, asked: Asked, fault: Fault | None = None) -> None:
        self._logged_in = False
        if self._element.can_log_out:
            self._outbox += self._refused(asked, Why.SESSION, fault=fault)
        else:
            self._element.log.note(asked.command, None, None if fault is None else fault.kind)
            await self._cut()

    def _pass_over(self, asked: Asked) -> None:
        """Let nothing be heard of this command, but of the next ones: a dialect may keep its answers in order."""
        self._outbox += self._dialect.to_send()
        with suppress(Exception):  # it has no word for that: so much the better
            self._dialect.answer(asked.number, Refused(Why.OTHER, ""))

    async def _cut(self) -> None:
        await self._flush()  # earlier commands were answered before this one was heard
        raise _Cut

    def _carried_out(self, asked: Asked, command: Command, fault: Fault | None = None) -> bytes:
        reply = self._login(command) if isinstance(command, Login) else self._element.carry_out(command, asked.keys)
        return self._written(asked, reply, fault)

    def _login(self, login: Login) -> Reply:
        self._logged_in = self._element.admits(login)
        return Done() if self._logged_in else self._element.wrong_login

    def _refused(self, asked: Asked, why: Why, text: str = "", fault: Fault | None = None) -> bytes:
        return self._written(asked, Refused(why, "", text), fault)

    def _written(self, asked: Asked, reply: Reply, fault: Fault | None) -> bytes:
        self._element.log.note(asked.command, reply, None if fault is None else fault.kind)
        self._outbox += self._dialect.to_send()  # what it had to say before this answer
        try:
            # with whatever belongs to the answer, an echo or a prompt: misfortune strikes all of it together
            return self._dialect.answer(asked.number, reply) + self._dialect.to_send()
        except Exception:  # noqa: BLE001 - the dialect has no word for what is held: say so, and go on
            return self._written_or_cut(asked.number)

    def _written_or_cut(self, number: int) -> bytes:
        try:
            return self._dialect.answer(number, Refused(Why.OTHER, "")) + self._dialect.to_send()
        except Exception as speechless:
            raise _Cut from speechless


def _printable(complaint: str) -> str:
    return _UNPRINTABLE.sub(" ", complaint)[:_COMPLAINT_CHARS].strip()
