"""SQLite, embedded: WAL, synchronous=FULL, one writer thread that puts every waiting unit into one commit.

One process owns the file (an exclusive lock says so); local disk only, WAL needs shared memory.
"""

from __future__ import annotations

import asyncio
import fcntl
import queue
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sqlalchemy.dialects import sqlite as dialect

from gateway.journal.journal import Conflict, JournalFull, Row, Statement, Unit, Write
from gateway.journal.migrate import upgrade

MAX_UNITS_PER_COMMIT: Final = 1000
_Waiting = tuple[Unit, "asyncio.Future[None]"]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement compiled once; it is kept beside its text, so its id is never given to another one."""

    statement: Statement
    text: str
    constants: dict[str, object]


class JournalLocked(Exception):
    """Another process owns the journal."""


class SqliteJournal:
    """See Journal."""

    def __init__(self, path: Path, max_waiting: int = 20_000) -> None:
        """Open and upgrade the file. Raises JournalLocked."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(path.with_suffix(".lock"))
        upgrade(f"sqlite:///{path}")
        self._sql: dict[int, _Prepared] = {}
        self._writer = _open(path)
        self._reader = _open(path)
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._max_waiting = max_waiting
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._write_forever, name="journal", daemon=True)
        self._thread.start()

    async def commit(self, unit: Unit) -> None:
        """See Journal."""
        if self._queue.qsize() >= self._max_waiting:
            raise JournalFull
        done: asyncio.Future[None] = self._loop.create_future()
        self._queue.put((unit, done))
        await done

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        """See Journal. Point reads and short pages from the page cache: quicker than any hop to a thread."""
        prepared = self._prepared(statement)
        return self._reader.execute(prepared.text, prepared.constants | values).fetchall()

    async def close(self) -> None:
        """See Journal."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reader.close()
        self._writer.close()
        self._lock.close()

    def _prepared(self, statement: Statement) -> _Prepared:
        known = self._sql.get(id(statement))
        if known is None:
            compiled = statement.compile(dialect=dialect.dialect(paramstyle="named"))
            constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
            known = self._sql[id(statement)] = _Prepared(statement, str(compiled), constants)
        return known

    def _write_forever(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            while len(batch) < MAX_UNITS_PER_COMMIT and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._queue.put(None)
                    break
                batch.append(following)
            self._write(batch)

    def _write(self, batch: list[_Waiting]) -> None:
        """Commit the batch; if the database itself fails (disk full), each unit is tried alone so that none is lost."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            results: list[Exception | None] = [self._apply(unit) for unit, _ in batch]
            self._writer.execute("COMMIT")
        except sqlite3.Error as failure:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if len(batch) > 1:
                for waiting in batch:
                    self._write([waiting])
                return
            results = [failure]
        futures = [done for _, done in batch]
        self._loop.call_soon_threadsafe(_resolve, futures, results)

    def _apply(self, unit: Unit) -> Conflict | None:
        guarded = any(write.conflict for write in unit.writes)
        if guarded:
            self._writer.execute("SAVEPOINT unit")
        for write in unit.writes:
            if not self._execute(write):
                self._writer.execute("ROLLBACK TO unit")
                self._writer.execute("RELEASE unit")
                return Conflict(write.conflict)
        if guarded:
            self._writer.execute("RELEASE unit")
        return None

    def _execute(self, write: Write) -> bool:
        prepared = self._prepared(write.statement)
        changed = self._writer.execute(prepared.text, prepared.constants | write.values).rowcount
        return not write.conflict or changed > 0


def _resolve(futures: list[asyncio.Future[None]], results: Sequence[Exception | None]) -> None:
    for done, failure in zip(futures, results, strict=True):
        if done.cancelled():
            continue
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _take_lock(path: Path) -> IO[str]:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise JournalLocked(f"another process owns {path.name}: stop it first, or use another data directory") from None
    return file
