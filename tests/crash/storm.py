"""Orders of many clients while something goes wrong, and the reckoning afterwards, sum by sum."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from tests.crash.crash_site import CrashSite
from tests.crash.doors import opened
from tests.crash.ledger import Ledger, post_stories
from tests.crash.misfortune import lines_by_imsi
from tests.crash.reckoning import Reckoning
from tests.crash.witness import Witness, out_of_turn, watching
from tests.journeys.agreement import Json
from tests.journeys.player import Player
from tests.journeys.site import import_cards
from tests.journeys.story import Case, Story

Trouble = Callable[[Ledger], Awaitable[None]]
SUMS = ("paper", "ends", "facts", "turns", "effects", "events", "lines", "sims", "messages", "keys")


@dataclass(frozen=True)
class Load:
    """How many clients post how many orders each, how senseless, and how often they wait for an end."""

    seed: str
    clients: int
    orders: int
    senseless: float = 0.1
    patience: float = 0.3

    @property
    def total(self) -> int:
        """How many orders in all."""
        return self.clients * self.orders


@dataclass
class Aftermath:
    """What was found when all was over: under each sum, what is wrong."""

    ledger: Ledger
    wrong: dict[str, list[str]]
    orders: list[Json] = field(repr=False)  # as they ended, in the sequence of acknowledgement

    @property
    def acknowledged(self) -> int:
        """How many orders were acknowledged."""
        return len(self.ledger.acknowledged)

    @property
    def amiss(self) -> dict[str, list[str]]:
        """The sums that are not right."""
        return {name: wrong for name, wrong in self.wrong.items() if wrong}


async def endure(site: CrashSite, load: Load, trouble: Trouble) -> Aftermath:
    """Post orders while ``trouble`` goes on; once it is over and everything has ended, do every sum."""
    stories = [Story(f"{load.seed}-{n:02d}", site.stock, hasty=True) for n in range(load.clients)]
    files = {story: story.cases(load.orders, senseless=load.senseless) for story in stories}
    return await live_through(site, files, load, trouble)


async def live_through(site: CrashSite, files: dict[Story, list[Case]], load: Load, trouble: Trouble) -> Aftermath:
    """Do so with orders written already."""
    await asyncio.to_thread(import_cards, site.urls[0], site.stock)
    ledger = Ledger(site.directory / f"ledger-{load.seed}")
    async with watching(site.sim_url) as witness, opened(site.doors) as client:
        await _weather(site, files, ledger, load, trouble)
        return await reckon(site, files, ledger, witness, client)


async def reckon(
    site: CrashSite, stories: Collection[Story], ledger: Ledger, witness: Witness, client: Player
) -> Aftermath:
    """Wait until everything has ended; do every sum."""
    reckoning = Reckoning(client, ledger, stories)
    wrong = {"paper": ledger.forgotten(), "ends": await reckoning.ends(), "facts": reckoning.facts()}
    wrong["turns"] = out_of_turn(reckoning.orders, lines_by_imsi(stories))
    await witness.read()
    wrong["effects"] = witness.differences(stories, reckoning.orders)
    wrong |= {"lines": await reckoning.lines(), "messages": await reckoning.messages()}
    if not site.storms:  # these look at everything there is: at what an earlier storm has left too
        wrong |= {"events": await reckoning.events(), "sims": await reckoning.sims(site.stock)}
        wrong["keys"] = reckoning.keys(site.sim_data)
    site.storms += 1
    return Aftermath(ledger, wrong, reckoning.orders)


async def _weather(
    site: CrashSite, files: dict[Story, list[Case]], ledger: Ledger, load: Load, trouble: Trouble
) -> None:
    """Let clients and trouble go on side by side, until both are over."""
    posting = asyncio.create_task(post_stories(site.doors, files, ledger, load.patience))
    try:
        await trouble(ledger)
        await posting
    finally:
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
