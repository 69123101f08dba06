"""Clients that write down every order they hold a 202 for, and go on asking until they hold an answer to each."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.doors import Doors, opened
from tests.journeys.player import Player, answered
from tests.journeys.story import Case, Story

NOT_FOUND = 404


@dataclass
class Ledger:
    """What was acknowledged, and what was refused at the door; ``file`` keeps what was acknowledged, whoever dies."""

    file: Path | None = None
    acknowledged: dict[str, Case] = field(default_factory=dict)
    heard_at: dict[str, float] = field(default_factory=dict)  # when each acknowledgement came, on the monotonic clock
    wrong: list[str] = field(default_factory=list)
    answered: int = 0
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, answered: int) -> None:
        """Wait until so many orders have an answer, or all of them."""
        while self.answered < answered and not self.finished.is_set():
            await self._news.wait()

    def promise(self, order_id: str, case: Case) -> None:
        """An order was acknowledged: that is on paper before anything else happens."""
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as paper:
                paper.write(f"{order_id} {case.order['external_id']}\n")
        if order_id in self.acknowledged:
            self.wrong.append(f"{order_id} was acknowledged twice: {self.acknowledged[order_id].order}, {case.order}")
        self.acknowledged[order_id] = case
        self.heard_at[order_id] = time.monotonic()

    def forgotten(self) -> list[str]:
        """Tell what is on paper and was not reckoned with: nothing, unless the ledger itself is wrong."""
        lines = [] if self.file is None else self.file.read_text(encoding="utf-8").splitlines()
        due = [f"{order_id} {case.order['external_id']}" for order_id, case in self.acknowledged.items()]
        return [] if self.file is None or lines == due else [f"{len(lines)} orders on paper, {len(due)} in mind"]

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


async def lost(client: Player, order_id: str) -> bool:
    """Tell whether nobody knows of an order."""
    return (await answered(client.gateway, "GET", f"/v1/orders/{order_id}")).status_code == NOT_FOUND


async def post_all(story: Story, cases: Iterable[Case], client: Player, ledger: Ledger, patience: float) -> None:
    """Post a story in its order; ``patience`` is how often an order's end is waited for before the next."""
    chance = random.Random(story.seed)
    for case in cases:
        answer = await client.post(case.order)
        if answer.status_code == 202:
            ledger.promise(order_id := answer.json()["id"], case)
            ledger.note()
            if chance.random() < patience and not await lost(client, order_id):
                await client.end_of(order_id)
            continue
        ledger.note()
        if not case.expect.get("refused"):
            ledger.wrong.append(f"{case.order}: answered {answer.status_code} {answer.text}")
        else:
            ledger.wrong += [f"{case.order}: {what}" for what in await client.refusal_differences(answer)]


async def post_stories(doors: Doors, stories: dict[Story, list[Case]], ledger: Ledger, patience: float = 0.3) -> None:
    """Post every story by a client of its own, all at once."""

    async def one(story: Story, cases: list[Case]) -> None:
        async with opened(doors) as client:
            await post_all(story, cases, client, ledger, patience)

    try:
        await asyncio.gather(*(one(story, cases) for story, cases in stories.items()))
    finally:
        ledger.close()
