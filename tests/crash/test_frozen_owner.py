"""An instance stands still for longer than its lease and wakes: meanwhile others have its lines, and keep them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.journal.shards import EVERY_SHARD
from tests.crash.crash_site import FIRST, SECOND, CrashSite
from tests.crash.killing import POSTGRESQL, site_on
from tests.crash.ledger import Ledger
from tests.crash.storm import Load, endure
from tests.crash.takeover import held_by, shared

SEED = os.environ.get("LINEGATE_TEST_SEED", "jutta")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_LEASE_S = int(os.environ.get("LINEGATE_LEASE_S", "2"))
_FROZEN_S = float(os.environ.get("LINEGATE_FROZEN_S", "6"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CrashSite]:
    with site_on(POSTGRESQL, tmp_path, lease_s=_LEASE_S) as opened:
        opened.start(SECOND).ready()
        yield opened


async def test_who_wakes_too_late_does_nothing(site: CrashSite) -> None:
    taken: list[frozenset[int]] = []

    async def trouble(ledger: Ledger) -> None:
        await shared(site, FIRST, SECOND)
        await ledger.until(100)
        site.instances[FIRST].freeze()
        site.turn_away(FIRST)
        await asyncio.sleep(_FROZEN_S)
        taken.append(await asyncio.to_thread(held_by, site, SECOND))
        site.instances[FIRST].thaw()
        await shared(site, FIRST, SECOND)

    after = await endure(site, Load(SEED, 16, 15), trouble)
    assert after.amiss == {}, REPLAY
    assert taken == [EVERY_SHARD]
    assert "terminating connection due to idle" in site.postgres.log
    assert "everything held is lost" in site.logs(FIRST)
    assert "everything held is lost" not in site.logs(SECOND)
