"""From an attach to the phone: a line activated by an order is welcomed over the gateway's own route and SMSC."""

from __future__ import annotations

import asyncio

import httpx

from gateway.api import create_api
from tests.gateway.cards import Card
from tests.gateway.rig import TOKEN, Rig

NUMBER = "+33612345678"


async def test_an_attach_abroad_becomes_a_message_on_the_phone(rig: Rig, line: Card) -> None:
    transport = httpx.ASGITransport(create_api(rig.gateway))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        at = rig.gateway.clock().isoformat()
        told = {"id": "a1", "imsi": line.imsi, "country": "DE", "at": at}
        answer = await http.post("/v1/attaches", json=[told])
    assert (answer.status_code, answer.json()["welcomed"]) == (200, 1), answer.text
    async with asyncio.timeout(60):
        while not any("Allemagne" in text for text in rig.sim.inbox(NUMBER)):  # noqa: ASYNC110 - a phone tells nobody
            await asyncio.sleep(0.01)
    assert rig.sim.inbox(NUMBER)[-1].startswith("Technicophone: bienvenue (Allemagne).")
