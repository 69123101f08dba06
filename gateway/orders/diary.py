"""What is due on lines, kept beside them so that the clocks need not read every line: always as the line has it.

A deadline that was attended to (ordered, or told to humans) stays, marked, for as long as the line has it: it is
attended to once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, tuple_

from gateway.contract.deadlines import deadlines
from gateway.contract.line import Line
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import deadlines as table
from gateway.journal.schema import insert_if_absent, row_by, update_row

#: when it is due, of which line, by which name: the order they are read in
Place = tuple[str, str, str]
FIRST: Final[Place] = ("", "", "")

_NEW = insert_if_absent(table)
_AT_ONCE = 200
_ONE = (table.c.line_id == bindparam("of_line"), table.c.name == bindparam("of_name"))
_DROP = delete(table).where(*_ONE)
_DROP_ALL = delete(table).where(table.c.line_id == bindparam("of_line"))
_TOLD = update_row(table, "line_id", "proposed_at").where(table.c.name == bindparam("where_name"))
_OF_LINE = row_by(table, "line_id").order_by(table.c.due_at)
_OF_LINES = select(table).where(table.c.line_id > bindparam("after_line"), table.c.line_id <= bindparam("last_line"))
_PLACE = (table.c.due_at, table.c.line_id, table.c.name)
_AFTER = tuple_(*_PLACE) > tuple_(bindparam("due_at"), bindparam("line_id"), bindparam("name"))
_UP_TO = select(table).where(_AFTER, table.c.due_at <= bindparam("until")).order_by(*_PLACE).limit(bindparam("most"))
_DUE = _UP_TO.where(table.c.proposed_at.is_(None))
_NEXT = select(table.c.due_at).where(table.c.proposed_at.is_(None)).order_by(table.c.due_at).limit(1)


def follow(unit: Unit, line_id: str, before: Line | None, after: Line, rules: Rules) -> None:
    """Write what has become due on a line, drop what no longer is; nothing is written where nothing has changed."""
    if before is None:  # ordered, or in service for the first time: nothing from before counts any more
        unit.add(_DROP_ALL, of_line=line_id)
    was = set() if before is None else {(d.name, d.due_at) for d in deadlines(before, rules)}
    due = {(d.name, d.due_at) for d in deadlines(after, rules)}
    for name, _ in sorted(was - due):
        drop(unit, line_id, name)
    for name, due_at in sorted(due - was):
        add(unit, line_id, name, due_at)


def add(unit: Unit, line_id: str, name: str, due_at: datetime) -> None:
    """Write one deadline, unless it is there."""
    unit.add(_NEW, line_id=line_id, name=name, due_at=due_at.astimezone(UTC).isoformat(), proposed_at=None)


def drop(unit: Unit, line_id: str, name: str) -> None:
    """Forget one deadline."""
    unit.add(_DROP, of_line=line_id, of_name=name)


def set_proposed(unit: Unit, line_id: str, name: str, at: datetime) -> None:
    """Remember that it was attended to: humans were told, or the order was placed."""
    unit.add(_TOLD, where_line_id=line_id, where_name=name, proposed_at=at.isoformat())


def place_of(row: Row) -> Place:
    """Return where a row lies among all of them."""
    return row["due_at"], row["line_id"], row["name"]


async def due(journal: Journal, now: datetime, most: int = _AT_ONCE, after: Place = FIRST) -> Sequence[Row]:
    """Return what is due by now and was not attended to, earliest first, from a place on."""
    return await journal.rows(_DUE, until=now.isoformat(), most=most, **_bound(after))


async def up_to(journal: Journal, until: datetime, most: int, after: Place = FIRST) -> Sequence[Row]:
    """Return what is due by then, also what was attended to, earliest first, from a place on."""
    return await journal.rows(_UP_TO, until=until.astimezone(UTC).isoformat(), most=most, **_bound(after))


async def next_due(journal: Journal) -> datetime | None:
    """Return when the next is due."""
    rows = await journal.rows(_NEXT)
    return datetime.fromisoformat(rows[0]["due_at"]) if rows else None


async def of_line(journal: Journal, line_id: str) -> Sequence[Row]:
    """Return what is due on one line."""
    return await journal.rows(_OF_LINE, line_id=line_id)


async def of_lines(journal: Journal, after: str, last: str) -> Sequence[Row]:
    """Return what is due on lines after one and up to another, by their ids."""
    return await journal.rows(_OF_LINES, after_line=after, last_line=last)


def _bound(after: Place) -> dict[str, str]:
    return dict(zip(("due_at", "line_id", "name"), after, strict=True))
