"""An order that somebody else commits: taken with what asked for it, or not at all."""

from __future__ import annotations

import pytest

from gateway.contract.action import Refusal
from gateway.journal.journal import Conflict, Unit
from gateway.orders import records
from gateway.orders.order import Order
from tests.gateway.cards import Card
from tests.gateway.conftest import NUMBER
from tests.gateway.rig import Rig


async def test_it_is_carried_out_once_what_asked_for_it_is_durable(rig: Rig, line: Card) -> None:
    unit, engine = Unit(), rig.gateway.engine
    async with engine.enclosed(unit, rig.new("suspend", msisdn=NUMBER, reason="unpaid")) as order:
        assert isinstance(order, Order)
        assert await records.order(rig.gateway.journal, order.order_id) is None, "nothing is written before the commit"
        records.add_notice(unit, "why.it.was.asked", rig.time(), order.line_id, order_id=order.order_id)
        await rig.gateway.journal.commit(unit)
    assert await rig.until(order.order_id) == "completed"
    held = rig.sim.held(line.imsi)
    assert held is not None
    assert held.locked
    events = await records.events_of_line(rig.gateway.journal, order.line_id)
    history = [row["type"] for row in events if not row["type"].startswith("message.")]
    assert history[-4:] == ["order.accepted", "why.it.was.asked", "order.started", "order.completed"]


async def test_nothing_is_ordered_when_the_commit_fails(rig: Rig, line: Card) -> None:
    unit, engine = Unit(), rig.gateway.engine
    records.add_key(unit, "taken", "hash", {}, rig.time())
    await rig.gateway.journal.commit(unit)
    before = len(await rig.all_rows("orders"))
    again = Unit()

    async def ask() -> None:
        async with engine.enclosed(again, rig.new("suspend", msisdn=NUMBER, reason="unpaid")):
            records.add_key(again, "taken", "hash", {}, rig.time())
            await rig.gateway.journal.commit(again)

    with pytest.raises(Conflict):
        await ask()
    assert len(await rig.all_rows("orders")) == before
    assert await rig.done("bar_outgoing", msisdn=NUMBER, reason="unpaid") == "completed", "the line waits for nobody"
    held = rig.sim.held(line.imsi)
    assert held is not None
    assert not held.locked


async def test_what_makes_no_sense_is_told_and_nothing_is_written(rig: Rig, line: Card) -> None:
    assert line.imsi
    unit = Unit()
    async with rig.gateway.engine.enclosed(unit, rig.new("reactivate", msisdn=NUMBER)) as told:
        assert isinstance(told, Refusal)
        assert told.slug == "nothing-to-lift"
        assert not unit.writes
    unknown = rig.new("suspend", msisdn="+33699999999", reason="unpaid")
    async with rig.gateway.engine.enclosed(unit, unknown) as told:
        assert isinstance(told, Refusal)
        assert told.slug == "line-unknown"
        assert not unit.writes


async def test_orders_asked_for_meanwhile_are_judged_in_their_turn(rig: Rig, line: Card) -> None:
    unit = Unit()
    async with rig.gateway.engine.enclosed(unit, rig.new("suspend", msisdn=NUMBER, reason="unpaid")) as first:
        assert isinstance(first, Order)
        senseless_now = await rig.ask("reactivate", msisdn=NUMBER)
        assert senseless_now.order is not None, "the order before it may still change the answer"
        await rig.gateway.journal.commit(unit)
    assert await rig.until(first.order_id) == "completed"
    assert await rig.until(str(senseless_now.order["id"])) in {"completed", "rejected"}
    assert await rig.done("reactivate", msisdn=NUMBER) in {"completed", "rejected"}
    held = rig.sim.held(line.imsi)
    assert held is not None
    assert not held.locked
