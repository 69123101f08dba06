"""A 202 is a promise: whatever happens right after it, the order is there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.agreement import Json
from tests.journeys.player import answered, player
from tests.journeys.site import TOKEN, Site
from tests.journeys.story import Story

SEED = os.environ.get("LINEGATE_TEST_SEED", "flora")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = Site(tmp_path)
    yield opened
    opened.end()


async def test_death_right_after_each_acknowledgement(site: Site) -> None:
    cases = Story(SEED, site.stock, lines=2).cases(8, senseless=0)
    site.import_cards()
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        for case in cases:
            answer = await client.post(case.order)
            site.gateway.kill()
            assert answer.status_code == 202, REPLAY
            await asyncio.to_thread(site.start_gateway().ready)
            again = await client.post(case.order)
            assert again.json()["id"] == answer.json()["id"], REPLAY
            assert again.headers["Idempotency-Replayed"] == "true", REPLAY
            order = await client.end_of(answer.json()["id"])
            assert (order["state"], order["external_id"]) == ("completed", case.order["external_id"]), REPLAY
            assert await client.line_differences(case) == [], REPLAY


async def test_a_future_order_survives_and_waits(site: Site) -> None:
    (opening,) = Story(SEED, site.stock).cases(1)
    site.import_cards()
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        assert await client.play(opening) == []
        later: Json = {
            "external_id": "later",
            "action": "suspend",
            "line": opening.order["line"],
            "details": {"reason": "customer"},
            "requested_start": "2099-01-01T00:00:00+01:00",
        }
        acknowledged = (await client.post(later)).json()
        site.gateway.kill()
        await asyncio.to_thread(site.start_gateway().ready)
        order = (await answered(client.gateway, "GET", f"/v1/orders/{acknowledged['id']}")).json()
        assert (acknowledged["state"], order["state"]) == ("pending", "pending")
        assert (await client.line(opening.expect["msisdn"]))["pending_orders"] == [order["id"]]
        assert await client.line_differences(opening) == []
        cancelled = await client.gateway.post(f"/v1/orders/{order['id']}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
