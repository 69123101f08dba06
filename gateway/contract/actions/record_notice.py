"""A letter was sent to the customer, time was granted, or what it was about is settled; clocks count from here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.identity import Name
from gateway.contract.line import Line, Notice

_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Details:
    """The contract's name for the letter, and when it was sent if not now; ``settled``: nothing is due after it.

    ``until`` grants time: what is due after the letter is not due before. ``notice`` may then name a clock instead
    (004 art. 16: unless extended); a letter that was recorded before counts from the same moment as before.
    """

    notice: Name
    sent_at: datetime | None = None
    settled: bool = False
    until: datetime | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    wrong = _unknown(details, wish) or _senseless(details, wish)
    if wrong is not None:
        return wrong
    others = tuple(n for n in line.notices if n.name != details.notice)
    if details.settled:
        return replace(line, notices=others)
    before = next((n for n in line.notices if n.name == details.notice), None)
    at = details.sent_at or (before.at if before is not None and details.until is not None else wish.now)
    return replace(line, notices=(*others, Notice(details.notice, at, details.until)))


def _unknown(details: Details, wish: Wish) -> Refusal | None:
    clocks = wish.rules.timing.clocks
    letters = {clock.notice for clock in clocks if clock.notice is not None}
    names = letters | {clock.name for clock in clocks} if details.until is not None or details.settled else letters
    if details.notice in names:
        return None
    words = ", ".join(sorted(names)) or "none"
    said = f"{wish.rules.name} has these letters: {words}"
    if details.notice in {clock.name for clock in clocks}:
        said += f"; {details.notice} is a clock: give until, the time that is granted"
    return Refusal("unknown-notice", said, timeless=True)


def _senseless(details: Details, wish: Wish) -> Refusal | None:
    if details.sent_at is not None and details.sent_at > wish.now + _CLOCK_SKEW:
        return Refusal("sent-in-future", "sent_at lies in the future: give the time the letter was sent")
    if details.settled and details.until is not None:
        return Refusal("contradiction", "what is settled needs no more time: give settled or until", timeless=True)
    if details.until is not None and details.until <= wish.now:
        return Refusal("granted-in-past", "until lies in the past: give the time until which nothing is due")
    return None


ACTION = Action(details=Details, apply=on_live_line(judge))
