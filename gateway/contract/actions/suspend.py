"""Suspend every service of the line for a time (001:6210-6212)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.actions._restrict import restrict
from gateway.contract.line import Kind, Line, Reason, Restriction


@dataclass(frozen=True, slots=True)
class Details:
    """Why, and the asker's own reference."""

    reason: Reason
    reference: str | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    added = Restriction(Kind.SUSPENDED, details.reason, wish.now, details.reference)
    return restrict(line, added, wish.rules)


ACTION = Action(details=Details, apply=on_live_line(judge))
