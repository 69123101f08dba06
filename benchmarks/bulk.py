"""People served while a file of 100,000 orders is worked on: an order every 50 ms, a lost SIM every second."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvloop

from benchmarks import cards
from benchmarks.figures import Figure, Outcome, percentile
from benchmarks.processes import Instance, running
from benchmarks.quick_network import change
from benchmarks.traffic import Asked, ends, pace, web
from benchmarks.workplace import Workplace

_EVERY_S, _EMERGENCY_EVERY_S = 0.05, 1.0
_LONGEST_S = 900
_WARM_UP_S = 5.0
_LOOK_S = 0.5
_OTHERS = 20_000  #: lines beside those of the file: each live order has its own

Spell = dict[str, list[float]]


def measure(place: Workplace) -> Outcome:
    """Measure with nothing else going on, then from the moment the file is posted, on either database."""
    rows, idle_s, bulk_s = (2_000, 5.0, 10.0) if place.quick else (100_000, 60.0, 180.0)
    figures: dict[str, Figure] = {}
    raw: dict[str, list[float]] = {}
    for database in ("SQLite", "PostgreSQL"):
        with _instance(place, database, rows) as instance:
            idle, busy, speed = uvloop.run(_measured(instance, rows, idle_s, bulk_s))
        figures |= {f"{database}, {name}": value for name, value in (_figures(idle, busy) | speed).items()}
        raw |= {f"{database}, idle": idle["ends"], f"{database}, under bulk": busy["ends"]}
    return Outcome({"interactive under bulk": figures}, {"ends_s": raw})


@contextmanager
def _instance(place: Workplace, database: str, rows: int) -> Iterator[Instance]:
    data = place.directory / f"bulk-{database}"
    data.mkdir()
    lines = f"--lines={rows + _OTHERS}"
    if database == "SQLite":
        with running(data, "", lines) as instance:
            yield instance
        return
    with place.databases.empty() as url, running(data, url, lines) as instance:
        yield instance


async def _measured(
    instance: Instance, rows: int, idle_s: float, bulk_s: float
) -> tuple[Spell, Spell, dict[str, Figure]]:
    others = iter(range(rows, rows + _OTHERS))
    file = b"".join(change(number, 0) + b"\n" for number in range(rows))
    async with web(instance.port, instance.token) as client:
        await _spell(client, others, asyncio.create_task(asyncio.sleep(_WARM_UP_S)))
        idle = await _spell(client, others, asyncio.create_task(asyncio.sleep(idle_s)))
        batch = asyncio.create_task(_worked_on(client, file))
        watched = asyncio.create_task(_first(batch, bulk_s))
        busy = await _spell(client, others, watched)
        done, seconds = await batch
    return idle, busy, {"rows done": float(done), "rows/s from posting to the last end": done / seconds}


async def _first(batch: asyncio.Task[tuple[int, float]], most_s: float) -> None:
    """Return when the file is done, or after so long."""
    await asyncio.wait([batch], timeout=most_s)


async def _spell(client: httpx.AsyncClient, others: Iterator[int], until: asyncio.Task[None]) -> Spell:
    stop = asyncio.Event()
    until.add_done_callback(lambda _: stop.set())
    live, urgent = await asyncio.gather(
        pace(lambda: client, lambda _: change(next(others), 0), _EVERY_S, stop),
        pace(lambda: client, lambda _: _lost(next(others)), _EMERGENCY_EVERY_S, stop),
    )
    return {
        "accepted": _accepted(live),
        "ends": await ends(client, live),
        "urgent accepted": _accepted(urgent),
        "urgent ends": await ends(client, urgent),
    }


def _accepted(asked: list[Asked]) -> list[float]:
    return [one.accepted_s for one in asked]


async def _worked_on(client: httpx.AsyncClient, file: bytes) -> tuple[int, float]:
    """Post the file, and wait until every order of it has ended, or so long that its pace is known: orders, seconds."""
    started = time.perf_counter()
    kind = {"Content-Type": "application/x-ndjson"}
    taken = await client.post("/v1/batches", content=file, headers=kind, params={"requested_by": "bench:bulk"})
    assert taken.status_code == 202, taken.text
    shown = taken.json()
    while not shown.get("over") and time.perf_counter() < started + _LONGEST_S:
        await asyncio.sleep(_LOOK_S)
        shown = (await client.get(taken.json()["href"])).json()
    assert not shown["problems"], shown
    assert shown["orders"].keys() <= {"completed", "acknowledged", "in_progress"}, shown
    return shown["orders"].get("completed", 0), time.perf_counter() - started


def _lost(number: int) -> bytes:
    order = {"action": "report_lost", "line": {"msisdn": cards.msisdn(number)}, "details": {"reason": "lost"}}
    return json.dumps(order).encode()


def _figures(idle: Spell, busy: Spell) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for what, name in (("accepted", "accepted"), ("ends", "end to end")):
        for share in (0.5, 0.99):
            for when, spell in (("idle", idle), ("under bulk", busy)):
                found[f"p{share * 100:.0f} ms {name}, {when}"] = 1000 * percentile(spell[what], share)
        found[f"ratio of p99 {name}"] = percentile(busy[what], 0.99) / percentile(idle[what], 0.99)
    for when, spell in (("idle", idle), ("under bulk", busy)):
        found[f"emergency {when}, longest s"] = max(spell["urgent ends"])
    return found
