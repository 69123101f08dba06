"""The ports table kept as lines have it, in the commit that changes them: what moves, and what moves no more.

What is said to the clearing house, and what it tells, is written by ``gateway.portability``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, func, update

from gateway.contract.action import Lane
from gateway.contract.line import Direction, Life, Line, Porting
from gateway.contract.rules import Rules
from gateway.journal.journal import Unit
from gateway.journal.porting import ports as table
from gateway.journal.schema import insert_if_absent, orders, update_row
from gateway.orders import records
from gateway.orders.order import Order
from gateway.stock import shelf

#: when an activation begins whose number comes that day: when the number is released, and not before
AT_RELEASE: Final = datetime(9999, 12, 31, tzinfo=UTC)
NUMBER_NEEDED: Final = "a number: name one with cancel_port_in"

_NEW = insert_if_absent(table)
_OF = table.c.reference == bindparam("of_reference")
_DAY = update_row(table, "reference", "day", "on_at")
_AGREED = update_row(table, "reference", "day", "answer", "line_id", "contract")
_DROP = (
    update(table).where(_OF, table.c.dropped.is_(None), table.c.switched_at.is_(None)).values(dropped=bindparam("why"))
)
_SWITCHED = (
    update(table)
    .where(_OF, table.c.dropped.is_(None), table.c.switched_at.is_(None))
    .values(switched_at=bindparam("at"), stuck=None)
)
_WAITING = (
    update(orders)
    .where(orders.c.order_id == bindparam("of_order"), orders.c.waiting_for.is_not(None))
    .values(msisdn=bindparam("number"), waiting_for=bindparam("for_what"), expected_at=bindparam("then"))
)
_ENDED = update(table).where(_OF).values(ended_at=func.coalesce(table.c.ended_at, bindparam("at")))


def waits(details: object) -> bool:
    """Tell whether an order begins only when its number has been released elsewhere."""
    port_in = getattr(details, "port_in", None)
    return port_in is not None and port_in.temporary_msisdn is None


def start_of(day_of: Porting, rules: Rules) -> str:
    """Write when the day of a port begins where the contract is at home, in UTC."""
    return rules.timing.calendar.start_of_day(day_of.day).isoformat()


def follow(unit: Unit, order: Order, before: Line | None, after: Line, known: tuple[Rules, datetime]) -> None:
    """Write what a line's change makes of its port; ``known``: the contract and the time. Most changes concern none."""
    was, will = None if before is None else before.porting, after.porting
    if will is not None and will != was:
        _keep(unit, order, after, will, known)
    if was is not None and (will is None or will.reference != was.reference):
        _end(unit, order, (was, after), known[1])
    elif before is None and after.life is Life.ACTIVE and will is None and '"port_in"' in order.body:
        unit.add(_SWITCHED, of_reference=order.order_id, at=known[1].isoformat())


def _keep(unit: Unit, order: Order, line: Line, porting: Porting, known: tuple[Rules, datetime]) -> None:
    rules, reference = known[0], str(porting.reference)
    unit.add(_NEW, **_row(order, line, porting, known))
    if porting.direction is Direction.OUT:
        names = {"line_id": order.line_id, "contract": line.contract}
        unit.add(_AGREED, where_reference=reference, day=porting.day.isoformat(), answer="yes", **names)
        return
    unit.add(_DAY, where_reference=reference, day=porting.day.isoformat(), on_at=start_of(porting, rules))
    if line.life is Life.ORDERED:
        _show_waiting(unit, order, line, porting, start_of(porting, rules))
    if porting.cancelled:
        unit.add(_DROP, of_reference=reference, why=order.action)
        if line.msisdn != porting.msisdn:
            shelf.keep_for(unit, line.msisdn, order.line_id, reference)
            shelf.let_go(unit, porting.msisdn)


def _show_waiting(unit: Unit, order: Order, line: Line, porting: Porting, then: str) -> None:
    """Tell whoever looks at the activation what it waits for; it outruns others once that has come."""
    for_what = f"the release of {porting.msisdn} by the operator it leaves (port {porting.reference})"
    if porting.cancelled:
        for_what = NUMBER_NEEDED if line.msisdn == porting.msisdn else f"the day planned, for {line.msisdn}"
    if porting.reference == order.order_id:
        if line.msisdn == porting.msisdn:
            urgent = int(Lane.EMERGENCY)
            records.set_order(unit, order.order_id, lane=urgent, waiting_for=for_what, expected_at=then)
        return
    unit.add(_WAITING, of_order=porting.reference, number=line.msisdn, for_what=for_what, then=then)


def _end(unit: Unit, order: Order, moved: tuple[Porting, Line], now: datetime) -> None:
    was, after = moved
    came = was.direction is Direction.IN and after.life is Life.ACTIVE and after.msisdn == was.msisdn
    left = was.direction is Direction.OUT and after.life is Life.TERMINATED
    if came or left:
        unit.add(_SWITCHED, of_reference=was.reference, at=now.isoformat())
    else:
        unit.add(_DROP, of_reference=was.reference, why=order.action)
        if was.direction is Direction.OUT:  # the other operator has ended it: nothing is left to say
            unit.add(_ENDED, of_reference=was.reference, at=now.isoformat())


def _row(order: Order, line: Line, porting: Porting, known: tuple[Rules, datetime]) -> dict[str, object]:
    rules, now = known
    rule, comes = rules.bounds.portability, porting.direction is Direction.IN
    ours = "" if rule is None else rule.operator
    return {
        "reference": porting.reference,
        "file": porting.reference if comes else None,
        "direction": porting.direction.value,
        "msisdn": porting.msisdn,
        "rio": porting.rio,
        "line_id": order.line_id,
        "order_id": order.order_id,
        "contract": line.contract,
        "donor": porting.rio[:2] if comes else ours,
        "recipient": ours if comes else porting.recipient or "",
        "mandate": porting.mandate,
        "asked_on": start_of(porting, rules),
        "on_at": start_of(porting, rules),
        "day": porting.day.isoformat(),
        "state": "new",
        "answer": None if comes else "yes",
        "waits": int(comes and line.life is Life.ORDERED and line.msisdn == porting.msisdn),
        "made_at": now.isoformat(),
    }
