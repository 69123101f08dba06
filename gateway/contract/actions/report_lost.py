"""The SIM is lost or stolen: out of service at once, ahead of everything else (001:6388, 6406-6408, 6718-6720)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gateway.contract.action import Action, Lane, Refusal, Wish, on_live_line
from gateway.contract.actions._restrict import restrict
from gateway.contract.line import Kind, Line, Reason, Restriction

_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Details:
    """What happened, and when it was reported if that was before now."""

    reason: Literal[Reason.LOST, Reason.STOLEN]
    reported_at: datetime | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    if details.reported_at is not None and details.reported_at > wish.now + _CLOCK_SKEW:
        return Refusal("reported-in-future", "reported_at lies in the future: give the time of the report")
    added = Restriction(Kind.SUSPENDED, details.reason, details.reported_at or wish.now)
    return restrict(line, added, wish.rules)


ACTION = Action(details=Details, apply=on_live_line(judge), lane=Lane.EMERGENCY)
