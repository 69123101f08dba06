"""A client of the REST contract, with the administrator's token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gateway.api import create_api
from tests.gateway.cards import Card
from tests.gateway.rig import TOKEN, Rig

PROBLEM = "application/problem+json"
Json = dict[str, Any]


def activation(card: Card, msisdn: str, **details: Any) -> Json:  # noqa: ANN401 - as posted
    wish = {"contract": "technicophone", "iccid": card.iccid, "plan": "unlimited", "options": ["data"]} | details
    return {"action": "activate", "line": {"msisdn": msisdn}, "details": wish}


def order(action: str, msisdn: str, /, **details: Any) -> Json:  # noqa: ANN401 - as posted
    return {"action": action, "line": {"msisdn": msisdn}, "details": details}


@dataclass
class Shop:
    """Posts and reads, and checks what every answer must have."""

    http: httpx.AsyncClient
    rig: Rig

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        answer = await self.http.request(method, path, **more)
        assert answer.headers["x-correlation-id"], path
        if answer.status_code >= 400:
            problem = answer.json()
            assert answer.headers["content-type"] == PROBLEM, answer.text
            assert problem["type"].startswith("/problems/")
            assert (problem["status"], bool(problem["title"]), bool(problem["detail"])) == (
                answer.status_code,
                True,
                True,
            )
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        return await self.ask("GET", path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        return await self.ask("POST", path, **more)

    async def place(self, body: Json, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        return await self.post("/v1/orders", json=body, **more)

    async def done(self, body: Json) -> Json:
        """Post an order, wait for its end, return it."""
        placed = await self.place(body)
        assert placed.status_code == 202, placed.text
        await self.rig.until(placed.json()["id"])
        ended: Json = (await self.get(placed.json()["href"])).json()
        return ended


@pytest.fixture
async def http(rig: Rig) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_api(rig.gateway), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


@pytest.fixture
def shop(http: httpx.AsyncClient, rig: Rig) -> Shop:
    return Shop(http, rig)
