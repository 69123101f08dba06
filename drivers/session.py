"""One conversation with one element: login, window, waiting, keep-alive, and starting again after a break.

Whoever waits too long gets InDoubt, but the conversation is kept a while: a look on it is answered after all that was
sent before (docs/decisions/0004). Silent for three answer timeouts, or garbled, it is closed; the next command opens
a new one.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.commands import Command, Credentials, Done, KeepAlive, Login, Refused, Reply, Why
from drivers.dialect import Client
from drivers.errors import DriverError, Garbled, InDoubt, NothingSent, NotSpoken, StreamClosed, Uncertain, Unreachable
from drivers.stream import Stream


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much one session may wait for."""

    window: int = 8
    connect_timeout_s: float = 10.0
    answer_timeout_s: float = 10.0
    keep_alive_s: float = 30.0
    reconnect_min_s: float = 0.2
    reconnect_max_s: float = 2.0


Certain = Callable[[], bool]
"""Tells whether what a command is about is certainly ours still."""


def always() -> bool:
    """Nobody else sends anything."""
    return True


_SILENCE_IS_DEATH = 3  # times the answer timeout without a byte


class _Line:
    """The state of one connection; dropped whole when it breaks."""

    def __init__(self, stream: Stream, client: Client) -> None:
        self.stream = stream
        self.client = client
        self.waiting: dict[int, asyncio.Future[Reply]] = {}
        self.reader: asyncio.Task[None] | None = None
        self.broken = False
        self.owing = False  # a command timed out, and nothing has been heard since
        self.quiet_since = 0.0  # since when an answer is due
        self.overdue_at = 0.0  # when an answer last came that nobody waited for any more

    def asked(self, now: float) -> None:
        """Something is being sent: if no answer was due before, one is from now on."""
        if not self.waiting and not self.owing:
            self.quiet_since = now

    def heard(self, now: float) -> None:
        """The peer is alive."""
        self.owing, self.quiet_since = False, now


class Session:
    """A conversation that looks permanent; ``send`` may be called by many tasks at once."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Awaitable[Stream]],
        make_client: Callable[[], Client],
        login: Login | None,
        limits: Limits,
    ) -> None:
        self.name = name
        self._connect = connect
        self._make_client = make_client
        self._login = login
        self._limits = limits
        self._numbers = itertools.count(1)
        self._opening = asyncio.Lock()
        self._window = asyncio.Semaphore(limits.window)
        self._line: _Line | None = None
        self._retry_s = limits.reconnect_min_s
        self._not_before = 0.0
        self._keeper: asyncio.Task[None] | None = None
        self._last_sent = 0.0

    @property
    def connected(self) -> bool:
        """Whether a logged-in connection is up (which proves little: only an answer does)."""
        return self._line is not None and not self._line.broken

    async def send(self, command: Command, keys: Credentials | None = None, certain: Certain = always) -> Reply:
        """Say one command and wait for its answer; ``certain`` is asked when it is about to be written.

        Raises Unreachable (not sent; Uncertain when it was not certain), InDoubt or Garbled (sent, outcome unknown),
        NotSpoken (cannot be said).
        """
        async with self._window:
            line = await self._open_line_for(certain)
            reply = await self._exchange(line, command, keys)
            if isinstance(reply, Refused) and reply.why is Why.SESSION:
                # the element has forgotten us and did nothing: log in anew, say it once more
                await self._break(line, InDoubt("the element ended the session"))
                line = await self._open_line_for(certain)
                reply = await self._exchange(line, command, keys)
        if isinstance(reply, Refused) and reply.why is Why.SESSION:
            await self._break(line, InDoubt("the element ended the session"))
            raise Unreachable(f"{self.name} ends every session at once (code {reply.code})")
        return reply

    async def close(self) -> None:
        """End the conversation."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self._line is not None:
            await self._break(self._line, InDoubt(f"{self.name}: closed by us before the answer came"))

    async def _open_line_for(self, certain: Certain) -> _Line:
        """Open a line if there is none; the wait for it, and for a place, may have been long."""
        line = await self._open_line()
        if not certain():
            raise Uncertain(f"{self.name}: kept back, it is not certain any more that it is ours to send")
        return line

    async def _open_line(self) -> _Line:
        if self._line is not None and not self._line.broken:
            return self._line
        async with self._opening:
            if self._line is not None and not self._line.broken:
                return self._line
            loop = asyncio.get_running_loop()
            if loop.time() < self._not_before:
                raise Unreachable(f"{self.name} did not answer a moment ago; next try is due shortly")
            try:
                async with asyncio.timeout(self._limits.connect_timeout_s):
                    self._line = await self._dial()
            except NotSpoken:
                raise  # no waiting will cure a user or password the dialect cannot carry
            except (DriverError, TimeoutError) as failure:
                self._not_before = loop.time() + self._retry_s
                self._retry_s = min(self._retry_s * 2, self._limits.reconnect_max_s)
                reason = failure if str(failure) else "no answer in time"
                raise Unreachable(f"{self.name} cannot be reached: {reason}") from failure
            self._retry_s = self._limits.reconnect_min_s
            if self._keeper is None or self._keeper.done():
                self._keeper = asyncio.create_task(self._keep_alive(), name=f"keep-alive {self.name}")
            return self._line

    async def _dial(self) -> _Line:
        stream = await self._connect()
        line = _Line(stream, self._make_client())
        line.reader = asyncio.create_task(self._read(line), name=f"reader {self.name}")
        try:
            if self._login is not None:
                reply = await self._exchange(line, self._login, None)
                if not isinstance(reply, Done):
                    detail = reply.text if isinstance(reply, Refused) else "an unexpected answer"
                    raise Unreachable(f"login was refused: {detail}; check the element's user and password")
        except BaseException:
            await self._break(line, Unreachable("login failed"))
            raise
        return line

    async def _exchange(self, line: _Line, command: Command, keys: Credentials | None) -> Reply:
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        frame = line.client.encode(number, command, keys)
        answer: asyncio.Future[Reply] = loop.create_future()
        line.asked(loop.time())
        line.waiting[number] = answer  # before writing: an answer may be quicker than we are
        self._last_sent = sent_at = loop.time()
        try:
            async with asyncio.timeout(self._limits.answer_timeout_s):
                await line.stream.send(frame.data)
                return await answer
        except NothingSent as gone:
            away = Unreachable(f"{self.name}: the line had broken before a command was sent")
            await self._break(line, InDoubt(str(away)))  # for those that were sent before
            raise away from gone
        except StreamClosed as gone:
            doubt = InDoubt(f"{self.name}: the line broke while a command was sent")
            await self._break(line, doubt)
            raise doubt from gone
        except TimeoutError as silence:
            doubt = InDoubt(f"{self.name}: no answer within {self._limits.answer_timeout_s:g} s")
            # The line is kept for a while: a look on the same line is answered after all that was sent before it, so
            # what it finds is final. On a new line a look may overtake a command the peer still has in its hands.
            line.owing = True
            dead = loop.time() - line.quiet_since >= _SILENCE_IS_DEATH * self._limits.answer_timeout_s
            if dead or line.overdue_at >= sent_at:  # or: one answer is missing, and ours went to an older command
                await self._break(line, doubt)
            raise doubt from silence
        finally:
            line.waiting.pop(number, None)
            if answer.done() and not answer.cancelled():
                answer.exception()

    async def _read(self, line: _Line) -> None:
        failure: DriverError
        try:
            while True:
                data = await line.stream.receive()
                line.heard(asyncio.get_running_loop().time())
                for number, reply in line.client.feed(data):
                    waiting = line.waiting.pop(number, None)
                    if waiting is None:
                        line.overdue_at = line.quiet_since
                    elif not waiting.done():
                        waiting.set_result(reply)
                if own := line.client.to_send():
                    await line.stream.send(own)
        except StreamClosed as gone:
            failure = InDoubt(f"{self.name}: {gone}")
        except Garbled as garbled:
            failure = garbled
        except Exception as fault:  # noqa: BLE001 - a fault in a dialect must not leave commands waiting unheard
            failure = Garbled(f"{self.name}: the answer broke the dialect ({type(fault).__name__})")
        await self._break(line, failure)

    async def _break(self, line: _Line, failure: DriverError) -> None:
        if line.broken:
            return
        line.broken = True
        for waiting in line.waiting.values():
            if not waiting.done():
                waiting.set_exception(failure)
        line.waiting.clear()
        if line.reader is not None and line.reader is not asyncio.current_task():
            line.reader.cancel()
        await line.stream.close()

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        while self.connected:
            quiet_s = loop.time() - self._last_sent
            if quiet_s < self._limits.keep_alive_s:
                await asyncio.sleep(self._limits.keep_alive_s - quiet_s)
                continue
            try:
                await self.send(KeepAlive())
            except DriverError as failure:
                if self._line is not None:
                    await self._break(self._line, InDoubt(f"{self.name}: {failure}"))
                return  # the next command opens a new line
