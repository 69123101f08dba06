"""Usage posted until it is answered, and processes killed or frozen while it comes in."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crash.message_site import MessageSite
from tests.journeys.agreement import Json
from tests.journeys.player import answered, player
from tests.journeys.site import TOKEN

_FROZEN_S = 2.5  # the gateway waits one second for an answer


@dataclass
class Traffic:
    """One client; a batch goes out when it is allowed to, and as often as it takes."""

    site: MessageSite
    wrong: list[str] = field(default_factory=list)
    _allowed: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def allow(self, batches: int) -> None:
        """Let so many more go out."""
        for _ in range(batches):
            self._allowed.release()

    async def post(self, batches: Sequence[list[Json]]) -> None:
        """Post them in their order."""
        async with player(self.site.gateway_url, self.site.sim_url, TOKEN) as client:
            for batch in batches:
                await self._allowed.acquire()
                answer = await answered(client.gateway, "POST", "/v1/usage", json=batch)
                told: Json = answer.json()
                if answer.status_code != 200 or told["accepted"] + told["duplicates"] != len(batch):
                    self.wrong.append(f"{batch[0]['id']}: {answer.status_code} {answer.text[:300]}")


async def post_under_fire(traffic: Traffic, batches: Sequence[list[Json]], kills: int, seed: str) -> None:
    """Post everything; kill gateway and message centre in turn, each time in the middle of a share of it."""
    chance, site = random.Random(f"{seed}-kills"), traffic.site
    posting = asyncio.create_task(traffic.post(batches))
    for n in range(kills):
        traffic.allow(_share(batches, n, kills))
        await asyncio.sleep(chance.uniform(0.05, 0.5))
        if n % 2:
            site.sim.kill()
            again = site.start_sim()
        else:
            site.gateway.kill()
            again = site.start_gateway()
        if chance.random() < 0.9:  # else the next blow comes while it is starting
            await asyncio.to_thread(again.ready)
    await posting


async def post_into_silence(traffic: Traffic, batches: Sequence[list[Json]], times: int, seed: str) -> None:
    """Post everything; now and then the message centre stands still for longer than answers are waited for."""
    chance, site = random.Random(f"{seed}-silence"), traffic.site
    posting = asyncio.create_task(traffic.post(batches))
    for n in range(times):
        traffic.allow(_share(batches, n, times))
        await asyncio.sleep(chance.uniform(0.2, 0.4))
        site.sim.freeze()
        await asyncio.sleep(_FROZEN_S)
        site.sim.thaw()
    await posting


def _share(batches: Sequence[list[Json]], n: int, times: int) -> int:
    return len(batches) * (n + 1) // times - len(batches) * n // times
