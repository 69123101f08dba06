"""Working on what this instance holds: lines by their shards, and the office, whose holder does what is done once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from gateway.journal.journal import JournalFull
from gateway.orders.engine import Engine

_log = logging.getLogger(__name__)
_FOR_ROOM_S: Final = 0.1
_LAST_WORD_S: Final = 2.0  # the database is away: nothing said now is written


class Tenancy:
    """See gateway.journal.tenure.Tenant."""

    def __init__(self, engine: Engine, office: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        self._engine = engine
        self._office = office
        self._open: AbstractAsyncContextManager[None] | None = None

    async def take(self, shards: frozenset[int]) -> None:
        """See Tenant."""
        await _once_there_is_room(lambda: self._engine.take(shards))

    async def leave(self, shards: frozenset[int]) -> None:
        """See Tenant."""
        await self._engine.leave(shards)

    async def lose(self) -> None:
        """See Tenant."""
        _log.warning("everything held is lost: somebody else may be at work on it")
        await self._engine.lose()
        try:
            async with asyncio.timeout(_LAST_WORD_S):
                await self.leave_office()
        except Exception as failure:  # noqa: BLE001 - what it could not write is in doubt, and found so by the next one
            _log.warning("the office was left in a hurry: %s", type(failure).__name__)

    async def news(self) -> None:
        """See Tenant."""
        await self._engine.news()

    async def take_office(self) -> None:
        """See Tenant."""
        await _once_there_is_room(self._open_office)

    async def _open_office(self) -> None:
        office = self._office()
        await office.__aenter__()
        self._open = office

    async def leave_office(self) -> None:
        """See Tenant."""
        office, self._open = self._open, None
        if office is not None:
            await office.__aexit__(None, None, None)


async def _once_there_is_room(work: Callable[[], Awaitable[None]]) -> None:
    """Do it again while too much waits for the journal: that passes, and is no reason to give up what is held."""
    while True:
        try:
            await work()
        except JournalFull:
            await asyncio.sleep(_FOR_ROOM_S)
        else:
            return
