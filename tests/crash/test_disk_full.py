"""The disk with the journal is full: no more is acknowledged, nothing acknowledged is lost, and then it goes on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.crash_site import FIRST, CrashSite
from tests.crash.ledger import Ledger
from tests.crash.namespaces import SmallDisk
from tests.crash.storm import Load, endure
from tests.journeys.player import player
from tests.journeys.site import TOKEN

SEED = os.environ.get("LINEGATE_TEST_SEED", "maren")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_KIB = 16 * 1024
_TRIES, _PAUSE_S = 20, 0.15


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    small = SmallDisk(tmp_path / FIRST, _KIB)
    yield small
    small.close()


@pytest.fixture
def site(tmp_path: Path, disk: SmallDisk) -> Iterator[CrashSite]:
    opened = CrashSite(tmp_path, prefix=disk.prefix)
    yield opened
    opened.end()


async def test_a_full_disk_loses_nothing(site: CrashSite, disk: SmallDisk) -> None:
    card, msisdn = site.stock.card("orange"), site.stock.number()
    details = {"contract": "technicophone", "iccid": card.iccid, "plan": "metered"}
    order = {"external_id": "full", "action": "activate", "line": {"msisdn": msisdn}, "details": details}
    statuses: list[int] = []

    async def trouble(ledger: Ledger) -> None:
        await ledger.until(60)
        disk.fill()
        async with player(site.url(), site.sim_url, TOKEN) as client:
            for _ in range(_TRIES):
                await asyncio.sleep(_PAUSE_S)
                statuses.append((await client.gateway.post("/v1/orders", json=order)).status_code)
        disk.clear()

    after = await endure(site, Load(SEED, 10, 15), trouble)
    assert set(statuses) == {503}, REPLAY
    assert after.amiss == {}, REPLAY
