"""Finding out whether a connection is a session. A pooler in between is not asked: it need not know our user."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any, Final

import asyncpg

from gateway.cli.database_facts import Pooling

CONNECT_S: Final = 5.0
_TRIES: Final = 4  # a busy pool may lend out other sessions first


async def open_connection(url: str) -> Any:  # noqa: ANN401 - asyncpg has no types
    """Connect so that a pooler by transaction lets us ask. Raises what asyncpg does."""
    return await asyncpg.connect(url, timeout=CONNECT_S, command_timeout=2 * CONNECT_S, statement_cache_size=0)


async def pooling(url: str, first: Any) -> Pooling:  # noqa: ANN401 - asyncpg has no types
    """Tell what lies between us and the server. Raises what asyncpg does.

    When a connection is opened, a pooler tells a process id of its own making, not that of the server's process; and
    one by transaction lends the process that served one connection to the next one.
    """
    try:
        pid = await _process(first)
    except asyncpg.PostgresError as failure:
        if "statement pooling" in str(failure):  # PgBouncer's words when a transaction is begun
            return Pooling.STATEMENT
        raise
    direct = pid == first.get_server_pid()
    held = 0
    async with AsyncExitStack() as closing:
        for _ in range(1 if direct else _TRIES):
            others = await _hold_another(url, closing)
            if others == pid or await _process(first) != pid:
                return Pooling.TRANSACTION
            held += others is not None
    if direct:
        return Pooling.DIRECT
    return Pooling.SESSION if held else Pooling.UNKNOWN


async def _process(connection: Any) -> int:  # noqa: ANN401 - asyncpg has no types
    async with connection.transaction():
        return int(await connection.fetchval("SELECT pg_backend_pid()"))


async def _hold_another(url: str, closing: AsyncExitStack) -> int | None:
    """Open one more connection, leave it in a transaction, and return its process; ``None`` when there is none left."""
    try:
        another = await open_connection(url)
        closing.callback(another.terminate)
        await another.execute("BEGIN", timeout=CONNECT_S)
        return int(await another.fetchval("SELECT pg_backend_pid()", timeout=CONNECT_S))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        return None
