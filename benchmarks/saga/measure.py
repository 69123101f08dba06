"""The same three-step saga on every engine, in turns: orders a second saturated, and latencies at a steady rate."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Figures, Outcome, percentile, ratio, spread
from benchmarks.processes import server_cpu_s
from benchmarks.saga import over_http
from benchmarks.saga.course import Job
from benchmarks.workplace import Workplace

_PATIENCE_S = 300
SLOW_PER_S, QUICK_PER_S = 20, 200
_RATED_S = 10


@dataclass(frozen=True, slots=True)
class Contender:
    """An engine on a database; ``lines``: of four orders each; ``rates``: it is measured at."""

    name: str
    module: str
    lines: int
    shared: bool = False
    single_commits: bool = False
    checkpoints: bool = True
    rates: tuple[int, ...] = (SLOW_PER_S,)


_BOTH = (SLOW_PER_S, QUICK_PER_S)
CONTENDERS = (
    Contender("bare element loop", "bare", 1000, rates=_BOTH),
    Contender("Linegate, SQLite", "linegate", 1000, rates=_BOTH),
    Contender("Linegate, PostgreSQL", "linegate", 1000, shared=True, rates=_BOTH),
    Contender("Linegate over HTTP, SQLite", "over_http", 1000, rates=()),
    Contender("Linegate over HTTP, PostgreSQL", "over_http", 1000, shared=True, rates=()),
    Contender("one unit a commit, SQLite", "linegate", 500, single_commits=True, rates=_BOTH),
    Contender("one unit a commit, PostgreSQL", "linegate", 500, shared=True, single_commits=True, rates=_BOTH),
    Contender("DBOS, SQLite", "dbos_queue", 100),
    Contender("DBOS, PostgreSQL", "dbos_queue", 100, shared=True),
    Contender("procrastinate, PostgreSQL", "procrastinate_jobs", 1000, shared=True),
    Contender("procrastinate without checkpoints", "procrastinate_jobs", 1000, shared=True, checkpoints=False),
)
_RATIOS = {
    "to DBOS, SQLite": ("Linegate, SQLite", "DBOS, SQLite"),
    "to DBOS, PostgreSQL": ("Linegate, PostgreSQL", "DBOS, PostgreSQL"),
    "to procrastinate, PostgreSQL": ("Linegate, PostgreSQL", "procrastinate, PostgreSQL"),
    "to procrastinate without checkpoints": ("Linegate, PostgreSQL", "procrastinate without checkpoints"),
    "over HTTP to DBOS, PostgreSQL": ("Linegate over HTTP, PostgreSQL", "DBOS, PostgreSQL"),
    "over HTTP to procrastinate": ("Linegate over HTTP, PostgreSQL", "procrastinate, PostgreSQL"),
    "to one unit a commit, SQLite": ("Linegate, SQLite", "one unit a commit, SQLite"),
    "to one unit a commit, PostgreSQL": ("Linegate, PostgreSQL", "one unit a commit, PostgreSQL"),
    "to bare element loop": ("Linegate, SQLite", "bare element loop"),
}


def measure(place: Workplace) -> Outcome:
    """Run every contender once a round, each on a database nobody has used."""
    saturated: dict[str, list[dict[str, Any]]] = {}
    paced: dict[int, dict[str, list[dict[str, Any]]]] = {rate: {} for rate in _BOTH}
    for _ in range(place.rounds):
        for one in CONTENDERS:
            lines = max(100, one.lines // 10) if place.quick else one.lines  # more than submitters: none overtakes
            saturated.setdefault(one.name, []).append(_run(place, one, Job("", lines)))
            for rate in one.rates:
                lines = rate * (_RATED_S // 5 if place.quick else _RATED_S) // 4
                told = _run(place, one, Job("", lines, per_s=rate))
                paced[rate].setdefault(one.name, []).append(told)
    figures = {"saga, orders/s": _rates(saturated), "saga, ratio": _ratios(saturated), "saga, CPU": _cpu(saturated)}
    figures |= {f"saga, latency at {rate}/s": _latencies(found) for rate, found in paced.items()}
    figures["saga, orders out of turn"] = _out_of_turn(saturated, paced)
    return Outcome(figures, {"saturated": saturated, "paced": {str(rate): found for rate, found in paced.items()}})


def _run(place: Workplace, one: Contender, job: Job) -> dict[str, Any]:
    with _database(place, shared=one.shared) as (where, data):
        job = replace(job, place=where, single_commits=one.single_commits, checkpoints=one.checkpoints)
        if one.module == "over_http":
            return over_http.run(job, data)
        server = place.databases.server if one.shared else None
        used = server_cpu_s(server)
        ended = subprocess.run(
            [sys.executable, "-m", f"benchmarks.saga.{one.module}", str(data)],
            input=job.to_json(),
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
        used = server_cpu_s(server) - used
    if ended.returncode:
        raise RuntimeError(f"{one.name}: {ended.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    told["server_cpu_s"] = used
    if job.per_s is None:  # latencies of a saturated engine are those of the queue before it
        told.pop("latencies_s")
        told.pop("accepted_s")
    return told


@contextmanager
def _database(place: Workplace, *, shared: bool) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(dir=place.directory) as directory:
        if not shared:
            yield directory, Path(directory)
            return
        with place.databases.empty() as url:
            yield url, Path(directory)


def _per_s(found: list[dict[str, Any]]) -> list[float]:
    return [told["orders"] / told["seconds"] for told in found]


def _rates(saturated: dict[str, list[dict[str, Any]]]) -> Figures:
    return {name: spread(_per_s(found)) for name, found in saturated.items()}


def _ratios(saturated: dict[str, list[dict[str, Any]]]) -> Figures:
    return {name: ratio(_per_s(saturated[a]), _per_s(saturated[b])) for name, (a, b) in _RATIOS.items()}


def _cpu(saturated: dict[str, list[dict[str, Any]]]) -> Figures:
    """Return what the contender's own process used for an order, and the database server for all it does meanwhile."""
    own = {f"{name}, ms an order": _each(found, "cpu_s") for name, found in saturated.items()}
    server = {
        f"{name}, the server's, ms an order": _each(found, "server_cpu_s")
        for name, found in saturated.items()
        if found[0].get("server_cpu_s")
    }
    return own | server


def _each(found: list[dict[str, Any]], what: str) -> Figure:
    return spread(1000 * told[what] / told["orders"] for told in found)


def _latencies(paced: dict[str, list[dict[str, Any]]]) -> Figures:
    figures: dict[str, Figure] = {}
    for name, found in paced.items():
        for share in (0.5, 0.99):
            each = [1000 * percentile(told["latencies_s"], share) for told in found]
            figures[f"{name}, p{share * 100:.0f} ms"] = spread(each)
    return figures


def _out_of_turn(
    saturated: dict[str, list[dict[str, Any]]], paced: dict[int, dict[str, list[dict[str, Any]]]]
) -> Figures:
    """Count, over all runs, orders that began before the one ahead of them on their line had ended."""
    every = [saturated, *paced.values()]
    counted = [name for name, found in saturated.items() if "out_of_turn" in found[0]]
    return {
        name: float(sum(told["out_of_turn"] for found in every for told in found.get(name, ()))) for name in counted
    }
