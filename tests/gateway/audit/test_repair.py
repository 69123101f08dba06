"""The policy repair: every difference of a line of ours is mended by an order that shows what it did."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.contract.action import Lane
from tests.gateway.audit.hands import REPAIR, REPORT, audited, number, only, orders_ended, put, take_away, touch
from tests.gateway.audit.test_kinds import TOUCHES
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

NUMBER = "+33612345678"


async def _clean(rig: Rig, imsi: str) -> None:
    assert await audited(rig) == ({"equal": 1}, [])
    assert rig.sim.held(imsi) == await rig.wished(NUMBER)


@pytest.mark.parametrize("name", TOUCHES)
async def test_what_another_hand_changed_is_repaired_and_the_second_audit_is_clean(
    rig: Rig, line: Card, name: str
) -> None:
    touch(rig, line.imsi, TOUCHES[name][0])
    counted, (finding,) = await audited(rig, REPAIR)
    assert (counted, finding["outcome"]) == ({"different": 1}, "repairing")
    assert await orders_ended(rig, [finding]) == ["completed"]
    await _clean(rig, line.imsi)


async def test_a_missing_subscriber_is_made_again_and_the_order_shows_how(rig: Rig, line: Card) -> None:
    take_away(rig, line.imsi)
    _, (finding,) = await audited(rig, REPAIR)
    assert await orders_ended(rig, [finding]) == ["completed"]
    order = await rig.row(finding["order_id"])
    assert (order["action"], order["lane"]) == ("repair", Lane.AUDIT)
    body = json.loads(order["body"])
    assert (body["line"], body["requested_by"]["channel"]) == ({"imsi": line.imsi}, "audit")
    assert finding["audit_id"] in body["requested_by"]["who"]
    steps = [row["command"] for row in await rig.all_rows("steps") if row["order_id"] == finding["order_id"]]
    assert any(command.startswith("ADD SUB") or "ADD" in command for command in steps)
    await _clean(rig, line.imsi)


async def test_missing_keys_are_put_back(rig: Rig, line: Card) -> None:
    store = rig.sim.hlrs["orange"].store
    store.remove_keys(line.imsi)
    _, (finding,) = await audited(rig, replace(REPAIR, keys=True))
    assert await orders_ended(rig, [finding]) == ["completed"]
    keys = store.keys(line.imsi)
    assert keys is not None
    assert (keys.ki, keys.opc) == (line.ki, line.opc)
    assert (await audited(rig, replace(REPORT, keys=True)))[0] == {"equal": 1}


async def test_what_an_ended_line_left_behind_is_removed_though_its_number_serves_another(rig: Rig, line: Card) -> None:
    assert await rig.done("terminate", msisdn=NUMBER) == "completed"
    assert await rig.until(await rig.activate(card(2), NUMBER)) == "completed"
    put(rig.sim, line, number(1))
    counted, (finding,) = await audited(rig, REPAIR)
    assert (counted, finding["outcome"]) == ({"equal": 1, "extra": 1}, "repairing")
    assert await orders_ended(rig, [finding]) == ["completed"]
    assert rig.sim.held(line.imsi) is None
    assert rig.sim.held(card(2).imsi) == await rig.wished(NUMBER)
    assert await audited(rig) == ({"equal": 2}, [])


@pytest.mark.parametrize("swapped", [True, False])
async def test_whoever_no_line_has_is_left_with_advice(rig: Rig, line: Card, *, swapped: bool) -> None:
    stranger = card(2)
    if swapped:
        swap = {"msisdn": NUMBER, "new_iccid": card(2).iccid, "reason": "other"}
        assert await rig.done("swap_sim", **swap) == "completed"
        stranger = line
    put(rig.sim, stranger, number(1))
    before = rig.sim.picture()
    _, (finding,) = await audited(rig, REPAIR)
    assert (finding["kind"], finding["outcome"], finding["order_id"]) == ("extra", "left", None)
    assert "by hand" in finding["detail"] or "adopt" in finding["detail"]
    assert rig.sim.picture() == before


async def test_many_are_repaired_at_once_and_each_once(rig: Rig) -> None:
    cards = [card(n) for n in range(100, 130)]
    await rig.stock(*cards)
    orders = [await rig.activate(one, number(n)) for n, one in enumerate(cards)]
    assert {await rig.until(order) for order in orders} == {"completed"}
    for one in cards:
        touch(rig, one.imsi, lambda held: replace(held, odb_premium=True))
    counted, findings = await audited(rig, REPAIR)
    assert (counted, {row["outcome"] for row in findings}) == ({"different": 30}, {"repairing"})
    assert len({row["order_id"] for row in findings}) == 30
    assert set(await orders_ended(rig, findings)) == {"completed"}
    assert await audited(rig) == ({"equal": 30}, [])
    repairs = [row for row in await rig.all_rows("orders") if row["action"] == "repair"]
    assert len(repairs) == 30


async def test_one_line_is_repaired_and_the_other_is_left_alone(rig: Rig, line: Card) -> None:
    assert await rig.until(await rig.activate(card(2), number(2))) == "completed"
    for imsi in (line.imsi, card(2).imsi):
        touch(rig, imsi, lambda held: replace(held, odb_premium=True))
    _, findings = await audited(rig, only(REPAIR, NUMBER))
    assert await orders_ended(rig, findings) == ["completed"]
    _, (left,) = await audited(rig)
    assert left["imsi"] == card(2).imsi
