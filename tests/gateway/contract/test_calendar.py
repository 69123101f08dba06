"""Working days and hours: the holidays of each territory, and spans as the slowest way to count them has it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.calendar import Calendar, Span, Unit, known_country, parse_span

PARIS = Calendar("Europe/Paris", "FR")
MAYOTTE = Calendar("Indian/Mayotte", "FR", "YT")
NOUMEA = Calendar("Pacific/Noumea", "FR", "NC")
MONACO = Calendar("Europe/Monaco", "MC")
PLACES = [PARIS, MAYOTTE, NOUMEA, MONACO]
OFFICE = Calendar(
    "Europe/Paris", "FR", None, frozenset({4, 5}), time(8, 30), time(18)
)  # open on Sundays: clocks change
NEVER_SHUT = Calendar("Europe/Monaco", "MC", None, frozenset())
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

calendars = st.sampled_from([*PLACES, OFFICE, NEVER_SHUT])
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
clock_changes = st.sampled_from([datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
minutes = st.one_of(
    st.integers(0, 5 * 365 * 24 * 60).map(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + n * MINUTE),
    st.builds(lambda day, n: day + n * MINUTE, clock_changes, st.integers(-3 * 24 * 60, 3 * 24 * 60)),
)
calendar_spans = st.builds(Span, st.integers(1, 40), st.sampled_from([Unit.DAYS, Unit.MONTHS, Unit.YEARS]))


def _works(calendar: Calendar, minute: datetime) -> bool:
    local = minute.astimezone(ZoneInfo(calendar.time_zone))
    within = calendar.day_begins <= local.time() and (calendar.day_ends is None or local.time() < calendar.day_ends)
    return within and calendar.is_working_day(local.date())


def _minute_by_minute(calendar: Calendar, moment: datetime, hours: int, step: timedelta) -> datetime:
    left = hours * 60
    while left:
        left -= _works(calendar, moment if step > timedelta() else moment + step)
        moment += step
    return moment


def _day_by_day(day: date, months: int) -> date:
    """The last day of the month so many months on whose number is not beyond the day's own."""
    wanted = day.year * 12 + day.month + months
    last, at = None, day
    while at.year * 12 + at.month <= wanted:
        if at.year * 12 + at.month == wanted and at.day <= day.day:
            last = at
        at += DAY
    assert last is not None
    return last


def _local(calendar: Calendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.time_zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "off_in"),
    [
        ("2026-01-27", [MONACO]),  # Sainte Dévote
        ("2026-04-27", [MAYOTTE]),  # abolition of slavery
        ("2026-05-01", PLACES),
        ("2026-05-08", [PARIS, MAYOTTE, NOUMEA]),
        ("2026-07-14", [PARIS, MAYOTTE, NOUMEA]),
        ("2026-09-24", [NOUMEA]),  # citizenship day
        ("2026-11-02", [MONACO]),  # All Saints' Day is a Sunday
        ("2026-11-19", [MONACO]),  # national day
        ("2026-11-21", PLACES),  # a Saturday
        ("2026-11-23", []),
    ],
)
def test_days_off_of_2026(day: str, off_in: list[Calendar]) -> None:
    assert [place for place in PLACES if not place.is_working_day(date.fromisoformat(day))] == off_in


@settings(max_examples=60)
@given(calendars, minutes, st.integers(1, 30))
def test_working_hours_are_what_counting_minutes_gives(calendar: Calendar, moment: datetime, hours: int) -> None:
    span = Span(hours, Unit.WORKING_HOURS)
    assert calendar.after(moment, span) == _minute_by_minute(calendar, moment, hours, MINUTE)
    assert calendar.before(moment, span) == _minute_by_minute(calendar, moment, hours, -MINUTE)


@given(calendars, minutes, st.integers(-20_000, 20_000), st.integers(0, 120))
def test_working_hours_are_over_in_time_just_when_they_began_in_time(
    calendar: Calendar, moment: datetime, apart: int, hours: int
) -> None:
    span, deadline = Span(hours, Unit.WORKING_HOURS), moment + apart * MINUTE
    assert (calendar.after(moment, span) <= deadline) == (moment <= calendar.before(deadline, span))


@given(calendars, minutes, st.integers(1, 15))
def test_working_days_are_what_counting_days_gives(calendar: Calendar, moment: datetime, count: int) -> None:
    zone, span = ZoneInfo(calendar.time_zone), Span(count, Unit.WORKING_DAYS)
    local = moment.astimezone(zone)
    for step, found in ((DAY, calendar.after(moment, span)), (-DAY, calendar.before(moment, span))):
        on = [d for n in range(1, 60) if calendar.is_working_day(d := local.date() + n * step)][count - 1]
        same = datetime.combine(on, local.time(), zone).replace(fold=step < timedelta())
        assert found == same.astimezone(UTC)


@given(days, st.integers(1, 30), st.sampled_from(PLACES))
def test_months_are_what_counting_days_gives(day: date, count: int, calendar: Calendar) -> None:
    noon, span = calendar.start_of_day(day) + timedelta(hours=12), Span(count, Unit.MONTHS)
    assert calendar.day_of(calendar.after(noon, span)) == _day_by_day(day, count)
    latest = calendar.day_of(calendar.before(noon, span))
    assert _day_by_day(latest, count) <= day < _day_by_day(latest + DAY, count)


@given(calendars, minutes, calendar_spans)
def test_a_last_deadline_leaves_the_whole_span(calendar: Calendar, moment: datetime, span: Span) -> None:
    latest = calendar.before(moment, span)
    assert calendar.after(latest, span) <= moment < calendar.after(latest + timedelta(hours=25), span)


@given(calendars, days)
def test_a_day_begins_where_the_day_before_ends(calendar: Calendar, day: date) -> None:
    begins = calendar.start_of_day(day)
    assert calendar.day_of(begins) == day
    assert calendar.day_of(begins - MINUTE) == day - DAY
    assert begins.tzinfo is UTC


@pytest.mark.parametrize(
    ("begins", "span", "over"),
    [
        ("2026-11-20T15:00", "48 working hours", "2026-11-24T15:00"),  # Friday to Tuesday
        ("2026-11-21T15:00", "1 working hour", "2026-11-23T01:00"),  # a Saturday waits for Monday
        ("2026-11-20T00:00", "24 working hours", "2026-11-21T00:00"),
        ("2026-11-21T15:00", "1 working day", "2026-11-23T15:00"),
        ("2026-04-30T10:00", "2 working days", "2026-05-05T10:00"),  # 1 May is a Friday
        ("2026-03-28T12:00", "1 day", "2026-03-29T12:00"),  # 23 hours on
        ("2026-03-28T12:00", "24 hours", "2026-03-29T13:00"),
        ("2026-03-28T02:30", "1 day", "2026-03-29T03:30"),  # 2:30 does not exist
        ("2026-10-24T02:30", "1 day", "2026-10-25T02:30"),  # 2:30 comes twice: the first
        ("2026-01-31T09:00", "1 month", "2026-02-28T09:00"),
        ("2028-01-31T09:00", "1 month", "2028-02-29T09:00"),
        ("2028-02-29T09:00", "1 year", "2029-02-28T09:00"),
        ("2026-11-20T15:00", "90 minutes", "2026-11-20T16:30"),
        ("2026-11-21T15:00", "0 working days", "2026-11-21T15:00"),
    ],
)
def test_spans_of_paris(begins: str, span: str, over: str) -> None:
    assert PARIS.after(_local(PARIS, begins), parse_span(span)) == _local(PARIS, over)


@pytest.mark.parametrize(
    ("over", "span", "latest"),
    [
        ("2026-11-23T00:00", "3 working days", "2026-11-18T00:00"),  # before Monday: Wednesday's start
        ("2026-11-22T00:00", "1 working day", "2026-11-20T00:00"),
        ("2026-11-23T00:00", "72 working hours", "2026-11-18T00:00"),
        ("2026-11-23T01:00", "2 working hours", "2026-11-20T23:00"),
        ("2026-02-28T09:00", "1 month", "2026-01-31T09:00"),
        ("2026-03-30T09:00", "1 month", "2026-02-28T09:00"),
        ("2029-02-28T09:00", "1 year", "2028-02-29T09:00"),
        ("2026-03-30T02:30", "1 day", "2026-03-29T01:30"),  # 2:30 does not exist: early enough
        ("2026-11-20T15:00", "2 hours", "2026-11-20T13:00"),
    ],
)
def test_last_deadlines_of_paris(over: str, span: str, latest: str) -> None:
    assert PARIS.before(_local(PARIS, over), parse_span(span)) == _local(PARIS, latest)


def test_an_office_runs_its_own_hours() -> None:
    sunday, span = _local(OFFICE, "2026-03-29T17:00"), Span(2, Unit.WORKING_HOURS)
    assert OFFICE.after(sunday, span) == _local(OFFICE, "2026-03-30T09:30")
    assert OFFICE.before(_local(OFFICE, "2026-03-30T09:30"), span) == sunday


@given(st.builds(Span, st.integers(0, 999_999), st.sampled_from(Unit)))
def test_a_span_is_read_as_it_is_written(span: Span) -> None:
    assert parse_span(str(span)) == span
    assert parse_span(f" {str(span).upper()} ") == span


def test_one_is_written_in_the_singular_and_read_either_way() -> None:
    assert [str(Span(n, Unit.WORKING_HOURS)) for n in (1, 48)] == ["1 working hour", "48 working hours"]
    assert parse_span("1 working days") == Span(1, Unit.WORKING_DAYS) == parse_span("1 working day")


@pytest.mark.parametrize("text", ["", "48", "hours", "two days", "-1 days", "1.5 hours", "3 working months", "٣ days"])
def test_what_is_no_span_is_refused_with_advice(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit, as '48 working hours' or '2 months'"):
        parse_span(text)


def test_what_can_never_be_worked_is_refused() -> None:
    with pytest.raises(ValueError, match="leave a day to work"):
        Calendar("Europe/Paris", "FR", weekend=frozenset(range(7)))
    with pytest.raises(ValueError, match="leave its end out for midnight"):
        Calendar("Europe/Paris", "FR", day_begins=time(9), day_ends=time(9))
    with pytest.raises(ValueError, match="write 0 or more"):
        Span(-1, Unit.DAYS)


@pytest.mark.parametrize("place", PLACES)
def test_the_four_places_are_known(place: Calendar) -> None:
    assert known_country(place.country, place.subdivision)
    assert len({place, Calendar(place.time_zone, place.country, place.subdivision)}) == 1


@pytest.mark.parametrize(
    ("country", "part"), [("ZZ", None), ("FR", "XX"), ("MC", "YT"), ("fr", None), ("", None), ("HolidayBase", None)]
)
def test_what_has_no_holidays_is_not_known(country: str, part: str | None) -> None:
    assert not known_country(country, part)
