"""One death at each commit: one line's whole life meets it at commit 1, the next line's at 2, until one meets none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.crash.crash_site import CrashSite
from tests.crash.doors import opened
from tests.crash.ledger import Ledger, post_all
from tests.crash.nursery import Nursery
from tests.crash.one_life import OneLife
from tests.crash.reckoning import settled_messages
from tests.crash.storm import Aftermath, reckon
from tests.crash.witness import watching
from tests.journeys.player import Player
from tests.journeys.story import Case, Story

_MOST = 100  # commits of one line's life


async def die_at_every_commit(site: CrashSite, seed: str, moment: str) -> tuple[Aftermath, int]:
    """Return what is wrong after all, and how many commits there were to die at."""
    stories: dict[Story, list[Case]] = {}
    ledger = Ledger(site.directory / f"ledger-{seed}-{moment}")
    lives = [OneLife(f"{seed}-{moment}-{n:03d}", site.stock) for n in range(_MOST)]
    written = [life.whole() for life in lives]
    await asyncio.to_thread(site.import_cards)
    site.gateway.end()
    nursery = await asyncio.to_thread(Nursery, site)
    async with watching(site.sim_url) as witness, opened(site.doors) as client:
        try:
            nursery.live(moment, 1)
            for n, (story, cases) in enumerate(zip(lives, written, strict=True), start=1):
                stories[story] = cases
                if not await _dies(nursery, (moment, n), story, cases, (client, ledger)):
                    break
        finally:
            await asyncio.to_thread(nursery.close)
            await asyncio.to_thread(site.start_gateway().ready)
        return await reckon(site, stories, ledger, witness, client), len(stories) - 1


async def _dies(
    nursery: Nursery, fate: tuple[str, int], story: Story, cases: Sequence[Case], told: tuple[Player, Ledger]
) -> bool:
    """Play one line's life, the gateway dying as fate has it; tell whether it did."""
    client, ledger = told
    moment, n = fate
    assert await asyncio.to_thread(nursery.ready)
    await asyncio.to_thread(nursery.arm)
    playing = asyncio.create_task(_play(story, cases, client, ledger))
    over = asyncio.create_task(asyncio.to_thread(nursery.ended))
    await asyncio.wait({playing, over}, return_when=asyncio.FIRST_COMPLETED)
    died = over.done()
    if died:
        nursery.live(moment, n + 1)  # it goes on with this line, and dies over the next
    else:
        nursery.strike()
    await asyncio.gather(playing, over)
    return died


async def _play(story: Story, cases: Sequence[Case], client: Player, ledger: Ledger) -> None:
    """Post every order at once; wait until they have ended, and their confirmations have gone."""
    before = len(ledger.acknowledged)
    await post_all(story, cases, client, ledger, 0)
    for order_id in list(ledger.acknowledged)[before:]:
        await client.end_of(order_id)
        await settled_messages(client, order_id)
