"""What the five contracts ask of time, written from the contracts again and counted hour by hour: slow, and its own.

Nothing here asks the gateway. All moments are whole hours in UTC (or half past, where nothing is counted from).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)
ZONES = {
    "technicophone": ZoneInfo("Europe/Paris"),
    "cmi": ZoneInfo("Europe/Paris"),
    "opt-nc": ZoneInfo("Pacific/Noumea"),
    "orange-mayotte": ZoneInfo("Indian/Mayotte"),
    "monaco-telecom": ZoneInfo("Europe/Monaco"),
}
#: days off between March 2026 and March 2027 and around 29 February 2028, where working time is counted
_FRANCE = (
    "2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15 2026-11-01 2026-11-11 2026-12-25 "
    "2027-01-01 2028-01-01 2028-04-17 2028-05-01"
)
_MONACO = (
    "2026-04-06 2026-05-01 2026-05-14 2026-05-25 2026-06-04 2026-08-15 2026-11-01 2026-11-02 2026-11-19 2026-12-08 "
    "2026-12-25 2027-01-01 2027-01-27 2028-01-01 2028-01-27 2028-04-17 2028-05-01"
)
_OFF: Mapping[str, frozenset[date]] = {
    "cmi": frozenset(date.fromisoformat(day) for day in _FRANCE.split()),
    "monaco-telecom": frozenset(date.fromisoformat(day) for day in _MONACO.split()),
}


def _works(contract: str, moment: datetime) -> bool:
    day = moment.astimezone(ZONES[contract]).date()
    return day.weekday() < 5 and day not in _OFF[contract]


@functools.cache
def working_hours_after(contract: str, since: datetime, hours: int) -> datetime:
    """Walk on, hour by hour, until so many of them lay in working days."""
    while hours:
        hours -= _works(contract, since)
        since += _HOUR
    return since


@functools.cache
def working_hours_before(contract: str, until: datetime, hours: int) -> datetime:
    """Walk back, hour by hour."""
    while hours:
        until -= _HOUR
        hours -= _works(contract, until)
    return until


@functools.cache
def days_after(contract: str, since: datetime, days: int) -> datetime:
    """Walk on until so many midnights were passed and the clock on the wall shows the same again."""
    zone = ZONES[contract]
    start = since.astimezone(zone)
    day, passed, moment = start.date(), 0, since
    while passed < days or moment.astimezone(zone).hour != start.hour:
        moment += _HOUR
        if moment.astimezone(zone).date() != day:
            day, passed = moment.astimezone(zone).date(), passed + 1
    return moment.astimezone(UTC)


@functools.cache
def months_after(contract: str, since: datetime, months: int) -> datetime:
    """Walk on until the calendar on the wall shows the day of that name, or the month's last, at the same hour."""
    zone = ZONES[contract]
    start, moment = since.astimezone(zone), since
    turned = start.year * 12 + start.month + months
    while True:
        moment += _HOUR
        there = moment.astimezone(zone)
        tomorrow = (there + timedelta(days=1)).month
        last = tomorrow != there.month and there.day < start.day
        if there.year * 12 + there.month == turned and there.hour == start.hour and (there.day == start.day or last):
            return moment.astimezone(UTC)


@functools.cache
def next_billing_day(contract: str, since: datetime, day: int) -> datetime:
    """Walk on to the first hour of the next such day of a month."""
    zone = ZONES[contract]
    moment = since.replace(minute=0)
    while True:
        moment += _HOUR
        there = moment.astimezone(zone)
        if (there.day, there.hour) == (day, 0):
            return moment.astimezone(UTC)


@functools.cache
def billing_day_before(contract: str, now: datetime, day: int) -> datetime:
    """Walk back to the first hour of the last such day of a month."""
    moment = now.replace(minute=0)
    while True:
        there = moment.astimezone(ZONES[contract])
        if (there.day, there.hour) == (day, 0):
            return moment.astimezone(UTC)
        moment -= _HOUR


@dataclass(frozen=True)
class Escalation:
    """Something that is due when a time has run out, as a contract has it."""

    name: str
    begins: str  # "ordered", a letter's name, or "suspended" with reasons
    lasts: Callable[[str, datetime], datetime]
    action: str
    placed: bool
    details: Mapping[str, str]
    reasons: frozenset[str] = frozenset()


def _days(days: int) -> Callable[[str, datetime], datetime]:
    return lambda contract, since: days_after(contract, since, days)


def _months(months: int) -> Callable[[str, datetime], datetime]:
    return lambda contract, since: months_after(contract, since, months)


def _ends(
    name: str, begins: str, lasts: Callable[[str, datetime], datetime], *reasons: str, placed: bool
) -> Escalation:
    return Escalation(name, begins, lasts, "terminate", placed, {"reason": name}, frozenset(reasons))


_BUT_LOSS = (
    *("unpaid", "credit_limit", "customer", "fraud", "abuse", "network_harm", "numbering_breach", "authority"),
    *("missing_papers", "stolen_handset", "inactivity", "other_debts"),
)
_AS_CMI = (
    Escalation("unpaid_suspend", "unpaid_reminder", _days(8), "suspend", placed=False, details={"reason": "unpaid"}),
    _ends("suspended_too_long", "suspended", _months(2), *_BUT_LOSS, placed=False),
    _ends("never_activated", "ordered", _months(3), placed=False),
)
_UNPAID = ("unpaid", "credit_limit", "abuse", "network_harm", "numbering_breach", "stolen_handset")
ESCALATIONS: Mapping[str, tuple[Escalation, ...]] = {
    "technicophone": (
        Escalation(
            "unpaid_restrict", "unpaid_first", _days(8), "bar_outgoing", placed=False, details={"reason": "unpaid"}
        ),
        _ends("unpaid_terminate", "unpaid_second", _days(10), placed=False),
    ),
    "cmi": _AS_CMI,
    "opt-nc": (),
    "orange-mayotte": (
        _ends("suspended_unpaid", "suspended", _days(15), *_UNPAID, placed=True),
        _ends("suspended_other_debts", "suspended", _days(10), "other_debts", placed=True),
        Escalation(
            "papers_suspend",
            "papers_requested",
            _days(15),
            "suspend",
            placed=True,
            details={"reason": "missing_papers"},
        ),
        _ends("papers_terminate", "papers_reminder", _days(8), placed=True),
    ),
    "monaco-telecom": _AS_CMI,
}


def last_word(contract: str, due: datetime) -> datetime:
    """Until when a termination may be taken back."""
    match contract:
        case "cmi" | "monaco-telecom":
            return working_hours_before(contract, due, 72)
        case "orange-mayotte":
            return due - 24 * _HOUR
        case _:
            return due
