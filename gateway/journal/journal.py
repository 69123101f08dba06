"""What the engine asks of a database, whichever it is: units committed whole, many units in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Select, UpdateBase

from gateway.journal.tenure import Tenure

Statement = UpdateBase | Select[Any]

Row = Mapping[str, Any]


class Conflict(Exception):
    """A write that had to change a row found none as it should be; nothing of its unit was written."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class JournalFull(Exception):
    """Too many units wait to be written; try again after ``retry_after_s``."""

    retry_after_s = 1


class JournalUnusable(Exception):
    """The database cannot be used; the message says what to do."""


class JournalAway(Exception):
    """The database does not answer; what was asked may have been written or not. Try again after ``retry_after_s``."""

    retry_after_s = 1


def together(read: Select[Any]) -> Select[Any]:
    """Mark a read that many make at the same time, each with its own values: a database behind a wire is asked once.

    Its rows come in no order.
    """
    return read.execution_options(together=True)


@dataclass(frozen=True, slots=True)
class Write:
    """One prepared statement and its values; with ``conflict``, it must change a row or the unit fails with that word.

    Statements are module constants built with ``bindparam``: they are compiled once for each database.
    """

    statement: Statement
    values: dict[str, Any]
    conflict: str = ""


@dataclass(slots=True)
class Unit:
    """Writes that are committed together or not at all."""

    writes: list[Write] = field(default_factory=list)

    def add(self, statement: Statement, conflict: str = "", /, **values: object) -> None:
        """Append one write."""
        self.writes.append(Write(statement, values, conflict))


class Journal(Protocol):
    """A database that holds the schema."""

    @property
    def tenure(self) -> Tenure:
        """Who knows what of the database is ours."""

    async def commit(self, unit: Unit) -> None:
        """Return once the unit is durable. Raises Conflict (nothing written), JournalFull or JournalAway."""

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        """Read committed rows."""

    async def announce(self, url: str) -> None:
        """Tell other instances where this one listens."""

    async def close(self) -> None:
        """Write what waits, then let go of the database."""
