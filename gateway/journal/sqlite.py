"""SQLite, embedded: WAL, synchronous=FULL, every waiting unit in one commit.

One process owns the file (an exclusive lock says so); local disk only, WAL needs shared memory.
"""

from __future__ import annotations

import asyncio
import fcntl
import functools
import logging
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy.dialects import sqlite as dialect

from gateway.journal.journal import Conflict, JournalAway, JournalFull, JournalUnusable, Row, Statement, Unit
from gateway.journal.migrate import upgrade
from gateway.journal.tenure import SoleTenure, Tenure

_log = logging.getLogger(__name__)
MAX_UNITS_PER_COMMIT: Final = 1000
_SLOW_COMMIT_S: Final = 0.01  #: a quick disk takes 0.4 ms, 4 ms with a checkpoint
_COMMITS_IN_THREAD: Final = 200
_KEPT: Final = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "temp_store=MEMORY")
#: what a million lines need of their indexes: 64 MiB of pages for each connection, and a window on the file for both
_SIZES: Final = ("cache_size=-65536", f"mmap_size={256 * 1024 * 1024}")
_Waiting = tuple[Unit, "asyncio.Future[None]"]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement in SQLite's words."""

    text: str
    constants: dict[str, object]

    def bound(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values it is run with; most statements have none of their own."""
        return self.constants | values if self.constants else values


class JournalLocked(JournalUnusable):
    """Another process owns the journal."""


class JournalClosed(Exception):
    """The journal is closed: nothing can be written any more."""

    def __init__(self) -> None:
        super().__init__("the journal is closed")


class SqliteJournal:
    """See Journal.

    Statements run where they are asked for, microseconds each, and so does COMMIT while the disk is quick. What is
    asked for in one turn of the event loop makes a batch: the busier, the more units share one fsync.
    """

    def __init__(self, path: Path, max_waiting: int = 20_000) -> None:
        """Open and upgrade the file. Raises JournalLocked."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(path.with_suffix(".lock"))
        path.touch(0o600)  # subscribers' data are nobody else's to read; SQLite's other files follow this one
        upgrade(f"sqlite:///{path}")
        self._writer = _open(path)
        self._reader = _open(path)
        self._max_waiting = max_waiting
        self._waiting: list[_Waiting] = []
        self._flushing: asyncio.Task[None] | None = None
        self._closed = False
        self._in_thread = 0
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._tenure = SoleTenure()

    @property
    def tenure(self) -> Tenure:
        """See Journal: a file has one owner."""
        return self._tenure

    async def commit(self, unit: Unit) -> None:
        """See Journal."""
        if self._closed:
            raise JournalClosed
        if len(self._waiting) >= self._max_waiting:
            raise JournalFull
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((unit, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="journal")
        await done

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        """See Journal. Point reads and short pages from the page cache: quicker than any hop to a thread."""
        prepared = _prepared(statement)
        return self._reader.execute(prepared.text, prepared.bound(values)).fetchall()

    async def announce(self, url: str) -> None:
        """See Journal: nobody else is there to be told."""

    async def close(self) -> None:
        """See Journal."""
        self._closed = True
        while self._flushing is not None:
            await asyncio.wait([self._flushing])
        self._disk.shutdown()
        self._reader.close()
        self._writer.close()
        self._lock.close()

    async def _flush(self) -> None:
        """Write batch after batch until nothing waits."""
        try:
            while self._waiting:
                await asyncio.sleep(0)  # one more turn of the loop: who has just been answered may ask again
                batch = self._waiting[:MAX_UNITS_PER_COMMIT]
                del self._waiting[: len(batch)]
                await self._write(batch)
        finally:
            self._flushing = None

    async def _write(self, batch: list[_Waiting]) -> None:
        """Commit the batch; if the database itself fails, each unit is tried alone so that none is lost."""
        results: list[Exception | None]
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            results = [self._apply(unit) for unit, _ in batch]
            await self._make_durable()
        except Exception as failure:  # noqa: BLE001 - besides sqlite3's own, values no database can hold
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if len(batch) > 1:
                for waiting in batch:
                    await self._write([waiting])
                return
            results = [_told(failure)]
        for (_, done), result in zip(batch, results, strict=True):
            if done.done():
                continue  # whoever asked has gone; what was asked is written all the same
            if result is None:
                done.set_result(None)
            else:
                done.set_exception(result)

    async def _make_durable(self) -> None:
        """Wait for the disk: here while it is quick; in a thread for a while once it was slow, so all else goes on."""
        if self._in_thread:
            self._in_thread -= 1
            await asyncio.get_running_loop().run_in_executor(self._disk, self._writer.execute, "COMMIT")
            return
        started = time.perf_counter()
        self._writer.execute("COMMIT")
        if time.perf_counter() - started > _SLOW_COMMIT_S:
            self._in_thread = _COMMITS_IN_THREAD

    def _apply(self, unit: Unit) -> Conflict | None:
        guarded = any(write.conflict for write in unit.writes)
        if guarded:
            self._writer.execute("SAVEPOINT unit")
        for write in unit.writes:
            prepared = _prepared(write.statement)
            changed = self._writer.execute(prepared.text, prepared.bound(write.values)).rowcount
            if write.conflict and changed <= 0:
                self._writer.execute("ROLLBACK TO unit")
                self._writer.execute("RELEASE unit")
                return Conflict(write.conflict)
        if guarded:
            self._writer.execute("RELEASE unit")
        return None


@functools.cache
def _prepared(statement: Statement) -> _Prepared:
    """Compile a statement, once: they are constants, and equal to nothing but themselves."""
    compiled = statement.compile(dialect=dialect.dialect(paramstyle="named"))
    constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    return _Prepared(str(compiled), constants)


def _told(failure: Exception) -> Exception:
    """Return what the asker is told: a disk that is full, or broken, is nothing that they asked for."""
    if not isinstance(failure, sqlite3.OperationalError):
        return failure
    _log.error("the journal cannot be written: %s", failure)
    return JournalAway()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for pragma in (*_KEPT, *_SIZES):
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
