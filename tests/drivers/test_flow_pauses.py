"""A gate that is closed sends everybody away and tells until when; opened again, it opens bit by bit."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from drivers.flow import Flow, Pace, Paused
from tests.drivers.timelapse import settled, soon, timelapse
from tests.drivers.visitors import LOST, Visitors

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@timelapse
async def test_a_pause_sends_everybody_away_and_says_until_when() -> None:
    flow = Flow(Pace(window=1))
    visitors = Visitors(flow)
    visitors.come("in")
    waiting = [visitors.come(f"w{n}", n) for n in range(4)]
    await settled()
    flow.pause("maintenance", NOON)
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert [(type(end), str(end), getattr(end, "until", None)) for end in ends] == [(Paused, "maintenance", NOON)] * 4
    with pytest.raises(Paused, match="maintenance") as told:
        async with flow.admitted(LOST):
            raise AssertionError
    assert (told.value.until, flow.paused) == (NOON, ("maintenance", NOON))
    assert visitors.inside.total() == 1  # whoever is in may finish
    emptied = asyncio.create_task(flow.emptied())
    await settled()
    assert not emptied.done()
    await visitors.go("in")
    assert emptied.done()


@timelapse
async def test_a_place_given_in_the_moment_a_pause_begins_is_not_used() -> None:
    flow = Flow(Pace(window=1))
    visitors = Visitors(flow)
    visitors.come("in")
    waits = visitors.come("waits")
    await settled()
    visitors.gates["in"].set()
    await soon(lambda: not visitors.inside)
    flow.pause("maintenance")
    with pytest.raises(Paused):
        await waits
    assert visitors.names == ["in"]
    flow.reopen()
    visitors.come("later", stays_s=0)
    await visitors.tasks["later"]


@timelapse
async def test_the_reopened_gate_opens_bit_by_bit() -> None:
    flow = Flow(Pace(window=10, ramp_s=10))
    visitors = Visitors(flow)
    flow.pause("away")
    flow.reopen()
    for n in range(30):
        visitors.come(f"{n}")
    inside = []
    for _ in range(11):
        await settled()
        inside.append(visitors.inside.total())
        await asyncio.sleep(1)
    assert (inside[0], inside[-1], visitors.most) == (1, 10, 10)
    assert all(later - earlier in (0, 1, 2) for earlier, later in itertools.pairwise(inside))
    assert all(abs(count - (1 + second)) <= 1 for second, count in enumerate(inside))
    await visitors.go(*visitors.gates)


@timelapse
async def test_a_new_pause_begins_the_ramp_anew() -> None:
    flow = Flow(Pace(window=10, ramp_s=10))
    for _ in range(2):
        flow.pause("away")
        flow.reopen()
        visitors = Visitors(flow)
        for n in range(5):
            visitors.come(f"{n}")
        await settled()
        assert visitors.names == ["0"]
        await asyncio.sleep(20)
        assert len(visitors.names) == 5
        await visitors.go(*visitors.gates)


@timelapse
async def test_reopening_what_is_open_changes_nothing() -> None:
    flow = Flow(Pace(window=5))
    flow.reopen()
    visitors = Visitors(flow)
    for n in range(5):
        visitors.come(f"{n}")
    await settled()
    assert len(visitors.names) == 5
    await visitors.go(*visitors.gates)


@timelapse
async def test_whoever_waits_for_the_end_of_a_pause_hears_of_it_and_of_a_change() -> None:
    flow, clock = Flow(Pace()), asyncio.get_running_loop().time
    began = clock()
    await flow.reopened(60)
    assert clock() == began  # it is open
    flow.pause("away")
    await flow.reopened(5)
    assert clock() == pytest.approx(began + 5)
    changes: tuple[Callable[[], None], ...] = (lambda: flow.pause("maintenance", NOON), flow.reopen)
    for change in changes:
        waits = asyncio.create_task(flow.reopened(60))
        await settled()
        assert not waits.done()
        change()
        await settled()
        assert waits.done()
    assert clock() == pytest.approx(began + 5)
