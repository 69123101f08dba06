"""Lists stay short and whole however much there is: histories by the page, archived orders found as before."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from gateway.orders.archive import Archive
from gateway.retention import RetentionSettings
from tests.gateway.cards import Card
from tests.gateway.conftest import NUMBER
from tests.gateway.rig import Rig

HISTORY = f"/v1/lines/{NUMBER}/history"


async def _archive(rig: Rig) -> None:
    archive = Archive(rig.gateway.journal, RetentionSettings(), lambda: rig.time() + timedelta(days=500), pause_s=0)
    await archive.tidy()
    assert archive.figures.orders > 0


async def _delivered(http: httpx.AsyncClient) -> None:
    """Wait until the confirmation has arrived: nothing happens to the line after that."""
    async with asyncio.timeout(60):
        while [one["state"] for one in (await http.get("/v1/messages")).json()["items"]] != ["delivered"]:  # noqa: ASYNC110 - no event tells of it here
            await asyncio.sleep(0.005)


async def test_a_history_is_told_by_the_page(http: httpx.AsyncClient, line: Card) -> None:
    assert line.iccid
    await _delivered(http)
    whole = (await http.get(HISTORY)).json()
    assert whole["next"] is None
    assert len(whole["items"]) > 2
    told, cursor = [], ""
    while True:
        page = (await http.get(f"{HISTORY}?limit=2{cursor}")).json()
        told += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert told == whole["items"]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=x", "page=2"])
async def test_a_page_of_a_history_that_cannot_be_is_refused(http: httpx.AsyncClient, line: Card, query: str) -> None:
    for path in (HISTORY, f"/v1/sims/{line.iccid}/history"):
        assert (await http.get(f"{path}?{query}")).status_code == 422


async def test_an_archived_order_is_shown_as_it_was(http: httpx.AsyncClient, rig: Rig, line: Card) -> None:
    assert line.iccid
    order_id = (await http.get("/v1/orders")).json()["items"][0]["id"]
    paths = (f"/v1/orders/{order_id}", "/v1/orders", f"/v1/orders?line={NUMBER}", f"/v1/lines/{NUMBER}", HISTORY)

    await _delivered(http)
    before = [(await http.get(path)).json() for path in paths]
    await _archive(rig)
    assert not await rig.all_rows("orders")
    assert [(await http.get(path)).json() for path in paths] == before
    assert before[0]["steps"]


async def test_an_archived_order_can_be_cancelled_as_little_as_before(
    http: httpx.AsyncClient, rig: Rig, line: Card
) -> None:
    assert line.iccid
    order_id = (await http.get("/v1/orders")).json()["items"][0]["id"]
    await _archive(rig)
    assert (await http.post(f"/v1/orders/{order_id}/cancel")).status_code == 409


async def test_what_was_archived_is_counted(http: httpx.AsyncClient, rig: Rig, line: Card) -> None:
    assert line.iccid
    assert "linegate_orders_archived_total 0.0" in (await http.get("/metrics")).text
    rig.time.jump(days=500)
    await rig.gateway.archive.tidy()
    assert "linegate_orders_archived_total 1.0" in (await http.get("/metrics")).text
