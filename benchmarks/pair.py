"""Two gateways on one database, and what the database says of who holds what."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.processes import Instance, start
from benchmarks.stage import Stage
from gateway.journal.postgres.balance import NAMESPACE
from gateway.journal.shards import SHARDS

_PATIENCE_S = 60
_HELD = (
    f"SELECT pid, objid::int AS shard FROM pg_locks WHERE locktype = 'advisory' AND classid = {NAMESPACE} AND granted "
    f"AND objid < {SHARDS} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_FIRST = "SELECT min(stored_at) FROM orders WHERE shard = ANY($1::int[]) AND stored_at > $2"


class Pair:
    """Gateways as ``linegate serve`` starts them, oldest first."""

    def __init__(self, stage: Stage, directory: Path, url: str, journal: Any) -> None:  # noqa: ANN401 - asyncpg has no types
        self._stage = stage
        self._directory = directory
        self.journal = journal
        key = base64.b64encode(os.urandom(32)).decode()
        self._environment = {**stage.environment, "LINEGATE_DATABASE": url, "LINEGATE_VAULT_KEY": key}
        self._born = 0
        self.members: list[tuple[Instance, int]] = []  # the process, and the session its locks are held by

    async def add(self) -> None:
        """Start one more, and wait until the shards are shared out."""
        known = set(await self.held())
        self._born += 1
        data = self._directory / f"instance-{self._born}"
        serve = [sys.executable, "-m", "gateway.cli", "serve", "--config", str(self._stage.config), "--data", str(data)]
        instance = await asyncio.to_thread(start, [*serve, "--port", "0"], self._environment, self._stage.token)
        fair = SHARDS // (len(self.members) + 1) - 1

        async def shared_out() -> bool:
            held = await self.held()
            return set(held) > known and all(len(shards) >= fair for shards in held.values())

        await until(shared_out)
        (session,) = set(await self.held()) - known
        self.members.append((instance, session))

    async def held(self) -> dict[int, list[int]]:
        """Return the shards by the session that holds them."""
        held: dict[int, list[int]] = {}
        for row in await self.journal.fetch(_HELD):
            held.setdefault(row["pid"], []).append(row["shard"])
        return held

    async def kill(self) -> float:
        """Kill the older one; return how long after it the first order of its shards was done."""
        victim, session = self.members.pop(0)
        shards = (await self.held())[session]
        killed = datetime.now(UTC)
        await asyncio.to_thread(victim.kill)
        dead = datetime.now(UTC).isoformat()
        first: list[str] = []

        async def done() -> bool:
            first.append(await self.journal.fetchval(_FIRST, shards, dead))
            return first[-1] is not None

        await until(done)
        return (datetime.fromisoformat(first[-1]) - killed).total_seconds()


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + _PATIENCE_S
    while not await so():
        assert time.monotonic() < deadline, f"waited {_PATIENCE_S} s for {so.__name__}"
        await asyncio.sleep(0.02)
