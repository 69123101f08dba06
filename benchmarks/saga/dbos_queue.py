"""DBOS Transact (``python -m benchmarks.saga.dbos_queue``): a queue partitioned by line, an order of three steps.

Set up as it did best when tried: SQLite in WAL with synchronous=FULL (its own default is the rollback journal, slower),
asynchronous workflows, queue polled every 20 ms, 64 at once, a pool of 20 connections. Every step is checkpointed; the
clock stops at the end of the last workflow's body, so its last write is not counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy

from benchmarks.saga.course import STEP_S, STEPS, Course, Job

_POLL_S = 0.02
_AT_ONCE = 64
_POOL = 20


async def main(job: Job) -> None:
    """Print what the run took."""
    dbos: Any = import_module("dbos")  # installed by `make bench` only
    course, loop = Course(job), asyncio.get_running_loop()
    DBOS = dbos.DBOS  # noqa: N806 - a class
    DBOS(config=_config(job))

    async def command(n: int) -> int:
        await asyncio.sleep(STEP_S)
        return n

    step = DBOS.step()(command)

    async def saga(order: int) -> None:
        loop.call_soon_threadsafe(course.began, order)
        for n in range(STEPS):
            await step(n)
        loop.call_soon_threadsafe(course.ended, order)

    workflow = DBOS.workflow()(saga)
    DBOS.launch()
    await DBOS.register_queue_async(
        "orders", partition_concurrency=1, worker_concurrency=_AT_ONCE, polling_interval_sec=_POLL_S
    )

    async def submit(order: int) -> None:
        options = dbos.SetEnqueueOptions(queue_partition_key=str(order % job.lines))
        with dbos.SetWorkflowID(_sortable(order)), options:
            await DBOS.enqueue_workflow_async("orders", workflow, order)

    told = await course.run(submit)
    print(json.dumps(told), flush=True)
    DBOS.destroy()


def _sortable(order: int) -> str:
    """An id that sorts by birth: within a millisecond a partition is ordered by it."""
    return str(UUID(int=(time.time_ns() << 64) | (7 << 76) | order))


def _config(job: Job) -> dict[str, Any]:
    config: dict[str, Any] = {
        "name": "saga",
        "log_level": "ERROR",
        "sys_db_pool_size": _POOL,
        "application_version": "1",
    }
    if job.shared:
        return config | {"system_database_url": job.place}
    place = Path(job.place)
    place.mkdir(parents=True, exist_ok=True)
    engine = sqlalchemy.create_engine(f"sqlite:///{place / 'dbos.sqlite'}", pool_size=_POOL)

    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's own, as DBOS sets it up
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    sqlalchemy.event.listen(engine, "connect", connected)
    return config | {"system_database_engine": engine, "system_database_url": str(engine.url)}


if __name__ == "__main__":
    asyncio.run(main(Job.from_json(sys.stdin.read())))
