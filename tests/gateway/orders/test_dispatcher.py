"""Whose turn it is, without a network: runs are told when to end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from gateway.contract.action import Lane
from gateway.journal.shards import shard_of
from gateway.orders import dispatcher as dispatching
from gateway.orders.dispatcher import Dispatcher
from gateway.orders.order import Order
from tests.gateway.orders.waiting_orders import made as order


@dataclass
class Stage:
    """Notes what starts; each run ends when its order's gate opens."""

    started: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    stays: set[str] = field(default_factory=set)

    async def run(self, now: Order) -> bool:
        self.started.append(now.order_id)
        await self.gates.setdefault(now.order_id, asyncio.Event()).wait()
        if self.faults.get(now.order_id, 0) > 0:
            self.faults[now.order_id] -= 1
            raise RuntimeError("a fault of ours")
        self.ended.append(now.order_id)
        return now.order_id not in self.stays

    async def end(self, *names: str) -> None:
        for name in names:
            self.gates.setdefault(name, asyncio.Event()).set()
        await settle()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def make(stage: Stage) -> Callable[[int], Dispatcher]:
    return lambda limit: Dispatcher(stage.run, limit)


async def test_orders_of_one_line_run_one_after_the_other_in_the_order_they_came(
    stage: Stage, make: Callable[[int], Dispatcher]
) -> None:
    queue = make(8)
    for name in ("a", "b", "c"):
        queue.put(order(name, "line"))
    await settle()
    assert (stage.started, len(queue)) == (["a"], 3)
    await stage.end("b", "a")
    assert stage.ended == ["a", "b"]
    await stage.end("c")
    assert (stage.ended, len(queue), queue.pending("line")) == (["a", "b", "c"], 0, False)


async def test_at_most_so_many_lines_of_a_host_are_in_progress_and_the_other_host_has_its_own(
    stage: Stage, make: Callable[[int], Dispatcher]
) -> None:
    queue = make(2)
    for n in range(4):
        queue.put(order(f"o{n}", f"lo{n}"))
        queue.put(order(f"s{n}", f"ls{n}", host="sfr"))
    await settle()
    assert sorted(stage.started) == ["o0", "o1", "s0", "s1"]
    await stage.end("o0")
    assert sorted(stage.started) == ["o0", "o1", "o2", "s0", "s1"]


async def test_lanes_order_the_lines_that_wait(stage: Stage, make: Callable[[int], Dispatcher]) -> None:
    queue = make(1)
    queue.put(order("first", "l0"))
    for name, lane in (("audit", Lane.AUDIT), ("bulk", Lane.BULK), ("shop", Lane.INTERACTIVE)):
        queue.put(order(name, f"l-{name}", lane))
    await stage.end("first", "audit", "bulk", "shop")
    assert stage.ended == ["first", "shop", "bulk", "audit"]


async def test_an_emergency_does_not_wait_for_a_full_house(stage: Stage, make: Callable[[int], Dispatcher]) -> None:
    queue = make(1)
    queue.put(order("slow", "l1"))
    queue.put(order("other", "l2"))
    queue.put(order("lost", "l3", Lane.EMERGENCY))
    await settle()
    assert stage.started == ["slow", "lost"]


async def test_an_emergency_pushes_what_its_line_has_before_it(stage: Stage, make: Callable[[int], Dispatcher]) -> None:
    queue = make(1)
    queue.put(order("slow", "l1"))
    queue.put(order("before", "l2", Lane.BULK))
    queue.put(order("lost", "l2", Lane.EMERGENCY))
    await settle()
    assert stage.started == ["slow", "before"]
    await stage.end("before")
    assert stage.started == ["slow", "before", "lost"]


async def test_a_held_order_waits_and_so_does_its_line(stage: Stage, make: Callable[[int], Dispatcher]) -> None:
    queue = make(8)
    first, second = order("a", "line"), order("b", "line")
    queue.hold("a", "line")
    queue.put(first)
    queue.put(second)
    queue.put(order("c", "other"))
    await stage.end("a", "b", "c")
    assert stage.ended == ["c"]
    queue.release(first)
    await settle()
    assert stage.ended == ["c", "a", "b"]


async def test_a_held_order_taken_out_lets_the_others_pass(stage: Stage, make: Callable[[int], Dispatcher]) -> None:
    queue = make(8)
    queue.hold("a", "line")
    queue.put(order("a", "line"))
    queue.put(order("b", "line"))
    queue.remove(order("a", "line"))
    queue.remove(order("nobody", "nowhere"))
    await stage.end("b")
    assert (stage.ended, len(queue)) == (["b"], 0)


async def test_an_order_that_stays_at_the_head_is_not_run_again_until_released(
    stage: Stage, make: Callable[[int], Dispatcher]
) -> None:
    stage.stays.add("a")
    queue = make(8)
    partial = order("a", "line")
    queue.put(partial)
    queue.put(order("b", "line"))
    await stage.end("a", "b")
    assert stage.started == ["a"]
    stage.stays.clear()
    queue.release(partial)
    await settle()
    assert stage.ended == ["a", "a", "b"]


async def test_a_run_that_raises_is_run_again_and_nothing_overtakes_it(
    stage: Stage, make: Callable[[int], Dispatcher], caplog: pytest.LogCaptureFixture
) -> None:
    stage.faults["a"] = 1
    queue = make(8)
    queue.put(order("a", "line"))
    queue.put(order("b", "line"))
    await stage.end("a", "b")
    assert (stage.started, stage.ended, len(queue)) == (["a"], [], 2)
    async with asyncio.timeout(3 * dispatching._PAUSE_AFTER_FAULT_S):
        while len(queue):  # noqa: ASYNC110 - the dispatcher tells nobody when it is idle
            await asyncio.sleep(0.05)
    assert (stage.ended, "tried again" in caplog.text) == (["a", "b"], True)


async def test_stopping_ends_every_run_where_it_is(stage: Stage, make: Callable[[int], Dispatcher]) -> None:
    queue = make(8)
    for n in range(5):
        queue.put(order(f"o{n}", f"l{n}"))
    await settle()
    await queue.stop()
    await stage.end(*(f"o{n}" for n in range(5)))
    assert (len(stage.started), stage.ended) == (5, [])


async def test_an_order_being_made_durable_is_pending_already(make: Callable[[int], Dispatcher]) -> None:
    queue = make(8)
    queue.expect("line")
    queue.expect("line")
    queue.expected_no_more("line")
    assert queue.pending("line")
    queue.expected_no_more("line")
    assert not queue.pending("line")


async def test_hundreds_of_lines_all_get_their_turn(stage: Stage, make: Callable[[int], Dispatcher]) -> None:
    queue = make(3)
    names = [f"o{n}" for n in range(300)]
    ended: Awaitable[None] = stage.end(*names)
    for n, name in enumerate(names):
        queue.put(order(name, f"l{n % 50}", Lane(n % 4)))
    await ended
    async with asyncio.timeout(60):
        while len(queue):  # noqa: ASYNC110 - the dispatcher tells nobody when it is idle
            await asyncio.sleep(0.01)
    for line in range(50):
        of_line = [name for name in stage.ended if int(name[1:]) % 50 == line]
        assert of_line == sorted(of_line, key=lambda name: int(name[1:]))
    assert sorted(stage.ended) == sorted(names)


async def test_shards_whose_leaving_was_broken_off_are_worked_on_when_they_come_back(
    stage: Stage, make: Callable[[int], Dispatcher]
) -> None:
    queue, ours = make(8), frozenset({shard_of("line")})
    queue.put(order("a", "line"))
    await settle()
    leaving = asyncio.create_task(queue.leave(ours))
    await settle()
    leaving.cancel()  # the session was lost meanwhile
    await asyncio.wait([leaving])
    await queue.stop()
    queue.put(order("b", "line"))
    await stage.end("b")
    assert (stage.started, stage.ended) == (["a", "b"], ["b"])


async def test_nothing_is_held_any_more_in_shards_that_were_let_go(
    stage: Stage, make: Callable[[int], Dispatcher]
) -> None:
    queue = make(8)
    queue.hold("not loaded", "line")
    queue.hold("elsewhere", "other")
    await queue.leave(frozenset({shard_of("line")}))
    queue.put(order("not loaded", "line"))
    queue.put(order("elsewhere", "other"))
    await stage.end("not loaded", "elsewhere")
    assert shard_of("line") != shard_of("other")
    assert (stage.ended, queue.is_held("elsewhere")) == (["not loaded"], True)


async def test_whatever_is_urgent_is_noticed_whoever_accepted_it(
    stage: Stage, make: Callable[[int], Dispatcher]
) -> None:
    queue = make(8)
    queue.put(order("bulk", "l1", Lane.BULK))
    assert queue.last_urgent == 0.0
    queue.put(order("urgent", "l2", Lane.INTERACTIVE))
    assert 0.0 < queue.last_urgent <= asyncio.get_running_loop().time()
    await stage.end("bulk", "urgent")
