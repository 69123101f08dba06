"""Another day for a number that comes: once, in time, and counted as a new request (002 mobile 9.2.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as day

from gateway.contract.action import Action, Refusal, Wish
from gateway.contract.actions import _porting
from gateway.contract.line import Direction, Line


@dataclass(frozen=True, slots=True)
class Details:
    """The new day; ``reference``: the file of a number that leaves, whose day is the other operator's to change."""

    date: day
    reference: str | None = None


_YEARS = range(2000, 9999)  # a day's beginning elsewhere may lie in the year before or after


def apply(line: Line | None, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order."""
    leaving = None if line is None else line.porting
    if line is not None and leaving is not None and leaving.direction is Direction.OUT:
        if details.reference != leaving.reference:
            return Refusal("port-unknown", "the number leaves: its day is the other operator's to change")
        if details.date.year not in _YEARS:
            return Refusal(
                "port-date", f"{details.date} is no day a number can leave: give the file's own", timeless=True
            )
        return replace(line, porting=replace(leaving, day=details.date))
    found = _porting.awaited(line)
    if isinstance(found, Refusal):
        return found
    awaiting, porting = found
    rule = _porting.offered(wish)
    if isinstance(rule, Refusal):
        return rule
    wrong = (
        _once(porting.cancelled, porting.moved)
        or _porting.in_time(porting, rule.change_before, wish, "its day could be changed")
        or _porting.day(details.date, rule.changed_latest, rule, wish)
    )
    return wrong or replace(awaiting, porting=replace(porting, day=details.date, moved=True))


def _once(cancelled: bool, moved: bool) -> Refusal | None:  # noqa: FBT001 - two facts of a port, in its own words
    if cancelled:
        return Refusal("port-unknown", "the port was cancelled: its day matters no more")
    if moved:
        return Refusal("port-moved-once", "its day was changed once, which is all: cancel the port and order it anew")
    return None


ACTION = Action(details=Details, apply=apply)
