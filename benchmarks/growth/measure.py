"""What grows with what is in the journal: the cost of an order, a restart, and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.figures import Figure, Outcome, ratio, spread
from benchmarks.growth import pattern
from benchmarks.growth.site import Site, site
from benchmarks.growth.standing import memory, restarts
from benchmarks.processes import server_cpu_s
from benchmarks.saga.course import Job
from benchmarks.workplace import Workplace

_FEW = 1000
_PATIENCE_S = 600


def measure(place: Workplace) -> Outcome:
    """Fill journals with few and with many lines, on either database, and measure on them in turns."""
    many, pending = (20_000, 2_000) if place.quick else (1_000_000, 100_000)
    (place.directory / "pattern").mkdir()
    patterns = pattern.take(place.directory / "pattern")
    cost: dict[str, Figure] = {}
    restart: dict[str, Figure] = {}
    held: dict[str, Figure] = {}
    raw: dict[str, Any] = {}
    for database in ("SQLite", "PostgreSQL"):
        with site(place, database, _FEW, patterns) as few, site(place, database, many, patterns) as large:
            raw[database] = found = _costs(place, few, large)
            cost |= _compared(database, found, large.lines)
            restart |= restarts(place, large, patterns, pending)
            held |= memory(place, large, patterns, pending)
    return Outcome({"growth": cost, "restart": restart, "memory": held}, raw)


def _costs(place: Workplace, few: Site, large: Site) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {"few": [], "many": []}
    for turn in range(place.rounds + 1):
        for name, where in (("few", few), ("many", large)):
            told = _run(place, where)
            if turn:  # the first round warms both up
                found[name].append(told)
    return found


def _run(place: Workplace, where: Site) -> dict[str, float]:
    """Run four orders on each of a thousand lines, spread over all there are."""
    lines = 200 if place.quick else _FEW
    job = Job(where.ledger.place or str(where.data), lines, stride=where.lines // _FEW)
    server = place.databases.server if where.ledger.place else None
    used = server_cpu_s(server)
    command = [sys.executable, "-m", "benchmarks.saga.linegate", str(where.data)]
    ended = subprocess.run(
        command, input=job.to_json(), capture_output=True, text=True, timeout=_PATIENCE_S, check=False
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr[-2000:])
    told = json.loads(ended.stdout.splitlines()[-1])
    cpu_s = told["cpu_s"] + server_cpu_s(server) - used
    return {"wall ms": 1000 * told["seconds"] / told["orders"], "CPU ms": 1000 * cpu_s / told["orders"]}


def _compared(database: str, found: dict[str, list[dict[str, float]]], many: int) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for what in ("wall", "CPU"):
        few, more = ([told[f"{what} ms"] for told in found[name]] for name in ("few", "many"))
        figures[f"{database}, {_FEW:,} lines, {what} ms an order"] = spread(few)
        figures[f"{database}, {many:,} lines, {what} ms an order"] = spread(more)
        figures[f"{database}, cost ratio ({what})"] = ratio(more, few)
    return figures
