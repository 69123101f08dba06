"""Readers: a few connections that read what is committed, opened when first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg

from gateway.journal.journal import JournalAway, Row
from gateway.journal.postgres.connecting import Driver, connect, reader_settings
from gateway.journal.postgres.errors import DatabaseUnusable, is_over
from gateway.journal.postgres.places import Place

PATIENCE_S: Final = 30.0  #: how long a read may take


class Readers:
    """Each question goes to a connection that is idle; a broken one is replaced, and the question asked once more."""

    def __init__(self, place: Place, most: int) -> None:
        self._place = place
        self._idle: list[Driver] = []
        self._turns = asyncio.Semaphore(most)

    async def fetch(self, text: str, *arguments: object) -> Sequence[Row]:
        """Return the rows of one statement. Raises JournalAway, or what the server says of the statement."""
        async with self._turns:
            try:
                return await self._ask(text, arguments)
            except JournalAway:
                self.drop()  # what broke one has most likely broken all: none of those that idle is asked
                return await self._ask(text, arguments)

    async def lend(self) -> Driver:
        """Open one more, to be given back. Raises DatabaseUnusable."""
        return await connect(self._place, "linegate-reader", *reader_settings(PATIENCE_S))

    def give_back(self, connection: Driver) -> None:
        """Keep a connection for later, if it is of use."""
        if not connection.is_closed():
            self._idle.append(connection)

    def drop(self) -> None:
        """Let go of those that idle, without a word."""
        while self._idle:
            self._idle.pop().terminate()

    async def close(self) -> None:
        """Close those that idle."""
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.close(timeout=1)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    async def _ask(self, text: str, arguments: Sequence[object]) -> Sequence[Row]:
        connection = await self._any()
        overdue = asyncio.get_running_loop().call_later(PATIENCE_S + 1, connection.terminate)
        try:
            rows: Sequence[Row] = await connection.fetch(text, *arguments)
        except asyncpg.DataError:  # its text has the value, which may be a subscriber's
            self.give_back(connection)
            given = ", ".join(type(argument).__name__ for argument in arguments)
            raise TypeError(f"a value is not of the type its place in the statement has; given were: {given}") from None
        except Exception as failure:
            if is_over(failure):
                connection.terminate()
                raise JournalAway from None
            self.give_back(connection)
            raise
        except BaseException:  # whoever asked has gone: the answer is still on its way, and nobody's
            connection.terminate()
            raise
        finally:
            overdue.cancel()
        self.give_back(connection)
        return rows

    async def _any(self) -> Driver:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await self.lend()
        except DatabaseUnusable:
            raise JournalAway from None
