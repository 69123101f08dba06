"""A PostgreSQL of the measurements' own: durable, with memory enough, and one empty database after another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.postgres import PostgresServer

#: what any operator would set before anything else; every commit still waits for the disk
_SETTINGS = {
    "shared_buffers": "512MB",
    "synchronous_commit": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
}


class Databases:
    """Empty databases on one server."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._turns = itertools.count()

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Give the URL of a database nobody has used; it is dropped afterwards."""
        name = f"bench_{next(self._turns)}"
        url = self.server.create(name)
        try:
            yield url
        finally:
            self.server.drop(name)


@contextmanager
def postgres() -> Iterator[Databases]:
    """Run a server for as long as it is needed."""
    with PostgresServer(_SETTINGS) as server:
        yield Databases(server)
