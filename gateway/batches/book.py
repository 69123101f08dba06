"""Batches in the journal: with ``names`` and ``shown``, the only files that know their columns."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, Update, bindparam, exists, select, update

from gateway.batches.splitting import Piece
from gateway.batches.states import Batch, BatchState, Options
from gateway.journal.batching import ASKED, AT_WORK, RECEIVED, VALID, batch_problems, batch_rows, batches
from gateway.journal.journal import Journal, Row, Unit
from gateway.journal.schema import insert_if_absent, insert_row, row_by, update_row
from gateway.orders import records
from gateway.orders.codec import dump
from gateway.orders.order import Problem

_NEW = insert_row(batches)
_NEW_ROW = insert_row(batch_rows)
_BY_ID = row_by(batches, "batch_id")
_AT_WORK = select(batches).where(AT_WORK).order_by(batches.c.seq)
_MINE = batches.c.batch_id == bindparam("of_batch", type_=Text)
_RECEIVING = batches.c.state == BatchState.RECEIVING.value
_TAKE = (
    update(batches)
    .where(_MINE, _RECEIVING, batches.c.received == bindparam("from_received"))
    .values(
        received=bindparam("to_received"),
        header=bindparam("to_header"),
        lines=bindparam("to_lines"),
        total=batches.c.total + bindparam("more"),
    )
)
_MOVES: dict[tuple[str, ...], Update] = {
    names: update_row(batches, "batch_id", *names).where(batches.c.state == bindparam("from_state", type_=Text))
    for names in (
        ("state",),
        ("state", "complete"),
        ("state", "detail", "ended_at"),
        ("state", "validated_at"),
        ("state", "validated_at", "started_at"),
        ("state", "validated_at", "ended_at"),
        ("state", "started_at"),
        ("state", "ended_at"),
    )
} | {
    names: update_row(batches, "batch_id", *names).where(
        batches.c.state == bindparam("from_state", type_=Text), batches.c.approved_by.is_(None)
    )
    for names in (("state", "approved_by", "approved_at"), ("state", "approved_by", "approved_at", "started_at"))
}
_RUNNING = exists(
    select(batches.c.seq).where(batches.c.batch_id == bindparam("of_batch", type_=Text), batches.c.state == "running")
)
_THE_ROW = (batch_rows.c.batch_id == bindparam("of_batch"), batch_rows.c.n == bindparam("of_n"))
_SET_VALID = (
    update(batch_rows)
    .where(*_THE_ROW, RECEIVED)
    .values(
        state="valid",
        external_id=bindparam("to_external_id"),
        line=bindparam("to_line"),
        after_n=bindparam("to_after_n"),
        asker=bindparam("to_asker"),
    )
)
_SET_PROBLEM = (
    update(batch_rows)
    .where(*_THE_ROW, RECEIVED)
    .values(
        state="problem",
        external_id=bindparam("to_external_id"),
        line=bindparam("to_line"),
        problem=bindparam("to_problem"),
    )
)
_SET_PLACED = (
    update(batch_rows).where(*_THE_ROW, VALID, _RUNNING).values(state="placed", order_id=bindparam("to_order_id"))
)
_SET_REFUSED = (
    update(batch_rows).where(*_THE_ROW, VALID, _RUNNING).values(state="refused", problem=bindparam("to_problem"))
)
_COUNT = {
    name: update(batches).where(_MINE).values({name: batches.c[name] + bindparam("more")})
    for name in ("valid", "problems", "placed", "refused")
}
_NEW_TYPE = insert_if_absent(batch_problems)
_COUNT_TYPE = (
    update(batch_problems)
    .where(batch_problems.c.batch_id == bindparam("of_batch"), batch_problems.c.type == bindparam("of_type"))
    .values(count=batch_problems.c["count"] + bindparam("more"))
)
_FIRST = {
    name: select(batch_rows)
    .where(batch_rows.c.batch_id == bindparam("batch_id"), condition)
    .order_by(batch_rows.c.n)
    .limit(bindparam("most"))
    for name, condition in (("received", RECEIVED), ("valid", VALID))
}
_TEXTS = (
    select(batch_rows.c.n, batch_rows.c.text)
    .where(batch_rows.c.batch_id == bindparam("batch_id"), batch_rows.c.n >= bindparam("first"))
    .order_by(batch_rows.c.n)
    .limit(bindparam("most"))
)
_ASKED_BY = (
    select(batch_rows.c.n)
    .where(batch_rows.c.batch_id == bindparam("batch_id"), ASKED, batch_rows.c.asker == bindparam("asker"))
    .limit(1)
)
_ANY_ASKED = select(batch_rows.c.n).where(batch_rows.c.batch_id == bindparam("batch_id"), ASKED).limit(1)


async def batch(journal: Journal, batch_id: str) -> Batch | None:
    """Return one batch."""
    rows = await journal.rows(_BY_ID, batch_id=batch_id)
    return Batch.from_row(rows[0]) if rows else None


async def at_work(journal: Journal) -> list[Batch]:
    """Return those that are validated or placed now, oldest first."""
    return [Batch.from_row(row) for row in await journal.rows(_AT_WORK)]


async def newest(journal: Journal, state: BatchState | None, before: int | None, most: int) -> list[Batch]:
    """Return a page of batches, newest first."""
    asked = {"state": None if state is None else state.value, "before": before}
    given = {name: value for name, value in asked.items() if value is not None}
    return [Batch.from_row(row) for row in await journal.rows(_listing(tuple(given)), most=most, **given)]


async def first(journal: Journal, batch_id: str, state: str, most: int) -> Sequence[Row]:
    """Return a batch's first rows that are ``received`` or ``valid``, in their order."""
    return await journal.rows(_FIRST[state], batch_id=batch_id, most=most)


async def texts(journal: Journal, batch_id: str, first_n: int, most: int) -> Sequence[Row]:
    """Return n and text of rows from line ``first_n`` on."""
    return await journal.rows(_TEXTS, batch_id=batch_id, first=first_n, most=most)


async def needs_approval(journal: Journal, batch_id: str) -> bool:
    """Tell whether a row of it needs a second person."""
    return bool(await journal.rows(_ANY_ASKED, batch_id=batch_id))


async def asked_by(journal: Journal, batch_id: str, asker: str) -> bool:
    """Tell whether this person asks for a row that needs a second one."""
    return bool(await journal.rows(_ASKED_BY, batch_id=batch_id, asker=asker))


def add(unit: Unit, batch_id: str, options: Options, at: datetime) -> None:
    """Write a batch whose file is still to come, and the event."""
    sender = options.sender
    unit.add(
        _NEW,
        batch_id=batch_id,
        format=options.format.value,
        state=BatchState.RECEIVING.value,
        start=options.start.value,
        validate_only=int(options.validate_only),
        requested_by=None if sender.requested_by is None else dump(sender.requested_by),
        channels=None if sender.channels is None else dump(sender.channels),
        client=sender.client,
        created_at=at.isoformat(),
    )
    records.add_notice(unit, "batch.created", at, None, batch_id=batch_id, requested_by=sender.requested_by)


def take(unit: Unit, batch_id: str, before: int, piece: Piece) -> None:
    """Write rows of the file; the unit conflicts ("offset") unless exactly ``before`` bytes were here."""
    unit.add(
        _TAKE,
        "offset",
        of_batch=batch_id,
        from_received=before,
        to_received=piece.offset,
        to_header=piece.header,
        to_lines=piece.lines,
        more=len(piece.rows),
    )
    for n, text in piece.rows:
        unit.add(_NEW_ROW, batch_id=batch_id, n=n, text=text, state="received")


def move(unit: Unit, of: Batch, state: BatchState, at: datetime, /, **values: object) -> None:
    """Change a batch's state, and tell; the unit conflicts ("state") when it is not as it was read any more."""
    changed = {"state": state.value, **values}
    unit.add(_MOVES[tuple(changed)], "state", where_batch_id=of.batch_id, from_state=of.state.value, **changed)
    if "approved_by" in values:
        records.add_notice(unit, "batch.approved", at, None, batch_id=of.batch_id, approved_by=values["approved_by"])
    if state is not of.state:
        records.add_notice(unit, f"batch.{state.value}", at, None, batch_id=of.batch_id)


def set_valid(unit: Unit, row: Row, found: Mapping[str, object]) -> None:
    """Write what the validation made of a row; the unit conflicts ("row") when it was validated before."""
    told = {f"to_{name}": found.get(name) for name in ("external_id", "line", "after_n", "asker")}
    unit.add(_SET_VALID, "row", of_batch=row["batch_id"], of_n=row["n"], **told)


def set_problem(unit: Unit, row: Row, found: Mapping[str, object], problem: Mapping[str, Any]) -> None:
    """Write what is wrong with a row; the unit conflicts ("row") as above."""
    told = {f"to_{name}": found.get(name) for name in ("external_id", "line")}
    unit.add(_SET_PROBLEM, "row", of_batch=row["batch_id"], of_n=row["n"], to_problem=dump(problem), **told)


def set_placed(unit: Unit, row: Row, order_id: str) -> None:
    """Write which order a row has become; the unit conflicts ("row") unless the batch runs and the row is none yet."""
    unit.add(_SET_PLACED, "row", of_batch=row["batch_id"], of_n=row["n"], to_order_id=order_id)
    count(unit, row["batch_id"], "placed", 1)


def set_refused(unit: Unit, row: Row, problem: Problem) -> None:
    """Write why a row becomes no order; the unit conflicts ("row") as above."""
    unit.add(_SET_REFUSED, "row", of_batch=row["batch_id"], of_n=row["n"], to_problem=dump(problem.to_json()))
    count(unit, row["batch_id"], "refused", 1)
    count_problems(unit, row["batch_id"], {problem.slug: 1})


def count(unit: Unit, batch_id: str, name: str, more: int) -> None:
    """Count rows: ``valid``, ``problems``, ``placed`` or ``refused``."""
    if more:
        unit.add(_COUNT[name], of_batch=batch_id, more=more)


def count_problems(unit: Unit, batch_id: str, types: Mapping[str, int]) -> None:
    """Count problems by type."""
    for kind, more in types.items():
        unit.add(_NEW_TYPE, batch_id=batch_id, type=kind)
        unit.add(_COUNT_TYPE, of_batch=batch_id, of_type=kind, more=more)


@functools.cache
def _listing(names: tuple[str, ...]) -> Select[Any]:
    conditions = {"state": batches.c.state == bindparam("state"), "before": batches.c.seq < bindparam("before")}
    chosen = select(batches).where(*(conditions[name] for name in names))
    return chosen.order_by(batches.c.seq.desc()).limit(bindparam("most"))
