"""Two gateways on one database under load, one killed: how long until its lines' orders are done by the other.

The processes are ``linegate serve`` themselves, against the simulated network. Orders are posted to the survivor.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

import uvloop

from benchmarks import cards
from benchmarks.client import Client
from benchmarks.figures import Figure, Outcome, percentile, spread
from benchmarks.load import post_all
from benchmarks.pair import Pair, until
from benchmarks.processes import Instance
from benchmarks.quick_network import HOST, change
from benchmarks.traffic import Asked, pace, web
from benchmarks.workplace import Workplace

_FIRST = 50_000_000  # the network may hold the lines of groups before this one
_LINES = 500
_PER_S = 50
_OPEN = "SELECT count(*) FROM orders WHERE state <> 'completed'"
_ALL = "SELECT count(*) FROM orders WHERE order_id = ANY($1::text[]) AND state = 'completed'"


def measure(place: Workplace) -> Outcome:
    """Kill the older of two again and again, and put a new one beside the other."""
    with place.databases.empty() as url:
        taken, asked, lost = uvloop.run(_measure(place, url, kills=3 if place.quick else 12))
    figures: dict[str, Figure] = {
        "median s": spread(taken),
        "p90 s": percentile(taken, 0.9),
        "longest s": max(taken),
        "kills": float(len(taken)),
        "orders acknowledged": float(asked),
        "acknowledged and not done": float(lost),
    }
    return Outcome({"takeover": figures}, {"SIGKILL": taken})


async def _measure(place: Workplace, url: str, kills: int) -> tuple[list[float], int, int]:
    asyncpg: Any = import_module("asyncpg")
    journal = await asyncpg.connect(url)
    pair = Pair(place.stage, place.directory, url, journal)
    try:
        await pair.add()
        await _open_lines(pair.members[0][0])
        await pair.add()
        return await _under_load(pair, kills)
    finally:
        for instance, _ in pair.members:
            await asyncio.to_thread(instance.stop)
        await journal.close()


async def _under_load(pair: Pair, kills: int) -> tuple[list[float], int, int]:
    stop, taken = asyncio.Event(), list[float]()
    asked_of = [web(instance.port, instance.token) for instance, _ in pair.members]
    load = asyncio.create_task(pace(lambda: asked_of[-1], _body, 1 / _PER_S, stop))
    for _ in range(kills):
        survivor = pair.members[1][0]
        asked_of.append(web(survivor.port, survivor.token))
        await asyncio.sleep(2)
        taken.append(await pair.kill())
        await asyncio.sleep(1)
        await pair.add()
    stop.set()
    asked = await load
    lost = await _not_done(pair, asked)
    for client in asked_of:
        await client.aclose()
    return taken, len(asked), lost


async def _not_done(pair: Pair, asked: list[Asked]) -> int:
    """Wait until nothing is left to do, and count the orders acknowledged that were not done."""

    async def nothing_left() -> bool:
        return int(await pair.journal.fetchval(_OPEN)) == 0

    await until(nothing_left)
    return len(asked) - int(await pair.journal.fetchval(_ALL, [one.order_id for one in asked]))


def _body(n: int) -> bytes:
    return change(_FIRST + n % _LINES, n // _LINES)


async def _open_lines(instance: Instance) -> None:
    """Have the simulated network hold the lines, as orders open them."""
    client = Client(instance.port, instance.token)
    await asyncio.to_thread(client.send, "/v1/sims/import", cards.vendor_file(HOST, _FIRST, _LINES), "text/plain")
    bodies = [cards.activation(HOST, n, ["data", "roaming"]) for n in range(_FIRST, _FIRST + _LINES)]
    result = await post_all(instance.port, "/v1/orders", bodies, 16, instance.token)
    assert result.statuses == {202: _LINES}, result.statuses

    async def opened() -> bool:
        return not (await asyncio.to_thread(client.get, "/health/ready"))["backlog"]

    await until(opened)
    last = await asyncio.to_thread(client.get, f"/v1/lines/{cards.msisdn(_FIRST + _LINES - 1)}")
    assert last["state"] == "active", last
