"""``linegate up`` killed again and again: gateway and network die together, and go on where they were."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.ledger import Ledger, post_stories
from tests.crash.reckoning import Reckoning
from tests.journeys.cards import Stock
from tests.journeys.player import player
from tests.journeys.programs import LINEGATE, LOOPBACK, Program, free_port
from tests.journeys.site import TOKEN, import_cards
from tests.journeys.story import Story

SEED = os.environ.get("LINEGATE_TEST_SEED", "emma")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_CLIENTS, _ORDERS, _KILLS = 10, 15, 5


class Embedded:
    """Gateway and network under one command, at ports they keep."""

    def __init__(self, directory: Path) -> None:
        self.data, self._logs = directory / "data", directory / "logs"
        self._ports = free_port(), free_port()
        self._starts = 0
        self.program = self.start()
        self.program.ready()

    @property
    def urls(self) -> tuple[str, str]:
        gateway, network = (f"http://{LOOPBACK}:{port}" for port in self._ports)
        return gateway, network

    def start(self) -> Program:
        port, sim_port = map(str, self._ports)
        self._starts += 1
        arguments = [LINEGATE, "up", "--port", port, "--sim-port", sim_port, "--data", str(self.data)]
        self.program = Program(arguments, {"LINEGATE_TOKEN": TOKEN}, self._logs / f"{self._starts:03d}-up")
        return self.program


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    opened = Embedded(tmp_path)
    yield opened
    opened.program.end()


async def test_five_deaths_of_everything_at_once(embedded: Embedded) -> None:
    stock, chance, ledger = Stock(), random.Random(SEED), Ledger()
    stories = [Story(f"{SEED}-{n:02d}", stock, hasty=True) for n in range(_CLIENTS)]
    files = {story: story.cases(_ORDERS, senseless=0.1) for story in stories}
    import_cards(embedded.urls[0], stock)
    posting = asyncio.create_task(post_stories(embedded.urls, files, ledger))
    for moment in sorted(chance.sample(range(5, _CLIENTS * _ORDERS - 10), _KILLS)):
        await ledger.until(moment)
        await asyncio.sleep(chance.uniform(0, 0.2))
        embedded.program.kill()
        await asyncio.to_thread(embedded.start().ready)
    await posting
    async with player(*embedded.urls, TOKEN) as client:
        reckoning = Reckoning(client, ledger, stories)
        wrong = await reckoning.ends() + reckoning.facts() + await reckoning.messages() + await reckoning.events()
        wrong += await reckoning.lines() + await reckoning.sims(stock)
    assert wrong == [], REPLAY
    assert reckoning.keys(embedded.data / "sim") == [], REPLAY


def test_it_says_where_both_are(embedded: Embedded) -> None:
    gateway, network = embedded.urls
    assert embedded.program.ready() == f"ready {gateway} sim {network}"
    assert embedded.program.end() == 0
