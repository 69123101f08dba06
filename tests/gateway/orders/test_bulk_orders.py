"""Bulk orders: every line named exactly once becomes one order, over any stop; some wait for a second person."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gateway.contract.action import Refusal
from gateway.orders import bulk_book as book
from gateway.orders.bulk import Wished, bulk_actions
from tests.gateway.cards import card
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on

ANNA, BERT = {"who": "shop-042/anna", "channel": "shop"}, {"who": "shop-042/bert", "channel": "shop"}


def number(n: int) -> str:
    return f"+336{30_000_000 + n}"


def wish(action: str, lines: list[dict[str, str]], key: str | None = None, **details: str) -> Wished:
    body = {"action": action, "details": details, "requested_by": ANNA}
    return Wished(action, body, lines, key, json.dumps([body, lines]))


async def lines_of(rig: Rig, count: int) -> list[dict[str, str]]:
    await rig.stock(*(card(500 + n) for n in range(count)))
    ids = [await rig.activate(card(500 + n), number(n)) for n in range(count)]
    for order in ids:
        assert await rig.until(order) == "completed"
    return [{"msisdn": number(n)} for n in range(count)]


async def placed(rig: Rig, bulk_id: str) -> dict[str, int]:
    """Wait until every row is an order or refused, and every order has ended; count them."""
    async with asyncio.timeout(60):
        while True:
            row = await book.bulk(rig.gateway.journal, bulk_id)
            counts, unended = await book.counts(rig.gateway.journal, bulk_id)
            if row is not None and row["state"] == "placed" and not unended:
                return counts
            await asyncio.sleep(0.02)


async def taken(rig: Rig, wished: Wished) -> str:
    return str((await rig.gateway.bulk.take(wished)).shown["id"])


async def test_every_line_becomes_one_order_and_a_wrong_one_keeps_no_other_back(rig: Rig) -> None:
    lines = await lines_of(rig, 5)
    lines.insert(2, {"msisdn": "+33600000000"})
    bulk_id = await taken(rig, wish("suspend", lines, reason="fraud"))
    assert await placed(rig, bulk_id) == {"completed": 5, "refused": 1}
    rows = await book.page(rig.gateway.journal, bulk_id, -1, 100)
    assert [row["n"] for row in rows] == list(range(6))
    assert json.loads(rows[2]["problem"])["type"] == "/problems/line-unknown"
    orders = [row for row in await rig.all_rows("orders") if row["action"] == "suspend"]
    assert {row["order_id"] for row in orders} == {row["order_id"] for row in rows if row["order_id"]}
    assert all((row["lane"], json.loads(row["body"])["requested_by"]) == (2, ANNA) for row in orders)


async def _settled(rig: Rig) -> int:
    return sum(row["state"] != "waiting" for row in await rig.all_rows("bulk_rows"))


async def test_a_stop_anywhere_neither_doubles_nor_loses_a_line(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    """The gateway is stopped over and over while rows become orders; leaving it is a stop anywhere."""
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        real = await lines_of(rig, 3)
    lines = [line for _ in range(500) for line in (*real, {"msisdn": "+33600000000"})]
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        bulk_id = await taken(rig, wish("bar_outgoing", lines, reason="fraud"))
    stopped_at: set[int] = set()
    done = 0
    while done < len(lines):
        async with gateway_on(tmp_path / "data", sim, time) as rig, asyncio.timeout(60):
            while await _settled(rig) == done < len(lines):  # noqa: ASYNC110 - no event tells of rows
                await asyncio.sleep(0)
            for _ in range(len(stopped_at)):  # each stop a little further on
                await asyncio.sleep(0)
            done = await _settled(rig)
        stopped_at.add(done)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        assert await placed(rig, bulk_id) == {"completed": 1500, "refused": 500}
        rows = await rig.all_rows("bulk_rows")
        orders = [row["order_id"] for row in await rig.all_rows("orders") if row["action"] == "bar_outgoing"]
        assert sorted(orders) == sorted(row["order_id"] for row in rows if row["order_id"])
        told = [r["type"] for r in await rig.all_rows("events") if r["type"].startswith("bulk.")]
        assert told == ["bulk.accepted", "bulk.placed"]
    assert stopped_at - {0, len(lines)}, "no stop came while rows were becoming orders"


async def test_what_ends_lines_waits_for_a_second_person(rig: Rig) -> None:
    lines = await lines_of(rig, 2)
    bulk_id = await taken(rig, wish("terminate", lines))
    await asyncio.sleep(0.1)
    assert await book.counts(rig.gateway.journal, bulk_id) == ({"waiting": 2}, 0)
    for same in (ANNA, {"who": " Shop-042/ANNA", "channel": "phone"}):
        refusal = await rig.gateway.bulk.decide(bulk_id, same, approved=True)
        assert isinstance(refusal, Refusal)
        assert refusal.slug == "same-person"
    assert await rig.gateway.bulk.decide(bulk_id, BERT, approved=True) is None
    assert await placed(rig, bulk_id) == {"completed": 2}
    assert rig.sim.held(card(500).imsi) is None


async def test_a_rejected_one_is_never_placed(rig: Rig) -> None:
    lines = await lines_of(rig, 1)
    bulk_id = await taken(rig, wish("terminate", lines))
    assert await rig.gateway.bulk.decide(bulk_id, BERT, approved=False) is None
    again = await rig.gateway.bulk.decide(bulk_id, BERT, approved=True)
    assert isinstance(again, Refusal)
    assert again.slug == "wrong-state"
    await asyncio.sleep(0.1)
    assert await book.counts(rig.gateway.journal, bulk_id) == ({"waiting": 1}, 0)
    assert rig.sim.held(card(500).imsi) is not None


async def test_who_asked_and_who_agreed_are_in_the_event_log(rig: Rig) -> None:
    bulk_id = await taken(rig, wish("terminate", [{"msisdn": number(1)}]))
    await rig.gateway.bulk.decide(bulk_id, BERT, approved=True)
    assert await placed(rig, bulk_id) == {"refused": 1}
    told = [(r["type"], json.loads(r["data"])) for r in await rig.all_rows("events") if r["type"].startswith("bulk.")]
    assert [(kind, data.get("requested_by")) for kind, data in told] == [
        ("bulk.accepted", ANNA),
        ("bulk.approved", BERT),
        ("bulk.placed", None),
    ]


async def test_two_who_decide_at_once_are_one_decision(rig: Rig) -> None:
    bulk_id = await taken(rig, wish("terminate", [{"msisdn": number(1)}]))
    decide = rig.gateway.bulk.decide
    words = await asyncio.gather(decide(bulk_id, BERT, approved=True), decide(bulk_id, BERT, approved=False))
    assert sum(word is None for word in words) == 1


async def test_the_same_key_is_the_same_bulk_order(rig: Rig) -> None:
    wished = wish("suspend", [{"msisdn": number(1)}], "k1", reason="fraud")
    first, again = await rig.gateway.bulk.take(wished), await rig.gateway.bulk.take(wished)
    assert (again.replayed, again.shown) == (True, first.shown)
    assert len(await rig.all_rows("bulk_orders")) == 1


@pytest.mark.parametrize("action", ["activate", "swap_sim", "change_number", "add_twin"])
def test_what_needs_a_sim_or_a_number_for_each_line_is_no_bulk_order(action: str) -> None:
    assert action not in bulk_actions()
    assert {"suspend", "terminate", "reactivate", "change_options"} <= set(bulk_actions())
