"""Who holds which lines, as the database's own locks tell, and how long nobody did."""

from __future__ import annotations

import asyncio
from datetime import datetime

from gateway.journal.postgres.balance import NAMESPACE
from gateway.journal.shards import SHARDS
from tests.crash.crash_site import CrashSite
from tests.crash.killing import NAME

_PATIENCE_S = 60.0
_HOLDERS = f"""SELECT i.url, l.objid FROM pg_locks l JOIN instances i ON i.backend_pid = l.pid
    WHERE l.locktype = 'advisory' AND l.classid = {NAMESPACE} AND l.objid < {SHARDS} AND l.granted"""
_STORED = "SELECT shard, stored_at FROM orders WHERE stored_at IS NOT NULL"


def held_by(site: CrashSite, name: str) -> frozenset[int]:
    """Return the shards one instance holds."""
    rows = site.postgres.fetch(_HOLDERS, NAME)
    return frozenset(int(shard) for url, shard in rows if url == site.url(name))


async def shared(site: CrashSite, *names: str) -> None:
    """Wait until each of these instances holds about its share, and together they hold everything."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + _PATIENCE_S
    while True:
        held = [len(await asyncio.to_thread(held_by, site, name)) for name in names]
        if sum(held) == SHARDS and min(held) >= SHARDS // len(names) - len(names):
            return
        assert loop.time() < until_s, f"of {SHARDS} shards {dict(zip(names, held, strict=True))} are held"
        await asyncio.sleep(0.2)


def gap_s(site: CrashSite, shards: frozenset[int], lost_at: datetime) -> float:
    """Return how long no order of these shards came to its end around a moment, in seconds."""
    rows = site.postgres.fetch(_STORED, NAME)
    ends = [datetime.fromisoformat(at) for shard, at in rows if int(shard) in shards]
    before, after = [at for at in ends if at <= lost_at], [at for at in ends if at > lost_at]
    assert after, "no order of these shards came to its end afterwards"
    return (min(after) - max(before, default=lost_at)).total_seconds()
