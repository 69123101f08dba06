"""The gate before an element: places, lanes, tokens, pauses, in a time that passes only when it is waited for."""

import asyncio
import random
from bisect import bisect_left

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.flow import Flow, Pace
from tests.drivers.timelapse import TimelapseLoop, settled, soon, timelapse
from tests.drivers.visitors import AUDIT, BULK, LOST, SHOP, Visitors


def _most_in(came: list[tuple[str, float]], span_s: float) -> int:
    """How many came within any such time."""
    times = sorted(at for _, at in came)
    return max(bisect_left(times, start + span_s) - n for n, start in enumerate(times))


@timelapse
async def test_the_window_is_full_but_never_exceeded() -> None:
    visitors = Visitors(Flow(Pace(window=3)))
    for n in range(50):
        visitors.come(f"{n}", n % 4, stays_s=0.1 + n % 7 / 100)
    await visitors.all_gone()
    assert (visitors.most, len(visitors.came), visitors.inside.total()) == (3, 50, 0)


@timelapse
async def test_whoever_waits_is_let_in_by_lane_and_then_by_age() -> None:
    visitors = Visitors(Flow(Pace(window=1)))
    visitors.come("first")
    await settled()
    for n, lane in enumerate((AUDIT, BULK, SHOP, LOST, BULK, SHOP)):
        visitors.come(f"{lane}{n}", lane)
        await settled()
    for name in ("first", "03", "12", "15", "21", "24", "30"):
        assert visitors.names[-1] == name
        await visitors.go(name)
    assert visitors.names == ["first", "03", "12", "15", "21", "24", "30"]


@timelapse
async def test_nobody_overtakes_who_already_waits() -> None:
    visitors = Visitors(Flow(Pace(window=1)))
    visitors.come("first")
    await settled()
    visitors.come("second")
    await settled()
    visitors.gates["first"].set()
    visitors.come("third")  # comes while the place is being given up
    await settled()
    assert visitors.names == ["first", "second"]
    await visitors.go("second")
    assert visitors.names == ["first", "second", "third"]
    await visitors.go("third")


@timelapse
async def test_the_background_has_a_quarter_of_the_places_at_most() -> None:
    visitors = Visitors(Flow(Pace(window=8)))
    for n in range(20):
        visitors.come(f"a{n}", AUDIT)
    await settled()
    assert visitors.names == ["a0", "a1"]
    for n in range(6):
        visitors.come(f"s{n}", SHOP)  # the other places are theirs at once
    await settled()
    assert visitors.names[2:] == [f"s{n}" for n in range(6)]
    await visitors.go("a0")
    assert visitors.names[8:] == ["a2"]
    await visitors.go(*visitors.gates)
    assert (visitors.most_of_background, len(visitors.came)) == (2, 26)


@timelapse
async def test_the_background_waits_for_everybody_else() -> None:
    visitors = Visitors(Flow(Pace(window=2)))
    visitors.come("s0")
    visitors.come("s1")
    await settled()
    visitors.come("audit", AUDIT)
    await settled()
    visitors.come("s2")
    await visitors.go("s0")
    assert visitors.names == ["s0", "s1", "s2"]
    await visitors.go("s1")
    assert visitors.names == ["s0", "s1", "s2", "audit"]
    await visitors.go("s2", "audit")


@timelapse
async def test_a_window_of_one_has_a_place_for_the_background_too() -> None:
    visitors = Visitors(Flow(Pace(window=1)))
    visitors.come("audit", AUDIT)
    await settled()
    assert visitors.names == ["audit"]
    await visitors.go("audit")


@pytest.mark.parametrize(("per_s", "burst", "stays_s"), [(1, 1, 0.0), (7, 1, 0.0), (70, 3, 0.001), (700, 5, 0.02)])
@timelapse
async def test_the_rate_is_kept_and_used_up(per_s: int, burst: int, stays_s: float) -> None:
    visitors = Visitors(Flow(Pace(window=100, per_s=per_s, burst=burst)))
    for n in range(10 * per_s + burst):
        visitors.come(f"{n}", stays_s=stays_s)
    await visitors.all_gone()
    ended = visitors.came[-1][1] - visitors.came[0][1]
    assert ended == pytest.approx(10, rel=0.01)  # not one token was lost
    assert _most_in(visitors.came, 1) <= per_s + burst + 1
    assert _most_in(visitors.came, 1e-5) <= burst + 1


@pytest.mark.parametrize("late_s", [0.0003, 0.001, 0.004])
def test_timers_that_are_late_cost_no_rate(late_s: float) -> None:
    async def story() -> None:
        visitors = Visitors(Flow(Pace(window=100, per_s=70)))
        for n in range(701):
            visitors.come(f"{n}", stays_s=0)
        await visitors.all_gone()
        assert visitors.came[-1][1] - visitors.came[0][1] == pytest.approx(10, rel=0.01)
        assert _most_in(visitors.came, 0.01) <= 2

    with asyncio.Runner(loop_factory=lambda: TimelapseLoop(late_s)) as runner:
        runner.run(story())


@timelapse
async def test_nobody_takes_the_token_another_waits_for() -> None:
    visitors = Visitors(Flow(Pace(window=9, per_s=1)))
    visitors.come("in", stays_s=0)
    visitors.come("waits", stays_s=0)
    await asyncio.sleep(1 - 5e-7)  # it is there already, and the one who waits is about to be woken
    visitors.come("late", stays_s=0)
    await settled()
    assert visitors.names == ["in", "waits"]
    await visitors.all_gone()


@timelapse
async def test_an_idle_bucket_holds_its_burst_and_no_more() -> None:
    visitors = Visitors(Flow(Pace(window=100, per_s=10, burst=4)))
    await asyncio.sleep(3600)
    for n in range(9):
        visitors.come(f"{n}", stays_s=0)
    await settled()
    assert len(visitors.came) == 4
    await asyncio.sleep(0.35)
    assert len(visitors.came) == 7
    await visitors.all_gone()


@timelapse
async def test_a_full_window_saves_up_no_tokens() -> None:
    visitors = Visitors(Flow(Pace(window=2, per_s=10, burst=1)))
    for n in range(8):
        visitors.come(f"{n}")
    await asyncio.sleep(60)
    assert len(visitors.came) == 2
    await visitors.go("0", "1")
    assert len(visitors.came) <= 4
    for n in range(2, 8):
        visitors.gates[f"{n}"].set()
    await visitors.all_gone()
    later = [at for _, at in visitors.came[2:]]
    assert later[-1] - later[0] >= 0.4  # five more, less one saved, at ten a second


@timelapse
async def test_one_who_stops_waiting_loses_nobody_a_place() -> None:
    visitors = Visitors(Flow(Pace(window=1)))
    for name in ("in", "waits", "next"):
        visitors.come(name)
        await settled()
    visitors.tasks["waits"].cancel()
    await visitors.go("in")
    assert visitors.names == ["in", "next"]
    await visitors.go("next")
    visitors.come("later")
    await settled()
    assert visitors.names[-1] == "later"
    await visitors.go("later")


@timelapse
async def test_one_who_is_stopped_inside_gives_the_place_up() -> None:
    visitors = Visitors(Flow(Pace(window=1)))
    inside = visitors.come("in")
    await settled()
    visitors.come("waits")
    await settled()
    inside.cancel()
    await settled()
    assert visitors.names == ["in", "waits"]
    await visitors.go("waits")


@timelapse
async def test_one_who_is_stopped_with_the_place_in_hand_gives_it_on() -> None:
    visitors = Visitors(Flow(Pace(window=1)))
    for name in ("in", "chosen", "next"):
        visitors.come(name)
        await settled()
    visitors.gates["in"].set()
    await soon(lambda: not visitors.inside)
    visitors.tasks["chosen"].cancel()  # its place is kept for it, and it has not come to it yet
    await settled()
    assert visitors.names == ["in", "next"]
    await visitors.go("next")


@settings(deadline=None)
@given(window=st.integers(1, 6), seed=st.integers(0, 2**32))
def test_no_place_is_ever_lost_or_given_twice(window: int, seed: int) -> None:
    chance = random.Random(seed)

    async def story() -> None:
        flow = Flow(Pace(window=window, per_s=chance.choice([None, 50]), ramp_s=0.1))
        visitors = Visitors(flow)
        for n in range(60):
            visitors.come(f"{n}", chance.randrange(4), stays_s=chance.random() / 10)
            await asyncio.sleep(chance.random() / 50)
            if chance.random() < 0.3:
                visitors.tasks[f"{chance.randrange(n + 1)}"].cancel()
            if chance.random() < 0.1:
                flow.pause("for a while")
                await asyncio.sleep(chance.random() / 20)
                flow.reopen()
        await asyncio.gather(*visitors.tasks.values(), return_exceptions=True)
        await asyncio.wait_for(flow.emptied(), 1)
        assert visitors.most <= window
        for n in range(window):
            visitors.come(f"last{n}")
        await asyncio.sleep(1)
        assert visitors.names[-window:] == [f"last{n}" for n in range(window)]
        await visitors.go(*(f"last{n}" for n in range(window)))

    with asyncio.Runner(loop_factory=TimelapseLoop) as runner:
        runner.run(story())
