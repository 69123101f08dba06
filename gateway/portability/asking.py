"""Another operator wants a number of ours: judged here, answered once that is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime

from drivers.commands import PortFile, PortState
from gateway.contract.action import Refusal
from gateway.contract.actions import port_out
from gateway.contract.line import Life
from gateway.contract.rio import normalised
from gateway.contract.rules import Rules
from gateway.journal.journal import Row, Unit
from gateway.orders import records
from gateway.orders.order import LineRecord, LineRef
from gateway.portability import book, telling, words
from gateway.portability.means import Means, own_order, problem_of
from gateway.portability.rio import rio_of


def planned(file: PortFile, rules: Rules | None) -> tuple[date, str] | None:
    """Return the day of a file where the contract is at home, and its moment in UTC; ``None``: it names none."""
    try:
        on = datetime.fromisoformat(file.on)
    except ValueError:
        return None
    if rules is None:
        return on.date(), file.on
    calendar = rules.timing.calendar
    if on.tzinfo is None:  # a day
        return on.date(), calendar.start_of_day(on.date()).isoformat()
    return calendar.day_of(on), on.astimezone(UTC).isoformat()


async def asked_out(unit: Unit, means: Means, file: PortFile) -> None:
    """Commit a file nobody here began: join it to the port-out ordered for it, or judge it and place the order."""
    if file.state is not PortState.REQUESTED:
        await means.commit(unit)
        return
    ordered = await book.leaving(means.journal, file.msisdn)
    if ordered is not None:
        book.put(unit, ordered["reference"], file=file.reference, state=file.state.value, told_on=file.on)
        await means.commit(unit)
        return
    record = await records.find_line(means.journal, LineRef(msisdn=file.msisdn))
    rules = None if record is None else means.contracts.get(record.line.contract)
    day = planned(file, rules)
    code = _objection(file, record, rules) or (None if day is not None else "INCOMPLETE")
    row = _row(means, file, record, day)
    if code is not None or record is None or day is None:
        book.add(unit, **row, order_id=None, answer=code or "INCOMPLETE")
        await means.commit(unit)
        return
    details = port_out.Details(file.rio, day[0], file.recipient, file.reference)
    async with means.engine.enclosed(unit, own_order("port_out", record, details)) as placed:
        if isinstance(placed, Refusal):
            book.add(unit, **row, order_id=None, answer=words.code_for(placed.slug))
        else:
            book.add(unit, **row, order_id=placed.order_id, answer=None)
        book.put(unit, file.reference, told_on=file.on)
        telling.add_event(unit, means, "asked_out", row | {"order_id": None}, recipient=file.recipient)
        await means.journal.commit(unit)
    means.listeners.published()


async def judged(means: Means, port: Row) -> None:
    """Answer no when the order that was to let a number leave has come to nothing."""
    order = await records.order(means.journal, str(port["order_id"]))
    if order is None or order["state"] not in ("rejected", "failed", "cancelled"):
        return
    unit = Unit()
    book.put(unit, port["reference"], answer=words.code_for(problem_of(order)))
    await means.commit(unit)


def _objection(file: PortFile, record: LineRecord | None, rules: Rules | None) -> str | None:
    """Return the code of what speaks against it before anything is ordered."""
    if record is None or record.line.life is not Life.ACTIVE:
        return "NUMBER_INACTIVE"
    rule = None if rules is None else rules.bounds.portability
    if rule is None:
        return "INCAPACITY"
    if normalised(file.rio) != rio_of(record, rule):
        return "RIO_WRONG"
    return None if record.line.porting is None else "ALREADY_PORTING"


def _row(means: Means, file: PortFile, record: LineRecord | None, day: tuple[date, str] | None) -> dict[str, object]:
    now = means.clock()
    on, on_at = day or (now.date(), now.isoformat())
    return {
        "reference": file.reference,
        "file": file.reference,
        "direction": book.OUT,
        "msisdn": file.msisdn,
        "rio": file.rio,
        "line_id": None if record is None else record.line_id,
        "contract": None if record is None else record.line.contract,
        "donor": file.donor,
        "recipient": file.recipient,
        "mandate": None,
        "asked_on": file.on,
        "on_at": on_at,
        "day": on.isoformat(),
        "state": file.state.value,
        "waits": 0,
        "made_at": now.isoformat(),
    }
