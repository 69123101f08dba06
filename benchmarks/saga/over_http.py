"""The same saga with HTTP before it: posted over 64 connections by this process, served and run by one of its own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.client import Client
from benchmarks.load import post_all
from benchmarks.processes import Instance, running
from benchmarks.quick_network import change
from benchmarks.saga.course import Job

_LOOK_S = 0.005


def run(job: Job, data: Path) -> dict[str, Any]:
    """Return what it took from the first post to the last end."""
    bodies = [change(order % job.lines, order // job.lines) for order in range(job.orders)]
    place = job.place if job.shared else ""
    with running(data, place, f"--lines={job.lines}") as instance:
        return _measured(instance, bodies, job.submitters)


def _measured(instance: Instance, bodies: list[bytes], connections: int) -> dict[str, Any]:
    used, started = instance.cpu_s(), time.perf_counter()
    result = uvloop.run(post_all(instance.port, "/v1/orders", bodies, connections, instance.token))
    assert result.statuses == {202: len(bodies)}, result.statuses
    client = Client(instance.port, instance.token)
    while client.get("/health/ready")["backlog"]:
        time.sleep(_LOOK_S)
    seconds = time.perf_counter() - started
    cpu_s = instance.cpu_s() - used
    last = client.get("/v1/orders?limit=200")["items"]
    assert {order["state"] for order in last} == {"completed"}
    return {"orders": len(bodies), "seconds": seconds, "cpu_s": cpu_s}
