"""The session an instance writes in, and holds its locks with: when it ends, both are gone at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import asyncpg

from gateway.journal.journal import JournalAway, Row
from gateway.journal.postgres.connecting import Driver, connect, session_pid, writer_settings
from gateway.journal.postgres.errors import Refusal, is_over, why_unusable
from gateway.journal.postgres.places import Place
from gateway.journal.postgres.statements import PreparedWrite

_WRITE: Final = "SELECT unit, code, said FROM linegate_write($1::text[], $2::text[])"
_PATIENCE: Final = 2  #: leases: who gets no answer for so long gives the session up

_Answer = TypeVar("_Answer")


def _now_s() -> float:
    """Tell the time since the machine was started, while it slept included: leases end meanwhile."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Session:
    """One connection, one question at a time; ``lost`` is set when it is over, for whatever reason."""

    def __init__(self, connection: Driver, pid: int, lease_s: float) -> None:
        self.pid = pid
        self.lost = asyncio.Event()
        self.heard_at = _now_s()  #: when the last question that was answered had been asked
        self._connection = connection
        self._lease_s = lease_s
        self._turn = asyncio.Lock()
        self._prepared: set[str] = set()
        connection.add_termination_listener(self._ended)

    @classmethod
    async def begin(cls, place: Place, lease_s: float) -> Session:
        """Open one. Raises DatabaseUnusable."""
        connection = await connect(place, "linegate", *writer_settings(lease_s))
        try:
            return cls(connection, await session_pid(connection), lease_s)
        except Exception as failure:  # noqa: BLE001 - none of their texts is handed on
            connection.terminate()
            raise why_unusable(place, failure) from None

    @property
    def connection(self) -> Driver:
        """The connection itself, to look at before the session is used."""
        return self._connection

    async def execute(self, text: str) -> None:
        """Run statements that return nothing. Raises JournalAway if the session is over, else what the server says."""
        await self._ask(self._connection.execute, text)

    async def fetch(self, text: str, *arguments: object) -> Sequence[Row]:
        """Run one statement and return its rows. Raises as ``execute`` does."""
        found: Sequence[Row] = await self._ask(self._connection.fetch, text, *arguments)
        return found

    async def prepare(self, write: PreparedWrite) -> None:
        """Let the session know a statement, once."""
        if write.name not in self._prepared:
            await self.execute(write.preparing)
            self._prepared.add(write.name)

    async def write(self, units: Sequence[str], channels: Sequence[str]) -> list[Refusal]:
        """Run units in one transaction; return those that failed, with nothing written. Raises as ``execute`` does.

        What is written is a parameter, which servers do not log with an error. After a refusal that may pass when asked
        again (see AGAIN), the units that follow have not been tried.
        """
        told = [Refusal(row["unit"], row["code"], row["said"]) for row in await self.fetch(_WRITE, units, channels)]
        if any(refusal.is_over for refusal in told):
            self.give_up()
            raise JournalAway
        return told

    def is_fresh(self, share: float) -> bool:
        """Tell whether the server was heard less than this share of a lease ago, counted from when it was asked."""
        return not self.lost.is_set() and _now_s() - self.heard_at < share * self._lease_s

    def give_up(self) -> None:
        """End it at once, without a word to the server."""
        self._connection.terminate()
        self._ended()

    async def end(self) -> None:
        """End it in good order."""
        async with self._turn:
            try:
                await self._connection.close(timeout=self._lease_s)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._connection.terminate()
        self._ended()

    async def _ask(self, ask: Callable[..., Awaitable[_Answer]], *arguments: object) -> _Answer:
        async with self._turn:
            if self.lost.is_set():
                raise JournalAway
            asked_at = _now_s()
            # not a time-out of asyncpg's: that one would try to cancel the statement over a new connection
            overdue = asyncio.get_running_loop().call_later(_PATIENCE * self._lease_s, self.give_up)
            try:
                answer = await ask(*arguments)
            except Exception as failure:
                if is_over(failure):
                    self.give_up()
                    raise JournalAway from None
                self.heard_at = asked_at
                raise
            finally:
                overdue.cancel()
            self.heard_at = asked_at
            return answer

    def _ended(self, *_: object) -> None:
        self.lost.set()
