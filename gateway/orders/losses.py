"""Loss and theft: many lines reported at once, and the three times that prove it: reported, asked of us, confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, bindparam, or_, select

from gateway.contract.actions import report_lost
from gateway.contract.line import LOSS, Line, Reason, Restriction
from gateway.journal.archived import archived_orders
from gateway.journal.journal import Conflict, Journal, Unit
from gateway.journal.schema import orders
from gateway.orders import records
from gateway.orders.acceptance import Answer, KeyReused
from gateway.orders.codec import dump
from gateway.orders.engine import Engine
from gateway.orders.ids import new_id
from gateway.orders.order import LineRef, NewOrder, OrderState
from gateway.orders.plan import Plan

_ACTION = "report_lost"
_LAYING: tuple[Select[Any], ...] = tuple(
    select(table.c.plan, table.c.accepted_at, table.c.stored_at)
    .where(
        table.c.line_id == bindparam("line_id"),
        or_(table.c.action == _ACTION, table.c.action == "suspend"),
        table.c.state == OrderState.COMPLETED.value,
    )
    .order_by(table.c.seq.desc())
    for table in (orders, archived_orders)
)


@dataclass(frozen=True, slots=True)
class Lost:
    """One line of a report, and its handset's IMEI where that was told."""

    ref: Mapping[str, str]
    imei: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported, as it was asked; ``said``: the rest of the body, kept with every order."""

    reason: Literal[Reason.LOST, Reason.STOLEN]
    reported_at: datetime | None
    lines: Sequence[Lost]
    said: Mapping[str, Any]
    idempotency_key: str | None = None
    payload_hash: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """The report's id and what became of each line, in its order."""

    report_id: str
    answers: Sequence[Answer]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """When the gateway was asked, and when the network was read back as out of service; RFC 3339."""

    requested_at: str
    confirmed_at: str


async def take(journal: Journal, engine: Engine, report: Report, now: datetime, max_backlog: int) -> Reported:
    """Write the report, then an order for each line: a wrong line keeps no other back.

    Asked again under its key it goes on where it was left. Raises KeyReused, JournalFull.
    """
    report_id, replayed = await _write(journal, report, now)
    dated = report if report.reported_at is not None else replace(report, reported_at=now)
    wishes = [_order(report_id, n, dated, lost) for n, lost in enumerate(report.lines)]
    answers = await asyncio.gather(*(engine.accept(new, max_backlog) for new in wishes))
    return Reported(report_id, answers, replayed)


async def proof(journal: Journal, line_id: str, held: Restriction) -> Proof | None:
    """Return when a restriction for loss or theft was asked for and confirmed, from the order that laid it."""
    if held.reason not in LOSS:
        return None
    for statement in _LAYING:
        for row in await journal.rows(statement, line_id=line_id):
            plan = Plan.from_json(row["plan"])
            if _restricts(plan.after, held) and not _restricts(plan.before, held):
                return Proof(row["accepted_at"], row["stored_at"])
    return None


def _restricts(line: Line | None, held: Restriction) -> bool:
    return line is not None and any((r.kind, r.reason) == (held.kind, held.reason) for r in line.restrictions)


async def _write(journal: Journal, report: Report, now: datetime) -> tuple[str, bool]:
    """Make the report durable as it was told, wrong lines included; return its id, and whether it was there."""
    report_id, unit, key = new_id(now), Unit(), report.idempotency_key
    if key is not None:
        records.add_key(unit, key, report.payload_hash, {"id": report_id}, now)
    named = [{**lost.ref} if lost.imei is None else {**lost.ref, "imei": lost.imei} for lost in report.lines]
    reported_at = (report.reported_at or now).isoformat()
    told = {"reason": report.reason.value, "reported_at": reported_at, "lines": named, **report.said}
    records.add_notice(unit, "loss.reported", now, None, report_id=report_id, **told)
    try:
        await journal.commit(unit)
    except Conflict:
        known = await records.answer_for_key(journal, key or "")
        if known is None or known[0] != report.payload_hash:
            raise KeyReused from None
        return str(known[1]["id"]), True
    return report_id, False


def _order(report_id: str, n: int, report: Report, lost: Lost) -> NewOrder:
    details: dict[str, str] = {"reason": report.reason.value}
    if report.reported_at is not None:
        details["reported_at"] = report.reported_at.isoformat()
    about = {} if lost.imei is None else {"imei": lost.imei}
    body = {"action": _ACTION, "line": lost.ref, "details": details, **report.said, **about, "report_id": report_id}
    return NewOrder(
        action=_ACTION,
        ref=LineRef(**lost.ref),  # type: ignore[arg-type]  # checked at the border
        details=report_lost.Details(report.reason, report.reported_at),
        body=dump(body),
        external_id=report.said.get("external_id"),
        requested_by=report.said["requested_by"],
        idempotency_key=None if report.idempotency_key is None else f"{report.idempotency_key} {n}",
        payload_hash=report.payload_hash,
    )
