"""When to stop asking: misfortunes in a row over a time, never one blink; and any answer ends it."""

import pytest

from drivers.breaker import Breaker, BreakerRules

RULES = BreakerRules(failures=3, over_s=1.0, cool_down_s=0.5)


def _opens_at(failures_s: list[float], rules: BreakerRules = RULES) -> list[float]:
    breaker = Breaker(rules)
    return [now_s for now_s in failures_s if breaker.failed(now_s)]


@pytest.mark.parametrize(
    ("failures_s", "opened_s"),
    [
        ([10.0, 10.5, 11.0], [11.0]),
        ([10.0, 10.5, 10.99], []),  # not over so long
        ([10.0, 11.0], []),  # not so many
        ([10.0] * 50, []),  # a broken connection fails all its commands in one blink
        ([10.0, 10.0, 10.9, 11.2], [11.2]),
        ([10.0, 10.5, 11.0, 11.5, 12.0], [11.0]),  # it opens once
    ],
)
def test_it_opens_after_so_many_failures_over_so_long(failures_s: list[float], opened_s: list[float]) -> None:
    assert _opens_at(failures_s) == opened_s


def test_it_is_closed_at_first_and_open_once_it_has_opened() -> None:
    breaker = Breaker(RULES)
    states = [breaker.is_open]
    for now_s in (0.0, 0.9, 1.8):
        breaker.failed(now_s)
        states.append(breaker.is_open)
    assert states == [False, False, False, True]


def test_one_answer_forgets_all_failures() -> None:
    breaker = Breaker(RULES)
    assert not any(breaker.failed(now_s) for now_s in (0.0, 0.8))
    breaker.answered()
    assert not any(breaker.failed(now_s) for now_s in (1.6, 2.4))
    assert breaker.failed(3.2)


def test_one_answer_closes_it_and_it_can_open_again() -> None:
    breaker = Breaker(RULES)
    assert [breaker.failed(now_s) for now_s in (0.0, 0.5, 1.0)] == [False, False, True]
    breaker.answered()
    assert not breaker.is_open
    assert [breaker.failed(now_s) for now_s in (2.0, 2.5, 3.0)] == [False, False, True]


def test_a_rule_of_one_failure_needs_its_time_all_the_same() -> None:
    assert _opens_at([5.0, 5.0, 5.2], BreakerRules(failures=1, over_s=0.1)) == [5.2]
