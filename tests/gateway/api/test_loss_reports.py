"""Lost and stolen lines: many in one report, each out of service for itself, with the three times that prove it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.gateway.api.conftest import Json, Shop
from tests.gateway.api.losses import BY, REPORTS, report, taken
from tests.gateway.cards import Card, card
from tests.gateway.conftest import NUMBER

SECOND = "+33612345679"


async def _two_lines(shop: Shop) -> None:
    for n, number in enumerate((NUMBER, SECOND), start=1):
        assert await shop.rig.until(await shop.rig.activate(card(n), number)) == "completed"


async def _ended(shop: Shop, told: Json) -> list[str]:
    return [await shop.rig.until(item["id"]) for item in told["items"] if "id" in item]


async def test_several_lines_named_in_any_way_are_out_of_service(shop: Shop) -> None:
    await _two_lines(shop)
    told = await taken(shop, report({"imsi": card(1).imsi}, {"iccid": card(2).iccid}))
    assert await _ended(shop, told) == ["completed", "completed"]
    assert [item["href"] for item in told["items"]] == [f"/v1/orders/{item['id']}" for item in told["items"]]
    for number in (NUMBER, SECOND):
        line = (await shop.get(f"/v1/lines/{number}")).json()
        assert (line["state"], [r["reason"] for r in line["restrictions"]]) == ("suspended", ["stolen"])


async def test_a_wrong_line_keeps_no_other_back(shop: Shop, line: Card) -> None:
    told = await taken(shop, report({"msisdn": "+33600000000"}, {"msisdn": NUMBER}, {"imsi": card(9).imsi}))
    assert [item.get("problem", {}).get("status") for item in told["items"]] == [404, None, 404]
    assert await _ended(shop, told) == ["completed"]
    assert (await shop.get(f"/v1/lines/{NUMBER}")).json()["imsi"] == line.imsi


async def test_a_report_is_kept_as_it_was_told_wrong_lines_too(shop: Shop) -> None:
    told = await taken(shop, report({"imsi": "208019999999999"}, external_id="TEL-7"))
    (kept,) = [r for r in await shop.rig.all_rows("events") if r["type"] == "loss.reported"]
    assert told["id"] in kept["data"]
    assert "208019999999999" in kept["data"]
    assert "TEL-7" in kept["data"]


async def test_the_three_times_are_told_apart_to_the_millisecond(shop: Shop, line: Card) -> None:
    reported = shop.rig.time() - timedelta(minutes=42, milliseconds=123)
    told = await taken(shop, report({"iccid": line.iccid}, reported_at=reported.isoformat()))
    await _ended(shop, told)
    order = (await shop.get(told["items"][0]["href"])).json()
    (held,) = (await shop.get(f"/v1/lines/{NUMBER}")).json()["restrictions"]
    assert datetime.fromisoformat(order["reported_at"]) == datetime.fromisoformat(held["since"]) == reported
    assert (held["requested_at"], held["confirmed_at"]) == (order["accepted_at"], order["stored_at"])
    assert reported < datetime.fromisoformat(held["requested_at"]) < datetime.fromisoformat(held["confirmed_at"])
    history = (await shop.get(f"/v1/lines/{NUMBER}/history")).json()["items"]
    asked = next(e for e in history if e["type"] == "order.accepted" and e["data"]["order_id"] == order["id"])
    assert asked["data"]["requested_by"] == BY


async def test_without_a_time_the_report_is_of_the_moment_it_was_taken(shop: Shop, line: Card) -> None:
    before = shop.rig.time()
    told = await taken(shop, report({"imsi": line.imsi}, reason="lost"))
    after = shop.rig.time()
    await _ended(shop, told)
    (held,) = (await shop.get(f"/v1/lines/{NUMBER}")).json()["restrictions"]
    assert before <= datetime.fromisoformat(held["since"]) <= after


async def test_a_second_loss_is_proven_by_its_own_order(shop: Shop, line: Card) -> None:
    first = await taken(shop, report({"imsi": line.imsi}))
    await _ended(shop, first)
    await _ended(shop, await taken(shop, report({"imsi": line.imsi})))  # told twice: the first one laid it
    (held,) = (await shop.get(f"/v1/lines/{NUMBER}")).json()["restrictions"]
    assert held["requested_at"] == (await shop.get(first["items"][0]["href"])).json()["accepted_at"]
    assert await shop.rig.done("reactivate", msisdn=NUMBER, reason="stolen") == "completed"
    again = await taken(shop, report({"imsi": line.imsi}))
    await _ended(shop, again)
    (held,) = (await shop.get(f"/v1/lines/{NUMBER}")).json()["restrictions"]
    assert held["requested_at"] == (await shop.get(again["items"][0]["href"])).json()["accepted_at"]


async def test_other_restrictions_have_no_such_proof(shop: Shop, line: Card) -> None:
    assert await shop.rig.done("suspend", msisdn=NUMBER, reason="stolen_handset") == "completed"
    (held,) = (await shop.get(f"/v1/lines/{NUMBER}")).json()["restrictions"]
    assert (held["reason"], "confirmed_at" in held) == ("stolen_handset", False)
    assert shop.rig.sim.held(line.imsi) == await shop.rig.wished(NUMBER)


async def test_the_same_key_gives_the_same_orders_again(shop: Shop, line: Card) -> None:
    body, key = report({"msisdn": NUMBER}, {"msisdn": "+33600000000"}), {"Idempotency-Key": "tel-1"}
    first = await shop.post(REPORTS, json=body, headers=key)
    again = await shop.post(REPORTS, json=body, headers=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert sum(row["action"] == "report_lost" for row in await shop.rig.all_rows("orders")) == 1
    other = await shop.post(REPORTS, json=report({"imsi": line.imsi}), headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_a_report_cut_off_goes_on_where_it_was_left(shop: Shop) -> None:
    """The answer never came, for a part of it had been written when the journal was full."""
    await _two_lines(shop)
    body, key = report({"msisdn": NUMBER}, {"msisdn": SECOND}), {"Idempotency-Key": "tel-2"}
    engine: Any = shop.rig.gateway.engine
    took = await shop.post(REPORTS, json=report({"msisdn": NUMBER}), headers={"Idempotency-Key": "other"})
    assert took.status_code == 202
    engine._backlog.unloaded += 10**9
    refused = await shop.post(REPORTS, json=body, headers=key)
    engine._backlog.unloaded -= 10**9
    assert refused.status_code == 429
    told = await taken(shop, body, headers=key)
    assert await _ended(shop, told) == ["completed", "completed"]
    reports = [r for r in await shop.rig.all_rows("events") if r["type"] == "loss.reported"]
    assert len(reports) == 2


async def test_a_report_of_tomorrow_is_refused_for_its_lines(shop: Shop, line: Card) -> None:
    tomorrow = (shop.rig.time() + timedelta(days=1)).isoformat()
    told = await taken(shop, report({"imsi": line.imsi}, reported_at=tomorrow))
    assert told["items"][0]["problem"]["type"] == "/problems/reported-in-future"


async def test_nothing_but_named_lines_is_taken(shop: Shop) -> None:
    for lines in ([], [{"msisdn": "+336*"}], [{"imsi": "20801", "msisdn": NUMBER}], [{"msisdn": NUMBER}] * 101):
        assert (await shop.post(REPORTS, json=report(*lines))).status_code == 422


async def test_a_loss_is_taken_in_when_no_other_order_is(shop: Shop, line: Card) -> None:
    engine: Any = shop.rig.gateway.engine
    full = shop.rig.gateway.settings.engine.max_backlog
    engine._backlog.unloaded += full
    other = await shop.place({"action": "suspend", "line": {"msisdn": NUMBER}, "details": {"reason": "unpaid"}})
    told = await taken(shop, report({"imsi": line.imsi}))
    engine._backlog.unloaded -= full
    assert other.status_code == 429
    assert await _ended(shop, told) == ["completed"]
