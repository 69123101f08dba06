"""Clients that write down every order they hold a 202 for, and go on asking until they hold an answer to each."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.journeys.player import Player, player
from tests.journeys.site import TOKEN
from tests.journeys.story import Case, Story


@dataclass
class Ledger:
    """What was acknowledged, and what was refused at the door."""

    acknowledged: dict[str, Case] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    answered: int = 0
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, answered: int) -> None:
        """Wait until so many orders have an answer, or all of them."""
        while self.answered < answered and not self.finished.is_set():
            await self._news.wait()

    def note(self) -> None:
        """One more order has an answer."""
        self.answered += 1
        self._tell()

    def close(self) -> None:
        """No more orders will be posted."""
        self.finished.set()
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


async def post_all(story: Story, cases: Iterable[Case], client: Player, ledger: Ledger, patience: float) -> None:
    """Post a story in its order; ``patience`` is how often an order's end is waited for before the next."""
    chance = random.Random(story.seed)
    for case in cases:
        answer = await client.post(case.order)
        ledger.note()
        if answer.status_code == 202:
            order_id = answer.json()["id"]
            ledger.acknowledged[order_id] = case
            if chance.random() < patience:
                await client.end_of(order_id)
        elif not case.expect.get("refused"):
            ledger.wrong.append(f"{case.order}: answered {answer.status_code} {answer.text}")
        else:
            ledger.wrong += [f"{case.order}: {what}" for what in await client.refusal_differences(answer)]


async def post_stories(
    urls: tuple[str, str], stories: dict[Story, list[Case]], ledger: Ledger, patience: float = 0.3
) -> None:
    """Post every story by a client of its own, all at once."""

    async def one(story: Story, cases: list[Case]) -> None:
        async with player(*urls, TOKEN) as client:
            await post_all(story, cases, client, ledger, patience)

    try:
        await asyncio.gather(*(one(story, cases) for story, cases in stories.items()))
    finally:
        ledger.close()
