"""A number comes from another operator to a line in service; the one it has is its temporary one (002 mobile 9.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as day

from drivers.subscription import Msisdn
from gateway.contract.action import Action, Claims, Refusal, Wish, on_live_line
from gateway.contract.actions import _porting
from gateway.contract.line import Line


@dataclass(frozen=True, slots=True)
class Details:
    """The number that comes, with its RIO, the customer's mandate and the day wished."""

    msisdn: Msisdn
    rio: str
    mandate: str
    date: day


def claims(details: Details, _msisdn: Msisdn | None) -> Claims:
    """The number that comes."""
    return Claims(coming=details.msisdn)


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: one number at a time."""
    if line.porting is not None:
        moves = f"{line.porting.msisdn} moves on {line.porting.day}"
        return Refusal("already-porting", f"{moves}: wait for it, or cancel it first")
    asked = _porting.PortIn(details.rio, details.mandate, details.date)
    porting = _porting.comes(details.msisdn, asked, wish)
    return porting if isinstance(porting, Refusal) else replace(line, porting=porting)


ACTION = Action(details=Details, apply=on_live_line(judge), claims=claims)
