"""``kill -9`` of the gateway, twenty times while a thousand orders come in; then the reckoning, sum by sum."""

from __future__ import annotations

import asyncio
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.ledger import Ledger, post_stories
from tests.crash.reckoning import Reckoning
from tests.journeys.player import player
from tests.journeys.site import NEVER_WRITTEN, TOKEN, Site
from tests.journeys.story import Story

SEED = os.environ.get("LINEGATE_TEST_SEED", "bella")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_CLIENTS, _ORDERS, _KILLS = 25, 40, 20


@dataclass
class Aftermath:
    """What was found when all was over."""

    kills: int
    acknowledged: int
    wrong: dict[str, list[str]]
    files: list[Path]
    secrets: list[bytes]
    numbers: set[bytes]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    site = Site(tmp_path_factory.mktemp("killed"))
    try:
        return asyncio.run(_live_through_it(site))
    finally:
        site.end()


async def _live_through_it(site: Site) -> Aftermath:
    stories = [Story(f"{SEED}-{n:02d}", site.stock, hasty=True) for n in range(_CLIENTS)]
    files = {story: story.cases(_ORDERS) for story in stories}
    site.import_cards()
    ledger = Ledger()
    posting = asyncio.create_task(post_stories((site.gateway_url, site.sim_url), files, ledger))
    kills = await _kill_again_and_again(site, ledger)
    await posting
    async with player(site.gateway_url, site.sim_url, TOKEN) as client:
        reckoning = Reckoning(client, ledger, stories)
        wrong = {
            "ends": await reckoning.ends(),
            "messages": await reckoning.messages(),
            "events": await reckoning.events(),
            "lines": await reckoning.lines(),
            "sims": await reckoning.sims(site.stock),
            "keys": reckoning.keys(site.sim_data),
        }
    for program in (site.gateway, site.sim):
        program.kill()  # files as the dying leave them: write-ahead logs too
    ways = [(card.ki, card.opc, card.adm1) for card in site.stock.drawn]
    texts = [*NEVER_WRITTEN, *(text for way in ways for text in way)]
    secrets = [text.encode() for text in texts] + [text.lower().encode() for way in ways for text in way]
    secrets += [bytes.fromhex(text) for way in ways for text in way]
    numbers = {puk.encode() for card in site.stock.drawn for puk in card.puks}
    written = [path for path in site.directory.rglob("*") if path.is_file()]
    return Aftermath(kills, len(ledger.acknowledged), wrong, written, secrets, numbers)


async def _kill_again_and_again(site: Site, ledger: Ledger) -> int:
    chance = random.Random(SEED)
    moments = sorted(chance.sample(range(20, _CLIENTS * _ORDERS - 20), _KILLS))
    for moment in moments:
        await ledger.until(moment)
        await asyncio.sleep(chance.uniform(0, 0.25))
        site.gateway.kill()
        await asyncio.to_thread(site.start_gateway().ready)
    return len(moments)


def test_a_thousand_orders_met_twenty_deaths(aftermath: Aftermath) -> None:
    assert aftermath.kills == _KILLS
    assert aftermath.acknowledged > _CLIENTS * _ORDERS * 0.7, REPLAY


@pytest.mark.parametrize("sum_", ["ends", "events", "lines", "sims", "messages", "keys"])
def test_the_reckoning(aftermath: Aftermath, sum_: str) -> None:
    assert aftermath.wrong[sum_] == [], REPLAY


def test_no_secret_was_written_anywhere(aftermath: Aftermath) -> None:
    assert {"journal.db", "orange.sqlite"} <= {path.name for path in aftermath.files}
    leaks = []
    for path in aftermath.files:
        content = path.read_bytes()
        leaks += [f"{path.name}: {secret!r}" for secret in aftermath.secrets if secret in content]
        alone = set(re.findall(rb"(?<![0-9A-Za-z])[0-9]{8}(?![0-9A-Za-z])", content))
        leaks += [f"{path.name}: {puk!r}" for puk in alone & aftermath.numbers]
    assert leaks == [], REPLAY
