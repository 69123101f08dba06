"""/v1/bulk-orders as clients see it: an explicit list, nothing doubled, a second person where one is needed."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.gateway.api.conftest import Json, Shop
from tests.gateway.cards import Card
from tests.gateway.conftest import NUMBER

BULKS = "/v1/bulk-orders"
ANNA, BERT = {"who": "anna", "channel": "shop"}, {"who": "bert", "channel": "shop"}


def bulk(action: str, *lines: Json, details: Json | None = None, **more: Any) -> Json:  # noqa: ANN401 - as posted
    return {"action": action, "details": details or {}, "lines": list(lines), "requested_by": ANNA} | more


async def until(shop: Shop, href: str, state: str) -> Json:
    async with asyncio.timeout(60):
        while (told := (await shop.get(href)).json())["state"] != state:  # noqa: ASYNC110 - no event tells a test
            await asyncio.sleep(0.01)
    found: Json = told
    return found


async def test_a_bulk_order_is_followed_line_by_line(shop: Shop, line: Card) -> None:
    body = bulk("suspend", {"msisdn": NUMBER}, {"imsi": "208011111111111"}, details={"reason": "fraud"})
    answer = await shop.post(BULKS, json=body | {"external_id": "FRAUD-9"})
    assert (answer.status_code, answer.json()["state"], answer.json()["total"]) == (202, "placing", 2)
    told = await until(shop, answer.json()["href"], "ended")
    assert (told["counts"], told["external_id"], told["requested_by"]) == (
        {"completed": 1, "refused": 1},
        "FRAUD-9",
        ANNA,
    )
    done, refused = told["items"]
    assert (done["line"], done["state"], done["problem"]) == ({"msisdn": NUMBER}, "completed", None)
    assert (refused["n"], refused["problem"]["type"]) == (1, "/problems/line-unknown")
    order = (await shop.get(done["href"])).json()
    assert (order["action"], order["requested_by"], order["external_id"]) == ("suspend", ANNA, "FRAUD-9")
    assert shop.rig.sim.held(line.imsi) == await shop.rig.wished(NUMBER)
    page = (await shop.get(answer.json()["href"], params={"limit": 1})).json()
    rest = (await shop.get(answer.json()["href"], params={"limit": 1, "cursor": page["next"]})).json()
    assert [item["n"] for item in (*page["items"], *rest["items"])] == [0, 1]


async def test_wildcards_ranges_and_repeated_lines_are_refused_by_their_index(shop: Shop) -> None:
    for wrong in ("+336*", "+33612345678-+33612345699", "+3361234567?", "*", ""):
        answer = await shop.post(BULKS, json=bulk("terminate", {"msisdn": NUMBER}, {"msisdn": wrong}))
        assert answer.status_code == 422
        assert any(error["field"].startswith("terminate.lines.1.") for error in answer.json()["errors"])
    twice = await shop.post(
        BULKS, json=bulk("terminate", {"msisdn": NUMBER}, {"imsi": "208011111111111"}, {"msisdn": NUMBER})
    )
    assert (twice.status_code, [e["field"] for e in twice.json()["errors"]]) == (422, ["lines.2"])
    for lines in ([], [{"msisdn": f"+336{n:08d}"} for n in range(10_001)]):
        assert (await shop.post(BULKS, json=bulk("terminate", *lines))).status_code == 422
    assert await shop.rig.all_rows("bulk_orders") == []


async def test_somebody_must_have_asked(shop: Shop) -> None:
    body = bulk("suspend", {"msisdn": NUMBER}, details={"reason": "fraud"})
    del body["requested_by"]
    assert (await shop.post(BULKS, json=body)).status_code == 422


async def test_ten_thousand_lines_are_one_bulk_order(shop: Shop) -> None:
    lines = [{"iccid": f"893301{n:013d}"} for n in range(10_000)]
    answer = await shop.post(BULKS, json=bulk("suspend", *lines, details={"reason": "fraud"}))
    assert (answer.status_code, answer.json()["total"]) == (202, 10_000)
    told = await until(shop, answer.json()["href"], "ended")
    assert told["counts"] == {"refused": 10_000}


async def test_a_termination_waits_for_somebody_else(shop: Shop, line: Card) -> None:
    answer = (await shop.post(BULKS, json=bulk("terminate", {"msisdn": NUMBER}))).json()
    assert answer["state"] == "awaiting_approval"
    (waiting,) = (await shop.get(BULKS, params={"state": "awaiting_approval"})).json()["items"]
    assert waiting["id"] == answer["id"]
    same = await shop.post(f"{answer['href']}/approve", json={"requested_by": ANNA})
    assert (same.status_code, same.json()["type"]) == (409, "/problems/same-person")
    agreed = await shop.post(f"{answer['href']}/approve", json={"requested_by": BERT})
    assert (agreed.status_code, agreed.json()["decided_by"]) == (200, BERT)
    assert (await until(shop, answer["href"], "ended"))["counts"] == {"completed": 1}
    assert shop.rig.sim.held(line.imsi) is None
    late = await shop.post(f"{answer['href']}/reject", json={"requested_by": BERT})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/wrong-state")


async def test_a_key_stands_for_one_bulk_order(shop: Shop, line: Card) -> None:
    body, key = bulk("suspend", {"msisdn": NUMBER}, details={"reason": "fraud"}), {"Idempotency-Key": "b1"}
    first, again = [await shop.post(BULKS, json=body, headers=key) for _ in range(2)]
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    other = await shop.post(BULKS, json=bulk("terminate", {"msisdn": NUMBER}), headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    told = await until(shop, first.json()["href"], "ended")
    assert (told["counts"], told["items"][0]["line"]) == ({"completed": 1}, {"msisdn": NUMBER})
    assert shop.rig.sim.held(line.imsi) == await shop.rig.wished(NUMBER)


async def test_what_there_is_not(shop: Shop) -> None:
    nothing = f"{BULKS}/{'0' * 32}"
    assert (await shop.get(nothing)).status_code == 404
    assert (await shop.post(f"{nothing}/approve", json={"requested_by": BERT})).status_code == 404
