"""Journals on a database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from gateway.journal.migrate import upgrade
from gateway.journal.postgres.journal import PostgresJournal
from tests.peers.postgres import PostgresServer


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> str:
    """A database with all tables and no rows, to be copied: that is quicker than migrating another one."""
    upgrade(postgres.create("migrated"))
    return "migrated"


@pytest.fixture
def database(migrated: str, postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database of the test's own, with all tables and no rows."""
    name = f"t{uuid4().hex}"
    yield postgres.create(name, migrated)
    postgres.drop(name)


@pytest.fixture
def empty(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database of the test's own, with nothing in it."""
    name = f"t{uuid4().hex}"
    yield postgres.create(name)
    postgres.drop(name)


@pytest.fixture
async def shared(database: str) -> AsyncIterator[PostgresJournal]:
    """One instance's journal."""
    opened = await PostgresJournal.open(database, url_of_instance="http://127.0.0.1:1")
    yield opened
    await opened.close()


@pytest.fixture
async def another(database: str, shared: PostgresJournal) -> AsyncIterator[PostgresJournal]:
    """Another instance's, on the same database."""
    assert shared.tenure is not None
    opened = await PostgresJournal.open(database, url_of_instance="http://127.0.0.1:2")
    yield opened
    await opened.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that the test may stop."""
    with PostgresServer() as running:
        yield running
