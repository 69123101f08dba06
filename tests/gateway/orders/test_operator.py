"""What an operator may do to an order: cancel it, hold it, let it go on; each at its time, and never two at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.journal.journal import JournalAway
from gateway.journal.shards import EVERY_SHARD
from gateway.orders.errands import WrongState
from gateway.orders.order import Order
from hlr_sim.faults import Kind
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

NUMBER = "+33612345678"
OTHER = "+33612345679"


async def _busy(rig: Rig) -> str:
    """Keep the line busy with an order that waits for its element."""
    rig.sim.fault(Kind.BUSY, "Provide", count=None)
    order = await rig.order("change_options", msisdn=NUMBER, add=["5g"])
    await rig.until(order, "held")
    return order


async def _stock_states(rig: Rig) -> dict[str, str]:
    return {row["iccid"]: row["state"] for row in await rig.all_rows("sims")}


async def test_an_order_that_waits_its_turn_can_be_cancelled(rig: Rig, line: Card) -> None:
    first = await _busy(rig)
    swap = await rig.order("swap_sim", msisdn=NUMBER, new_iccid=card(2).iccid, reason="other")
    last = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    assert (await _stock_states(rig))[card(2).iccid] == "reserved"
    await rig.gateway.engine.cancel(swap)
    assert await rig.state(swap) == "cancelled"
    assert (await _stock_states(rig))[card(2).iccid] == "stock"
    rig.sim.faults.clear()
    assert [await rig.until(order) for order in (first, last)] == ["completed", "completed"]
    assert rig.sim.held(line.imsi) == await rig.wished(NUMBER)
    async with asyncio.timeout(60):
        while rig.gateway.engine.backlog:  # noqa: ASYNC110 - the order has ended a moment before it leaves the queue
            await asyncio.sleep(0.001)


async def test_a_cancelled_activation_leaves_number_and_sim_free(rig: Rig) -> None:
    later = rig.time() + timedelta(days=1)
    order = await rig.activate(card(1), NUMBER, requested_start=later)
    await rig.gateway.engine.cancel(order)
    assert (await _stock_states(rig))[card(1).iccid] == "stock"
    assert [row["state"] for row in await rig.all_rows("numbers")] == ["free"]
    assert not await rig.all_rows("lines")
    rig.time.jump(days=2)
    await asyncio.sleep(0.6)
    assert await rig.state(order) == "cancelled"
    assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"


async def test_what_has_reached_the_network_cannot_be_cancelled_or_held(rig: Rig, line: Card) -> None:
    del line
    order = await _busy(rig)
    with pytest.raises(WrongState, match="reached the network"):
        await rig.gateway.engine.cancel(order)
    with pytest.raises(WrongState, match="reached the network"):
        await rig.gateway.engine.hold(order)
    with pytest.raises(WrongState):
        await rig.gateway.engine.resume(order)
    rig.sim.faults.clear()
    assert await rig.until(order) == "completed"


async def test_what_was_lost_meanwhile_is_not_moved_on_what_was_seen_before(rig: Rig, line: Card) -> None:
    """Somebody else may have begun it, and we have it again."""
    del line
    await _busy(rig)
    engine = rig.gateway.engine
    waits = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")

    async def lost_and_taken_again(_: Order) -> None:
        await engine.lose()
        await engine.take(EVERY_SHARD)

    with pytest.raises(JournalAway):
        async with engine._idle(waits, "cancelled", lost_and_taken_again):
            pytest.fail("it was to be written")
    rig.sim.faults.clear()
    assert await rig.until(waits) == "completed"


@pytest.mark.parametrize("move", ["cancel", "hold", "resume"])
async def test_an_ended_order_is_moved_no_more(rig: Rig, line: Card, move: str) -> None:
    del line
    order = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    await rig.until(order)
    with pytest.raises(WrongState, match="completed"):
        await getattr(rig.gateway.engine, move)(order)
    with pytest.raises(LookupError):
        await getattr(rig.gateway.engine, move)("0" * 32)


async def test_a_held_order_holds_those_behind_it_and_no_other_line(rig: Rig, line: Card) -> None:
    del line
    first = await _busy(rig)
    held = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    behind = await rig.order("change_plan", msisdn=NUMBER, plan="metered")
    await rig.gateway.engine.hold(held)
    rig.sim.faults.clear()
    assert await rig.until(first) == "completed"
    assert await rig.until(await rig.activate(card(2), OTHER)) == "completed"
    assert [await rig.state(order) for order in (held, behind)] == ["held", "acknowledged"]
    await rig.gateway.engine.resume(held)
    assert [await rig.until(order) for order in (held, behind)] == ["completed", "completed"]


async def test_a_held_order_can_be_cancelled_and_frees_those_behind_it(rig: Rig, line: Card) -> None:
    del line
    first = await _busy(rig)
    held = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    behind = await rig.order("change_plan", msisdn=NUMBER, plan="metered")
    await rig.gateway.engine.hold(held)
    rig.sim.faults.clear()
    await rig.until(first)
    await rig.gateway.engine.cancel(held)
    assert [await rig.until(order) for order in (held, behind)] == ["cancelled", "completed"]


async def test_a_future_order_held_and_resumed_waits_for_its_time_again(rig: Rig, line: Card) -> None:
    del line
    order = await rig.order("suspend", msisdn=NUMBER, reason="unpaid", requested_start=rig.time() + timedelta(days=1))
    await rig.gateway.engine.hold(order)
    await rig.gateway.engine.resume(order)
    assert await rig.state(order) == "pending"
    rig.time.jump(days=2)
    assert await rig.until(order) == "completed"


async def test_a_future_order_held_does_not_start_when_due(rig: Rig, line: Card) -> None:
    del line
    order = await rig.order("suspend", msisdn=NUMBER, reason="unpaid", requested_start=rig.time() + timedelta(days=1))
    await rig.gateway.engine.hold(order)
    rig.time.jump(days=2)
    await asyncio.sleep(0.7)
    assert await rig.state(order) == "held"
    await rig.gateway.engine.resume(order)
    assert await rig.until(order) == "completed"


@pytest.mark.parametrize("second", ["cancel", "hold", "resume"])
@pytest.mark.parametrize("first", ["cancel", "hold", "resume"])
async def test_two_hands_at_once_leave_one_truth(rig: Rig, line: Card, first: str, second: str) -> None:
    """Whatever two operators do in the same moment, a cancelled order stays cancelled and nothing is stuck."""
    await _busy(rig)
    order = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    await rig.gateway.engine.hold(order)
    engine = rig.gateway.engine
    moves = [getattr(engine, first)(order), getattr(engine, second)(order)]
    await asyncio.gather(*moves, return_exceptions=True)
    rig.sim.faults.clear()
    state = await rig.until(order, "cancelled", "completed", "held")
    await asyncio.sleep(0.1)
    assert await rig.state(order) == state
    events = [row["type"] for row in await rig.all_rows("events") if row["order_id"] == order]
    if "order.cancelled" in events:
        assert (state, events[-1], events.count("order.cancelled")) == ("cancelled", "order.cancelled", 1)
    if state != "held":
        assert await rig.done("change_plan", msisdn=NUMBER, plan="metered") == "completed"
    assert rig.sim.held(line.imsi) == await rig.wished(NUMBER)
