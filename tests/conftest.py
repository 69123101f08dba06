"""Shared by every test: how Hypothesis searches here, and the one PostgreSQL of a run."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from tests.peers.postgres import PostgresServer

# a slow machine is no failure: pytest-timeout ends what hangs
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run, made when first asked for: who kills it, or changes it, makes one of their own."""
    with PostgresServer() as running:
        yield running


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database of the test's own; it is removed with whoever is connected."""
    name = f"t{uuid4().hex}"
    yield postgres.create(name)
    postgres.drop(name)
