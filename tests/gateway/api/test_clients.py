"""Tokens with roles: each client does what it may, in its own channels' name, and nothing else."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.api import create_api
from gateway.app import open_gateway
from gateway.clients import ApiClient, Right
from tests.gateway.api.conftest import Json, Shop, order
from tests.gateway.cards import card, vendor_file
from tests.gateway.conftest import NUMBER
from tests.gateway.rig import TOKEN, Rig, SimNetwork, Time, settings_for

SHOP, AREA, READER = "fake-token-shop", "fake-token-area", "fake-token-reader"
CLIENTS = (
    ApiClient("shop", ("shop", "phone"), frozenset({Right.ORDER, Right.READ, Right.APPROVE}), "SHOP", SHOP),
    ApiClient("area", ("customer-area",), frozenset({Right.ORDER, Right.READ}), "AREA", AREA),
    ApiClient("reader", ("reporting",), frozenset({Right.READ}), "READER", READER),
    ApiClient("asleep", ("night",), frozenset(Right), "ASLEEP", None),
)


@dataclass
class Doors:
    """One gateway, and a client of it for each token."""

    rig: Rig
    application: httpx.ASGITransport

    @asynccontextmanager
    async def shop(self, token: str) -> AsyncIterator[Shop]:
        bearer = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=self.application, base_url="http://gateway", headers=bearer) as client:
            yield Shop(client, self.rig)

    async def post(self, token: str, path: str, body: Json, **headers: str) -> httpx.Response:
        async with self.shop(token) as shop:
            return await shop.post(path, json=body, headers={n.replace("_", "-"): v for n, v in headers.items()})

    async def status(self, token: str, method: str, path: str) -> int:
        async with self.shop(token) as shop:
            return (await shop.ask(method, path)).status_code


@pytest.fixture
async def doors(tmp_path: Path, sim: SimNetwork, time: Time) -> AsyncIterator[Doors]:
    settings = settings_for(tmp_path / "data", clients=CLIENTS)
    async with open_gateway(settings, time, random.Random(1), sim.reach) as gateway:
        rig = Rig(gateway, sim, time)
        await rig.stock(card(1))
        assert await rig.until(await rig.activate(card(1), NUMBER)) == "completed"
        yield Doors(rig, httpx.ASGITransport(create_api(gateway), raise_app_exceptions=False))


def asked(action: str, by: Json | None, **details: str) -> Json:
    return order(action, NUMBER, **details) | ({} if by is None else {"requested_by": by})


async def test_a_token_is_for_what_it_may_and_for_nothing_else(doors: Doors) -> None:
    reads = [await doors.status(token, "GET", f"/v1/lines/{NUMBER}") for token in (TOKEN, SHOP, AREA, READER)]
    assert reads == [200, 200, 200, 200]
    for path in ("/v1/orders", "/v1/loss-reports", "/v1/bulk-orders", "/v1/handsets/353879234252633/block"):
        refused = await doors.post(READER, path, {})
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed"), path
    disclosed = f"/v1/sims/{card(1).iccid}/puk"
    for path in (disclosed, "/v1/sims/import", "/v1/messages", "/v1/usage", "/v1/audits", "/v1/attaches"):
        assert (await doors.post(SHOP, path, {})).status_code == 403, path
    assert await doors.status(SHOP, "PUT", "/v1/elements/orange/maintenance") == 403
    assert await doors.status(AREA, "POST", f"/v1/bulk-orders/{'0' * 32}/approve") == 403


async def test_no_token_and_no_empty_one_lets_anybody_in(doors: Doors) -> None:
    for token in ("", " ", "fake", "ASLEEP", "None", SHOP + "x", SHOP[:-1]):
        assert await doors.status(token, "GET", f"/v1/lines/{NUMBER}") == 401, token


async def test_an_order_is_in_the_name_of_a_channel_of_the_client(doors: Doors) -> None:
    other = await doors.post(
        SHOP, "/v1/orders", asked("suspend", {"who": "a", "channel": "customer-area"}, reason="fraud")
    )
    none = await doors.post(SHOP, "/v1/orders", asked("suspend", None, reason="fraud"))
    assert [(a.status_code, "shop, phone" in a.json()["detail"]) for a in (other, none)] == [(403, True)] * 2
    own = await doors.post(SHOP, "/v1/orders", asked("suspend", {"who": "a", "channel": "phone"}, reason="fraud"))
    assert own.status_code == 202
    assert await doors.rig.until(own.json()["id"]) == "completed"


async def test_the_only_channel_is_filled_in_and_recorded(doors: Doors) -> None:
    placed = await doors.post(AREA, "/v1/orders", asked("report_lost", None, reason="lost"))
    assert await doors.rig.until(placed.json()["id"]) == "completed"
    async with doors.shop(READER) as shop:
        told = (await shop.get(placed.json()["href"])).json()
    assert told["requested_by"] == {"who": "area", "channel": "customer-area"}


async def test_the_contract_narrows_what_a_channel_asks_for(doors: Doors) -> None:
    refused = await doors.post(AREA, "/v1/orders", asked("change_plan", None, plan="metered"))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    assert "report_lost" in refused.json()["detail"]
    assert (
        await doors.post(AREA, "/v1/orders?dry_run=true", asked("change_plan", None, plan="metered"))
    ).status_code == 403
    assert await doors.rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "completed"
    for details in ({"reason": "unpaid"}, {}):
        assert (await doors.post(AREA, "/v1/orders", asked("reactivate", None, **details))).status_code == 403
    assert (
        await doors.post(SHOP, "/v1/orders", asked("reactivate", {"who": "a", "channel": "shop"}))
    ).status_code == 202


async def test_nobody_speaks_for_the_gateway_itself(doors: Doors) -> None:
    for token in (TOKEN, SHOP):
        for channel in ("clock", "usage", "audit", "portability"):
            answer = await doors.post(token, "/v1/orders", asked("terminate", {"who": "a", "channel": channel}))
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


async def test_clients_do_not_share_their_idempotency_keys(doors: Doors) -> None:
    body = asked("suspend", {"who": "a", "channel": "shop"}, reason="fraud")
    first = await doors.post(SHOP, "/v1/orders", body, Idempotency_Key="k")
    again = await doors.post(SHOP, "/v1/orders", body, Idempotency_Key="k")
    other = await doors.post(TOKEN, "/v1/orders", asked("terminate", None), Idempotency_Key="k")
    assert (first.json()["id"], again.headers["idempotency-replayed"]) == (again.json()["id"], "true")
    assert (other.status_code, other.json()["id"] == first.json()["id"]) == (202, False)


async def test_a_client_is_a_second_person_by_its_own_channel(doors: Doors) -> None:
    body = {
        "action": "terminate",
        "lines": [{"msisdn": NUMBER}],
        "requested_by": {"who": "area", "channel": "customer-area"},
    }
    placed = (await doors.post(AREA, "/v1/bulk-orders", body)).json()
    wrong = await doors.post(SHOP, f"{placed['href']}/approve", {"requested_by": {"who": "b", "channel": "night"}})
    right = await doors.post(SHOP, f"{placed['href']}/approve", {"requested_by": {"who": "b", "channel": "shop"}})
    assert (wrong.status_code, right.status_code) == (403, 200)


async def test_the_administrator_may_do_it_all(doors: Doors) -> None:
    async with doors.shop(TOKEN) as shop:
        imported = await shop.post("/v1/sims/import", content=vendor_file([card(7)]))
        why = {"requested_by": {"who": "anna", "channel": "shop"}, "why": "customer"}
        told = await shop.post(f"/v1/sims/{card(1).iccid}/puk", json=why)
    assert (imported.status_code, told.status_code) == (200, 200)


async def test_a_client_without_a_token_is_told_of_at_the_start(
    tmp_path: Path, sim: SimNetwork, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(tmp_path / "data", clients=CLIENTS)
    with caplog.at_level(logging.WARNING, "gateway.app"):
        async with open_gateway(settings, time, random.Random(1), sim.reach):
            assert "the client asleep cannot log in: set ASLEEP" in caplog.text
    assert not [token for token in (SHOP, AREA, READER, TOKEN) if token in caplog.text or token in repr(settings)]
