"""/v1/batches and the words about them: who may, who agrees, keys, parts that do not fit, news until the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway.api.conftest import Json, Shop, order
from tests.gateway.api.test_batches import ANNA, BATCHES, BERT, CSV, NDJSON, lines, over, until
from tests.gateway.cards import Card
from tests.gateway.conftest import NUMBER

PART = {"Content-Type": "application/partial-upload"}


async def taken(shop: Shop, *rows: Any, **query: str) -> str:  # noqa: ANN401 - see lines
    answer = await shop.post(BATCHES, content=lines(*rows), headers=NDJSON, params=query)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["href"])


async def test_what_ends_a_line_waits_for_somebody_else(shop: Shop, line: Card) -> None:
    href = await taken(shop, order("terminate", NUMBER) | {"requested_by": ANNA}, requested_by="shop:Carl")
    told = await until(shop, href, "ready")
    assert (told["needs_approval"], told["requested_by"]) == (True, {"who": "Carl", "channel": "shop"})
    early = await shop.post(f"{href}/start")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/approval-needed")
    for same in ({"who": " ANNA", "channel": "phone"}, {"who": "carl", "channel": "shop"}):
        refused = await shop.post(f"{href}/approve", json={"requested_by": same})
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/same-person")
    agreed = await shop.post(f"{href}/approve", json={"requested_by": BERT})
    assert (agreed.status_code, agreed.json()["approved_by"], agreed.json()["state"]) == (200, BERT, "running")
    assert (await over(shop, href))["orders"] == {"completed": 1}
    assert shop.rig.sim.held(line.imsi) is None
    late = await shop.post(f"{href}/approve", json={"requested_by": BERT})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/wrong-state")


async def test_what_needs_a_second_person_names_the_first(shop: Shop, line: Card) -> None:
    told = await until(shop, await taken(shop, order("terminate", NUMBER)), "failed")
    assert (told["problems"], told["over"]) == ({"asker-unknown": 1}, True)
    assert "rows?state=problem" in told["detail"]
    del line


async def test_it_starts_by_hand_if_that_is_wished(shop: Shop, line: Card) -> None:
    href = await taken(shop, order("suspend", NUMBER, reason="unpaid"), start="manual")
    assert (await until(shop, href, "ready"))["problems"] == {}
    assert (await shop.post(f"{href}/start")).json()["state"] == "running"
    assert (await over(shop, href))["state"] == "completed"
    for verb in ("start", "pause", "resume", "cancel"):
        answer = await shop.post(f"{href}/{verb}")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wrong-state")
    del line


async def test_rows_behind_orders_under_way_or_before_a_later_date_are_not_refused(shop: Shop, line: Card) -> None:
    later = order("reactivate", NUMBER) | {"requested_start": "2036-01-01T00:00:00+00:00"}
    told = await until(shop, await taken(shop, later, start="manual"), "ready")
    assert told["rows"] == {"valid": 1}
    senseless = await until(shop, await taken(shop, order("reactivate", NUMBER), start="manual"), "failed")
    assert list(senseless["problems"]) == ["nothing-to-lift"]
    del line


async def test_nobody_speaks_for_the_gateway_itself(shop: Shop, line: Card) -> None:
    row = order("suspend", NUMBER, reason="unpaid") | {"requested_by": {"who": "x", "channel": "clock"}}
    assert (await until(shop, await taken(shop, row), "failed"))["problems"] == {"not-allowed": 1}
    refused = await shop.post(BATCHES, content=lines(row), headers=NDJSON, params={"requested_by": "clock:x"})
    assert refused.status_code == 403
    del line


async def test_a_key_stands_for_one_file(shop: Shop, line: Card) -> None:
    rows, key = lines(*(order("suspend", NUMBER, reason="unpaid") for _ in range(3))), {"Idempotency-Key": "k1"}
    first, again = [await shop.post(BATCHES, content=rows, headers=NDJSON | key) for _ in range(2)]
    assert (again.json()["id"], again.headers["idempotency-replayed"]) == (first.json()["id"], "true")
    shorter, longer = rows[: len(rows) // 3], rows + rows
    for other in (rows.replace(b"unpaid", b"fraud"), shorter, longer):
        answer = await shop.post(BATCHES, content=other, headers=NDJSON | key)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    meant = await shop.post(BATCHES, content=rows, headers=NDJSON | key, params={"start": "manual"})
    assert meant.status_code == 422
    assert len(await shop.rig.all_rows("batches")) == 1
    del line


@pytest.mark.parametrize(
    ("headers", "content", "status", "slug"),
    [
        (NDJSON, b"\n \n", 409, "no-rows"),
        (CSV, b"action,msisdn\n", 409, "no-rows"),
        (CSV, b"colour\nred\n", 409, "bad-header"),
        (NDJSON, b"x" * 70_000, 413, "row-too-long"),
        ({"Content-Type": "application/json"}, b"{}", 415, "unsupported-media-type"),
    ],
)
async def test_a_file_that_is_none_leaves_nothing(
    shop: Shop, headers: dict[str, str], content: bytes, status: int, slug: str
) -> None:
    answer = await shop.post(BATCHES, content=content, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert await shop.rig.all_rows("batches") == []


async def test_a_row_too_long_ends_the_upload_it_is_in(shop: Shop, line: Card) -> None:
    rows = lines(*(order("suspend", NUMBER, reason="unpaid") for _ in range(100))) + b"x" * 70_000
    answer = await shop.post(BATCHES, content=rows, headers=NDJSON)
    assert (answer.status_code, "line 101" in answer.json()["detail"]) == (413, True)
    (left,) = (await shop.get(BATCHES, params={"state": "failed"})).json()["items"]
    assert "line 101" in left["detail"]
    del line


async def test_what_there_is_not(shop: Shop) -> None:
    nothing = f"{BATCHES}/{'0' * 32}"
    for path in ("", "/rows", "/results", "/events"):
        assert (await shop.get(nothing + path)).status_code == 404
    assert (await shop.http.head(f"{nothing}/rows")).status_code == 404
    assert (await shop.ask("PATCH", f"{nothing}/rows", headers=PART | {"Upload-Offset": "0"})).status_code == 404
    assert (await shop.post(f"{nothing}/cancel")).status_code == 404


async def test_an_upload_may_be_announced_and_come_later(shop: Shop, line: Card) -> None:
    first = await shop.post(BATCHES, headers=NDJSON | {"Upload-Complete": "?0"})
    assert (first.status_code, first.json()["upload_offset"]) == (202, 0)
    where, rows = f"{first.json()['href']}/rows", lines(order("suspend", NUMBER, reason="unpaid"))
    empty = await shop.ask("PATCH", where, headers=PART | {"Upload-Offset": "0"})
    assert (empty.status_code, empty.json()["type"]) == (409, "/problems/no-rows")
    kind = await shop.ask("PATCH", where, content=rows, headers=NDJSON | {"Upload-Offset": "0"})
    assert kind.status_code == 415
    assert (await shop.ask("PATCH", where, content=rows, headers=PART | {"Upload-Offset": "0"})).status_code == 204
    assert (await over(shop, first.json()["href"]))["orders"] == {"completed": 1}
    del line


async def test_news_come_until_it_is_over(shop: Shop, line: Card) -> None:
    href = await taken(shop, order("suspend", NUMBER, reason="unpaid"))
    answer = await shop.get(f"{href}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [dict(part.split(": ", 1) for part in one.split("\n")) for one in answer.text.strip().split("\n\n")]
    assert [one["event"] for one in blocks][-1] == "over"
    last: Json = json.loads(blocks[-1]["data"])
    assert (last["state"], last["orders"]) == ("completed", {"completed": 1})
    del line


async def test_results_are_no_formulas(shop: Shop, line: Card) -> None:
    text = f"action,msisdn,external_id,details.reason\nsuspend,{NUMBER},=1+1,unpaid\n"
    href = (await shop.post(BATCHES, content=text.encode(), headers=CSV)).json()["href"]
    await over(shop, href)
    found = await shop.get(f"{href}/results", headers={"Accept": "text/csv"})
    assert f"2,'=1+1,{NUMBER}," in found.text
    del line
