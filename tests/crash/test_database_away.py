"""PostgreSQL is stopped, crashes, dies, and is followed by its standby, while orders come in to two instances."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.crash.crash_site import SECOND, CrashSite
from tests.crash.killing import NAME
from tests.crash.ledger import Ledger
from tests.crash.storm import Load, endure
from tests.peers.postgres import HOST, PASSWORD, USER, PostgresServer

SEED = os.environ.get("LINEGATE_TEST_SEED", "karin")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_DOWN_S = 1.0


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
async def test_a_database_that_comes_back(site: CrashSite, mode: str) -> None:
    async def trouble(ledger: Ledger) -> None:
        await ledger.until(60)
        await asyncio.to_thread(site.postgres.kill if mode == "kill" else lambda: site.postgres.stop(mode))
        await asyncio.sleep(_DOWN_S)
        await asyncio.to_thread(site.postgres.start)

    after = await endure(site, Load(f"{SEED}-{mode}", 12, 10), trouble)
    assert after.acknowledged > 60
    assert after.amiss == {}, REPLAY


async def test_a_standby_goes_on_for_a_dead_primary(tmp_path: Path) -> None:
    with PostgresServer() as primary:
        primary.create(NAME)
        with primary.standby(synchronous=True) as standby:
            doors = f"{HOST}:{primary.port},{HOST}:{standby.port}"
            url = f"postgresql://{USER}:{PASSWORD}@{doors}/{NAME}?target_session_attrs=read-write"
            site = CrashSite(tmp_path, server=primary, database=url, lease_s=2)
            try:
                await asyncio.to_thread(site.start(SECOND).ready)

                async def trouble(ledger: Ledger) -> None:
                    await ledger.until(60)
                    await asyncio.to_thread(primary.kill)
                    await asyncio.sleep(_DOWN_S)
                    await asyncio.to_thread(standby.promote)

                after = await endure(site, Load(f"{SEED}-standby", 12, 10), trouble)
            finally:
                site.end()
    assert after.acknowledged > 60
    assert after.amiss == {}, REPLAY
