"""Whom a shared journal tells what it holds, and units to write into it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from sqlalchemy import func, select

from gateway.journal.journal import Unit
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.schema import insert_if_absent, insert_row, numbers, row_by, update_row

NEW = insert_row(numbers)
NEW_IF_ABSENT = insert_if_absent(numbers)
STATE = update_row(numbers, "msisdn", "state")
ONE = row_by(numbers, "msisdn")
COUNT = select(func.count().label("n")).select_from(numbers)
_PATIENCE_S = 30.0


class Recorder:
    """A tenant that keeps what it was told, in order, and does at once what it is asked to."""

    def __init__(self, before: Callable[[str], None] = lambda _: None) -> None:
        self.told: list[str] = []
        self.shards: frozenset[int] = frozenset()
        self._before = before

    async def take(self, shards: frozenset[int]) -> None:
        self._note("take")
        assert not self.shards & shards
        self.shards |= shards

    async def leave(self, shards: frozenset[int]) -> None:
        self._note("leave")
        assert shards <= self.shards
        self.shards -= shards

    async def lose(self) -> None:
        self._note("lose")
        self.shards = frozenset()

    async def news(self) -> None:
        self._note("news")

    async def take_office(self) -> None:
        self._note("take_office")

    async def leave_office(self) -> None:
        self._note("leave_office")

    def _note(self, what: str) -> None:
        self._before(what)
        self.told.append(what)


def number(msisdn: object, unit: Unit | None = None, state: str = "free") -> Unit:
    """A unit that writes one number."""
    unit = unit or Unit()
    unit.add(NEW, msisdn=msisdn, state=state, line_id=None, order_id=None, free_at=None)
    return unit


def claim(msisdn: str, unit: Unit | None = None) -> Unit:
    """A unit that writes one number unless it is there."""
    unit = unit or Unit()
    unit.add(NEW_IF_ABSENT, "number", msisdn=msisdn, state="free", line_id=None, order_id=None, free_at=None)
    return unit


async def count(journal: PostgresJournal) -> int:
    """How many numbers there are."""
    (row,) = await journal.rows(COUNT)
    return int(row["n"])


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.01)


def session_of(journal: PostgresJournal) -> int:
    """The server's process id of the session a journal writes in."""
    session = journal._writer.session
    assert session is not None
    return session.pid
