"""The periods use is counted in, from midnight to midnight in the contract's time zone, whatever the clocks do."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_LABEL = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})|@([0-9]{2}))?")


class PeriodKind(StrEnum):
    """How long a period is, and when it begins."""

    DAY = "day"
    MONTH = "month"
    BILLING_MONTH = "billing_month"
    ROAMING_MONTH = "roaming_month"  # Regulation (EU) 2022/612: the monthly billing period roaming data is capped in


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """A contract's period; ``billing_day`` (1 to 28) is the day of the month a billing or roaming month begins."""

    kind: PeriodKind
    time_zone: str
    billing_day: int = 1


@dataclass(frozen=True, slots=True)
class Period:
    """One period: its name, as 2026-11-22, 2026-11 or 2026-11@15; it begins at ``begins`` and is over at ``ends``.

    ``first`` is its first day, ``ends_on`` the first day of the next one.
    """

    label: str
    begins: datetime
    ends: datetime
    first: date
    ends_on: date

    @property
    def last_day(self) -> date:
        """The last day that belongs to it, as the customer's calendar has it."""
        return _before(self.ends_on)


def period_of(rule: PeriodRule, moment: datetime) -> Period:
    """Return the period a moment lies in."""
    period = _beginning(rule, _first(rule, moment.astimezone(ZoneInfo(rule.time_zone)).date()))
    if moment >= period.ends:  # an hour that comes twice around midnight belongs to the day that has begun
        return _beginning(rule, period.ends_on)
    return period


def period_labelled(rule: PeriodRule, label: str) -> Period | None:
    """Return the period of that name; a month's name alone is that of the billing month that begins in it."""
    found = _LABEL.fullmatch(label)
    if found is None or (found[3] is not None) != (rule.kind is PeriodKind.DAY):
        return None
    day = found[3] or found[4] or f"{_day_of_month(rule):02d}"
    try:
        first = date(int(found[1]), int(found[2]), int(day))
        return _beginning(rule, first) if _first(rule, first) == first else None
    except (ValueError, OverflowError):
        return None


def agrees(said: str, moment: datetime, time_zone: str, periods: Iterable[Period]) -> bool:
    """Tell whether what a record says of its period is true of the moment: a kind of period, or the name of one."""
    if said in set(PeriodKind):
        return True
    day = moment.astimezone(ZoneInfo(time_zone)).date()
    names = {day.isoformat(), f"{day:%Y-%m}"}
    for period in periods:
        names |= {period.label, f"{period.first:%Y-%m}"}
    return said in names


def _day_of_month(rule: PeriodRule) -> int:
    return 1 if rule.kind is PeriodKind.MONTH else rule.billing_day


def _first(rule: PeriodRule, day: date) -> date:
    """The first day of the period a day lies in."""
    if rule.kind is PeriodKind.DAY:
        return day
    begins = _day_of_month(rule)
    return (day if day.day >= begins else _before(day.replace(day=1))).replace(day=begins)


def _next(rule: PeriodRule, first: date) -> date:
    if rule.kind is PeriodKind.DAY:
        return first + timedelta(days=1)
    return (first.replace(day=1) + timedelta(days=31)).replace(day=first.day)


@functools.lru_cache(maxsize=4096)
def _beginning(rule: PeriodRule, first: date) -> Period:
    following = _next(rule, first)
    label = first.isoformat() if rule.kind is PeriodKind.DAY else f"{first:%Y-%m}"
    if rule.kind is not PeriodKind.DAY and first.day > 1:
        label = f"{label}@{first.day:02d}"
    zone = ZoneInfo(rule.time_zone)
    return Period(label, _midnight(first, zone), _midnight(following, zone), first, following)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _before(day: date) -> date:
    return day - timedelta(days=1)
