"""Live traffic at a steady pace: an order every so often, whatever became of the one before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Asked:
    """One order: its id, when it was due to be asked for, and how long until it was acknowledged."""

    order_id: str
    due: datetime
    accepted_s: float

    def ended_s(self, stored_at: str) -> float:
        """Return how long from its time to its end (the moment its last commit was begun)."""
        return (datetime.fromisoformat(stored_at) - self.due).total_seconds()


def web(port: int, token: str) -> httpx.AsyncClient:
    """Return a client that keeps its connections."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=120)


async def pace(
    client: Callable[[], httpx.AsyncClient], body: Callable[[int], bytes], every_s: float, stop: asyncio.Event
) -> list[Asked]:
    """Ask for the n-th order at its time until told to stop; an order that is not taken is an error."""
    started, asked, count = time.perf_counter(), list[asyncio.Task[Asked | None]](), 0
    while not stop.is_set():
        late_s = time.perf_counter() - started - count * every_s
        if late_s < 0:
            await asyncio.sleep(-late_s)
        asked.append(asyncio.create_task(_ask(client(), body(count), started + count * every_s)))
        count += 1
    return [one for one in await asyncio.gather(*asked) if one is not None]


async def _ask(client: httpx.AsyncClient, body: bytes, due_s: float) -> Asked | None:
    late_s = time.perf_counter() - due_s
    due = datetime.fromtimestamp(datetime.now(UTC).timestamp() - late_s, UTC)
    try:
        answer = await client.post("/v1/orders", content=body)
    except httpx.TransportError:  # whoever is killed does not answer: the order may or may not have been taken
        return None
    assert answer.status_code == 202, answer.text
    return Asked(answer.json()["id"], due, time.perf_counter() - due_s)


async def ends(client: httpx.AsyncClient, asked: list[Asked], patience_s: float = 60) -> list[float]:
    """Return how long each took from its time to its end, once all have ended. Raises TimeoutError."""
    found: list[float] = []
    async with asyncio.timeout(patience_s):
        for one in asked:
            order = await _order(client, one.order_id)
            while order["state"] not in ("completed", "failed", "rejected"):
                await asyncio.sleep(0.1)
                order = await _order(client, one.order_id)
            assert order["state"] == "completed", order
            found.append(one.ended_s(order["stored_at"]))
    return found


async def _order(client: httpx.AsyncClient, order_id: str) -> dict[str, Any]:
    return dict((await client.get(f"/v1/orders/{order_id}")).json())
