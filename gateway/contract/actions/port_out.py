"""A number leaves for another operator: its line ends on that day (002 mobile 9.3.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as day

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.actions import _porting
from gateway.contract.line import Direction, Line, Porting
from gateway.contract.rio import normalised


@dataclass(frozen=True, slots=True)
class Details:
    """What the receiving operator asked; ``reference``: the clearing house's file, where it began there."""

    rio: str
    date: day
    recipient: str
    reference: str | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: the RIO is ours, and nothing else moves the number."""
    rule = _porting.offered(wish)
    if isinstance(rule, Refusal):
        return rule
    if (wrong := _porting.own_rio(details.rio, line.msisdn, rule)) is not None:
        return wrong
    if line.porting is not None:
        moves = f"{line.porting.msisdn} moves on {line.porting.day}"
        return Refusal("already-porting", f"{moves}: it is in one port at a time")
    if details.date < wish.rules.timing.calendar.day_of(wish.now):
        return Refusal("port-date", f"{details.date} is past: choose another day", timeless=True)
    reference = details.reference or wish.order_id
    rio = normalised(details.rio)
    porting = Porting(Direction.OUT, line.msisdn, rio, details.date, reference=reference, recipient=details.recipient)
    return replace(line, porting=porting)


ACTION = Action(details=Details, apply=on_live_line(judge))
