"""/v1/batches as clients see it: a file validated whole, placed row by row, its results a file again."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.gateway.api.conftest import Json, Shop, activation, order
from tests.gateway.cards import Card, card
from tests.gateway.conftest import NUMBER

BATCHES = "/v1/batches"
NDJSON, CSV = {"Content-Type": "application/x-ndjson"}, {"Content-Type": "text/csv"}
ANNA, BERT = {"who": "anna", "channel": "shop"}, {"who": "bert", "channel": "shop"}
OTHER = "+33612345679"


def lines(*orders: Any) -> bytes:  # noqa: ANN401 - JSON, or a line that is none
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in orders)


async def until(shop: Shop, href: str, *states: str) -> Json:
    async with asyncio.timeout(60):
        while (told := (await shop.get(href)).json())["state"] not in states:  # noqa: ASYNC110 - no event tells a test
            await asyncio.sleep(0.01)
    found: Json = told
    return found


async def over(shop: Shop, href: str) -> Json:
    async with asyncio.timeout(60):
        while not (told := (await shop.get(href)).json())["over"]:  # noqa: ASYNC110 - no event tells a test
            await asyncio.sleep(0.05)
    found: Json = told
    return found


async def results(shop: Shop, href: str, **more: Any) -> list[Json]:  # noqa: ANN401 - httpx's own
    answer = await shop.get(f"{href}/results", **more)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_file_becomes_orders_and_a_file_of_results(shop: Shop) -> None:
    rows = lines(
        activation(card(1), NUMBER) | {"external_id": "A-1"},
        order("suspend", NUMBER, reason="unpaid"),
        activation(card(2), OTHER),
    )
    answer = await shop.post(BATCHES, content=rows, headers=NDJSON)
    assert answer.status_code == 202, answer.text
    taken = answer.json()
    assert (taken["upload_offset"], answer.headers["upload-complete"]) == (len(rows), "?1")
    told = await over(shop, taken["href"])
    assert (told["state"], told["rows"], told["orders"]) == ("completed", {"placed": 3}, {"completed": 3})
    found = await results(shop, taken["href"])
    assert [(row["n"], row["external_id"], row["state"], row["after_row"]) for row in found] == [
        (1, "A-1", "completed", None),
        (2, None, "completed", 1),
        (3, None, "completed", None),
    ]
    assert (await shop.get(f"/v1/lines/{NUMBER}")).json()["state"] == "suspended"
    placed = [row for row in await shop.rig.all_rows("orders") if '"batch"' in row["body"]]
    assert {row["lane"] for row in placed} == {2}


async def test_nothing_is_placed_while_a_row_is_wrong_until_somebody_says_so(shop: Shop, line: Card) -> None:
    rows = lines(
        order("suspend", NUMBER, reason="unpaid"),
        b"{not json",
        order("suspend", OTHER, reason="unpaid"),
        order("suspend", NUMBER, reason="no such reason"),
        order("reactivate", NUMBER) | {"priority": "emergency"},
    )
    href = (await shop.post(BATCHES, content=rows, headers=NDJSON)).json()["href"]
    told = await until(shop, href, "ready")
    assert told["rows"] == {"valid": 1, "problem": 4}
    assert told["problems"] == {"not-readable": 1, "line-unknown": 1, "invalid-body": 1, "priority-not-bulk": 1}
    page = (await shop.get(f"{href}/rows", params={"state": "problem", "limit": 3})).json()
    rest = (await shop.get(f"{href}/rows", params={"state": "problem", "cursor": page["next"]})).json()
    assert [row["n"] for row in (*page["items"], *rest["items"])] == [2, 3, 4, 5]
    assert page["items"][2]["problem"]["errors"][0]["field"] == "suspend.details.reason"
    refused = await shop.post(f"{href}/start", json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/problems-found")
    assert (await shop.post(f"{href}/start", json={"accept_problems": True})).status_code == 200
    assert (await over(shop, href))["orders"] == {"completed": 1}
    del line


async def test_a_dry_run_places_nothing(shop: Shop, line: Card) -> None:
    rows = lines(order("suspend", NUMBER, reason="unpaid"))
    href = (await shop.post(BATCHES, content=rows, headers=NDJSON, params={"validate_only": "true"})).json()["href"]
    told = await until(shop, href, "completed")
    assert (told["rows"], told["orders"], told["over"]) == ({"valid": 1}, {}, True)
    assert (await shop.get(f"/v1/lines/{NUMBER}")).json()["state"] == "active"
    del line


async def test_a_table_is_read_by_its_columns(shop: Shop) -> None:
    text = (
        "external_id;action;msisdn;details.contract;details.iccid;details.plan;details.options;note\r\n"
        f'X-1;activate;{NUMBER};technicophone;{card(1).iccid};unlimited;"data;4g";first\r\n'
        "\r\n"
        f"X-2;suspend;{NUMBER};;;;;\r\n"
        f"X-3;activate;{OTHER}\r\n"
    )
    href = (await shop.post(BATCHES, content=text.encode(), headers=CSV)).json()["href"]
    told = await until(shop, href, "ready")
    assert told["problems"] == {"invalid-body": 1, "not-readable": 1}
    await shop.post(f"{href}/start", json={"accept_problems": True})
    await over(shop, href)
    found = await shop.get(f"{href}/results", headers={"Accept": "text/csv"})
    table = list(csv.DictReader(io.StringIO(found.text)))
    assert [(row["n"], row["external_id"], row["state"], row["line"]) for row in table] == [
        ("2", "X-1", "completed", NUMBER),
        ("4", "X-2", "problem", NUMBER),
        ("5", "", "problem", ""),
    ]
    assert {"data", "4g"} <= set((await shop.get(f"/v1/lines/{NUMBER}")).json()["options"])


async def test_nothing_is_asked_twice(shop: Shop, line: Card) -> None:
    await shop.done(order("suspend", NUMBER, reason="unpaid") | {"external_id": "OLD"})
    rows = lines(
        order("reactivate", NUMBER) | {"external_id": "OLD"},
        order("reactivate", NUMBER) | {"external_id": "NEW"},
        order("reactivate", NUMBER) | {"external_id": "NEW"},
        activation(card(2), OTHER),
        activation(card(2), "+33612345670"),
    )
    href = (await shop.post(BATCHES, content=rows, headers=NDJSON)).json()["href"]
    told = await until(shop, href, "ready")
    assert told["problems"] == {"external-id-taken": 1, "external-id-repeated": 1, "sim-not-available": 1}
    del line


async def parts(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def cut(*pieces: bytes) -> AsyncIterator[bytes]:
    """A body whose connection breaks."""
    for piece in pieces:
        yield piece
    raise httpx.ReadError("cut")


async def test_an_upload_goes_on_where_it_was_cut(shop: Shop, line: Card) -> None:
    rows = lines(*(order("suspend", NUMBER, reason="unpaid") | {"external_id": f"E-{n}"} for n in range(200)))
    middle = len(rows) // 2 + 7
    first = await shop.post(
        BATCHES, content=rows[:middle], headers=NDJSON | {"Upload-Complete": "?0", "Idempotency-Key": "k"}
    )
    offset = first.json()["upload_offset"]
    assert (first.json()["state"], rows[:offset]) == ("receiving", rows[:middle].rpartition(b"\n")[0] + b"\n")
    there = await shop.http.head(f"{first.json()['href']}/rows")
    assert (there.status_code, there.headers["upload-offset"], there.headers["upload-complete"]) == (
        204,
        str(offset),
        "?0",
    )
    headers = {"Content-Type": "application/partial-upload"}
    where = f"{first.json()['href']}/rows"
    wrong = await shop.ask("PATCH", where, content=rows[middle:], headers=headers | {"Upload-Offset": str(middle)})
    assert (wrong.status_code, wrong.headers["upload-offset"]) == (409, str(offset))
    replay = await shop.post(
        BATCHES, content=rows[:100], headers=NDJSON | {"Upload-Complete": "?0", "Idempotency-Key": "k"}
    )
    assert (replay.json()["id"], replay.json()["upload_offset"]) == (first.json()["id"], offset)
    right = await shop.ask("PATCH", where, content=rows[offset:], headers=headers | {"Upload-Offset": str(offset)})
    assert (right.status_code, right.headers["upload-offset"], right.headers["upload-complete"]) == (
        204,
        str(len(rows)),
        "?1",
    )
    late = await shop.ask("PATCH", where, content=b"{}", headers=headers | {"Upload-Offset": str(len(rows))})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/wrong-state")
    told = await until(shop, first.json()["href"], "running", "completed")
    assert told["total"] == 200
    del line
