"""The cable between one instance and the database is pulled: it can still reach every element, and must not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.journal.shards import EVERY_SHARD
from tests.crash.crash_site import FIRST, SECOND, CrashSite
from tests.crash.killing import NAME, POSTGRESQL, site_on
from tests.crash.ledger import Ledger
from tests.crash.namespaces import Cable, cable
from tests.crash.storm import Load, endure
from tests.crash.takeover import held_by, shared

SEED = os.environ.get("LINEGATE_TEST_SEED", "lena")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
_LEASE_S = 2
_PULLED_S = 6.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CrashSite]:
    with site_on(POSTGRESQL, tmp_path, lease_s=_LEASE_S) as opened:
        yield opened


@pytest.fixture
def laid(site: CrashSite) -> Iterator[Cable]:
    with cable(site.postgres, NAME) as way:
        site.start(SECOND, way.url).ready()
        yield way
        site.instances[SECOND].end()


async def test_who_is_cut_off_does_nothing(site: CrashSite, laid: Cable) -> None:
    taken: list[frozenset[int]] = []

    async def trouble(ledger: Ledger) -> None:
        await shared(site, FIRST, SECOND)
        await ledger.until(80)
        await asyncio.to_thread(laid.pull)
        site.turn_away(SECOND)
        await asyncio.sleep(_PULLED_S)
        taken.append(await asyncio.to_thread(held_by, site, FIRST))
        await asyncio.to_thread(laid.plug)
        await shared(site, FIRST, SECOND)

    after = await endure(site, Load(SEED, 16, 15), trouble)
    assert after.amiss == {}, REPLAY
    assert taken == [EVERY_SHARD]
    assert "terminating connection due to idle" in site.postgres.log
    assert "everything held is lost" in site.logs(SECOND)
    assert "everything held is lost" not in site.logs(FIRST)
