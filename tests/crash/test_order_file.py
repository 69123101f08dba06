"""Order files through two instances on one PostgreSQL, killed by turns: every order ends as the contract says."""

from __future__ import annotations

import asyncio
import os

from tests.crash.crash_site import FIRST, SECOND, CrashSite
from tests.crash.doors import opened
from tests.journeys.story import Case, Story

SEED = os.environ.get("LINEGATE_TEST_SEED", "jutta")
_CONTRACTS = ("technicophone", "technicophone", "cmi", "opt-nc", "orange-mayotte", "monaco-telecom")
_LONGEST_S = 240.0


async def _played(site: CrashSite, cases: list[Case]) -> list[str]:
    """Play one file in its order, each request to another instance; return what is wrong."""
    async with opened(site.doors) as client:
        return await client.play_all(cases)


async def _killed_by_turns(site: CrashSite, playing: asyncio.Future[list[list[str]]]) -> int:
    """Kill one instance after the other while the files are played, and start each again; return how many died."""
    died = 0
    while not playing.done():
        name = (FIRST, SECOND)[died % 2]
        await asyncio.wait([playing], timeout=2)
        site.instances[name].kill()
        died += 1
        await asyncio.wait([playing], timeout=1)
        await asyncio.to_thread(site.start(name).ready)
    return died


async def test_whoever_dies_meanwhile_every_order_ends_as_the_contract_says(site: CrashSite) -> None:
    stories = [Story(f"{SEED}-{n}", site.stock, contract, lines=3) for n, contract in enumerate(_CONTRACTS)]
    files = [story.cases(40) for story in stories]
    site.import_cards()
    async with asyncio.timeout(_LONGEST_S):
        playing = asyncio.gather(*(_played(site, cases) for cases in files))
        died = await _killed_by_turns(site, playing)
        wrong = [what for of_one in await playing for what in of_one]
    assert wrong == [], f"replay with LINEGATE_TEST_SEED={SEED}"
    assert died >= 2
