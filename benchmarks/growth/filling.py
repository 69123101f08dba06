"""A journal filled directly, a table at a time, and a few facts read from it: on SQLite, and on PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarks.growth.pattern import Pattern, Row, names
from tests.peers.postgres import PostgresServer

_PATIENCE_S = 3600


class Ledger(Protocol):
    """A database whose schema is there, and which no gateway has open for writing."""

    name: str

    @property
    def place(self) -> str:
        """The PostgreSQL URL; empty for SQLite, which is in the data directory."""

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert rows, as quickly as it goes."""

    def change(self, sql: str) -> None:
        """Run one statement."""

    def one(self, sql: str) -> str:
        """Read one value, as text; empty when there is none."""

    def settle(self) -> None:
        """Have done what a database does by itself after a while: what was inserted is counted, and on disk."""


class SqliteLedger:
    """See Ledger."""

    name = "SQLite"
    place = ""

    def __init__(self, data: Path) -> None:
        self._file = data / "journal.db"

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """See Ledger."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as journal:
            journal.execute("PRAGMA synchronous=OFF")  # until ``settle``; the gateway sets it as it wants it
            journal.execute("BEGIN")
            journal.executemany(
                f"INSERT INTO {table} ({_quoted(columns)}) VALUES ({', '.join('?' * len(columns))})", rows
            )
            journal.execute("COMMIT")

    def change(self, sql: str) -> None:
        """See Ledger."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as journal:
            journal.execute(sql)

    def one(self, sql: str) -> str:
        """See Ledger."""
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as journal:
            found = journal.execute(sql).fetchone()
        return "" if found is None else str(found[0])

    def settle(self) -> None:
        """See Ledger."""
        self.change("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgresLedger:
    """See Ledger."""

    name = "PostgreSQL"

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._server = server
        self._database = url.rpartition("/")[2]
        self.place = url

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """See Ledger."""
        asyncio.run(self._copy(table, columns, rows))

    async def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        asyncpg: Any = import_module("asyncpg")  # has no types
        connection = await asyncpg.connect(self.place)
        try:
            await connection.copy_records_to_table(table, records=rows, columns=list(columns), timeout=_PATIENCE_S)
        finally:
            await connection.close()

    def change(self, sql: str) -> None:
        """See Ledger."""
        asyncio.run(self._ask(sql))

    def one(self, sql: str) -> str:
        """See Ledger."""
        found = asyncio.run(self._ask(sql))
        return "" if not found else str(found[0][0])

    async def _ask(self, sql: str) -> list[Any]:
        asyncpg: Any = import_module("asyncpg")
        connection = await asyncpg.connect(self.place)
        try:
            return list(await connection.fetch(sql, timeout=_PATIENCE_S))
        finally:
            await connection.close()

    def settle(self) -> None:
        """See Ledger."""
        self.change("VACUUM ANALYZE")
        self.change("CHECKPOINT")


def fill(ledger: Ledger, patterns: Iterable[Pattern], numbers: range) -> None:
    """Write the rows of so many lines, tables in the order they need each other."""
    for pattern in patterns:
        ledger.add(pattern.table, pattern.columns, _rows(pattern, numbers))


def _rows(pattern: Pattern, numbers: range) -> Iterator[Row]:
    for number in numbers:
        yield from pattern.filled(names(number))


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
