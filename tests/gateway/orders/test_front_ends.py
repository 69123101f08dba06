"""Two front ends before one register: the backup takes over in the middle of traffic, and gives it back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.orders.order import OrderState
from gateway.orders.upkeep import Opening
from hlr_sim.faults import Kind
from tests.gateway.cards import card
from tests.gateway.fleet import Fleet, Plan, gateway_over
from tests.gateway.rig import QUICK, START, Rig, Time

LINES = 60
PLAN = Plan(groups={"pair": ("orange", "backup")}, orange="pair")


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    network = Fleet(tmp_path / "network", shares={"backup": "orange"})
    yield network
    await network.close()


@pytest.fixture
async def rig(tmp_path: Path, fleet: Fleet, time: Time) -> AsyncIterator[Rig]:
    async with gateway_over(tmp_path / "data", fleet, time, PLAN) as running:
        await running.stock(*(card(n) for n in range(1, LINES + 10)))
        yield running


def _number(nth: int) -> str:
    return f"+3361{nth:07d}"


async def _activations(rig: Rig) -> list[str]:
    return await asyncio.gather(*(rig.activate(card(nth), _number(nth)) for nth in range(1, LINES + 1)))


async def _changes(rig: Rig) -> list[str]:
    """Order two things more of each line."""
    asked = [(nth, "bar_outgoing", {"reason": "unpaid"}) for nth in range(1, LINES + 1)]
    asked += [(nth, "reactivate", {}) for nth in range(1, LINES + 1)]
    return [await rig.order(action, msisdn=_number(nth), **details) for nth, action, details in asked]


async def _under_way(rig: Rig) -> None:
    """Wait until the first are done."""
    async with asyncio.timeout(60):
        while rig.gateway.engine.ended["completed"] < 5:  # noqa: ASYNC110 - the engine tells nobody
            await asyncio.sleep(0.001)


async def _all_true(rig: Rig, orders: Sequence[str]) -> None:
    assert Counter([await rig.end_of(order) for order in orders]) == {("completed", None): len(orders)}
    store = rig.sim.hlrs["orange"].store
    for nth in range(1, LINES + 1):
        assert rig.sim.held(card(nth).imsi) == await rig.wished(_number(nth))
    assert len(store) == len(store._with_keys) == LINES


async def _who_did(rig: Rig) -> Counter[str]:
    return Counter(row["element"] for row in await rig.all_rows("steps"))


async def test_everything_goes_by_the_primary(rig: Rig) -> None:
    await _all_true(rig, await _activations(rig) + await _changes(rig))
    assert set(await _who_did(rig)) == {"orange"}
    assert rig.sim.log("backup") == []


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.LOST, Kind.SILENT])
async def test_the_primary_is_lost_in_the_middle_of_traffic(rig: Rig, kind: Kind) -> None:
    """Whether what it last heard was done or not: nothing is lost, and nothing is done twice."""
    orders = await _activations(rig)
    await _under_way(rig)
    rig.sim.fault(kind, "*", count=None)
    rig.sim.fault(Kind.REFUSE_CONNECT, count=None)
    await _all_true(rig, orders + await _changes(rig))
    who = await _who_did(rig)
    assert set(who) <= {"orange", "backup", "pair"}  # by the pair: in doubt, and found to be so
    assert who["backup"] > who["orange"]


async def test_a_primary_that_stands_still_is_passed_over(rig: Rig, fleet: Fleet) -> None:
    orders = await _activations(rig)
    await _under_way(rig)
    fleet.servers["orange"].element.freeze(60)
    orders += await _changes(rig)
    await _all_true(rig, orders)
    assert (await _who_did(rig))["backup"] >= LINES


async def test_what_a_primary_that_stood_still_does_late_harms_nothing(
    tmp_path: Path, fleet: Fleet, time: Time
) -> None:
    """While its line is up only it is asked what became of a command: its late work is never newer orders' undoing."""
    quick = replace(QUICK, answer_timeout_s=0.5)  # so a line is given up after 1.5 s
    plan = replace(PLAN, changed={name: {"limits": quick} for name in ("orange", "backup")})
    async with gateway_over(tmp_path / "data", fleet, time, plan) as rig:
        await rig.stock(*(card(n) for n in range(1, LINES + 10)))
        orders = await _activations(rig)
        await _under_way(rig)
        fleet.servers["orange"].element.freeze(0.8)
        orders += await _changes(rig)
        await _all_true(rig, orders)
        await asyncio.sleep(0.3)
        await _all_true(rig, orders)
        assert await rig.orders_in(OrderState.COMPLETED) == len(orders)


async def test_when_it_is_back_the_primary_is_spoken_to_again(rig: Rig) -> None:
    rig.sim.fault(Kind.REFUSE_CONNECT, count=None)
    await _all_true(rig, await _activations(rig))
    assert set(await _who_did(rig)) - {"pair"} == {"backup"}  # what was in doubt is read back, and either may tell
    rig.sim.faults.clear()
    who: set[str] = set()
    async with asyncio.timeout(60):
        while who != {"orange"}:  # it is tried again after a while of its own
            for action, details in (("suspend", {"reason": "unpaid"}), ("reactivate", {})):
                order = await rig.order(action, msisdn=_number(1), **details)
                assert await rig.until(order) == "completed"
            who = {row["element"] for row in await rig.all_rows("steps") if row["order_id"] == order}
    assert rig.sim.log("orange")


async def test_a_primary_at_rest_delays_nobody(rig: Rig) -> None:
    orders = await _activations(rig)
    await _under_way(rig)
    await rig.gateway.upkeep.open(Opening("orange", START + timedelta(hours=1), "disks", "anna"))
    since = len(rig.sim.log("orange"))
    await _all_true(rig, orders + await _changes(rig))
    assert len(rig.sim.log("orange")) <= since + 16  # what was under way
    assert set(await _who_did(rig)) - {"pair"} == {"orange", "backup"}  # see above


async def test_a_pair_at_rest_keeps_its_orders_until_the_first_is_back(rig: Rig) -> None:
    await rig.gateway.upkeep.open(Opening("pair", START + timedelta(hours=2), "new cables", "anna"))
    orders = await _activations(rig)
    for order in orders:
        await rig.until(order, "held")
    row = await rig.row(orders[0])
    assert row["waiting_for"] == "orange is in maintenance: new cables; backup is in maintenance: new cables"
    assert row["expected_at"] == (START + timedelta(hours=2)).isoformat()
    assert rig.sim.log("orange") == rig.sim.log("backup") == []
    rig.time.jump(hours=2)
    await _all_true(rig, orders)
