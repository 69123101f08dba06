"""What other instances tell: a connection that listens, and somebody to be told of orders every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg

from gateway.journal.journal import JournalAway
from gateway.journal.postgres.batches import CHANNELS
from gateway.journal.postgres.connecting import Driver, connect
from gateway.journal.postgres.errors import DatabaseUnusable
from gateway.journal.postgres.pauses import happens
from gateway.journal.postgres.places import Place

POLL_S: Final = 2.0  #: news that got lost are found by looking
_ANSWER_S: Final = 5.0
_log = logging.getLogger(__name__)


class News:
    """Listens until it is closed, whatever happens to its connection; what this instance wrote itself is no news."""

    def __init__(
        self,
        place: Place,
        own: Callable[[], int | None],
        on_orders: Callable[[], Awaitable[None]],
        on_events: Callable[[], None],
    ) -> None:
        """``own`` returns the process id of the session that this instance writes in."""
        self._place = place
        self._own = own
        self._on_orders = on_orders
        self._on_events = on_events
        self._orders = asyncio.Event()
        self._connection: Driver = None
        self._closed = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._listen(), name="journal-listen"),
            asyncio.create_task(self._tell(), name="journal-news"),
        ]

    async def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        self._orders.set()
        await asyncio.wait(self._tasks, timeout=POLL_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        if self._connection is not None:
            self._connection.terminate()

    async def _listen(self) -> None:
        """Keep a listening connection, and see every now and then that it lives."""
        while not self._closed.is_set():
            if self._connection is None or self._connection.is_closed():
                await self._connect()
            else:
                await self._check()
            await happens(self._closed, POLL_S)

    async def _connect(self) -> None:
        try:
            made = await connect(self._place, "linegate-listener")
        except DatabaseUnusable:
            return
        self._connection = made
        try:
            for channel in CHANNELS:
                await made.add_listener(channel, self._heard)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            made.terminate()
        self._orders.set()  # what was told before is to be looked for
        self._on_events()

    async def _check(self) -> None:
        connection = self._connection
        if connection is None or connection.is_closed():
            return
        overdue = asyncio.get_running_loop().call_later(_ANSWER_S, connection.terminate)
        try:
            await connection.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
        finally:
            overdue.cancel()

    def _heard(self, _connection: object, pid: int, channel: str, _payload: object) -> None:
        if pid == self._own():
            return
        if channel == "linegate_orders":
            self._orders.set()
        else:
            self._on_events()

    async def _tell(self) -> None:
        """Tell of orders: once for whatever has come meanwhile."""
        while not self._closed.is_set():
            await happens(self._orders, POLL_S)
            self._orders.clear()
            try:
                await self._on_orders()
            except JournalAway:
                _log.debug("no news: the database is away")
            except Exception:  # noqa: BLE001 - a fault of ours must not end the news for good
                _log.exception("what other instances told was not taken up")
