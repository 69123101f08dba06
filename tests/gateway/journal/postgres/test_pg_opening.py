"""A database that cannot be used is told with what to do about it, and never with its password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.journal.postgres.errors import DatabaseUnusable
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.postgres.places import Place
from tests.gateway.journal.postgres.tenants import Recorder, count, number, until
from tests.peers.pgbouncer import PgBouncer
from tests.peers.postgres import PASSWORD, PostgresServer
from tests.peers.unprivileged import free_port

WRONG = "FAKEpwWrong#/01"


async def why(url: str) -> str:
    """Return all that is told when it is opened."""
    with pytest.raises(DatabaseUnusable) as refused:
        await PostgresJournal.open(url)
    assert refused.value.__cause__ is None
    told = (
        f"{refused.value}{refused.value!r}{refused.value.__context__!r}" if refused.value.__suppress_context__ else ""
    )
    assert PASSWORD not in str(refused.value)
    assert WRONG not in str(refused.value)
    assert told
    return str(refused.value)


@pytest.mark.parametrize(
    ("url_of", "advice"),
    [
        (lambda server: server.url(password="FAKEpwWrong01"), "user or password"),
        (lambda server: server.url("nowhere"), "createdb"),
        (lambda _: f"postgresql://u:{PASSWORD}@127.0.0.1:{free_port()}/x", "nothing answers"),
        (lambda server: f"postgresql://u:{WRONG}@127.0.0.1:{server.port}/x", "cannot be used"),
        (lambda _: f"postgresql://u:{PASSWORD}@[::1/x", "cannot be used"),
    ],
)
async def test_every_reason_comes_with_advice(
    postgres: PostgresServer, url_of: Callable[[PostgresServer], str], advice: str
) -> None:
    assert advice in await why(url_of(postgres))


async def test_a_user_who_may_not_make_tables_is_told_so(empty: str, postgres: PostgresServer) -> None:
    name = empty.rpartition("/")[2]
    postgres.execute("DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN PASSWORD 'FAKEpwPoor01'")
    postgres.execute("REVOKE CREATE ON SCHEMA public FROM public", name)
    told = await why(f"postgresql://poor:FAKEpwPoor01@127.0.0.1:{postgres.port}/{name}")
    assert "GRANT CREATE" in told
    assert "FAKEpwPoor01" not in told


async def test_tables_of_a_newer_version_are_let_be(database: str, postgres: PostgresServer) -> None:
    journal = await PostgresJournal.open(database)
    await journal.close()
    postgres.execute("UPDATE alembic_version SET version_num = '9999'", database.rpartition("/")[2])
    assert "newer version" in await why(database)


async def test_a_database_of_another_encoding_is_told(postgres: PostgresServer) -> None:
    postgres.execute("DROP DATABASE IF EXISTS latin")
    postgres.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    assert "createdb -E UTF8" in await why(postgres.url("latin"))
    postgres.drop("latin")


async def test_a_standby_is_told_apart(own_server: PostgresServer) -> None:
    with own_server.standby() as standby:
        assert "standby" in await why(standby.url())


@pytest.mark.parametrize("pool_size", [1, 2, 20])
async def test_a_pooler_by_transaction_is_found_out(database: str, postgres: PostgresServer, pool_size: int) -> None:
    with PgBouncer(postgres, "transaction", pool_size) as pooler:
        assert "pool by session" in await why(pooler.url(database.rpartition("/")[2]))


async def test_a_pooler_by_session_does_no_harm(database: str, postgres: PostgresServer) -> None:
    with PgBouncer(postgres, "session") as pooler:
        url = pooler.url(database.rpartition("/")[2])
        one = await PostgresJournal.open(url, url_of_instance="http://127.0.0.1:1")
        two = await PostgresJournal.open(url, url_of_instance="http://127.0.0.1:2")
        await one.tenure.begin(Recorder())
        await two.tenure.begin(Recorder())
        await until(lambda: len(one.tenure.shards) == len(two.tenure.shards) == 32)
        await asyncio.gather(one.commit(number("a")), two.commit(number("b")))
        assert await count(one) == 2
        assert await two.tenure.holder_url(None) == "http://127.0.0.1:1"
        await one.close()
        await until(lambda: len(two.tenure.shards) == 64)
        await two.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:FAKEpw01@db.example:5433/linegate", "db.example:5433/linegate"),
        ("postgresql://u:FAKE%40pw01@a,b:1/linegate?sslmode=require", "a,b:1/linegate"),
        ("postgresql://u@/linegate?host=/run/pg", "/run/pg/linegate"),
        ("postgresql:///x?password=FAKEpw01", "the usual socket/x"),
        ("postgresql://u:FAKEpw01@[::1/x", "(a URL that cannot be read)"),
    ],
)
def test_a_place_is_told_without_its_secrets(url: str, shown: str) -> None:
    assert str(Place(url)) == shown
    assert "FAKE" not in repr(Place(url))
