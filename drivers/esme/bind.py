"""One connection to an SMSC, from its bind to its end; never used again after that (SMPP 3.4 §2.2).

It repeats nothing: what was written without an answer is in doubt, what was not written was never sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from drivers.commands import KeepAlive, Login, Refused, Reply
from drivers.dialects.smpp.client import SmppClient
from drivers.dialects.smpp.delivery import Heard
from drivers.dialects.smpp.submission import Submission
from drivers.errors import Garbled, Unreachable
from drivers.esme.config import CentreConfig
from drivers.esme.connecting import Connect
from drivers.esme.hearing import Hear, Hearing
from drivers.esme.silence import Silence
from drivers.esme.terms import BOUND, NOT_BOUND, BindRefused, Role, State, Watch
from drivers.esme.voice import Voice
from drivers.esme.window import Answer, Window
from drivers.esme.wire import Wire

_HASTY_S = 0.1  # how long an answer to unbind is waited for when patience has run out already


class Bind:
    """One connection. ``open`` it, ``submit``, and ``drain`` or ``close`` it; ``ended`` tells when it is over."""

    def __init__(self, config: CentreConfig, role: Role, connect: Connect, hear: Hear, watch: Watch) -> None:
        self.role = role
        self.state = State.CLOSED
        self.left = False  # we wanted it to end
        self.idle = False  # because there was nothing to do
        self._name = f"{config.name} ({role})"
        self._config = config
        self._connect = connect
        self._watch = watch
        self._timers = config.timers
        self._loop = asyncio.get_running_loop()
        self._client = SmppClient(config.system_type, role.value, config.address_range)
        self._voice = Voice(self._client)
        self.window = Window(self._name, config.speed.window, config.timers.response_s, self._lost)
        self._hearing = Hearing(self._name, hear, self._acknowledge)
        leaves = role is Role.TRANSMITTER or (role is Role.TRANSCEIVER and config.timers.transceivers_leave)
        self._silence = Silence(config.timers, self, self._last_message_s if leaves else None)
        self._heard_message_s = 0.0
        self._unbinding = False
        self._over: asyncio.Future[str] = self._loop.create_future()
        self._wire: Wire | None = None
        self._parting: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @property
    def taking(self) -> bool:
        """Whether messages can be submitted here."""
        return self.state is State.BOUND_TRX or self.state is State.BOUND_TX

    @property
    def bound(self) -> bool:
        """Whether the connection is bound, and not about to end."""
        return self.taking or self.state is State.BOUND_RX

    async def open(self) -> None:
        """Connect and bind. Raises Unreachable (BindRefused), and NotSpoken for a login that cannot be said."""
        limit_s = self._timers.session_init_s
        try:
            async with asyncio.timeout(limit_s):
                reply = await self._bind()
            if isinstance(reply, Refused):
                raise BindRefused(self._name, reply.code)
        except TimeoutError:
            await self.close()
            raise Unreachable(f"{self._name}: not bound within {limit_s:g} s") from None
        except BaseException:
            await self.close()
            raise
        if self.state is not State.OPEN:  # its unbind came together with its answer
            await self.close()
            raise Unreachable(f"{self._name}: unbound by the SMSC as soon as it was bound")
        self.state = BOUND[self.role]
        self._silence.begin()
        self._watch.changed()

    def submit(self, submission: Submission) -> Answer:
        """Send one message, or as soon as the window has room. Raises NotSpoken, and then nothing has happened.

        The future brings Submitted or Refused; it fails with InDoubt (written, no answer) or Unreachable (not written).
        """
        if not self.taking or self._wire is None:
            return _never(f"{self._name} is not bound for sending")
        answer = self.window.add(*self._voice.submit(submission))
        self._wire.write_soon()
        return answer

    async def ended(self) -> str:
        """Wait until the connection is over; return why."""
        return await asyncio.shield(self._over)

    async def drain(self, timeout_s: float) -> None:
        """Take no more messages, wait for the answers so long, unbind and close (SMPP 3.4 §4.2)."""
        until_s = self._loop.time() + timeout_s
        if self.bound:
            self.left = True
            self._leave()
            await self._quiet(timeout_s)
            if not self._over.done():
                self._unbinding = True
                self._voice.unbind()
                self._wire_soon()
                patience_s = min(self._timers.response_s, until_s - self._loop.time())
                await asyncio.wait([self._over], timeout=max(_HASTY_S, patience_s))
        elif self.state is State.UNBOUND:  # somebody else is at it
            await asyncio.wait([self._over], timeout=timeout_s + self._timers.response_s)
        self.over("unbound by us")
        await self.close()

    async def close(self) -> None:
        """End the connection now; what was heard is still handed on, but not longer than an answer is waited for."""
        self.over("closed by us")
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name=f"closing {self._name}")
        await asyncio.shield(self._closing)

    def ask(self) -> None:
        """See Listener."""
        self._voice.ask(KeepAlive(), lambda _: self._silence.answered())
        self._wire_soon()

    def die(self) -> None:
        """See Listener."""
        self.over(f"enquire_link was not answered within {self._timers.response_s:g} s")

    def part(self) -> None:
        """See Listener."""
        if not self.bound:
            return
        self.idle = True
        self._parting = asyncio.create_task(self.drain(self._timers.response_s), name=f"parting {self._name}")

    def take(self, data: bytes) -> None:
        """See Talker."""
        now_s, known = self._loop.time(), self._client.whole
        try:
            while replies := self._client.feed(data):  # what is rubbish behind the last answer is told by feeding on
                self._answered(replies, now_s)
                data = b""
        except Garbled:
            self.window.drop_unwritten(f"{self._name}: the SMSC cannot be understood")
            self._owe(self._client.to_send())
            raise
        finally:
            if self._client.whole != known:  # a PDU that drips in and never ends is no sign of life
                self._silence.heard_s = now_s
            if heard := self._client.heard():
                self._heard_message_s = now_s
                self._hearing.put(heard)
        if self._client.unbound:
            self._unbound()
        elif own := self._client.to_send():
            self._owe(own)

    async def ready(self) -> None:
        """See Talker: too much heard at once is left in the line; nobody is dead or overdue meanwhile."""
        if self._hearing.full:
            self.window.deafen()
            self._silence.deafen()
            await self._hearing.room()
            self._silence.listen()
            self.window.listen()

    def to_write(self) -> bytes:
        """See Talker."""
        return self._voice.to_write() + self.window.to_write()

    def unsent(self) -> None:
        """See Talker."""
        self.window.unsent()

    def over(self, why: str) -> None:
        """See Talker: everybody who waits is told; closing the line is left to ``close``."""
        if self._over.done():
            return
        self._over.set_result(why)
        self.state = State.CLOSED
        self._silence.end()
        self._watch.cut(self.window.fail(f"{self._name}: {why}"))
        self._watch.changed()

    async def _bind(self) -> Reply:
        """Connect and ask to be bound. Raises Unreachable, NotSpoken."""
        self._wire = Wire(self._name, await self._connect(), self)
        self.state = State.OPEN
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._voice.ask(Login(self._config.system_id, self._config.password), answer.set_result)
        self._wire_soon()
        both: tuple[asyncio.Future[Any], ...] = (answer, self._over)
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done() or self._over.done():
            raise Unreachable(f"{self._name}: not bound, {self._over.result()}")
        return answer.result()

    def _answered(self, replies: Sequence[tuple[int, Reply]], now_s: float) -> None:
        for number, reply in replies:
            sent_s = self.window.answered(number, reply)
            if sent_s is None:
                self._voice.hear(number, reply)
                continue
            self._watch.answered(reply, sent_s, now_s)
            if isinstance(reply, Refused) and reply.code == NOT_BOUND:
                self._part_from("the SMSC has forgotten that we are bound")
        self._more_room()

    def _owe(self, data: bytes) -> None:
        if not data:
            return
        self._voice.owe(data)
        self._wire_soon()
        if self._voice.unread:
            self.over("the SMSC does not read what it is answered")

    def _wire_soon(self) -> None:
        if self._wire is not None:
            self._wire.write_soon()

    def _more_room(self) -> None:
        if self.window.refill():
            self._wire_soon()
        self._watch.room()

    def _lost(self, sent_s: float) -> None:
        self._watch.answered(None, sent_s, self._loop.time())
        self._more_room()

    def _leave(self) -> None:
        self.state = State.UNBOUND
        self._watch.changed()

    async def _close(self) -> None:
        if self._parting is not None:
            self._parting.cancel()
        if self._wire is not None:
            await self._wire.close()
        await self._hearing.close(self._timers.response_s)

    async def _quiet(self, timeout_s: float) -> None:
        """Wait until nothing is without an answer, on either side, or so long."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.window.emptied()
                await self._hearing.emptied()
        except TimeoutError:
            return

    def _unbound(self) -> None:
        """The SMSC has unbound us, or answered that we unbind."""
        if self._unbinding:
            self._owe(self._client.to_send())
            self.over("unbound by us")
        else:
            self._part_from("the SMSC has unbound us")

    def _part_from(self, why: str) -> None:
        """Submit nothing more, and end once all is answered."""
        if self._parting is None and not self._over.done():
            self._leave()
            self.window.drop_unwritten(f"{self._name}: {why}")
            self._parting = asyncio.create_task(self._let_go(why), name=f"parting {self._name}")

    async def _let_go(self, why: str) -> None:
        """Answer the unbind, if there was one, when all else is answered: many an SMSC hangs up at once on it."""
        await self._quiet(self._timers.response_s)
        self._owe(self._client.to_send())
        self.over(why)

    def _acknowledge(self, heard: Sequence[Heard], status: int) -> None:
        if not self._over.done():
            self._owe(b"".join(self._client.acknowledge(one, status) for one in heard if one.needs_answer))

    def _last_message_s(self) -> float:
        return max(self.window.last_s, self._heard_message_s)


def _never(why: str) -> Answer:
    """Return an answer that says that nothing was sent."""
    answer: Answer = asyncio.get_running_loop().create_future()
    answer.set_exception(Unreachable(why))
    answer.exception()
    return answer
