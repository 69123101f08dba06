"""The pooler tests run on pools as it is told to: whose session it is after a transaction depends on its mode."""

import asyncpg
import pytest

from tests.peers.pgbouncer import PgBouncer, PoolMode
from tests.peers.postgres import PASSWORD, PostgresServer


async def _lock_is_anybodys(url: str) -> bool:
    """Take a session's lock, let go of the transaction, and ask from a second session whether it is ours too."""
    first, second = [await asyncpg.connect(url, statement_cache_size=0) for _ in range(2)]
    try:
        await first.execute("SELECT pg_advisory_lock(4711)")
        async with second.transaction():
            return bool(await second.fetchval("SELECT pg_try_advisory_lock(4711)"))
    finally:
        await first.close()
        await second.close()


@pytest.mark.parametrize(("pool_mode", "shared"), [("session", False), ("transaction", True)])
async def test_a_sessions_lock_is_anybodys_where_transactions_are_pooled(
    postgres: PostgresServer, pool_mode: PoolMode, *, shared: bool
) -> None:
    with PgBouncer(postgres, pool_mode) as pooler:
        assert await _lock_is_anybodys(pooler.url()) is shared
        assert PASSWORD not in pooler.log


async def test_it_wants_the_password(postgres: PostgresServer) -> None:
    with PgBouncer(postgres, "session") as pooler:
        with pytest.raises((asyncpg.PostgresError, ConnectionError), match=r"(?i)auth|password|SASL"):
            await asyncpg.connect(pooler.url(password="FAKEpwWrong"))
        connection = await asyncpg.connect(pooler.url())
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
