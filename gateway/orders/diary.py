"""What is due on lines, kept beside them so that the clocks need not read every line: always as the line has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from gateway.contract.deadlines import deadlines
from gateway.contract.line import Line
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import deadlines as table
from gateway.journal.schema import insert_if_absent, row_by, update_row

_NEW = insert_if_absent(table)
_ONE = (table.c.line_id == bindparam("of_line"), table.c.name == bindparam("of_name"))
_DROP = delete(table).where(*_ONE)
_TOLD = update_row(table, "line_id", "proposed_at").where(table.c.name == bindparam("where_name"))
_OF_LINE = row_by(table, "line_id").order_by(table.c.due_at)
_DUE = (
    select(table)
    .where(table.c.proposed_at.is_(None), table.c.due_at <= bindparam("now"))
    .order_by(table.c.due_at, table.c.line_id)
    .limit(bindparam("most"))
)
_NEXT = select(table.c.due_at).where(table.c.proposed_at.is_(None)).order_by(table.c.due_at).limit(1)


def follow(unit: Unit, line_id: str, before: Line | None, after: Line, rules: Rules) -> None:
    """Write what has become due on a line, drop what no longer is; nothing is written where nothing has changed."""
    was = set() if before is None else {(d.name, d.due_at) for d in deadlines(before, rules)}
    due = {(d.name, d.due_at) for d in deadlines(after, rules)}
    for name, _ in sorted(was - due):
        drop(unit, line_id, name)
    for name, due_at in sorted(due - was):
        unit.add(_NEW, line_id=line_id, name=name, due_at=due_at.isoformat(), proposed_at=None)


def drop(unit: Unit, line_id: str, name: str) -> None:
    """Forget one deadline."""
    unit.add(_DROP, of_line=line_id, of_name=name)


def set_proposed(unit: Unit, line_id: str, name: str, at: datetime) -> None:
    """Remember that humans were told."""
    unit.add(_TOLD, where_line_id=line_id, where_name=name, proposed_at=at.isoformat())


async def due(journal: Journal, now: datetime, most: int) -> Sequence[Row]:
    """Return what is due by now, earliest first."""
    return await journal.rows(_DUE, now=now.isoformat(), most=most)


async def next_due(journal: Journal) -> datetime | None:
    """Return when the next is due."""
    rows = await journal.rows(_NEXT)
    return datetime.fromisoformat(rows[0]["due_at"]) if rows else None


async def of_line(journal: Journal, line_id: str) -> Sequence[Row]:
    """Return what is due on one line."""
    return await journal.rows(_OF_LINE, line_id=line_id)
