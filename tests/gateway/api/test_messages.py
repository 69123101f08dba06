"""/v1/messages as the contract words it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.gateway.api.conftest import Json, Shop
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

NUMBER, STRANGER = "+33612345678", "+33699887766"
FACTS = {
    "id", "to", "kind", "sender", "text", "template", "language", "state", "detail", "created_at", "sent_at", "receipt",
    "segments", "parts", "receipts", "tries", "possible_duplicate", "alert", "order_id", "external_id", "customer",
    "expires_at",
}  # fmt: skip
ALERT = {"counter": "data", "period": "2026-03", "percent": 80}


async def _post(shop: Shop, body: Json, key: str | None = None, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
    headers = {} if key is None else {"Idempotency-Key": key}
    if body.get("to") == STRANGER:
        body = {"contract": "technicophone"} | body  # of several contracts, somebody has to say whose message it is
    return await shop.post("/v1/messages", json=body, headers=headers, **more)


async def _posted(rig: Rig) -> list[Any]:
    return [row for row in await rig.all_rows("messages") if row["kind"] != "confirmation"]


async def _until(shop: Shop, href: str, *states: str) -> Json:
    for _ in range(1000):
        shown: Json = (await shop.get(href)).json()
        if shown["state"] in states:
            return shown
        await asyncio.sleep(0.01)
    raise AssertionError(f"never {states}: {shown}")


async def _park(rig: Rig, message_id: str) -> None:
    journal: Any = rig.gateway.journal
    journal._writer.execute("UPDATE messages SET state = 'parked', doubtful = 1 WHERE message_id = ?", (message_id,))


async def test_a_message_is_acknowledged_sent_and_proven(shop: Shop, line: Card) -> None:
    del line
    who = {"who": "crm/anna", "channel": "crm"}
    body = {"to": NUMBER, "text": "Bonjour\n80 % à 20 €", "external_id": "M-1", "validity_s": 3600}
    answer = await _post(shop, body | {"requested_by": who})
    shown = answer.json()
    assert (answer.status_code, set(shown)) == (202, {"id", "state", "segments", "href"})
    assert (shown["state"], shown["segments"], answer.headers["location"]) == ("queued", 1, shown["href"])
    sent = await _until(shop, shown["href"], "sent", "delivered")
    assert set(sent) >= FACTS
    assert (sent["to"], sent["text"], sent["sender"], sent["kind"]) == (NUMBER, body["text"], "TECHNICO", "application")
    assert (sent["external_id"], sent["tries"], sent["possible_duplicate"]) == ("M-1", 1, False)
    assert [part["n"] for part in sent["parts"]] == [1]
    assert sent["parts"][0]["smsc_id"]
    (event,) = [row for row in await shop.rig.all_rows("events") if row["type"] == "message.accepted"]
    assert json.loads(event["data"])["requested_by"] == who


@pytest.mark.parametrize("by", ["to", "msisdn", "line", "iccid", "imsi"])
async def test_a_line_is_named_in_any_way(shop: Shop, line: Card, by: str) -> None:
    ways: Json = {
        "to": {"to": NUMBER},
        "msisdn": {"msisdn": NUMBER},
        "line": {"line": {"msisdn": NUMBER}},
        "iccid": {"line": {"iccid": line.iccid}},
        "imsi": {"line": {"imsi": line.imsi}},
    }
    answer = await _post(shop, ways[by] | {"text": "x"})
    assert answer.status_code == 202, answer.text
    shown = (await shop.get(answer.json()["href"])).json()
    assert (shown["to"], shown["sender"]) == (NUMBER, "TECHNICO")


async def test_the_idempotency_key_makes_it_one_message(shop: Shop) -> None:
    body = {"to": STRANGER, "text": "one"}
    first, again = [await _post(shop, body, "k-1") for _ in range(2)]
    assert (first.status_code, again.status_code, first.json()) == (202, 202, again.json())
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    other = await _post(shop, body | {"text": "two"}, "k-1")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert len(await _posted(shop.rig)) == 1


async def test_a_key_at_the_same_moment_makes_one_message(shop: Shop) -> None:
    body = {"to": STRANGER, "text": "one", "customer": "acme"}
    answers = await asyncio.gather(*(_post(shop, body, "k-1") for _ in range(5)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await _posted(shop.rig)) == 1


async def test_an_alert_is_sent_once(shop: Shop, line: Card) -> None:
    del line
    body = {"to": NUMBER, "text": "80 %", "alert": ALERT}
    first = await _post(shop, body)
    again = await _post(shop, body | {"text": "80 % again"}, "k-2")
    replayed = await _post(shop, body | {"text": "80 % again"}, "k-2")
    assert [each.status_code for each in (first, again, replayed)] == [202, 200, 202]
    assert len({each.json()["id"] for each in (first, again, replayed)}) == 1
    shown = (await shop.get(first.json()["href"])).json()
    assert (shown["kind"], shown["alert"].endswith("|data|2026-03|80"), shown["text"]) == ("alert", True, "80 %")
    assert len(await _posted(shop.rig)) == 1


async def test_an_alert_needs_a_line(shop: Shop) -> None:
    answer = await _post(shop, {"to": STRANGER, "text": "80 %", "alert": ALERT})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/line-unknown")


async def test_a_dry_run_shows_what_it_costs_and_writes_nothing(shop: Shop, line: Card) -> None:
    del line
    before = len(await shop.rig.all_rows("messages"))
    params = {"dry_run": "true"}
    shown = (await _post(shop, {"to": NUMBER, "text": "reçu " * 20}, "k", params=params)).json()
    assert (shown["encoding"], shown["segments"], shown["forcing"], shown["to"]) == ("ucs2", 2, ["ç"], NUMBER)
    plain = (await _post(shop, {"to": NUMBER, "text": "re\u00e0u"}, params=params)).json()
    assert (plain["encoding"], plain["segments"], plain["left"]) == ("gsm7", 1, 156)
    assert (len(await shop.rig.all_rows("messages")), await shop.rig.all_rows("idempotency")) == (before, [])


async def test_a_template_is_rendered_in_a_language(shop: Shop, line: Card) -> None:
    del line
    values = {
        "counter": "data",
        "used": "8 Go",
        "limit": "10 Go",
        "percent": 80,
        "left": "2 Go",
        "period_end": "31/03/2026",
    }
    body = {"line": {"msisdn": NUMBER}, "template": "plan_limit_80", "values": values, "language": "en"}
    answer = await _post(shop, body)
    assert answer.status_code == 202, answer.text
    shown = (await shop.get(answer.json()["href"])).json()
    assert (shown["template"], shown["language"], "{" in shown["text"]) == ("plan_limit_80", "en", False)


@pytest.mark.parametrize(
    ("body", "slug", "field"),
    [
        ({"template": "nothing"}, "template-unknown", "template"),
        ({"template": "plan_limit_80", "values": {}}, "template-unfilled", "values"),
        ({"text": "x", "contract": "nobody"}, "unknown-contract", "contract"),
        ({"text": "x" * 2000}, "text-too-long", "text"),
    ],
)
async def test_what_cannot_be_made_names_the_field(shop: Shop, body: Json, slug: str, field: str) -> None:
    answer = await _post(shop, {"to": STRANGER} | body)
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["errors"][0]["field"]) == (409, f"/problems/{slug}", field)
    assert not await _posted(shop.rig)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"text": "x"},
        {"to": NUMBER},
        {"to": NUMBER, "msisdn": NUMBER, "text": "x"},
        {"to": NUMBER, "text": "x", "template": "y"},
        {"to": NUMBER, "text": "x", "values": {}},
        {"to": NUMBER, "text": ""},
        {"to": NUMBER, "text": "a\u0000b"},
        {"to": NUMBER, "text": "a\u001bb"},
        {"to": "0612345678", "text": "x"},
        {"to": "+33612345678; DROP", "text": "x"},
        {"to": NUMBER, "text": "x", "sender": "0612345678"},
        {"to": NUMBER, "text": "x", "sender": "33612345678"},
        {"to": NUMBER, "text": "x", "sender": "06 12345678"},
        {"to": NUMBER, "text": "x", "sender": "TWELVE CHARS"},
        {"to": NUMBER, "text": "x", "validity_s": 0},
        {"to": NUMBER, "text": "x", "priority": "now"},
        {"to": NUMBER, "text": "x", "on_doubt": "maybe"},
        {"to": NUMBER, "text": "x", "alert": {"counter": 'a"b', "period": "p", "percent": 80}},
        {"to": NUMBER, "text": "x", "alert": {"counter": "a|b", "period": "p", "percent": 80}},
        {"to": NUMBER, "template": "t", "values": {"a": True}},
        {"to": NUMBER, "template": "t", "values": {"a": 10**400}},
        {"to": NUMBER, "template": "t", "values": {"a": {"b": "c"}}},
        {"to": NUMBER, "text": "x", "colour": "red"},
    ],
)
async def test_a_body_that_is_none_is_refused(shop: Shop, body: object) -> None:
    answer = await shop.post("/v1/messages", json=body)
    assert answer.status_code == 422, answer.text
    assert not await _posted(shop.rig)


@pytest.mark.parametrize("content", [b"", b"{", b'{"to": "\xff"}', b'{"to": "+33612345678", "text": "\\ud800"}'])
async def test_what_is_no_json_is_refused(shop: Shop, content: bytes) -> None:
    assert (await shop.post("/v1/messages", content=content)).status_code in (400, 422)


async def test_a_large_body_is_not_read(shop: Shop) -> None:
    assert (await _post(shop, {"to": NUMBER, "text": "x" * 70_000})).status_code == 413


async def test_nobody_sends_without_the_token(shop: Shop) -> None:
    answer = await shop.post("/v1/messages", json={"to": NUMBER, "text": "x"}, headers={"Authorization": "Bearer no"})
    assert (answer.status_code, await _posted(shop.rig)) == (401, [])


async def test_a_line_that_is_none_or_has_ended_gets_nothing(shop: Shop, line: Card) -> None:
    unknown = await _post(shop, {"line": {"msisdn": STRANGER}, "text": "x"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/line-unknown")
    assert await shop.rig.done("terminate", msisdn=NUMBER) == "completed"
    ended = await _post(shop, {"line": {"iccid": line.iccid}, "text": "x"})
    assert ended.status_code in (404, 409)


async def test_a_line_that_gets_no_sms_is_told_so(shop: Shop) -> None:
    order = await shop.rig.activate(card(1), NUMBER, plan="data_only", options=["data"])
    assert await shop.rig.until(order) == "completed"
    answer = await _post(shop, {"to": NUMBER, "text": "x"})
    assert (answer.status_code, answer.json()["state"]) == (202, "undeliverable")
    shown = (await shop.get(answer.json()["href"])).json()
    assert (shown["tries"], "data_only" in shown["detail"]) == (0, True)


async def test_a_customer_is_paced_and_in_the_end_refused(shop: Shop) -> None:
    await shop.rig.gateway.alerting.outbox.pause()  # from here on all stays queued
    body = {"to": STRANGER, "text": "x", "customer": "acme"}
    answers = [await _post(shop, body) for _ in range(102)]
    assert {each.status_code for each in answers[:100]} == {202}
    last = answers[-1]
    assert (last.status_code, last.json()["type"]) == (429, "/problems/customer-too-fast")
    assert 1 <= int(last.headers["retry-after"]) <= 60
    waits = [row["not_before"] for row in await _posted(shop.rig)]
    assert sum(wait is None for wait in waits) <= 2
    assert (await _post(shop, body | {"customer": "other"})).status_code == 202


async def test_messages_are_listed_newest_first_by_page_and_filter(shop: Shop) -> None:
    await shop.rig.gateway.alerting.outbox.pause()  # from here on all stays queued
    ids = []
    for n in range(5):
        body = {"contract": "technicophone", "to": STRANGER if n % 2 else NUMBER, "text": f"{n}"}
        ids.append((await _post(shop, body)).json()["id"])
        await asyncio.sleep(0.002)
    first = (await shop.get("/v1/messages", params={"limit": 3})).json()
    rest = (await shop.get("/v1/messages", params={"limit": 3, "cursor": first["next"]})).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None
    of = (await shop.get("/v1/messages", params={"to": STRANGER, "state": "queued", "kind": "application"})).json()
    assert [each["text"] for each in of["items"]] == ["3", "1"]
    assert (await shop.get("/v1/messages", params={"since": "2036-01-01T00:00:00Z"})).json()["items"] == []
    for wrong in ({"state": "lost"}, {"to": "x"}, {"cursor": "1"}, {"colour": "red"}, {"limit": 0}):
        assert (await shop.get("/v1/messages", params=wrong)).status_code == 422


async def test_a_queued_message_is_cancelled_once(shop: Shop) -> None:
    await shop.rig.gateway.alerting.outbox.pause()  # from here on all stays queued
    href = (await _post(shop, {"to": STRANGER, "text": "x"})).json()["href"]
    done = await shop.post(f"{href}/cancel")
    assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
    again = await shop.post(f"{href}/cancel")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")


@pytest.mark.parametrize(("verb", "states"), [("resend", ("sent", "delivered")), ("drop", ("withdrawn",))])
async def test_an_operator_decides_about_a_parked_message(shop: Shop, verb: str, states: tuple[str, ...]) -> None:
    queued = (await _post(shop, {"to": STRANGER, "text": "x"})).json()
    await _until(shop, queued["href"], "sent", "delivered")
    assert (await shop.post(f"{queued['href']}/{verb}")).status_code == 409
    other = (await _post(shop, {"to": STRANGER, "text": "y", "validity_s": 600})).json()
    await _until(shop, other["href"], "sent", "delivered")
    journal: Any = shop.rig.gateway.journal
    journal._writer.execute("DELETE FROM message_parts WHERE message_id = ?", (other["id"],))
    await _park(shop.rig, other["id"])
    assert (await shop.post(f"{other['href']}/cancel")).status_code == 409
    assert (await shop.post(f"{other['href']}/{verb}")).status_code == 200
    assert (await _until(shop, other["href"], *states))["possible_duplicate"] is True


async def test_a_parked_message_whose_time_is_over_is_not_sent_again(shop: Shop) -> None:
    await shop.rig.gateway.alerting.outbox.pause()  # from here on all stays queued
    queued = (await _post(shop, {"to": STRANGER, "text": "x", "validity_s": 60})).json()
    await _park(shop.rig, queued["id"])
    shop.rig.time.jump(minutes=2)
    assert (await shop.post(f"{queued['href']}/resend")).status_code == 409


async def test_a_message_that_is_none_is_not_found(shop: Shop) -> None:
    nobody = "0" * 32
    for method, path in (("GET", nobody), ("POST", f"{nobody}/cancel"), ("POST", f"{nobody}/drop")):
        answer = await shop.ask(method, f"/v1/messages/{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/message-unknown")
    for path in ("x", f"{nobody}/explode", "..%2forders"):
        assert (await shop.post(f"/v1/messages/{path}")).status_code in (404, 405, 422)
