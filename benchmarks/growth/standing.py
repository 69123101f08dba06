"""What pending orders cost while they stand: a restart, and memory."""

from __future__ import annotations

import time
from datetime import datetime

from benchmarks.figures import Figure, spread
from benchmarks.growth.filling import Ledger, fill
from benchmarks.growth.pattern import Patterns
from benchmarks.growth.site import Site
from benchmarks.processes import quick, running
from benchmarks.workplace import Workplace

_PATIENCE_S = 600
_LOOK_S = 0.005
_UNFINISHED = "state IN ('acknowledged', 'pending', 'held', 'in_progress')"
_READY = "state = CASE WHEN plan IS NULL THEN 'acknowledged' ELSE state END, due_at = NULL"
_LATER = "state = 'pending', due_at = '2099-01-01T08:00:00+00:00'"


def restarts(place: Workplace, site: Site, patterns: Patterns, pending: int) -> dict[str, Figure]:
    """Start on orders that wait: the time until it listens, and until the first of them has ended."""
    ledger = site.ledger
    ready: list[float] = []
    done: list[float] = []
    fill(ledger, patterns.coming, range(pending))
    ledger.change(f"UPDATE orders SET {_READY} WHERE {_UNFINISHED}")
    ledger.settle()
    for _ in range(place.rounds):
        last = ledger.one("SELECT max(seq) FROM events")
        instance = quick(site.data, ledger.place)
        try:
            ready.append(instance.ready_s)
            first = _until(
                ledger, f"SELECT at FROM events WHERE seq > {last} AND type = 'order.completed' ORDER BY seq"
            )
            done.append((datetime.fromisoformat(first) - instance.born).total_seconds())
        finally:
            instance.kill()
    name = f"{ledger.name}, {site.lines:,} lines, {pending:,} pending"
    return {f"{name}, s to ready": spread(ready), f"{name}, s to the first done": spread(done)}


def memory(place: Workplace, site: Site, patterns: Patterns, pending: int) -> dict[str, Figure]:
    """Start on an order for every line: due in years; then ready, with an element that cannot be reached."""
    ledger, settle_s = site.ledger, 3 if place.quick else 30
    ledger.change(f"UPDATE orders SET state = 'cancelled' WHERE {_UNFINISHED} AND plan IS NOT NULL")
    ledger.change(f"UPDATE orders SET {_LATER} WHERE {_UNFINISHED}")
    fill(ledger, patterns.coming, range(pending, site.lines))
    ledger.settle()
    figures = _held(site, "coming", settle_s)
    ledger.change(f"UPDATE orders SET {_READY} WHERE {_UNFINISHED}")
    ledger.settle()
    return figures | _held(site, "ready but element down", settle_s, "--down")


def _held(site: Site, what: str, settle_s: float, *options: str) -> dict[str, Figure]:
    with running(site.data, site.ledger.place, *options) as instance:
        time.sleep(settle_s)
        name = f"{site.ledger.name}, {what}"
        return {
            f"{name}, orders": float(site.ledger.one(f"SELECT count(*) FROM orders WHERE {_UNFINISHED}")),
            f"{name}, MiB": instance.memory_mib(),
            f"{name}, at most, MiB": instance.memory_mib("VmHWM"),
            f"{name}, s to ready": instance.ready_s,
        }


def _until(ledger: Ledger, sql: str) -> str:
    deadline = time.monotonic() + _PATIENCE_S
    while not (found := ledger.one(sql)):
        assert time.monotonic() < deadline, f"waited {_PATIENCE_S} s for: {sql}"
        time.sleep(_LOOK_S)
    return found
