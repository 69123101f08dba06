"""Several instances before one PostgreSQL: one dies, one joins, one leaves in good order; no order comes to harm."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

from gateway.journal.shards import EVERY_SHARD
from tests.crash.crash_site import FIRST, SECOND, CrashSite
from tests.crash.ledger import Ledger
from tests.crash.storm import Load, endure
from tests.crash.takeover import gap_s, held_by, shared

SEED = os.environ.get("LINEGATE_TEST_SEED", "ilse")
REPLAY = f"replay with LINEGATE_TEST_SEED={SEED}"
THIRD = "third"
_LONGEST_GAP_S = 10.0


async def test_the_other_takes_over_from_the_dead(site: CrashSite) -> None:
    lost: list[tuple[frozenset[int], datetime]] = []

    async def trouble(ledger: Ledger) -> None:
        await shared(site, FIRST, SECOND)
        await ledger.until(100)
        held = await asyncio.to_thread(held_by, site, FIRST)
        site.instances[FIRST].kill()
        lost.append((held, datetime.now(UTC)))
        site.turn_away(FIRST)

    after = await endure(site, Load(f"{SEED}-dies", 16, 15), trouble)
    assert after.amiss == {}, REPLAY
    gap = gap_s(site, *lost[0])
    sys.stderr.write(f"taken over after {gap:.2f} s\n")
    assert 0 < gap < _LONGEST_GAP_S
    assert await asyncio.to_thread(held_by, site, SECOND) == EVERY_SHARD


async def test_one_joins_and_one_leaves(site: CrashSite) -> None:
    left: list[int] = []

    async def trouble(ledger: Ledger) -> None:
        await ledger.until(30)
        await asyncio.to_thread(site.start(THIRD).ready)
        if not site.instances[FIRST].running:
            await asyncio.to_thread(site.start(FIRST).ready)
        await shared(site, FIRST, SECOND, THIRD)
        await ledger.until(120)
        site.turn_away(FIRST)
        left.append(await asyncio.to_thread(site.instances[FIRST].end))
        await shared(site, SECOND, THIRD)

    after = await endure(site, Load(f"{SEED}-leaves", 16, 15), trouble)
    assert after.amiss == {}, REPLAY
    assert left == [0]
    in_doubt = [o["external_id"] for o in after.orders for step in o["steps"] if step["text"] == "read back"]
    assert in_doubt == []
