"""Tokens for segments, and what becomes of their rate when the SMSC says that it is too much."""

import pytest

from drivers.esme.config import Speed
from drivers.esme.rate import Rate

NOW_S = 1000.0


def _rate(per_s: float | None = 10, burst: int = 1) -> Rate:
    return Rate(Speed(per_s=per_s, burst=burst, throttle_pause_s=1))


def test_without_a_limit_everything_may_go() -> None:
    rate = _rate(None)
    assert rate.due_s(500, NOW_S) == 0
    rate.take(500)
    assert rate.due_s(500, NOW_S) == 0


def test_a_burst_goes_at_once_and_then_one_by_one() -> None:
    rate = _rate(burst=3)
    for _ in range(3):
        assert rate.due_s(1, NOW_S) == 0
        rate.take(1)
    assert rate.due_s(1, NOW_S) == pytest.approx(0.1)
    assert rate.due_s(1, NOW_S + 0.1) == 0


def test_segments_count_not_messages() -> None:
    rate = _rate()
    assert rate.due_s(1, NOW_S) == 0
    rate.take(1)
    assert rate.due_s(3, NOW_S) == pytest.approx(0.3)
    assert rate.due_s(3, NOW_S + 0.3) == 0
    rate.take(3)
    assert rate.due_s(1, NOW_S + 0.3) == pytest.approx(0.1)


def test_idle_time_is_not_saved_up() -> None:
    rate = _rate(burst=2)
    assert rate.due_s(2, NOW_S) == 0
    rate.take(2)
    assert rate.due_s(2, NOW_S + 3600) == 0
    rate.take(2)
    assert rate.due_s(1, NOW_S + 3600) == pytest.approx(0.1)


def test_unused_tokens_come_back() -> None:
    rate = _rate()
    assert rate.due_s(1, NOW_S) == 0
    rate.take(1)
    rate.give_back(1)
    assert rate.due_s(1, NOW_S) == 0


def _busy(rate: Rate, per_s: int = 8) -> float:
    """Segments are taken for three seconds; returns the time."""
    for n in range(3 * per_s + 1):
        rate.accepted(NOW_S + n / per_s)
    return NOW_S + 3


def test_throttled_it_pauses_and_is_halved_once_for_a_whole_window() -> None:
    rate = _rate()
    now_s = _busy(rate)
    assert rate.throttled(now_s - 0.1, now_s)
    assert rate.per_s == pytest.approx(4)
    assert rate.due_s(1, now_s) == 1
    assert not rate.throttled(now_s - 0.1, now_s + 0.5)
    assert not rate.throttled(now_s + 0.9, now_s + 2)  # it was on its way before the pause was over
    assert rate.per_s == pytest.approx(4)
    assert rate.throttled(now_s + 1.5, now_s + 1.6)
    assert rate.per_s is not None
    assert rate.per_s < 4


def _rate_at(rate: Rate, now_s: float) -> float:
    rate.due_s(1, now_s)
    return rate.per_s or 0.0


def test_the_rate_grows_again_up_to_what_was_agreed_and_no_more() -> None:
    rate = _rate()
    now_s = _busy(rate)
    rate.throttled(now_s, now_s)
    rates = [_rate_at(rate, now_s + n) for n in range(1, 20)]
    assert rates == sorted(rates)
    assert rates[0] == pytest.approx(4)
    assert rates[3] == pytest.approx(7)
    assert rates[-1] == 10


def test_without_a_limit_it_begins_from_what_was_achieved_and_is_free_again_in_the_end() -> None:
    rate = _rate(None)
    now_s = _busy(rate, per_s=100)
    rate.throttled(now_s, now_s)
    assert rate.per_s == pytest.approx(50, rel=0.05)
    for n in range(1, 13):
        rate.due_s(1, now_s + n)
    assert rate.per_s is not None
    for n in range(13, 20):
        rate.due_s(1, now_s + n)
    assert rate.per_s is None


def test_however_often_it_is_throttled_something_goes_out() -> None:
    rate, now_s = _rate(), NOW_S
    for n in range(20):
        rate.throttled(now_s + 2 * n, now_s + 2 * n)
    assert rate.per_s == 1


def test_choked_is_who_lets_nothing_through_time_and_again() -> None:
    rate = _rate()
    for n in range(3):
        assert not rate.choked(NOW_S + 2 * n)
        rate.throttled(NOW_S + 2 * n, NOW_S + 2 * n)
    assert rate.choked(NOW_S + 4.5)
    assert not rate.choked(NOW_S + 5.5)  # it is asked again after the pause
    rate.accepted(NOW_S + 6)
    rate.throttled(NOW_S + 7, NOW_S + 7)
    assert not rate.choked(NOW_S + 7.5)
