"""/v1/orders as the contract words it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from hlr_sim.faults import Kind
from tests.gateway.api.conftest import Shop, activation, order
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

NUMBER, OTHER = "+33612345678", "+33612345679"
FACTS = {
    "id", "external_id", "action", "line", "state", "accepted_at", "stored_at", "effective_at", "effective", "steps"
}  # fmt: skip


async def test_a_posted_order_is_acknowledged_with_its_address(shop: Shop) -> None:
    body = activation(card(1), NUMBER) | {
        "external_id": "ORD-1001",
        "requested_by": {"who": "shop-042/anna", "channel": "shop"},
        "note": 'n° 12: l\'été; "ok"',
        "priority": "interactive",
        "requested_start": "now",
    }
    answer = await shop.place(body)
    assert answer.status_code == 202
    shown = answer.json()
    assert shown == {
        "id": shown["id"],
        "external_id": "ORD-1001",
        "state": "acknowledged",
        "href": f"/v1/orders/{shown['id']}",
    }
    assert answer.headers["location"] == shown["href"]
    await shop.rig.until(shown["id"])
    followed = (await shop.get(shown["href"])).json()
    assert set(followed) >= FACTS
    assert (followed["state"], followed["action"], followed["line"]["msisdn"]) == ("completed", "activate", NUMBER)
    assert (followed["requested_by"]["who"], followed["effective"]) == ("shop-042/anna", "next_registration")
    assert all(set(s) == {"element", "command", "outcome", "code", "text", "at"} for s in followed["steps"])
    times = [datetime.fromisoformat(followed[name]) for name in ("accepted_at", "stored_at")]
    assert all(t.tzinfo is not None for t in times)
    assert "error" not in followed or followed["error"] is None


async def test_a_change_in_service_is_effective_at_once(shop: Shop, line: Card) -> None:
    del line
    ended = await shop.done(order("bar_outgoing", NUMBER, reason="unpaid"))
    assert (ended["state"], ended["effective"]) == ("completed", "now")
    assert ended["stored_at"] == ended["effective_at"]


async def test_steps_show_commands_with_secrets_masked(shop: Shop) -> None:
    ended = await shop.done(activation(card(1), NUMBER))
    commands = " ".join(step["command"] for step in ended["steps"])
    assert "ADD KI" in commands
    assert not [secret for secret in card(1).secrets if secret in commands]
    assert {step["outcome"] for step in ended["steps"]} <= {"done", "already_so"}


async def test_a_failed_order_says_why(shop: Shop, line: Card) -> None:
    del line
    shop.rig.sim.fault(Kind.REFUSE, "Provide")
    ended = await shop.done(order("suspend", NUMBER, reason="unpaid"))
    assert (ended["state"], set(ended["error"])) == ("failed", {"type", "title", "detail"})
    assert ended["error"]["type"] == "/problems/element-refused"
    assert (ended["stored_at"], ended["effective_at"]) == (None, None)


async def test_the_idempotency_key_makes_it_one_order(shop: Shop) -> None:
    body, keyed = activation(card(1), NUMBER), {"headers": {"Idempotency-Key": "abc-1"}}
    first = await shop.place(body, **keyed)
    again = await shop.place(body, **keyed)
    assert (first.status_code, again.status_code, first.json()) == (202, 202, again.json())
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    shuffled = json.dumps(dict(reversed(body.items())), indent=2)
    assert (await shop.post("/v1/orders", content=shuffled, **keyed)).json() == first.json()
    other = await shop.place(activation(card(2), OTHER), **keyed)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert len(await shop.rig.all_rows("orders")) == 1


async def test_a_refused_order_is_refused_again_under_its_key(shop: Shop) -> None:
    keyed = {"headers": {"Idempotency-Key": "k"}}
    answers = [await shop.place(order("suspend", NUMBER, reason="unpaid"), **keyed) for _ in range(2)]
    assert [a.status_code for a in answers] == [404, 404]
    assert "idempotency-replayed" not in answers[1].headers


@pytest.mark.parametrize("key", ["", "a b", "é", "k" * 256, "a\tb"])
async def test_a_key_that_is_no_key_is_refused(shop: Shop, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    answer = await shop.place(activation(card(1), NUMBER), headers=headers)
    assert answer.status_code == 422
    assert not await shop.rig.all_rows("orders")


async def test_a_dry_run_shows_before_after_and_plan_and_writes_nothing(shop: Shop, line: Card) -> None:
    tables = ("orders", "lines", "sims", "numbers", "events", "idempotency", "steps", "messages")
    before = [[tuple(row) for row in await shop.rig.all_rows(table)] for table in tables], len(shop.rig.sim.log())
    bodies = [order("terminate", NUMBER), activation(card(2), OTHER), order("suspend", NUMBER, reason="unpaid")]
    shown = [(await shop.place(b, params={"dry_run": "true"}, headers={"Idempotency-Key": "k"})).json() for b in bodies]
    assert [(s["before"] is None, s["after"] is None) for s in shown] == [(False, True), (True, False), (False, False)]
    assert shown[0]["before"]["imsi"] == line.imsi
    assert all(set(step) == {"element", "command", "undo"} for s in shown for step in s["plan"])
    text = json.dumps(shown)
    assert "ADD KI" in text
    assert not [s for c in (card(1), card(2)) for s in c.secrets if s in text]
    after = [[tuple(row) for row in await shop.rig.all_rows(table)] for table in tables], len(shop.rig.sim.log())
    assert after == before


async def test_a_dry_run_of_a_senseless_order_gets_the_same_problem(shop: Shop, line: Card) -> None:
    del line
    for body in (order("reactivate", NUMBER), order("suspend", OTHER, reason="unpaid")):
        dry = await shop.place(body, params={"dry_run": "true"})
        real = await shop.place(body)
        assert (dry.status_code, dry.json()) == (real.status_code, real.json())


async def test_a_number_that_comes_needs_a_rio_that_fits_it(shop: Shop) -> None:
    port_in = {"rio": "01P123456ABC", "mandate": "M-1", "date": "2026-04-01"}
    answer = await shop.place(activation(card(1), NUMBER, port_in=port_in))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/rio-invalid")
    assert (await shop.place(activation(card(1), NUMBER, port_in={"rio": "x"}))).status_code == 422
    assert not await shop.rig.all_rows("orders")


async def test_orders_are_listed_newest_first_by_page_and_filter(shop: Shop, line: Card) -> None:
    del line
    for _ in range(5):
        await shop.done(order("suspend", NUMBER, reason="unpaid"))
    await shop.done(activation(card(2), OTHER))
    every = (await shop.get("/v1/orders")).json()
    assert (len(every["items"]), every["next"]) == (7, None)
    accepted = [item["accepted_at"] for item in every["items"]]
    assert accepted == sorted(accepted, reverse=True)
    ids, cursor = [], None
    for _ in range(4):
        page = (await shop.get("/v1/orders", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert ids == [item["id"] for item in every["items"]]
    for filters, count in (
        ({"line": OTHER}, 1),
        ({"line": NUMBER}, 6),
        ({"action": "suspend"}, 5),
        ({"state": "completed"}, 7),
        ({"state": "failed"}, 0),
        ({"since": accepted[0]}, 1),
        ({"since": (shop.rig.time() + timedelta(hours=1)).isoformat()}, 0),
        ({"line": NUMBER, "action": "activate", "state": "completed"}, 1),
    ):
        assert len((await shop.get("/v1/orders", params=filters)).json()["items"]) == count, filters
    assert len((await shop.get(f"/v1/orders?line={OTHER}")).json()["items"]) == 1


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=-1", "state=great", "action=dance", "since=2026-01-01",
     "since=yesterday", "line=123", "line=%2B33%0a", "colour=red", "cursor=%D9%A3",
     "since=0001-01-01T00:00:00%2B23:59", "since=9999-12-31T23:59:59-23:59"],
)  # fmt: skip
async def test_a_filter_that_makes_no_sense_is_refused(shop: Shop, query: str) -> None:
    answer = await shop.get(f"/v1/orders?{query}")
    assert answer.status_code == 422


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_a_start_at_the_edge_of_time_is_no_fault_of_ours(shop: Shop, start: str) -> None:
    answer = await shop.place(activation(card(1), NUMBER) | {"requested_start": start})
    assert answer.status_code in (202, 422)


async def test_a_future_order_is_pending_then_moved_by_its_verbs(shop: Shop, line: Card) -> None:
    del line
    start = (shop.rig.time() + timedelta(days=1)).isoformat()
    placed = await shop.place(order("suspend", NUMBER, reason="unpaid") | {"requested_start": start})
    href = placed.json()["href"]
    assert (placed.status_code, placed.json()["state"]) == (202, "pending")
    assert (await shop.get(href)).json()["requested_start"]
    assert (await shop.get(f"/v1/lines/{NUMBER}")).json()["pending_orders"] == [placed.json()["id"]]
    states = [(await shop.post(f"{href}/{verb}")).json()["state"] for verb in ("hold", "resume", "cancel")]
    assert states == ["held", "pending", "cancelled"]
    again = await shop.post(f"{href}/cancel")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")


@pytest.mark.parametrize("verb", ["cancel", "hold", "resume"])
async def test_an_order_nobody_knows_is_not_found(shop: Shop, verb: str) -> None:
    assert (await shop.get(f"/v1/orders/{'0' * 32}")).status_code == 404
    assert (await shop.post(f"/v1/orders/{'0' * 32}/{verb}")).status_code == 404
    assert (await shop.post(f"/v1/orders/nonsense/{verb}")).status_code in (404, 422)


async def test_a_bulk_order_lets_the_shop_go_first_and_nothing_demotes_an_emergency(shop: Shop, line: Card) -> None:
    del line
    placed = [
        (await shop.place(order(action, NUMBER, **more) | {"priority": "bulk"})).json()["id"]
        for action, more in (("suspend", {"reason": "unpaid"}), ("report_lost", {"reason": "lost"}))
    ]
    lanes = [(await shop.rig.row(one))["lane"] for one in placed]
    assert lanes == [2, 0]


async def test_a_full_house_says_when_to_come_back(shop: Shop, line: Card, rig: Rig) -> None:
    del line
    rig.sim.fault(Kind.BUSY, "Provide", count=None)
    most = rig.gateway.settings.engine.max_backlog
    object.__setattr__(rig.gateway.settings.engine, "max_backlog", 1)
    await shop.place(order("suspend", NUMBER, reason="unpaid"))
    answer = await shop.place(order("reactivate", NUMBER))
    object.__setattr__(rig.gateway.settings.engine, "max_backlog", most)
    assert (answer.status_code, answer.headers["retry-after"].isdigit()) == (429, True)
    rig.sim.faults.clear()
    await asyncio.sleep(0)
