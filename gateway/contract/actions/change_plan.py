"""Change the plan; number, SIM and options stay."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.actions import _checks
from gateway.contract.identity import Name
from gateway.contract.line import Line


@dataclass(frozen=True, slots=True)
class Details:
    """The plan by the contract's name."""

    plan: Name


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    return _checks.plan(details.plan, wish.rules) or replace(line, plan=details.plan)


ACTION = Action(details=Details, apply=on_live_line(judge))
