"""``kill -9`` of a gateway, again and again while orders come in, on either database."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.crash.crash_site import CrashSite
from tests.crash.ledger import Ledger
from tests.crash.storm import Load, Trouble
from tests.peers.postgres import PostgresServer

SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAME = "linegate"  # of the database
DATABASES = (SQLITE, POSTGRESQL)
KILLS = int(os.environ.get("LINEGATE_KILLS", "6"))
_ORDERS_A_KILL = 50
_CLIENTS = 25
_LONGEST_PAUSE_S = 0.25


def load_for(kills: int, seed: str) -> Load:
    """Return enough orders for so many deaths."""
    return Load(seed, _CLIENTS, max(8, kills * _ORDERS_A_KILL // _CLIENTS), senseless=0.25)


@contextmanager
def site_on(database: str, directory: Path, lease_s: int = 5) -> Iterator[CrashSite]:
    """Open a site on a database of its own, and end it."""
    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer()) if database == POSTGRESQL else None
        url = None if server is None else server.create(NAME)
        site = CrashSite(directory, server=server, database=url, lease_s=lease_s)
        stack.callback(site.end)
        yield site


def killed_again_and_again(site: CrashSite, load: Load, kills: int) -> Trouble:
    """Kill and start the gateway so often, at moments nobody chose."""

    async def trouble(ledger: Ledger) -> None:
        chance = random.Random(load.seed)
        for moment in sorted(chance.sample(range(10, load.total - 10), kills)):
            await ledger.until(moment)
            await asyncio.sleep(chance.uniform(0, _LONGEST_PAUSE_S))
            site.gateway.kill()
            await asyncio.to_thread(site.start_gateway().ready)

    return trouble
