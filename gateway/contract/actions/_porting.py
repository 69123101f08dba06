"""Judgements about numbers that come from another operator or go to one; each returns a refusal, or what is agreed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from drivers.subscription import Msisdn
from gateway.contract.action import Refusal, Wish
from gateway.contract.actions import _checks
from gateway.contract.calendar import Span
from gateway.contract.line import Direction, Life, Line, Porting
from gateway.contract.rio import check_rio, normalised
from gateway.contract.rulebook.bounds import PortRule


@dataclass(frozen=True, slots=True)
class PortIn:
    """The number comes from another operator."""

    rio: str
    mandate: str
    date: date
    temporary_msisdn: Msisdn | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """The number a line is opened with, and the port it goes on waiting for."""

    msisdn: Msisdn
    porting: Porting | None = None


def offered(wish: Wish) -> PortRule | Refusal:
    """Return the contract's rule, if there is one and a clearing house to ask."""
    rule = wish.rules.bounds.portability
    if rule is None:
        return Refusal("no-portability", f"{wish.rules.name} moves no numbers: use one of its own", timeless=True)
    if not wish.ports:
        advice = "elements.toml has no element of role clearing: add the clearing house"
        return Refusal("not-supported", advice, timeless=True)
    return rule


def comes(msisdn: Msisdn, asked: PortIn, wish: Wish) -> Porting | Refusal:
    """Judge a number that is to come: RIO, mandate, day, and that nobody else has or awaits it (002 mobile 9.2)."""
    rule = offered(wish)
    if isinstance(rule, Refusal):
        return rule
    wrong = _rio(asked.rio, msisdn) or _papers(asked, rule) or day(asked.date, rule.latest, rule, wish)
    if wrong is None and not wish.coming_free:
        wrong = Refusal("number-not-free", f"{msisdn} serves a line here, or another port of it is on its way")
    if wrong is not None:
        return wrong
    return Porting(Direction.IN, msisdn, normalised(asked.rio), asked.date, asked.mandate, reference=wish.order_id)


def opening(line: Line | None, asked: PortIn | None, wish: Wish, msisdn: Msisdn) -> Opening | Refusal:
    """Return with which number a line is opened; ``msisdn`` is the one the order names it by."""
    if asked is None:
        return _checks.number(msisdn, wish) or Opening(msisdn)
    if line is None:
        return _first(asked, wish, msisdn)
    agreed = line.porting
    if agreed is None or agreed.reference != wish.order_id:
        return Refusal("line-exists", f"{msisdn} is being activated by another order: wait for its end", timeless=True)
    if agreed.cancelled and line.msisdn == agreed.msisdn:
        return Refusal("msisdn-missing", "its number does not come any more: name another with cancel_port_in")
    waits_on = not agreed.cancelled and line.msisdn != agreed.msisdn
    return Opening(line.msisdn, agreed if waits_on else None)


def _first(asked: PortIn, wish: Wish, msisdn: Msisdn) -> Opening | Refusal:
    porting = comes(msisdn, asked, wish)
    if isinstance(porting, Refusal):
        return porting
    if asked.temporary_msisdn is None:
        return _temporary_needed(asked.date, wish) or Opening(msisdn, porting)
    if asked.temporary_msisdn == msisdn:
        return Refusal("same-number", f"{msisdn} is to come: name another number for the meantime", timeless=True)
    return _checks.number(asked.temporary_msisdn, wish) or Opening(asked.temporary_msisdn, porting)


def _temporary_needed(on: date, wish: Wish) -> Refusal | None:
    """From a while on a customer has a temporary number (004 art. 19)."""
    rule, calendar = wish.rules.bounds.portability, wish.rules.timing.calendar
    if rule is None or rule.temporary_after is None:
        return None
    last = calendar.day_of(calendar.after(wish.now, rule.temporary_after))
    if on <= last:
        return None
    advice = f"a number that comes after {last} has a temporary one until then: name port_in.temporary_msisdn"
    return Refusal("temporary-number-needed", advice, timeless=True)


def day(on: date, latest: Span, rule: PortRule, wish: Wish) -> Refusal | None:
    """The day lies between the soonest and the latest from now."""
    calendar = wish.rules.timing.calendar
    first = calendar.day_of(calendar.after(wish.now, rule.soonest))
    last = calendar.day_of(calendar.after(wish.now, latest))
    if first <= on <= last:
        return None
    return Refusal("port-date", f"{on} cannot be had: choose a day from {first} to {last}", timeless=True)


def in_time(porting: Porting, before: Span, wish: Wish, what: str) -> Refusal | None:
    """A port is changed so long before its day, and no later."""
    calendar = wish.rules.timing.calendar
    until = calendar.before(calendar.start_of_day(porting.day), before)
    if wish.now <= until:
        return None
    return Refusal("port-too-late", f"{what} until {until.isoformat()}: the number comes on {porting.day}")


def awaited(line: Line | None) -> tuple[Line, Porting] | Refusal:
    """Return a line that waits for a number to come, with that port; its activation need not have run."""
    if line is None or line.life is Life.TERMINATED:
        return Refusal("line-not-active", "the line is not in service: activate it first")
    if line.porting is None or line.porting.direction is not Direction.IN:
        return Refusal("port-unknown", f"no number is on its way to {line.msisdn}: see /v1/ports")
    return line, line.porting


def given_up(line: Line, porting: Porting, msisdn: Msisdn | None, wish: Wish) -> Line | Refusal:
    """Return the line without the number that was to come: a temporary one stays, else another is named.

    Our own contract goes on (002 mobile 9.2.7).
    """
    has_number = line.msisdn != porting.msisdn
    if has_number and (msisdn is not None or porting.cancelled):
        return Refusal("has-a-number", f"the line keeps {line.msisdn}: order change_number for another")
    if line.life is Life.ACTIVE:
        return replace(line, porting=None)
    if msisdn is None:
        if porting.cancelled:
            return Refusal("msisdn-missing", "the port was cancelled before: name the line's number in details.msisdn")
        return replace(line, porting=replace(porting, cancelled=True))
    given = replace(line, msisdn=msisdn, porting=replace(porting, cancelled=True))
    return _checks.number(msisdn, wish) or given


def own_rio(rio: str, msisdn: Msisdn, rule: PortRule) -> Refusal | None:
    """The RIO of a number that leaves names us."""
    wrong = _rio(rio, msisdn)
    if wrong is None and normalised(rio)[:2] != rule.operator.upper():
        return Refusal("rio-invalid", "the RIO names another operator than this one: have it asked anew", timeless=True)
    return wrong


def _rio(rio: str, msisdn: Msisdn) -> Refusal | None:
    wrong = check_rio(rio, msisdn)
    return None if wrong is None else Refusal("rio-invalid", wrong, timeless=True)


def _papers(asked: PortIn, rule: PortRule) -> Refusal | None:
    if not asked.mandate.strip():
        return Refusal("mandate-missing", "the customer must have signed a mandate: name it", timeless=True)
    if normalised(asked.rio)[:2] == rule.operator.upper():
        return Refusal("rio-invalid", "the RIO names this operator itself: nothing need be moved", timeless=True)
    return None
