"""The doctor at a real PgBouncer: who pools anything but sessions is told, however busy or small the pool."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.cli.database_findings import found, verdict
from tests.peers.pgbouncer import PgBouncer, PoolMode
from tests.peers.postgres import PostgresServer


@pytest.mark.parametrize(("pool_mode", "told"), [("session", "ok"), ("transaction", "fail"), ("statement", "fail")])
async def test_a_pooler_may_pool_sessions_only(postgres: PostgresServer, pool_mode: PoolMode, told: str) -> None:
    with PgBouncer(postgres, pool_mode) as pooler:
        findings = await found(pooler.url())
    assert (verdict(findings, "database"), verdict(findings, "database sessions")) == ("ok", told)
    assert f"{pool_mode}" in findings["database sessions"].found
    assert ("pool_mode=session" in findings["database sessions"].advice) is (told == "fail")


async def test_a_pool_by_transaction_is_told_even_when_it_has_one_connection(postgres: PostgresServer) -> None:
    with PgBouncer(postgres, "transaction", pool_size=1) as pooler:
        assert verdict(await found(pooler.url()), "database sessions") == "fail"


async def test_a_busy_pool_by_transaction_is_told(postgres: PostgresServer) -> None:
    with PgBouncer(postgres, "transaction") as pooler:
        stop = asyncio.Event()
        busy = [asyncio.create_task(_asks_on(pooler.url(), stop)) for _ in range(4)]
        try:
            findings = await found(pooler.url())
        finally:
            stop.set()
            await asyncio.gather(*busy)
    assert verdict(findings, "database sessions") == "fail"


async def _asks_on(url: str, stop: asyncio.Event) -> None:
    connection = await asyncpg.connect(url, statement_cache_size=0)
    while not stop.is_set():
        await connection.execute("SELECT pg_sleep(0.01)")
    await connection.close()
