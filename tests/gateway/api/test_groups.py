"""/v1/elements of an installation with a group, a pace and planned windows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from drivers.element import Manners
from drivers.flow import Pace
from gateway.api import create_api
from gateway.maintenance import Window
from tests.gateway.api.conftest import Shop
from tests.gateway.fleet import Fleet, Plan, gateway_over
from tests.gateway.rig import SHIPPED, START, TOKEN, SimNetwork, Time

UNTIL = (START + timedelta(hours=2)).isoformat()


async def _put(shop: Shop, name: str, **body: Any) -> httpx.Response:  # noqa: ANN401 - as posted
    return await shop.ask("PUT", f"/v1/elements/{name}/maintenance", json={"why": "disks", **body})


async def _delete(shop: Shop, name: str) -> httpx.Response:
    return await shop.ask("DELETE", f"/v1/elements/{name}/maintenance")


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[SimNetwork]:
    fleet = Fleet(tmp_path / "network", shares={"backup": "orange"})
    yield fleet
    await fleet.close()


@pytest.fixture
async def shop(tmp_path: Path, sim: SimNetwork, time: Time) -> AsyncIterator[Shop]:
    windows = (
        Window(START + timedelta(hours=9), START + timedelta(hours=10), "second"),
        Window(START + timedelta(hours=1), START + timedelta(hours=2), "first"),
        Window(START - timedelta(hours=2), START - timedelta(hours=1), "over"),
    )
    manners = replace(Manners(), pace=Pace(window=5, per_s=20))
    changed: dict[str, dict[str, Any]] = {"orange": {"maintenance": windows}, "sfr": {"manners": manners}}
    plan = Plan(changed, groups={"pair": ("orange", "backup")}, orange="pair")
    async with gateway_over(tmp_path / "data", sim, time, plan) as rig:
        transport = httpx.ASGITransport(create_api(rig.gateway), raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as http:
            yield Shop(http, rig)


async def test_groups_come_after_elements_with_their_members(shop: Shop) -> None:
    items = (await shop.get("/v1/elements")).json()["items"]
    assert [item["name"] for item in items] == [*SHIPPED, "backup", "pair"]
    pair, orange = items[-1], items[0]
    assert (pair["kind"], pair["transport"], pair["role"]) == ("group", None, "hlr")
    assert pair["members"] == [{"name": "orange", "state": "ok"}, {"name": "backup", "state": "ok"}]
    assert (pair["dialects"], pair["capabilities"]) == (orange["dialects"], orange["capabilities"])
    assert (pair["planned"], pair["opened"]) == ([], None)


async def test_pace_and_planned_windows_to_come_are_shown(shop: Shop) -> None:
    assert [(await shop.get("/v1/elements/sfr")).json()[key] for key in ("window", "per_s")] == [5, 20]
    planned = (await shop.get("/v1/elements/orange")).json()["planned"]
    assert [window["why"] for window in planned] == ["first", "second"]
    first = START + timedelta(hours=1)
    assert planned[0]["since"] == first.isoformat()
    assert planned[0]["until"] == (first + timedelta(hours=1)).isoformat()


async def test_one_member_at_rest_does_not_stop_the_group(shop: Shop) -> None:
    await _put(shop, "orange")
    pair = (await shop.get("/v1/elements/pair")).json()
    assert (pair["state"], pair["reason"]) == ("ok", None)
    assert pair["members"] == [{"name": "orange", "state": "maintenance"}, {"name": "backup", "state": "ok"}]


async def test_a_group_can_be_left_alone_as_a_whole(shop: Shop) -> None:
    shown = (await _put(shop, "pair", until=UNTIL)).json()
    assert (shown["state"], shown["until"]) == ("maintenance", UNTIL)
    assert {member["state"] for member in shown["members"]} == {"maintenance"}
    assert (await _delete(shop, "orange")).status_code == 409  # it is the pair's window
    assert (await _delete(shop, "pair")).json()["state"] == "ok"


async def test_a_planned_window_cannot_be_closed_by_hand(shop: Shop) -> None:
    shop.rig.time.jump(minutes=90)
    await shop.rig.gateway.upkeep.tend()
    assert (await shop.get("/v1/elements/orange")).json()["state"] == "maintenance"
    assert (await _delete(shop, "orange")).status_code == 409
    assert (await shop.get("/v1/elements/pair")).json()["state"] == "ok"
