"""A command an element has left lying is never carried out after a newer order for the same line has completed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.agreement import Json
from tests.journeys.player import Player, player
from tests.journeys.site import TOKEN, Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = Site(tmp_path)
    yield opened
    opened.end()


async def ordered(client: Player, action: str, msisdn: str, **details: object) -> str:
    order: Json = {"external_id": f"{action}-{msisdn}", "action": action, "line": {"msisdn": msisdn}}
    return str((await client.post(order | {"details": details})).json()["id"])


@pytest.mark.parametrize("host", ["orange", "sfr"])
async def test_what_was_behind_a_late_answer_is_not_done_too_late(site: Site, host: str) -> None:
    cards, numbers = [site.stock.card(host) for _ in range(2)], [site.stock.number() for _ in range(2)]
    site.import_cards()
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        for card, msisdn in zip(cards, numbers, strict=True):
            details = {"contract": "technicophone", "iccid": card.iccid, "plan": "metered"}
            await client.end_of(await ordered(client, "activate", msisdn, **details))
        late = {"element": host, "kind": "late", "match": "Provide", "delay_s": 2}  # twice what the gateway waits
        await client.network.post("/faults", json=late)
        await ordered(client, "suspend", numbers[0], reason="customer")  # answered late
        await asyncio.sleep(0.2)
        behind = await ordered(client, "suspend", numbers[1], reason="customer")  # lies behind it on the same line
        assert (await client.end_of(behind))["state"] == "completed"
        newer = await ordered(client, "reactivate", numbers[1])
        assert (await client.end_of(newer))["state"] == "completed"
        await asyncio.sleep(2.5)
        assert (await client.line(numbers[1]))["state"] == "active"
        assert (await client.probe(cards[1].imsi, "home"))["attach"] == "accepted"
