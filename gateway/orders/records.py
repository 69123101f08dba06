"""Reading and writing lines, orders, steps and events: the only file of this package that knows their columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, Update, bindparam, delete, exists, func, or_, select, update

from gateway.contract.actions import every
from gateway.contract.line import Life
from gateway.journal.journal import Journal, Row, Unit, together
from gateway.journal.schema import (
    NOT_ENDED,
    events,
    idempotency,
    insert_if_absent,
    insert_row,
    lines,
    orders,
    row_by,
    steps,
)
from gateway.journal.schema import update_row as updating
from gateway.journal.shards import shard_of
from gateway.orders import past
from gateway.orders.codec import dump, line_from_json, line_to_json
from gateway.orders.order import LineRecord, LineRef, Order, OrderState, StepResult

_BY_ID = row_by(orders, "order_id")
_LINE_BY_ID = together(row_by(lines, "line_id"))
_NEWEST_LINE_BY = {
    # a living line before an ended one, even a newer one whose number it has taken over
    name: together(
        select(lines.c.line_id, lines.c.body)
        .where(lines.c[name] == bindparam(name))
        .order_by(lines.c.state == Life.TERMINATED.value, lines.c.line_id.desc())
        .limit(1)
    )
    for name in ("msisdn", "imsi", "iccid")
}
_STEPS = row_by(steps, "order_id").order_by(steps.c.n)
_PENDING_OF_LINE = row_by(orders, "line_id").where(NOT_ENDED).order_by(orders.c.seq)
_LINES_OF_CUSTOMER = select(lines.c.body).where(
    lines.c.customer == bindparam("customer"),
    lines.c.contract == bindparam("contract"),
    lines.c.state != Life.TERMINATED.value,
    lines.c.msisdn != bindparam("but"),
)
_EFFECT_OF_LINE = (
    select(orders.c.effective, orders.c.effective_at, orders.c.stored_at)
    .where(orders.c.line_id == bindparam("line_id"), orders.c.state == OrderState.COMPLETED.value)
    .order_by(orders.c.seq.desc())
    .limit(1)
)
_KEY = row_by(idempotency, "key")
_EVENTS_AFTER = select(events).where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("most"))
_LAST_EVENT = select(func.max(events.c.seq).label("seq"))
_EVENTS_OF_LINE = (
    row_by(events, "line_id").where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("most"))
)

_BEGIN_EMPTY = ("stored_at", "effective_at", "effective", "error", "waiting_for", "expected_at", "plan", "undoing")
_NEW_ORDER = insert_row(orders, *_BEGIN_EMPTY)
_NEW_LINE = insert_row(lines)
_NEW_STEP = insert_row(steps)
_NEW_EVENT = insert_row(events)
_NEW_KEY = insert_if_absent(idempotency)
_FOUND_BY = ("msisdn", "imsi", "iccid", "contract", "host", "state", "customer")
_SET_LINE = updating(lines, "line_id", "body", "updated_at")
#: apart, and only where one of them is another: SQLite writes every index of a column it is told to set
_SET_FOUND_BY = (
    update(lines)
    .where(
        lines.c.line_id == bindparam("where_line_id"),
        or_(*(lines.c[name].is_distinct_from(bindparam(f"new_{name}", type_=Text)) for name in _FOUND_BY)),
    )
    .values({name: bindparam(f"new_{name}", type_=Text) for name in _FOUND_BY})
)
_OTHER_OPENER = exists(
    select(orders.c.order_id).where(
        orders.c.line_id == bindparam("dropped", type_=Text),
        orders.c.order_id != bindparam("ended", type_=Text),
        orders.c.action == bindparam("opener", type_=Text),
        NOT_ENDED,
    )
)
_DROP_ORDERED_LINE = delete(lines).where(
    lines.c.line_id == bindparam("dropped", type_=Text), lines.c.state == Life.ORDERED.value, ~_OTHER_OPENER
)
_SET_STEP = updating(steps, "order_id", "element", "outcome", "code", "text", "at").where(
    steps.c.n == bindparam("where_n")
)
_SET_ORDER: dict[tuple[str, ...], Update] = {
    names: updating(orders, "order_id", *names)
    for names in (
        ("state", "waiting_for", "expected_at"),
        ("state", "due_at"),
        ("state", "plan", "host"),
        ("state", "undoing", "error"),
        ("state", "error"),
        ("line_id",),
        ("lane", "waiting_for", "expected_at"),
        ("state", "stored_at", "effective_at", "effective", "waiting_for", "expected_at"),
    )
}


async def order(journal: Journal, order_id: str) -> Row | None:
    """Return one order's row, also from the archive."""
    rows = await journal.rows(_BY_ID, order_id=order_id)
    return rows[0] if rows else await past.order(journal, order_id)


async def order_steps(journal: Journal, order_id: str) -> Sequence[Row]:
    """Return an order's steps."""
    return await journal.rows(_STEPS, order_id=order_id)


async def line(journal: Journal, line_id: str) -> LineRecord | None:
    """Return one line."""
    return _record(await journal.rows(_LINE_BY_ID, line_id=line_id))


async def find_line(journal: Journal, ref: LineRef) -> LineRecord | None:
    """Return the newest line with this number, IMSI or ICCID."""
    for name, statement in _NEWEST_LINE_BY.items():
        value = getattr(ref, name)
        if value is not None:
            return _record(await journal.rows(statement, **{name: value}))
    return None


async def answer_for_key(journal: Journal, key: str) -> tuple[str, dict[str, Any]] | None:
    """Return payload hash and answer given before for an idempotency key."""
    rows = await journal.rows(_KEY, key=key)
    return (rows[0]["payload_hash"], json.loads(rows[0]["answer"])) if rows else None


async def events_after(journal: Journal, seq: int, most: int) -> Sequence[Row]:
    """Return events in their order."""
    return await journal.rows(_EVENTS_AFTER, after=seq, most=most)


async def last_event(journal: Journal) -> int:
    """Return the number of the newest event; 0 when there is none."""
    rows = await journal.rows(_LAST_EVENT)
    return rows[0]["seq"] or 0


async def events_of_line(journal: Journal, line_id: str, after: int = 0, most: int = 1000) -> Sequence[Row]:
    """Return what happened to a line after an event, oldest first."""
    return await journal.rows(_EVENTS_OF_LINE, line_id=line_id, after=after, most=most)


async def lines_of_customer(journal: Journal, contract: str, customer: str, but: str | None) -> tuple[datetime, ...]:
    """Return when a customer's living or ordered lines were taken, but for that number's."""
    rows = await journal.rows(_LINES_OF_CUSTOMER, customer=customer, contract=contract, but=but or "")
    lines_ = (line_from_json(json.loads(row["body"])) for row in rows)
    return tuple(line.opened_at for line in lines_ if line.opened_at is not None)


def add_order(unit: Unit, new: Order) -> None:
    """Write a new order."""
    unit.add(
        _NEW_ORDER,
        order_id=new.order_id,
        external_id=new.external_id,
        line_id=new.line_id,
        msisdn=new.msisdn,
        action=new.action,
        state=new.state.value,
        lane=int(new.lane),
        host=new.host,
        body=new.body,
        due_at=None if new.due_at is None else new.due_at.astimezone(UTC).isoformat(),  # compared as text
        accepted_at=new.accepted_at.isoformat(),
        shard=shard_of(new.line_id),
    )


def set_order(unit: Unit, order_id: str, **values: object) -> None:
    """Change an order; the set of columns is one of those prepared above."""
    unit.add(_SET_ORDER[tuple(values)], where_order_id=order_id, **values)


def add_key(unit: Unit, key: str, payload_hash: str, answer: Mapping[str, Any], at: datetime) -> None:
    """Remember the answer for an idempotency key; the unit conflicts ("key") when there is one already."""
    unit.add(_NEW_KEY, "key", key=key, payload_hash=payload_hash, answer=dump(answer), at=at.isoformat())


def add_line(unit: Unit, record: LineRecord, at: datetime) -> None:
    """Write a new line."""
    unit.add(_NEW_LINE, line_id=record.line_id, **_columns(record, at))


def set_line(unit: Unit, record: LineRecord, at: datetime) -> None:
    """Write what a line has become."""
    columns = _columns(record, at)
    found_by = {f"new_{name}": columns.pop(name) for name in _FOUND_BY}
    unit.add(_SET_LINE, where_line_id=record.line_id, **columns)
    unit.add(_SET_FOUND_BY, where_line_id=record.line_id, **found_by)


def drop_line_never_opened(unit: Unit, ended: Order) -> None:
    """Forget a line whose activation ended badly, unless another activation of it is still to come."""
    if every()[ended.action].opens_line:
        unit.add(_DROP_ORDERED_LINE, dropped=ended.line_id, ended=ended.order_id, opener=ended.action)


def add_step(unit: Unit, order_id: str, n: int, element: str, command: str) -> None:
    """Write a planned step."""
    unit.add(
        _NEW_STEP,
        order_id=order_id,
        n=n,
        element=element,
        command=command,
        outcome="planned",
        code=None,
        text=None,
        at=None,
    )


def set_step(unit: Unit, order_id: str, n: int, result: StepResult) -> None:
    """Checkpoint a step."""
    unit.add(
        _SET_STEP,
        where_order_id=order_id,
        where_n=n,
        element=result.element,
        outcome=result.outcome,
        code=result.code,
        text=result.text,
        at=result.at.isoformat(),
    )


def add_event(unit: Unit, kind: str, of: Order, at: datetime, /, **data: object) -> None:
    """Write what happened, in the past tense; it is published once committed."""
    unit.add(
        _NEW_EVENT,
        at=at.isoformat(),
        type=kind,
        line_id=of.line_id,
        order_id=of.order_id,
        data=dump({"order_id": of.order_id, "action": of.action, "msisdn": of.msisdn, **data}),
    )


def add_notice(unit: Unit, kind: str, at: datetime, line_id: str | None, /, **data: object) -> None:
    """Write an event that belongs to no order."""
    unit.add(_NEW_EVENT, at=at.isoformat(), type=kind, line_id=line_id, order_id=None, data=dump(data))


def _columns(record: LineRecord, at: datetime) -> dict[str, object]:
    now = record.line
    return {
        "msisdn": now.msisdn,
        "imsi": now.imsi,
        "iccid": now.iccid,
        "contract": now.contract,
        "host": now.host,
        "state": now.state,
        "body": dump(line_to_json(now)),
        "updated_at": at.isoformat(),
        "customer": now.customer,
    }


def _record(rows: Sequence[Row]) -> LineRecord | None:
    return LineRecord(rows[0]["line_id"], line_from_json(json.loads(rows[0]["body"]))) if rows else None


async def effect_on_line(journal: Journal, line_id: str) -> Row | None:
    """Return effective, effective_at and stored_at of the last order that completed on a line."""
    rows = await journal.rows(_EFFECT_OF_LINE, line_id=line_id)
    return rows[0] if rows else await past.effect_on_line(journal, line_id)


async def pending_of_line(journal: Journal, line_id: str) -> list[str]:
    """Return the ids of a line's orders without an end, oldest first."""
    return [row["order_id"] for row in await journal.rows(_PENDING_OF_LINE, line_id=line_id)]
