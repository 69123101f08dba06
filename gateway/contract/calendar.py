"""Working days and hours as one contract has them, and spans of time counted forwards and backwards along them."""

from __future__ import annotations

import functools
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

import holidays

_SPAN = re.compile(r"([0-9]{1,6}) +(working +)?([a-z]+)", re.IGNORECASE)
_DAY = timedelta(days=1)
_WEEK = frozenset(range(7))


class Unit(StrEnum):
    """What a span is counted in; minutes and hours are elapsed time."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Span:
    """So many of a unit, 0 or more."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"a span of time is not negative ({self.count}): write 0 or more")

    def __str__(self) -> str:
        words = self.unit.value.replace("_", " ")
        return f"{self.count} {words.removesuffix('s') if self.count == 1 else words}"


def parse_span(text: str) -> Span:
    """Return the span a text names, one or many of a unit; ValueError when it names none."""
    found = _SPAN.fullmatch(text.strip())
    if found:
        name = f"{'working_' if found[2] else ''}{found[3].lower().removesuffix('s')}s"
        if name in set(Unit):
            return Span(int(found[1]), Unit(name))
    raise ValueError(f"{text!r} is no span of time: write a number and a unit, as '48 working hours' or '2 months'")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A contract's days: its time zone, the holidays of its country, its weekend (Monday is 0) and its hours.

    ``day_begins`` and ``day_ends`` are local; without an end, a working day lasts until midnight. Public holidays
    come with the days off that make up for those on a Sunday where the country has such (Monaco has).
    """

    time_zone: str
    country: str
    subdivision: str | None = None
    weekend: frozenset[int] = frozenset({5, 6})
    day_begins: time = time()
    day_ends: time | None = None

    def __post_init__(self) -> None:
        if not self.weekend < _WEEK:
            raise ValueError("a weekend has days 0 (Monday) to 6 (Sunday), not all of them: leave a day to work")
        if self.day_ends is not None and self.day_ends <= self.day_begins:
            raise ValueError("a working day ends after it begins: leave its end out for midnight")

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is neither in the weekend nor a public holiday."""
        return day.weekday() not in self.weekend and day not in _public(self.country, self.subdivision, day.year)

    def day_of(self, moment: datetime) -> date:
        """Return the local day a moment lies in."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def start_of_day(self, day: date) -> datetime:
        """Return the moment a local day begins, in UTC."""
        return self._at(datetime.combine(day, time()))

    def after(self, moment: datetime, span: Span) -> datetime:
        """Return, in UTC, when a span that begins at a moment is over; no span at all leaves the moment.

        Working hours run on working days only, within their hours: they are over as soon as the last of them is, so
        24 of them from Friday 0:00 end on Saturday 0:00. Working days lead to the same local time of the n-th working
        day after; days, months and years keep the local time too, and a day the month has not becomes its last.
        A local time the clocks leave out moves forward as far as they do; of one that comes twice the first counts.
        """
        if not span.count:
            return moment.astimezone(UTC)
        match span.unit:
            case Unit.MINUTES | Unit.HOURS:
                return moment.astimezone(UTC) + _elapsed(span)
            case Unit.WORKING_HOURS:
                return self._worked(moment, _elapsed(span))
            case Unit.WORKING_DAYS:
                return self._same_time(moment, self._working_day(self.day_of(moment), span.count, _DAY))
            case Unit.DAYS:
                return self._same_time(moment, self.day_of(moment) + span.count * _DAY)
            case Unit.MONTHS | Unit.YEARS:
                return self._same_time(moment, _month_away(self.day_of(moment), _months(span)))
            case _:
                assert_never(span.unit)

    def before(self, moment: datetime, span: Span) -> datetime:
        """Return, in UTC, the latest moment from which ``moment`` is still at least a span away: a last deadline.

        It mirrors ``after``. Three working days before the start of a day are the start of the third working day
        before it. A month before the last day of a month is the last day of the month before: a month from 31 January
        is over on 28 February. A local time the clocks leave out moves back here, and of one that comes twice the
        second counts.
        """
        if not span.count:
            return moment.astimezone(UTC)
        match span.unit:
            case Unit.MINUTES | Unit.HOURS:
                return moment.astimezone(UTC) - _elapsed(span)
            case Unit.WORKING_HOURS:
                return self._to_work(moment, _elapsed(span))
            case Unit.WORKING_DAYS:
                return self._same_time(moment, self._working_day(self.day_of(moment), span.count, -_DAY), fold=1)
            case Unit.DAYS:
                return self._same_time(moment, self.day_of(moment) - span.count * _DAY, fold=1)
            case Unit.MONTHS | Unit.YEARS:
                return self._same_time(moment, _month_before(self.day_of(moment), _months(span)), fold=1)
            case _:
                assert_never(span.unit)

    def _at(self, local: datetime, fold: int = 0) -> datetime:
        return local.replace(tzinfo=ZoneInfo(self.time_zone), fold=fold).astimezone(UTC)

    def _same_time(self, moment: datetime, day: date, fold: int = 0) -> datetime:
        local = moment.astimezone(ZoneInfo(self.time_zone))
        return self._at(datetime.combine(day, local.time()), fold)

    def _working_day(self, day: date, count: int, step: timedelta) -> date:
        while count:
            day += step
            count -= self.is_working_day(day)
        return day

    def _working_times(self, day: date, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """Begin and end, in UTC, of each working day from a day on, forwards or backwards."""
        while True:
            if self.is_working_day(day):
                begins = self._at(datetime.combine(day, self.day_begins))
                ends = (
                    self._at(datetime.combine(day, self.day_ends)) if self.day_ends else self.start_of_day(day + _DAY)
                )
                yield begins, ends
            day += step

    def _worked(self, moment: datetime, left: timedelta) -> datetime:
        at = moment.astimezone(UTC)
        for begins, ends in self._working_times(self.day_of(at), _DAY):
            at = max(at, begins)
            if ends - at >= left:
                break
            left -= max(ends - at, timedelta())
        return at + left

    def _to_work(self, moment: datetime, left: timedelta) -> datetime:
        at = moment.astimezone(UTC)
        for begins, ends in self._working_times(self.day_of(at), -_DAY):
            at = min(at, ends)
            if at - begins >= left:
                break
            left -= max(at - begins, timedelta())
        return at - left


def known_country(country: str, subdivision: str | None) -> bool:
    """Tell whether the holidays of a country (ISO 3166-1 alpha-2), or of a part of it, are known."""
    if country not in holidays.list_supported_countries(include_aliases=False):
        return False
    try:
        holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return False
    return True


@functools.lru_cache(maxsize=256)
def _public(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False))


def _elapsed(span: Span) -> timedelta:
    return timedelta(minutes=span.count) if span.unit is Unit.MINUTES else timedelta(hours=span.count)


def _months(span: Span) -> int:
    return span.count * 12 if span.unit is Unit.YEARS else span.count


def _month_away(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month_before(day: date, months: int) -> date:
    """The last day from which the months are over on a day: from the end of a month, the end of a month."""
    ends = (day + _DAY).month != day.month
    return _month_away(day + _DAY, -months) - _DAY if ends else _month_away(day, -months)
