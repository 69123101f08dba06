"""The gate before an element: places, lanes, tokens, pauses, in a time that passes only when it is waited for."""

import asyncio
import itertools
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.flow import BACKGROUND, Flow, Pace, Paused
from tests.drivers.timelapse import TimelapseLoop, settled, soon, timelapse

BULK, AUDIT, SHOP, LOST = 2, BACKGROUND, 1, 0
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Visitors:
    """Those who come to a gate: who is in, who was the most at once, who came when."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.inside: Counter[int] = Counter()
        self.most = self.most_of_background = 0
        self.came: list[tuple[str, float]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.gates: dict[str, asyncio.Event] = {}

    def come(self, name: str, lane: int = SHOP, stays_s: float | None = None) -> asyncio.Task[None]:
        """Send somebody to the gate; without a time they stay until ``go``."""
        self.gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._visit(name, lane, stays_s))
        return self.tasks[name]

    async def go(self, *names: str) -> None:
        for name in names:
            self.gates[name].set()
        await settled()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.came]

    async def all_gone(self) -> None:
        await asyncio.gather(*self.tasks.values())

    async def _visit(self, name: str, lane: int, stays_s: float | None) -> None:
        async with self.flow.admitted(lane):
            self.came.append((name, asyncio.get_running_loop().time()))
            self.inside[lane] += 1
            self.most = max(self.most, self.inside.total())
            self.most_of_background = max(self.most_of_background, self.inside[AUDIT])
            try:
                await (self.gates[name].wait() if stays_s is None else asyncio.sleep(stays_s))
            finally:
                self.inside -= Counter({lane: 1})


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
    await flow.reopened(60)
    assert clock() == 0  # it is open
    flow.pause("away")
    await flow.reopened(5)
    assert clock() == pytest.approx(5)
    changes: tuple[Callable[[], None], ...] = (lambda: flow.pause("maintenance", NOON), flow.reopen)
    for change in changes:
        waits = asyncio.create_task(flow.reopened(60))
        await settled()
        assert not waits.done()
        change()
        await settled()
        assert waits.done()
    assert clock() == pytest.approx(5)
