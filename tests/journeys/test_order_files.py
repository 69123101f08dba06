"""Order files played to their end over every dialect: the gateway and a second reading of the contract agree."""

from __future__ import annotations

import asyncio
import os
from collections import Counter

import pytest

from tests.journeys.agreement_sheets import SHEETS
from tests.journeys.cards import Stock
from tests.journeys.events import all_events
from tests.journeys.player import Player, player
from tests.journeys.rows import Rows
from tests.journeys.site import TOKEN, Site
from tests.journeys.story import Case, Story

TECHNICOPHONE = ("technicophone",)
OTHERS = ("cmi", "opt-nc", "orange-mayotte", "monaco-telecom")
_TOLD_BY_ITS_ALERT = "limit_use"
SEED = os.environ.get("LINEGATE_TEST_SEED", "anna")


async def play(site: Site, stories: dict[str, list[Case]]) -> tuple[list[str], dict[str, Case]]:
    """Play each story by a client of its own, all at once; return what is wrong, and the completed orders."""

    async def one(cases: list[Case]) -> tuple[list[str], dict[str, Case]]:
        async with player(site.gateway_url, site.sim_url, TOKEN) as client:
            return await client.play_all(cases), client.completed

    played = await asyncio.gather(*(one(cases) for cases in stories.values()))
    completed = {order_id: case for _, done in played for order_id, case in done.items()}
    return [what for wrong, _ in played for what in wrong], completed


async def confirmations(client: Player, completed: dict[str, Case]) -> tuple[Counter[str], Counter[str]]:
    """Return how many confirmations each number should have got, and how many it has."""
    told_of = (case for case in completed.values() if case.order["action"] != _TOLD_BY_ITS_ALERT)
    due = Counter(case.expect["msisdn"] for case in told_of)
    for _ in range(100):
        inbox = {to: (await client.network.get("/sms", params={"to": to})).json()["items"] for to in due}
        got = Counter({to: len(messages) for to, messages in inbox.items()})
        if got.total() >= due.total():
            break
        await asyncio.sleep(0.1)
    return due, got


async def sims_amiss(client: Player, stock: Stock, stories: list[Story]) -> list[str]:
    """Tell which SIMs are not where the orders have put them."""
    due = {card.iccid: "stock" for card in stock.drawn}
    for story in stories:
        due |= {iccid: "replaced" for _, iccid in story.replaced}
        due |= dict.fromkeys(story.retired, "retired")
        due |= {line.iccid: "retired" if line.terminated else "active" for line in story.lines}
    found = {iccid: (await client.gateway.get(f"/v1/sims/{iccid}")).json().get("state") for iccid in due}
    return [f"SIM {iccid} is {found[iccid]}, not {state}" for iccid, state in due.items() if found[iccid] != state]


def askers(items: list[dict[str, object]]) -> dict[object, object]:
    """Return who asked for each order, as the trail has it."""
    data = [item["data"] for item in items if item["type"] == "order.accepted"]
    return {entry["order_id"]: entry["requested_by"] for entry in data if isinstance(entry, dict)}


@pytest.mark.parametrize(
    ("scenario", "contracts", "clients", "orders"),
    [
        ("default", TECHNICOPHONE, 1, 150),
        ("default", TECHNICOPHONE, 16, 300),
        ("tcp", TECHNICOPHONE, 4, 150),
        ("cai", TECHNICOPHONE, 1, 150),
        ("cai", TECHNICOPHONE, 16, 300),
        ("default", OTHERS, 16, 480),
        ("tcp", OTHERS, 4, 160),
        ("cai", OTHERS, 8, 240),
    ],
    ids=lambda value: value if isinstance(value, str | int) else "-".join(value),
)
async def test_every_order_ends_as_the_contract_says(
    site: Site, scenario: str, contracts: tuple[str, ...], clients: int, orders: int
) -> None:
    assert site.scenario == scenario
    written: list[Story] = []
    stories: dict[str, list[Case]] = {}
    for n in range(clients):
        contract = contracts[n % len(contracts)]
        name = f"{SEED}-{clients}-{n:02d}"
        share = orders // clients + (n < orders % clients)
        written.append(Story(name, site.stock, contract, lines=8 if clients <= len(contracts) else 3))
        stories[name] = written[-1].cases(share)
    for contract in contracts if clients > len(contracts) else ():
        for plan in SHEETS[contract].plans:
            written.append(rows := Rows(f"rows-{contract}-{plan}", site.stock, contract))
            stories[rows.seed] = rows.walk(plan)
    site.import_cards()
    wrong, completed = await play(site, stories)
    replay = f"replay with LINEGATE_TEST_SEED={SEED}"
    assert wrong == [], replay
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        due, got = await confirmations(client, completed)
        assert got == due, replay
        assert await sims_amiss(client, site.stock, written) == [], replay
        told = askers(await all_events(client.gateway))
        assert {i: told.get(i) for i in completed} == {i: c.order["requested_by"] for i, c in completed.items()}
        for msisdn in {case.expect["msisdn"] for case in completed.values()}:
            page = await client.gateway.get(f"/v1/lines/{msisdn}/history")
            history = askers(page.json()["items"]) if page.status_code == 200 else {}
            assert {i: told[i] for i in history} == history, replay
            assert history or page.status_code == 404, replay  # a number its line has left
