"""Whose file a batch is: nobody puts rows among those of another client, as they would be orders in its name."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gateway.api import create_api
from gateway.app import open_gateway
from gateway.clients import ApiClient, Right
from tests.gateway.api.conftest import order
from tests.gateway.api.test_batches import BATCHES, NDJSON, lines
from tests.gateway.conftest import NUMBER
from tests.gateway.rig import TOKEN, SimNetwork, Time, settings_for

SHOP, TWIN, TILL, AREA = "fake-token-shop", "fake-token-twin", "fake-token-till", "fake-token-area"
_OWN = ApiClient("shop", ("shop", "phone"), frozenset({Right.ORDER, Right.READ}), "SHOP", SHOP)
CLIENTS = (
    _OWN,
    replace(_OWN, name="twin", token_env="TWIN", token=TWIN),
    replace(_OWN, name="till", may=frozenset({Right.ORDER}), token_env="TILL", token=TILL),
    replace(_OWN, name="area", channels=("customer-area",), token_env="AREA", token=AREA),
)
ROWS = lines(order("suspend", NUMBER, reason="unpaid"))
PART = {"Content-Type": "application/partial-upload", "Upload-Offset": "0"}


@pytest.fixture
async def door(tmp_path: Path, sim: SimNetwork, time: Time) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(tmp_path / "data", clients=CLIENTS)
    async with open_gateway(settings, time, random.Random(1), sim.reach) as gateway:
        transport = httpx.ASGITransport(create_api(gateway), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _announced(door: httpx.AsyncClient, token: str) -> str:
    headers = NDJSON | _as(token) | {"Upload-Complete": "?0"}
    answer = await door.post(BATCHES, headers=headers, params={"requested_by": "shop:anna"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["href"])


async def _sent(door: httpx.AsyncClient, href: str, token: str) -> tuple[int, str]:
    answer = await door.patch(f"{href}/rows", content=ROWS, headers=PART | _as(token))
    return answer.status_code, answer.json()["type"] if answer.content else ""


async def test_who_may_only_order_can_go_on_with_an_upload(door: httpx.AsyncClient) -> None:
    href = await _announced(door, TILL)
    there = await door.head(f"{href}/rows", headers=_as(TILL))
    assert (there.status_code, there.headers["Upload-Offset"]) == (204, "0")
    assert (await _sent(door, href, TILL))[0] == 204
    assert (await door.get(href, headers=_as(TILL))).status_code == 403


@pytest.mark.parametrize("stranger", [TWIN, AREA])
async def test_only_who_began_a_file_goes_on_with_it(door: httpx.AsyncClient, stranger: str) -> None:
    href = await _announced(door, SHOP)
    assert await _sent(door, href, stranger) == (403, "/problems/not-allowed")
    assert (await door.get(href, headers=_as(SHOP))).json()["total"] == 0
    assert await _sent(door, href, SHOP) == (204, "")


async def test_the_administrator_may_go_on_with_any_and_nobody_with_his(door: httpx.AsyncClient) -> None:
    assert await _sent(door, await _announced(door, SHOP), TOKEN) == (204, "")
    own = await _announced(door, TOKEN)
    assert await _sent(door, own, SHOP) == (403, "/problems/not-allowed")
    assert await _sent(door, own, TOKEN) == (204, "")


async def test_a_batch_that_does_not_know_its_client_is_of_those_channels(
    door: httpx.AsyncClient, tmp_path: Path
) -> None:
    href = await _announced(door, SHOP)
    with sqlite3.connect(tmp_path / "data" / "journal.db") as database:
        database.execute("UPDATE batches SET client = NULL")
    database.close()
    assert await _sent(door, href, AREA) == (403, "/problems/not-allowed")
    assert await _sent(door, href, SHOP) == (204, "")
