"""A number that was to come does not: the temporary one stays, or another is named (002 mobile 9.2.7, 001:6241)."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.subscription import Msisdn
from gateway.contract.action import Action, Claims, Refusal, Wish
from gateway.contract.actions import _porting
from gateway.contract.line import Line


@dataclass(frozen=True, slots=True)
class Details:
    """The number a line without a temporary one gets on the planned day; it may be named later, in the same way."""

    msisdn: Msisdn | None = None


def claims(details: Details, _msisdn: Msisdn | None) -> Claims:
    """The number named instead."""
    return Claims(msisdn=details.msisdn)


def apply(line: Line | None, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order; once cancelled, a number may be named at any time."""
    found = _porting.awaited(line)
    if isinstance(found, Refusal):
        return found
    awaiting, porting = found
    rule = _porting.offered(wish)
    if isinstance(rule, Refusal):
        return rule
    if not porting.cancelled:
        late = _porting.in_time(porting, rule.cancel_before, wish, "it could be cancelled")
        if late is not None:
            return late
    return _porting.given_up(awaiting, porting, details.msisdn, wish)


ACTION = Action(details=Details, apply=apply, claims=claims)
