"""The doctor at a database at work: who holds what, and which program's tables it has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from gateway.journal.postgres import balance
from gateway.journal.postgres.journal import PostgresJournal
from tests.cli.database_findings import found, verdict


@pytest.fixture
async def session(database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def test_who_holds_what_is_told(database: str, session: Any) -> None:  # noqa: ANN401 - asyncpg has no types
    await session.execute(f"SELECT pg_advisory_lock_shared({balance.NAMESPACE}, {balance.PRESENCE})")
    for what in (1, 2, 3, balance.OFFICE):
        await session.execute(f"SELECT pg_advisory_lock({balance.NAMESPACE}, {what})")
    await session.execute("SELECT pg_advisory_lock(1, 60), pg_advisory_lock(61)")  # somebody else's
    findings = await found(database)
    (holder,) = [finding for check, finding in findings.items() if check.startswith("instance ")]
    assert holder.found == "holds 3 of 64 shards, and the office"
    assert findings["shards"].found.startswith("61 of 64")
    assert "office" not in findings


async def test_an_instance_is_called_by_where_it_listens(database: str, session: Any) -> None:  # noqa: ANN401 - no types
    await session.execute("CREATE TABLE instances (backend_pid integer, url text)")
    await session.execute(
        "INSERT INTO instances VALUES (pg_backend_pid(), 'http://192.0.2.7:8080'), (1, 'http://gone')"
    )
    await session.execute(f"SELECT pg_advisory_lock_shared({balance.NAMESPACE}, {balance.PRESENCE})")
    findings = await found(database)
    assert findings["instance http://192.0.2.7:8080"].found == "holds 0 of 64 shards"
    assert "instance http://gone" not in findings


async def test_a_journal_at_work_is_told(database: str) -> None:
    journal = await PostgresJournal.open(database, url_of_instance="http://192.0.2.8:8080")
    try:
        findings = await found(database)
    finally:
        await journal.close()
    assert verdict(findings, "database schema") == "ok"
    assert findings["database connections"].found.startswith("97 at most, 0 with others")


async def test_a_schema_of_a_newer_program_is_told(database: str, session: Any) -> None:  # noqa: ANN401 - no types
    await session.execute(
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('9999')"
    )
    findings = await found(database)
    assert (verdict(findings, "database schema"), "newer" in findings["database schema"].advice) == ("fail", True)


async def test_a_schema_of_an_older_program_is_told(database: str, session: Any) -> None:  # noqa: ANN401 - no types
    await session.execute(
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('0001')"
    )
    assert verdict(await found(database), "database schema") == "warn"


async def test_looking_changes_nothing(database: str, session: Any) -> None:  # noqa: ANN401 - asyncpg has no types
    await found(database)
    assert await session.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    assert await session.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
