"""The gateway stops anywhere and is opened again on the same files: every order goes on, and ends exactly once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from hlr_sim.faults import Kind
from tests.gateway.orders.scenes import SCENES, Case, Scene, play
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on

BARE = Scene("change_plan", {"plan": "metered"})


async def _struck(sim: SimNetwork, kind: Kind) -> None:
    async with asyncio.timeout(60):
        while not any(entry.fault is kind for entry in sim.log()):  # noqa: ASYNC110 - the element tells nobody what it heard
            await asyncio.sleep(0.002)


async def _ended_once(rig: Rig, order: str, case: Case) -> None:
    assert await rig.end_of(order) == ("completed", None)
    events = [row["type"] for row in await rig.all_rows("events") if row["order_id"] == order]
    assert events.count("order.completed") == events.count("order.started") == events.count("order.accepted") == 1
    assert sum(row["order_id"] == order for row in await rig.all_rows("messages")) == 1
    wished = await rig.wished(case.number)
    imsi = next(row["imsi"] for row in await rig.all_rows("lines") if row["msisdn"] == case.number)
    assert rig.sim.held(imsi) == wished
    store = rig.sim.hlrs["orange"].store
    assert store.has_keys(imsi) == (wished is not None)
    assert len(store) == len(store._with_keys)


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST])
@pytest.mark.parametrize("scene", SCENES)
async def test_a_stop_at_each_step_changes_nothing(
    tmp_path: Path, sim: SimNetwork, time: Time, scene: str, kind: Kind
) -> None:
    """Silent: the element had done it when we stopped; lost: it had not. The gateway cannot know which."""
    nth, steps = 0, 1
    while nth < steps:
        data = tmp_path / f"data-{nth}"
        async with gateway_on(data, sim, time) as rig:
            case = await play(rig, SCENES[scene], nth)
            steps = len(case.steps)
            sim.fault(kind, **case.occasion(nth))
            seen = len([e for e in sim.log() if e.fault is kind])
            order = await case.order(rig)
            async with asyncio.timeout(60):
                while len([e for e in sim.log() if e.fault is kind]) == seen:  # noqa: ASYNC110 - the element tells nobody what it heard
                    await asyncio.sleep(0.001)
        async with gateway_on(data, sim, time) as rig:
            await _ended_once(rig, order, case)
        nth += 1
    assert nth


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST])
@pytest.mark.parametrize("undo", ["RemoveSubscriber", "RemoveKeys"])
async def test_a_stop_while_undoing_goes_on_undoing(
    tmp_path: Path, sim: SimNetwork, time: Time, undo: str, kind: Kind
) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        case = await play(rig, SCENES["activate"])
        before = sim.picture()
        sim.fault(Kind.REFUSE, **case.occasion(len(case.steps) - 1))
        sim.fault(kind, undo)
        order = await case.order(rig)
        await _struck(sim, kind)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert await rig.until(order) == "failed"
        assert sim.picture() == before
        assert {row["state"] for row in await rig.all_rows("sims")} == {"stock"}


async def test_a_line_taken_down_is_rebuilt_when_we_stop_in_the_middle_of_that(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    """Undoing a removal takes many commands: a stop between two of them leaves a subscriber half made."""
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        case = await play(rig, SCENES["terminate"])
        before = sim.picture()
        sim.fault(Kind.REFUSE, **case.occasion(1))
        sim.fault(Kind.LOST, "Provide", after=2)
        order = await case.order(rig)
        await _struck(sim, Kind.LOST)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert await rig.until(order) == "failed"
        assert sim.picture() == before


async def test_orders_waiting_their_turn_are_taken_up_in_their_turn(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        case = await play(rig, SCENES["suspend"])
        sim.fault(Kind.REFUSE_CONNECT, count=None)
        sim.fault(Kind.LOST, "Provide")
        ids = [await case.order(rig)]
        ids += [
            await rig.order(action, msisdn=case.number, **more)
            for action, more in (("reactivate", {}), ("change_options", {"add": ["roaming"]}), ("terminate", {}))
        ]
        await rig.until(ids[0], "held")
    sim.faults.clear()
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert [await rig.until(order) for order in ids] == ["completed"] * 4
        events = [r["order_id"] for r in await rig.all_rows("events") if r["type"] == "order.completed"]
        assert events[-4:] == ids
        assert sim.held(next(r["imsi"] for r in await rig.all_rows("lines"))) is None


async def test_what_was_held_by_hand_stays_held(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        case = await play(rig, SCENES["suspend"])
        order = await case.order(rig)
        assert await rig.until(order) == "completed"
        later = time() + timedelta(hours=1)
        order = await rig.order("reactivate", msisdn=case.number, requested_start=later)
        await rig.gateway.engine.hold(order)
    time.jump(hours=2)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await asyncio.sleep(0.1)
        assert await rig.state(order) == "held"
        await rig.gateway.engine.resume(order)
        assert await rig.until(order) == "completed"


async def test_a_partial_order_waits_for_a_human_over_a_restart(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        case = await play(rig, SCENES["activate"])
        before = sim.picture()
        sim.fault(Kind.REFUSE, **case.occasion(2))
        sim.fault(Kind.REFUSE, "RemoveSubscriber", count=None)
        order = await case.order(rig)
        assert await rig.until(order) == "partial"
    heard = len(sim.log())
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await asyncio.sleep(0.1)
        assert await rig.state(order) == "partial"
        assert len(sim.log()) == heard
        sim.faults.clear()
        await rig.gateway.engine.resume(order)
        assert await rig.until(order, "failed") == "failed"
        assert sim.picture() == before


async def test_a_partial_order_is_left_alone_until_somebody_resumes_it(rig: Rig) -> None:
    case = await play(rig, SCENES["activate"])
    rig.sim.fault(Kind.REFUSE, **case.occasion(2))
    rig.sim.fault(Kind.REFUSE, "RemoveSubscriber", count=None)
    order = await case.order(rig)
    assert await rig.until(order) == "partial"
    await asyncio.sleep(0.05)
    heard = len(rig.sim.log())
    await asyncio.sleep(0.2)
    assert (await rig.state(order), len(rig.sim.log())) == ("partial", heard)


async def test_a_future_order_due_while_we_were_down_is_done_at_once(
    tmp_path: Path, sim: SimNetwork, time: Time
) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        case = await play(rig, BARE)
        order = await rig.order("suspend", msisdn=case.number, reason="unpaid", requested_start=time() + timedelta(1))
    time.jump(days=2)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert await rig.until(order) == "completed"
