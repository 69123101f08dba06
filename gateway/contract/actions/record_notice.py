"""A letter was sent to the customer, or what it was about is settled; what is due after letters counts from here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.identity import Name
from gateway.contract.line import Line, Notice

_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Details:
    """The contract's name for the letter, and when it was sent if not now; ``settled``: nothing is due after it."""

    notice: Name
    sent_at: datetime | None = None
    settled: bool = False


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    known = sorted({clock.notice for clock in wish.rules.timing.clocks if clock.notice is not None})
    if details.notice not in known:
        words = ", ".join(known) or "none"
        return Refusal("unknown-notice", f"{wish.rules.name} has these letters: {words}", timeless=True)
    if details.sent_at is not None and details.sent_at > wish.now + _CLOCK_SKEW:
        return Refusal("sent-in-future", "sent_at lies in the future: give the time the letter was sent")
    others = tuple(n for n in line.notices if n.name != details.notice)
    if details.settled:
        return replace(line, notices=others)
    return replace(line, notices=(*others, Notice(details.notice, details.sent_at or wish.now)))


ACTION = Action(details=Details, apply=on_live_line(judge))
