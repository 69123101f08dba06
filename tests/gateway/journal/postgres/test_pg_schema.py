"""The numbered versions make the same schema on PostgreSQL, and every statement of the product is understood there."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Select, UpdateBase, bindparam, insert, inspect, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import gateway
from gateway.journal.bulk import any_of, as_list
from gateway.journal.migrate import configuration, upgrade
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.postgres.statements import Statements
from gateway.journal.schema import SEQUENCE, events, metadata, numbers
from gateway.journal.shards import shard_of
from tests.gateway.journal.postgres.tenants import number
from tests.peers.postgres import PostgresServer

_SOME = select(numbers.c.msisdn).where(any_of(numbers.c.msisdn, "wanted")).order_by(numbers.c.msisdn)
_BY_TEXT = select(numbers.c.msisdn).where(numbers.c.msisdn > bindparam("after")).order_by(numbers.c.msisdn)


async def looked_at(url: str, look: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - whatever is looked for
    engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.run_sync(look)
    await engine.dispose()
    return found


async def test_the_versions_make_what_the_code_speaks_of(empty: str) -> None:
    await asyncio.to_thread(upgrade, empty)

    def compare(connection: Connection) -> tuple[list[Any], set[str]]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, metadata), set(inspect(connection).get_table_names())

    differences, tables = await looked_at(empty, compare)
    assert differences == []
    assert tables == set(metadata.tables) | {"alembic_version"}


async def test_every_text_compares_octet_by_octet(empty: str, postgres: PostgresServer) -> None:
    name = empty.rpartition("/")[2]
    postgres.drop(name)
    postgres.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE "en" LOCALE "C"')
    journal = await PostgresJournal.open(empty)
    await asyncio.gather(*(journal.commit(number(text)) for text in ("a", "B", "ä", "-1", "+2", "Z")))
    rows = await journal.rows(_BY_TEXT, after="")
    await journal.close()
    assert [row["msisdn"] for row in rows] == sorted(row["msisdn"] for row in rows) == ["+2", "-1", "B", "Z", "a", "ä"]
    others = postgres.fetch(
        "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_collation c ON c.oid = attcollation"
        " JOIN pg_class t ON t.oid = attrelid WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname <> 'alembic_version' AND collname <> 'C'",
        name,
    )
    assert others == []


async def test_sequences_outlive_an_integer(shared: PostgresJournal, database: str, postgres: PostgresServer) -> None:
    postgres.execute("ALTER SEQUENCE events_seq_seq RESTART WITH 3000000000", database.rpartition("/")[2])
    made = insert(events).values(at="a", type="t", data="{}")
    async with asyncio.timeout(60):
        unit = number("a")
        unit.add(made)
        await shared.commit(unit)
    after = select(events.c.seq).where(events.c.seq > bindparam("seq", type_=SEQUENCE))
    assert [row["seq"] for row in await shared.rows(after, seq=2_999_999_999)] == [3_000_000_000]


async def test_instances_that_start_together_migrate_once(empty: str, postgres: PostgresServer) -> None:
    journals = await asyncio.gather(*(PostgresJournal.open(empty) for _ in range(4)))
    await asyncio.gather(*(journal.commit(number(f"n{n}")) for n, journal in enumerate(journals)))
    for journal in journals:
        await journal.close()
    assert postgres.fetch("SELECT count(*) FROM numbers", empty.rpartition("/")[2]) == [("4",)]


async def test_rows_of_older_versions_are_carried_over(empty: str, postgres: PostgresServer) -> None:
    name = empty.rpartition("/")[2]
    await asyncio.to_thread(command.upgrade, configuration(empty), "0002")
    postgres.execute(
        """INSERT INTO events (at, type, data) VALUES ('2026', 'puk.disclosed', '{"iccid": "8926"}')""", name
    )
    await asyncio.to_thread(command.upgrade, configuration(empty), "0008")
    columns = "order_id, line_id, msisdn, action, state, lane, host, body, due_at, accepted_at"
    postgres.execute(
        f"INSERT INTO orders ({columns}) SELECT 'o' || n, 'line' || n, '262', 'suspend', 'pending', 1, 'h', '{{}}',"
        " CASE n WHEN 7 THEN '2026-03-01T02:00:00+02:00' END, '2026' FROM generate_series(1, 1500) AS n",
        name,
    )
    await asyncio.to_thread(upgrade, empty)
    assert postgres.fetch("SELECT iccid FROM events", name) == [("8926",)]
    shards = {f"line{n}": str(shard_of(f"line{n}")) for n in range(1, 1501)}
    assert dict(postgres.fetch("SELECT line_id, shard FROM orders", name)) == shards  # type: ignore[arg-type]  # pairs
    due = postgres.fetch("SELECT order_id, due_at FROM orders WHERE due_at IS NOT NULL", name)
    assert due == [("o7", "2026-03-01T00:00:00+00:00")]


async def test_there_is_a_way_back(empty: str) -> None:
    await asyncio.to_thread(upgrade, empty)
    await asyncio.to_thread(command.downgrade, configuration(empty), "base")

    def left(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    assert await looked_at(empty, left) <= {"alembic_version"}
    await asyncio.to_thread(upgrade, empty)


def every_statement() -> Iterator[tuple[str, Select[Any] | UpdateBase]]:
    """All statements that are constants of a module, with their names."""
    for found in pkgutil.walk_packages(gateway.__path__, "gateway."):
        if "migrations" in found.name or found.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            of_it = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
            for one in of_it:
                if isinstance(one, Select | UpdateBase):
                    yield f"{found.name}.{name}", one


async def test_every_statement_of_the_product_is_understood(empty: str) -> None:
    await asyncio.to_thread(upgrade, empty)
    connection, statements, wrong, count = await asyncpg.connect(empty), Statements(), [], 0
    for name, statement in every_statement():
        count += 1
        try:
            if isinstance(statement, UpdateBase):
                for guarded in (False, True):
                    await connection.execute(statements.write(statement, guarded=guarded).preparing)
                    await connection.execute("DEALLOCATE ALL")
            else:
                read = statements.read(statement)
                for text in filter(None, (read.text, read.together)):
                    await connection.prepare(text)
        except asyncpg.PostgresError as error:
            wrong.append(f"{name}: {error}")
    await connection.close()
    assert not wrong
    assert count > 200


@pytest.mark.parametrize("wanted", [[], ["a"], ["b", "nobody", "a", "b"], ["quote ' \" \\ é"]])
async def test_a_list_is_looked_for_by_one_statement(shared: PostgresJournal, wanted: list[str]) -> None:
    await asyncio.gather(*(shared.commit(number(text)) for text in ("a", "b", "c", "quote ' \" \\ é")))
    rows = await shared.rows(_SOME, wanted=as_list(wanted))
    assert [row["msisdn"] for row in rows] == sorted({*wanted} - {"nobody"})
