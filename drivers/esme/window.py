"""The requests of one connection without an answer yet: how many there may be, and how long each is waited for.

This is walked through for every message: a future and a line in two dictionaries each, and one timer for all.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from drivers.commands import Reply
from drivers.errors import DriverError, InDoubt, Unreachable
from drivers.esme.alarm import Alarm

Answer = asyncio.Future[Reply]


class Window:
    """At most ``size`` requests are out at once; more of them wait here, in order, until there is room.

    ``lost(sent_s)`` is called for each request that stays without an answer for ``response_s``.
    """

    def __init__(self, name: str, size: int, response_s: float, lost: Callable[[float], None]) -> None:
        self.size = size
        self.reserved = 0  # places promised to messages whose segments are still to come
        self.last_s = 0.0  # when a request was last let out
        self._name = name
        self._response_s = response_s
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._out: dict[int, tuple[Answer, float]] = {}  # oldest first, so the first is due first
        self._unwritten: dict[int, bytes] = {}  # of those that are out: what the line has not been handed yet
        self._handed: dict[int, bytes] = {}  # what the line was handed last
        self._beyond: deque[tuple[int, bytes, Answer]] = deque()
        self._overdue = Alarm(self._sweep)
        self._unheard_until_s = 0.0  # nothing was read before: answers may lie there unread
        self._deaf = False
        self._emptied = asyncio.Event()
        self._emptied.set()

    @property
    def in_use(self) -> int:
        """How many requests are without an answer."""
        return len(self._out)

    @property
    def room(self) -> int:
        """How many more may be promised a place now."""
        return max(0, self.size - len(self._out) - len(self._beyond) - self.reserved)

    def add(self, number: int, data: bytes) -> Answer:
        """Take one request; its bytes are had by ``to_write`` once there is room for it."""
        answer = self._loop.create_future()
        if len(self._out) < self.size:
            self._let_out(number, data, answer)
        else:
            self._beyond.append((number, data, answer))
        return answer

    def answered(self, number: int, reply: Reply) -> float | None:
        """Pair an answer with its request; return when that was sent, ``None`` when it is none of ours any more."""
        found = self._out.pop(number, None)
        if found is None:
            return None
        answer, sent_s = found
        if not answer.done():  # whoever asked may have gone
            answer.set_result(reply)
        return sent_s

    def refill(self) -> bool:
        """Let those beyond the window out as far as there is room now; tell whether something is to be written."""
        while self._beyond and len(self._out) < self.size:
            number, data, answer = self._beyond.popleft()
            if not answer.done():
                self._let_out(number, data, answer)
        if not self._out:
            self._emptied.set()
        return bool(self._unwritten)

    def to_write(self) -> bytes:
        """Return the bytes not written yet; from now on their requests are in doubt if the line breaks."""
        data = b"".join(self._unwritten.values())
        self._handed, self._unwritten = self._unwritten, {}
        return data

    def unsent(self) -> None:
        """Take back what ``to_write`` returned last: the line has not taken it."""
        self._unwritten = {n: data for n, data in (self._handed | self._unwritten).items() if n in self._out}

    async def emptied(self) -> None:
        """Wait until no request is without an answer."""
        await self._emptied.wait()

    def deafen(self) -> None:
        """Nothing is read for now: silence proves nothing."""
        self._deaf = True

    def listen(self) -> None:
        """Reading goes on; everybody waits for an answer anew."""
        self._deaf, self._unheard_until_s = False, self._loop.time()

    def drop_unwritten(self, why: str) -> None:
        """Give up what the line has not been handed: it was never sent."""
        for number in self._unwritten:
            _fail(self._out.pop(number)[0], Unreachable(why))
        for _, _, answer in self._beyond:
            _fail(answer, Unreachable(why))
        self._unwritten.clear()
        self._beyond.clear()
        if not self._out:
            self._emptied.set()

    def fail(self, why: str) -> int:
        """The line is gone: what was written is in doubt, and that is counted; the rest was never sent."""
        self.drop_unwritten(why)
        for answer, _ in self._out.values():
            _fail(answer, InDoubt(why))
        doubtful = len(self._out)
        self._out.clear()
        self._emptied.set()
        self._overdue.cancel()
        return doubtful

    def _let_out(self, number: int, data: bytes, answer: Answer) -> None:
        now_s = self._loop.time()
        self._out[number] = (answer, now_s)  # before writing: an answer may be quicker than we are
        self._unwritten[number] = data
        self.last_s = now_s
        if self._emptied.is_set():
            self._emptied.clear()
        if not self._overdue.is_set:
            self._overdue.set(now_s + self._response_s)

    def _sweep(self) -> None:
        """Give up the requests that are overdue, and come back when the next will be."""
        now_s = self._loop.time()
        while self._out:
            number, (answer, sent_s) = next(iter(self._out.items()))
            since_s = now_s if self._deaf else max(sent_s, self._unheard_until_s)
            if since_s + self._response_s > now_s:
                self._overdue.set(since_s + self._response_s)
                return
            del self._out[number]
            silence = f"{self._name}: no answer within {self._response_s:g} s"
            unsent = self._unwritten.pop(number, None) is not None
            _fail(answer, Unreachable(f"{silence}, and not sent either") if unsent else InDoubt(silence))
            self._lost(sent_s)


def _fail(answer: Answer, why: DriverError) -> None:
    if not answer.done():
        answer.set_exception(why)
        answer.exception()  # whoever asked may have gone: then nobody is to be told
