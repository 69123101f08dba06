"""Ports that come to nothing: refused by the donor, cancelled by us, withdrawn by whoever wanted a number of ours."""

from __future__ import annotations

from drivers.commands import PortState
from gateway.contract.actions import end_port
from gateway.contract.line import Life
from gateway.journal.journal import Row, Unit
from gateway.orders.order import LineRecord
from gateway.portability import book, telling, words
from gateway.portability.means import Means, own_order


async def refused(unit: Unit, means: Means, port: Row, code: str) -> None:
    """Commit that the number does not come: the line goes on without it, and the customer is told why."""
    record, why = await means.line_of(port), words.reason(code)
    _ended(unit, means, port, PortState.REFUSED, why)
    telling.add_event(unit, means, "refused", port, reason=why, code=code)
    telling.add_message(unit, means, "port_refused", port, record, reason=why)
    _ask_for_number(unit, means, port, record)
    await _commit(unit, means, port, record, why)


async def cancelled(unit: Unit, means: Means, port: Row) -> None:
    """Commit that the clearing house knows we do not want the number any more."""
    record = await means.line_of(port)
    _ended(unit, means, port, PortState.CANCELLED, port["dropped"] or "cancelled")
    telling.add_event(unit, means, "cancelled", port, why=port["dropped"])
    telling.add_message(unit, means, "port_cancelled", port, record)
    _ask_for_number(unit, means, port, record)
    await means.commit(unit)


async def withdrawn(unit: Unit, means: Means, port: Row) -> None:
    """Commit that a number of ours stays."""
    record = await means.line_of(port)
    _ended(unit, means, port, PortState.CANCELLED, "withdrawn")
    telling.add_event(unit, means, "withdrawn", port)
    await _commit(unit, means, port, record, "withdrawn")


def stuck(unit: Unit, means: Means, port: Row, why: str) -> None:
    """Write that a human must look at a port, and tell so once."""
    book.put(unit, port["reference"], stuck=why)
    advice = "see GET /v1/ports, put right what is wrong, then order complete_port or end_port with its reference"
    telling.add_event(unit, means, "stuck", port, why=why, advice=advice)


def _ended(unit: Unit, means: Means, port: Row, state: PortState, why: str) -> None:
    """A port for which an activation waits has its end when that has begun."""
    at = None if port["waits"] else means.clock().isoformat()
    book.put(unit, port["reference"], state=state.value, reason=why, ended_at=at)


def _ask_for_number(unit: Unit, means: Means, port: Row, record: LineRecord | None) -> None:
    line = None if record is None else record.line
    if line is not None and line.life is Life.ORDERED and line.msisdn == port["msisdn"]:
        telling.add_event(unit, means, "number_needed", port, advice="order cancel_port_in with the number to be")


async def _commit(unit: Unit, means: Means, port: Row, record: LineRecord | None, why: str) -> None:
    if record is None:
        await means.commit(unit)
        return
    details = end_port.Details(str(record.line.porting and record.line.porting.reference), why)
    if details.reference == port["reference"]:
        await means.commit_with(unit, own_order("end_port", record, details))
    else:
        await means.commit(unit)
