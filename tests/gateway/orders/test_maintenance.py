"""An element in maintenance: its orders wait as held and say until when, none is refused, and it hears nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.journal.journal import Row
from gateway.maintenance import Window
from gateway.orders.upkeep import Opening
from tests.gateway.cards import SFR, card
from tests.gateway.fleet import Plan, gateway_over
from tests.gateway.rig import START, Rig, SimNetwork, Time, gateway_on

END = START + timedelta(hours=2)
MANY = 150  # more than the 64 lines that are worked on at once


async def _open(rig: Rig, element: str = "orange", until: datetime | None = END, why: str = "new disks") -> None:
    await rig.gateway.upkeep.open(Opening(element, until, why, "anna (noc)"))


async def _close(rig: Rig, element: str = "orange") -> None:
    assert await rig.gateway.upkeep.close(element, "by hand")


async def _activations(rig: Rig, count: int) -> list[str]:
    """Order so many lines; the nth has the nth card and number."""
    await rig.stock(*(card(100 + n) for n in range(count)))
    return [await rig.activate(card(100 + n), _number(n)) for n in range(count)]


def _number(n: int) -> str:
    return f"+3361{n:07d}"


async def _all(rig: Rig, orders: Sequence[str], state: str) -> list[Row]:
    for order in orders:
        await rig.until(order, state)
    return [await rig.row(order) for order in orders]


def _heard(sim: SimNetwork, element: str = "orange") -> int:
    return len(sim.log(element))


async def _eventually(sure: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await sure():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.005)


async def _told(rig: Rig, orders: Sequence[str], until: datetime | None) -> None:
    """Wait until every order says that it is held until then."""
    expected = None if until is None else until.isoformat()

    async def all_say_so() -> bool:
        return {(await rig.row(order))["expected_at"] for order in orders} == {expected}

    await _eventually(all_say_so)


async def _arrived(rig: Rig, to: str, count: int = 1) -> None:
    async def arrived() -> bool:
        return len(rig.sim.inbox(to)) == count

    await _eventually(arrived)


async def _silence(sim: SimNetwork, since: int, element: str = "orange", for_s: float = 0.7) -> None:
    await asyncio.sleep(for_s)
    assert sim.log(element)[since:] == []


async def _done_in_order(rig: Rig, orders: Sequence[str]) -> None:
    """Every order completed, and the network is as agreed."""
    assert {state for state, _ in [await rig.end_of(order) for order in orders]} == {"completed"}
    for row in await rig.all_rows("lines"):
        assert rig.sim.held(row["imsi"], row["host"]) == await rig.wished(row["msisdn"])


@pytest.fixture
async def held(rig: Rig) -> tuple[Rig, list[str]]:
    """Orange in maintenance, and orders of many lines that wait for it."""
    await _open(rig)
    orders = await _activations(rig, MANY)
    await _all(rig, orders, "held")
    return rig, orders


async def test_every_order_is_accepted_and_waits_and_says_why_and_until_when(held: tuple[Rig, list[str]]) -> None:
    rig, orders = held
    rows = [await rig.row(order) for order in orders]
    assert {row["waiting_for"] for row in rows} == {"orange is in maintenance: new disks"}
    assert {datetime.fromisoformat(row["expected_at"]) for row in rows} == {END}
    assert len(rows) == MANY
    assert _heard(rig.sim) == 0


async def test_when_the_window_is_over_all_are_done(held: tuple[Rig, list[str]]) -> None:
    rig, orders = held
    rig.time.jump(hours=2, seconds=1)
    await _done_in_order(rig, orders)
    rows = [await rig.row(order) for order in orders]
    assert {(row["waiting_for"], row["expected_at"]) for row in rows} == {(None, None)}
    kinds = [row["type"] for row in await rig.all_rows("events") if row["type"].startswith("maintenance.")]
    assert kinds == ["maintenance.opened", "maintenance.closed"]


async def test_when_the_window_is_closed_by_hand_all_are_done(held: tuple[Rig, list[str]]) -> None:
    rig, orders = held
    await _close(rig)
    await _done_in_order(rig, orders)
    assert _heard(rig.sim) >= MANY


async def test_orders_of_one_line_are_done_in_their_order(rig: Rig) -> None:
    await _open(rig)
    orders = await _activations(rig, 3)
    for action, details in (
        ("bar_outgoing", {"reason": "unpaid"}),
        ("reactivate", {}),
        ("suspend", {"reason": "abuse"}),
    ):
        orders += [await rig.order(action, msisdn=_number(n), **details) for n in range(3)]
    await _all(rig, orders[:3], "held")
    await _close(rig)
    await _done_in_order(rig, orders)
    ended = [row["order_id"] for row in await rig.all_rows("events") if row["type"] == "order.completed"]
    for n in range(3):
        assert [order for order in ended if order in orders[n::3]] == orders[n::3]


async def test_it_hears_nothing_at_all_meanwhile(rig: Rig, sim: SimNetwork) -> None:
    first = await _activations(rig, 1)
    await _all(rig, first, "completed")
    await _open(rig)
    await asyncio.sleep(0)
    since = _heard(sim)
    await rig.order("suspend", msisdn=_number(0), reason="abuse")
    await rig.order("report_lost", msisdn=_number(0), reason="lost")  # an emergency waits too
    await _silence(sim, since)
    assert not rig.gateway.network.element("orange").connected
    await _close(rig)


@pytest.mark.parametrize("step", ["PutKeys", "CreateSubscriber", "Provide"])
async def test_an_order_between_two_steps_waits_there_and_goes_on(rig: Rig, sim: SimNetwork, step: str) -> None:
    sim.fault("late", step, delay_s=0.05)
    (order,) = await _activations(rig, 1)

    async def heard() -> bool:
        return any(entry.fault for entry in sim.log())

    await _eventually(heard)
    await _open(rig)
    since = _heard(sim)
    await rig.until(order, "held")
    assert {row["outcome"] for row in await rig.all_rows("steps")} == {"done", "planned"}
    await _silence(sim, since)
    await _close(rig)
    await _done_in_order(rig, [order])
    assert len(sim.heard()) == len(await rig.all_rows("steps"))  # each was said once


async def test_a_restart_keeps_the_window_and_those_who_wait(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await _open(rig, until=None)
        orders = await _activations(rig, 70)
        await _all(rig, orders, "held")
    for _ in range(2):
        async with gateway_on(tmp_path / "data", sim, time) as rig:
            rows = await _all(rig, orders, "held")
            assert {(row["waiting_for"], row["expected_at"]) for row in rows} == {
                ("orange is in maintenance: new disks", None)
            }
            assert _heard(sim) == 0
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await _close(rig)
        await _done_in_order(rig, orders)


async def test_a_window_that_ended_while_we_were_down_holds_nobody(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await _open(rig)
        (order,) = await _activations(rig, 1)
        await rig.until(order, "held")
    time.jump(hours=3)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert await rig.until(order) == "completed"
        assert await rig.all_rows("maintenance") == []


async def test_another_end_is_told_to_those_who_wait(rig: Rig) -> None:
    await _open(rig)
    orders = await _activations(rig, 3)
    await _all(rig, orders, "held")
    later = END + timedelta(hours=5)
    await _open(rig, until=later, why="the disks are late")
    await _told(rig, orders, later)
    assert {(await rig.row(order))["waiting_for"] for order in orders} == {
        "orange is in maintenance: the disks are late"
    }
    assert len(await rig.all_rows("maintenance")) == 1
    rig.time.jump(hours=3)
    await rig.gateway.upkeep.tend()
    assert {(await rig.row(order))["state"] for order in orders} == {"held"}
    rig.time.jump(hours=5)
    await _done_in_order(rig, orders)


async def test_an_end_that_nobody_knows_any_more_is_told_too(held: tuple[Rig, list[str]]) -> None:
    rig, orders = held
    await _open(rig, until=None, why="it burns")
    await _told(rig, orders, None)
    assert {(await rig.row(order))["waiting_for"] for order in orders} == {"orange is in maintenance: it burns"}


async def test_a_planned_window_begins_and_ends_by_the_clock(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    window = Window(START + timedelta(hours=1), END, "release 12")
    plan = Plan({"orange": {"maintenance": (window,)}})
    async with gateway_over(tmp_path / "data", sim, time, plan) as rig:
        assert await rig.until((await _activations(rig, 1))[0]) == "completed"
        time.jump(hours=1)
        await rig.gateway.upkeep.tend()
        since = _heard(sim)
        order = await rig.order("suspend", msisdn=_number(0), reason="abuse")
        await rig.until(order, "held")
        row = await rig.row(order)
        assert (row["waiting_for"], row["expected_at"]) == ("orange is in maintenance: release 12", END.isoformat())
        await _silence(sim, since)
    async with gateway_over(tmp_path / "data", sim, time, plan) as rig:
        assert (await rig.row(order))["state"] == "held"
        assert sim.log()[since:] == []
        time.jump(hours=1)
        assert await rig.until(order) == "completed"


async def test_of_two_windows_the_longer_one_holds(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    plan = Plan({"orange": {"maintenance": (Window(START - timedelta(hours=1), END, "release 12"),)}})
    async with gateway_over(tmp_path / "data", sim, time, plan) as rig:
        await _open(rig, until=END + timedelta(hours=1))
        (order,) = await _activations(rig, 1)
        await rig.until(order, "held")
        assert "new disks" in (await rig.row(order))["waiting_for"]
        await _close(rig)  # the planned one is left
        await _told(rig, [order], END)
        assert "release 12" in (await rig.row(order))["waiting_for"]
        assert not await rig.gateway.upkeep.close("orange", "by hand")
        time.jump(hours=2)
        assert await rig.until(order) == "completed"


async def test_other_elements_are_not_touched(rig: Rig) -> None:
    await _open(rig)
    waits = await _activations(rig, MANY)
    await _all(rig, waits, "held")
    order = await rig.activate(card(1, SFR), "+33699000001", host="sfr")
    assert await rig.until(order) == "completed"
    await _arrived(rig, "+33699000001")
    await _close(rig)
    await _done_in_order(rig, waits)


async def test_confirmations_wait_for_the_message_centre_and_go_out_once(rig: Rig, sim: SimNetwork) -> None:
    await _open(rig, "smsc")
    bound = max((entry.seq for entry in sim.log("smsc")), default=0)
    assert {await rig.until(order) for order in await _activations(rig, 5)} == {"completed"}
    await _silence(sim, bound, "smsc")
    assert {row["state"] for row in await rig.all_rows("messages")} == {"queued"}
    await _close(rig, "smsc")
    for n in range(5):
        await _arrived(rig, _number(n))
    await asyncio.sleep(0.1)
    assert [len(sim.inbox(_number(n))) for n in range(5)] == [1] * 5


async def test_what_has_piled_up_comes_back_at_a_growing_pace(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    """The window opens over the ramp's time: at once everything would knock the element over."""
    settings = Plan().settings(tmp_path / "unused", sim)
    manners = settings.topology.elements["orange"].manners
    slow = manners.__class__(manners.pace.__class__(window=16, ramp_s=2.0), manners.breaker, manners.retry)
    async with gateway_over(tmp_path / "data", sim, time, Plan({"orange": {"manners": slow}})) as rig:
        await _open(rig)
        orders = await _activations(rig, MANY)
        await _all(rig, orders, "held")
        most: list[int] = []
        await _close(rig)
        flow = rig.gateway.network._elements["orange"].flow
        began = asyncio.get_running_loop().time()
        while (passed_s := asyncio.get_running_loop().time() - began) < 1.0:
            most.append(flow._in_flight)
            assert flow._in_flight <= 1 + 16 * passed_s / 2.0 + 1
            await asyncio.sleep(0.01)
        assert max(most) > 1
        await _done_in_order(rig, orders)
