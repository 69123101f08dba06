"""The clock jumps an hour, either way, between two lives: what is due comes due, and no order gets out of turn."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.crash.crash_site import CrashSite
from tests.crash.killing import SQLITE, site_on
from tests.crash.ledger import Ledger
from tests.crash.nursery import Nursery
from tests.crash.storm import Load, endure
from tests.journeys.agreement import Json
from tests.journeys.player import Player, answered, player
from tests.journeys.site import TOKEN
from tests.journeys.story import Story

SEED = os.environ.get("LINEGATE_TEST_SEED", "nora")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_HOUR_S = 3600.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CrashSite]:
    with site_on(SQLITE, tmp_path) as opened:
        yield opened


@pytest.fixture
def nursery(site: CrashSite) -> Iterator[Nursery]:
    site.gateway.end()
    opened = Nursery(site)
    opened.live("never", 0)
    assert opened.ready()
    yield opened
    opened.close()


async def test_an_hour_forward_and_back_under_load(site: CrashSite, nursery: Nursery) -> None:
    async def trouble(ledger: Ledger) -> None:
        for moment, clock_s in ((30, _HOUR_S), (60, -_HOUR_S), (90, 0.0)):
            await ledger.until(moment)
            await asyncio.to_thread(jump, nursery, clock_s)

    after = await endure(site, Load(SEED, 10, 12), trouble)
    # what was done before the clock was put back says a later hour; what the elements did in turn tells the truth
    assert {name: wrong for name, wrong in after.amiss.items() if name not in ("turns", "facts")} == {}, REPLAY


async def test_what_is_due_follows_the_clock(site: CrashSite, nursery: Nursery) -> None:
    (opening,) = Story(SEED, site.stock).cases(1)
    await asyncio.to_thread(site.import_cards)
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        assert await client.play(opening) == []
        due = (await client.post(suspension(opening.order["line"], timedelta(minutes=30)))).json()["id"]
        await asyncio.to_thread(jump, nursery, -_HOUR_S)
        await asyncio.sleep(1)
        assert await state_of(client, due) == "pending"
        await asyncio.to_thread(jump, nursery, _HOUR_S)
        ended = await client.end_of(due)
        assert ended["state"] == "completed"
        assert (await client.line(opening.expect["msisdn"]))["state"] == "suspended"
        await asyncio.to_thread(jump, nursery, 0.0)
        reactivation = {"external_id": f"{SEED}-on", "action": "reactivate", "line": opening.order["line"]}
        again = (await client.post(reactivation | {"details": {}})).json()
        assert (await client.end_of(again["id"]))["state"] == "completed"
        assert await client.line_differences(opening) == []


def suspension(line: Json, ahead: timedelta) -> Json:
    """Word an order for later."""
    at = (datetime.now(UTC) + ahead).isoformat()
    details = {"reason": "customer"}
    return {"external_id": f"{SEED}-off", "action": "suspend", "line": line, "details": details, "requested_start": at}


async def state_of(client: Player, order_id: str) -> str:
    """Return how an order is."""
    return str((await answered(client.gateway, "GET", f"/v1/orders/{order_id}")).json()["state"])


def jump(nursery: Nursery, clock_s: float) -> None:
    """Kill the life there is; the next one has another idea of the time."""
    nursery.strike()
    nursery.ended()
    nursery.live("never", 0, clock_s)
    assert nursery.ready()
