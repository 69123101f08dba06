"""Same SIM, new number."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivers.subscription import Msisdn
from gateway.contract.action import Action, Claims, Refusal, Wish, on_live_line
from gateway.contract.actions import _checks
from gateway.contract.line import Line


@dataclass(frozen=True, slots=True)
class Details:
    """The number to be."""

    new_msisdn: Msisdn


def claims(details: Details, _msisdn: Msisdn | None) -> Claims:
    """The new number."""
    return Claims(msisdn=details.new_msisdn)


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    if details.new_msisdn == line.msisdn:
        return Refusal("same-number", f"the line already has the number {line.msisdn}: name the new one")
    return _checks.number(details.new_msisdn, wish) or replace(line, msisdn=details.new_msisdn)


ACTION = Action(details=Details, apply=on_live_line(judge), claims=claims)
