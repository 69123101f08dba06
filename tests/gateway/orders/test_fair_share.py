"""The window of bulk work: full while nobody else asks, small and adapting while somebody does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.action import Lane
from gateway.orders.fair_share import FairShare, Level, Sample, ShareRules, next_level

RULES = ShareRules(most=64)
late = st.floats(0, 1, allow_nan=False)
samples = st.builds(
    Sample, at_s=st.floats(100, 200), late_s=late, last_urgent_s=st.floats(0, 200), urgent=st.integers(0, 50)
)
levels = st.builds(Level, window=st.floats(2, 64), busy=st.booleans())


@dataclass
class Others:
    last_urgent: float = 0.0
    unfinished: dict[Lane, int] = field(default_factory=dict)

    def unfinished_in(self, lane: Lane) -> int:
        return self.unfinished.get(lane, 0)


def after(level: Level, count: int, late_s: float, *, urgent: bool) -> Level:
    for _ in range(count):
        level = next_level(level, Sample(100.0, late_s, 99.9 if urgent else 0.0), RULES)
    return level


@given(levels, st.lists(samples, max_size=30), st.integers(1, 200))
def test_the_window_stays_within_its_bounds(level: Level, seen: list[Sample], most: int) -> None:
    rules = ShareRules(most=most)
    for sample in seen:
        level = next_level(level, sample, rules)
        assert min(rules.least, most) <= level.window <= most


@given(levels, samples)
def test_a_later_loop_never_gives_a_larger_window(level: Level, sample: Sample) -> None:
    later = Sample(sample.at_s, sample.late_s + 0.05, sample.last_urgent_s, sample.urgent)
    assert next_level(level, later, RULES).window <= next_level(level, sample, RULES).window


@given(levels, late)
def test_whoever_comes_finds_room_at_once(level: Level, late_s: float) -> None:
    now = next_level(Level(level.window), Sample(100.0, late_s, 99.9), RULES)
    assert (now.window, now.busy) == (RULES.least, True)


@given(levels)
def test_a_quiet_gateway_gives_all_it_has_soon(level: Level) -> None:
    assert after(level, 11, 0.0, urgent=False).window == RULES.most


def test_it_grows_by_steps_and_is_halved_while_somebody_asks() -> None:
    busy = after(Level(64.0), 4, 0.0, urgent=True)
    assert busy.window == RULES.least + 3
    assert after(busy, 1, 0.01, urgent=True).window == busy.window / 2
    assert after(busy, 100, 0.0, urgent=True).window == RULES.most * RULES.urgent_part


def test_what_hangs_on_an_element_for_long_is_no_traffic() -> None:
    hanging = Sample(200.0, 0.0, 200.0 - RULES.forgotten_s - 1, urgent=5)
    assert next_level(Level(64.0), hanging, RULES) == Level(64.0)
    moving = Sample(200.0, 0.0, 200.0 - RULES.quiet_s - 1, urgent=5)
    assert next_level(Level(64.0), moving, RULES).busy


def test_time_is_shared_as_the_window_is() -> None:
    share = FairShare(Others(), 64)
    assert share.rest_s(0.001) == 0
    for at_s in (100.0, 100.02):
        share.take(Sample(at_s, 0.0, 99.9))
    assert share.at_once == 3
    assert round(share.rest_s(0.003), 6) == 0.061


async def test_it_looks_at_the_loop_only_while_bulk_work_is_done() -> None:
    others = Others()
    share = FairShare(others, 64)
    async with share.watched(), share.watched(), asyncio.timeout(60):
        others.last_urgent = asyncio.get_running_loop().time()
        while share.at_once == 64:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "fair share"]
    assert share.at_once < 64


async def test_urgent_orders_are_waited_for_but_not_for_ever() -> None:
    others = Others(unfinished={Lane.EMERGENCY: 1})
    share = FairShare(others, 64)
    clock = asyncio.get_running_loop().time
    share.take(Sample(clock(), 0.0, clock()))
    began = clock()
    await share.give_way(0.01)
    assert clock() - began >= 0.02


async def test_whoever_is_stopped_while_leaving_it_is_stopped() -> None:
    share, over = FairShare(Others(), 64), asyncio.Event()

    async def placing() -> None:
        async with share.watched():
            await over.wait()

    task = asyncio.create_task(placing())
    await asyncio.sleep(0)
    over.set()
    while share._sampler is not None:  # noqa: ASYNC110 - a turn or two of the loop
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
