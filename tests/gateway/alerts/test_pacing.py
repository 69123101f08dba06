"""One customer's application sends no faster than agreed, whatever it asks for and whenever we start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.alerts.outbox.pacing import Pacing, TooFast
from gateway.sending import CustomerPace
from tests.gateway.alerts.boxes import Box, new

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _slots(pacing: Pacing, number: int, now: datetime = NOW, customer: str = "acme") -> list[float]:
    return [(pacing.take(customer, now) - NOW).total_seconds() for _ in range(number)]


def test_one_a_second_and_ten_a_minute() -> None:
    expected = [*range(10), *range(60, 70), 120]
    assert _slots(Pacing(CustomerPace()), 21) == expected


def test_whoever_waited_need_not_wait() -> None:
    pacing = Pacing(CustomerPace())
    _slots(pacing, 10)
    assert _slots(pacing, 2, NOW + timedelta(minutes=5)) == [300, 301]


def test_customers_do_not_wait_for_each_other() -> None:
    pacing = Pacing(CustomerPace())
    _slots(pacing, 10)
    assert _slots(pacing, 1, customer="other") == [0]


def test_what_would_wait_too_long_is_refused_with_the_time_to_ask_again() -> None:
    pacing = Pacing(CustomerPace())
    assert _slots(pacing, 101)[-1] == 600
    with pytest.raises(TooFast) as fast:
        pacing.take("acme", NOW)
    assert fast.value.retry_after_s == 1
    assert _slots(pacing, 1, NOW + timedelta(seconds=1)) == [601]


def test_a_slot_given_back_is_had_again() -> None:
    pacing = Pacing(CustomerPace())
    _slots(pacing, 2)
    pacing.give_back("acme", NOW + timedelta(seconds=1))
    assert _slots(pacing, 1) == [1]


async def test_slots_given_before_a_start_stay_given(box: Box) -> None:
    now = box.time()
    waiting = [new(customer="acme", not_before=now + timedelta(seconds=n)) for n in range(60, 70)]
    await box.queue(*waiting)
    async with box.sending() as outbox:
        slot = outbox.pacing.take("acme", box.time())
    assert (slot - now).total_seconds() == pytest.approx(120, abs=0.5)
