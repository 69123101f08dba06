"""Periods: every moment lies in exactly one, they follow each other without a gap, and their names find them again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.periods import PeriodKind, PeriodRule, agrees, period_labelled, period_of

ZONES = ["Europe/Paris", "Pacific/Noumea", "Indian/Mayotte", "Europe/Monaco", "America/Havana", "Asia/Beirut"]
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware here


@st.composite
def rules(draw: st.DrawFn) -> PeriodRule:
    kind = draw(st.sampled_from(PeriodKind))
    monthly = kind in (PeriodKind.BILLING_MONTH, PeriodKind.ROAMING_MONTH)
    return PeriodRule(kind, draw(st.sampled_from(ZONES)), draw(st.integers(1, 28)) if monthly else 1)


@given(rules(), moments)
def test_a_moment_lies_in_its_period_and_periods_follow_each_other(rule: PeriodRule, moment: datetime) -> None:
    period = period_of(rule, moment)
    assert period.begins <= moment < period.ends
    assert period_of(rule, period.begins) == period == period_of(rule, period.ends - timedelta(microseconds=1))
    following = period_of(rule, period.ends)
    assert (following.begins, following.first) == (period.ends, period.last_day + timedelta(days=1))
    assert following.label > period.label


@given(rules(), moments)
def test_a_periods_name_finds_it_again(rule: PeriodRule, moment: datetime) -> None:
    period = period_of(rule, moment)
    assert period_labelled(rule, period.label) == period
    assert agrees(period.label, moment, rule.time_zone, [period])
    assert agrees(rule.kind.value, moment, rule.time_zone, [period])
    assert not agrees("1999-12", moment, rule.time_zone, [period])


@pytest.mark.parametrize(
    ("kind", "day", "at", "label", "begins", "ends"),
    [
        ("month", 1, "2026-10-31T22:59:59", "2026-10", "2026-09-30T22:00", "2026-10-31T23:00"),
        ("month", 1, "2026-10-31T23:00:00", "2026-11", "2026-10-31T23:00", "2026-11-30T23:00"),
        ("day", 1, "2026-10-25T12:00:00", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("day", 1, "2026-03-29T12:00:00", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("billing_month", 15, "2026-11-14T22:59:59", "2026-10@15", "2026-10-14T22:00", "2026-11-14T23:00"),
        ("billing_month", 15, "2026-11-14T23:00:00", "2026-11@15", "2026-11-14T23:00", "2026-12-14T23:00"),
        ("roaming_month", 1, "2026-12-31T23:30:00", "2027-01", "2026-12-31T23:00", "2027-01-31T23:00"),
    ],
)
def test_periods_of_paris(kind: str, day: int, at: str, label: str, begins: str, ends: str) -> None:  # noqa: PLR0917 - a table's row
    period = period_of(PeriodRule(PeriodKind(kind), "Europe/Paris", day), datetime.fromisoformat(f"{at}+00:00"))
    assert (period.label, f"{period.begins:%Y-%m-%dT%H:%M}", f"{period.ends:%Y-%m-%dT%H:%M}") == (label, begins, ends)


@pytest.mark.parametrize("label", ["2026-13", "2026-02-30", "2026", "2026-11@31", "x", "", "0000-01", "9999-12-31"])
@pytest.mark.parametrize("kind", PeriodKind)
def test_what_is_no_period_is_none(kind: PeriodKind, label: str) -> None:
    assert period_labelled(PeriodRule(kind, "Europe/Paris"), label) is None


def test_a_month_alone_names_the_billing_month_that_begins_in_it() -> None:
    rule = PeriodRule(PeriodKind.BILLING_MONTH, "Europe/Paris", 15)
    found = period_labelled(rule, "2026-11")
    assert found is not None
    assert (found.label, found.first, found.last_day) == ("2026-11@15", date(2026, 11, 15), date(2026, 12, 14))
    assert period_labelled(rule, "2026-11@14") is None
