"""Group commit: what one turn of the event loop brings goes into one transaction; only then is anything answered."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable

Value = str | int | float | bytes | None


class Ledger:
    """One database connection whose writes wait for the end of the turn, and who wants to know when they are kept.

    Without a running loop nobody ends the turn: call ``commit`` then.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._then: list[Callable[[bool], None]] = []
        self._open = False
        self._planned_in: asyncio.AbstractEventLoop | None = None

    def write(self, sql: str, *values: Value) -> None:
        """Write within this turn's transaction. Raises sqlite3.Error."""
        if not self._open:
            self._database.execute("BEGIN IMMEDIATE")
            self._open = True
            self._plan()
        self._database.execute(sql, values)

    def read(self, sql: str, *values: Value) -> sqlite3.Cursor:
        """Read, this turn's own writes included."""
        return self._database.execute(sql, values)

    def then(self, call: Callable[[bool], None]) -> None:
        """Have something called at the end of the turn: with ``True`` when all of it is kept."""
        self._then.append(call)
        self._plan()

    def commit(self) -> None:
        """End the turn now."""
        self._planned_in = None
        kept = True
        if self._open:
            self._open = False
            try:
                self._database.execute("COMMIT")
            except sqlite3.Error:  # a disk that fails: whoever waits is told
                self._database.rollback()
                kept = False
        waiting, self._then = self._then, []
        for call in waiting:
            call(kept)

    def close(self) -> None:
        """Keep what is written and let go of the file."""
        self.commit()
        self._database.close()

    def _plan(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._planned_in is not loop:
            self._planned_in = loop
            loop.call_soon(self._turn_ends)

    def _turn_ends(self) -> None:
        if self._planned_in is not None:
            self.commit()
