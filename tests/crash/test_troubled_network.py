"""Elements that answer late, never, wrongly or not at all, while orders come in: none is lost, none lies."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest

from tests.crash.ledger import Ledger, post_stories
from tests.crash.misfortune import acted_blindly, lines_by_imsi, log_of, strike
from tests.crash.reckoning import Reckoning
from tests.journeys.cards import IMSI_PREFIX
from tests.journeys.player import player
from tests.journeys.site import TOKEN, Site
from tests.journeys.story import Story

SEED = os.environ.get("LINEGATE_TEST_SEED", "clara")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_CLIENTS, _ORDERS = 10, 10
Trouble = Callable[[Ledger], Awaitable[None]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    opened = Site(tmp_path_factory.mktemp("troubled"))
    yield opened
    opened.end()


async def endure(site: Site, name: str, trouble: Trouble) -> tuple[list[str], list[Story]]:
    """Play orders while ``trouble`` goes on; return what is wrong once it is over."""
    stories = [Story(f"{SEED}-{name}-{n:02d}", site.stock, hasty=True) for n in range(_CLIENTS)]
    files = {story: story.cases(_ORDERS, senseless=0.1) for story in stories}
    site.import_cards()
    ledger = Ledger()
    posting = asyncio.create_task(post_stories((site.gateway_url, site.sim_url), files, ledger, patience=0.7))
    await trouble(ledger)
    await posting
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        reckoning = Reckoning(client, ledger, stories)
        wrong = await reckoning.ends() + reckoning.facts() + await reckoning.messages() + await reckoning.lines()
    return wrong, stories


@pytest.mark.parametrize(
    "kind",
    [
        "late",
        "silent",
        "lost",
        "drop_before",
        "drop_after",
        "half_line",
        "garbage",
        "duplicate",
        "busy",
        "session_timeout",
        "refuse_connect",
        "freeze",
    ],
)
async def test_misfortune_of_every_kind(site: Site, kind: str) -> None:
    async with httpx.AsyncClient(base_url=site.sim_url, trust_env=False, timeout=20) as network:
        before = {name: (await log_of(network, name, 0))[-1:] for name in IMSI_PREFIX}
        since = {name: entries[0]["seq"] if entries else 0 for name, entries in before.items()}
        struck: list[int] = []
        times = 6 if kind == "refuse_connect" else 18  # each refusal doubles the pause before the next connection

        async def trouble(ledger: Ledger) -> None:
            struck.append(await strike(network, kind, SEED, ledger, times))

        wrong, stories = await endure(site, kind, trouble)
        heard = {name: await log_of(network, name, since[name]) for name in IMSI_PREFIX}
    assert wrong == [], REPLAY
    assert struck[0] >= times / 3, REPLAY
    assert [acted_blindly(entries, lines_by_imsi(stories)) for entries in heard.values()] == [[], []], REPLAY


async def test_a_network_that_dies_and_comes_back(site: Site) -> None:
    async def trouble(ledger: Ledger) -> None:
        chance = random.Random(SEED)
        for answered in (10, 40, 70):
            await ledger.until(answered)
            site.sim.kill()
            await asyncio.sleep(chance.uniform(0, 1))
            await asyncio.to_thread(site.start_sim().ready)

    wrong, stories = await endure(site, "dies", trouble)
    assert wrong == [], REPLAY
    assert stories


async def test_a_network_that_stands_still_longer_than_anybody_waits(site: Site) -> None:
    async def trouble(ledger: Ledger) -> None:
        for answered in (5, 35, 65):
            await ledger.until(answered)
            site.sim.freeze()
            await asyncio.sleep(1.7)
            site.sim.thaw()

    wrong, stories = await endure(site, "stands", trouble)
    assert wrong == [], REPLAY
    assert stories
