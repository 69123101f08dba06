"""procrastinate: one job an order, locked by line: ``python -m benchmarks.saga.procrastinate_jobs``.

The three steps are one task: as jobs of their own, the next order of a line would come between them. After each step
the task writes a row, as the others do; or, as is often done, nothing, and a crash repeats all three. LISTEN/NOTIFY on,
64 at once, a pool of 4 to 20 connections. The clock stops at the end of the last task's body, so its last write is not
counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

import uvloop

from benchmarks.saga.course import STEP_S, STEPS, Course, Job

_AT_ONCE = 64
_TABLE = "CREATE TABLE saga_steps (saga bigint, step int, PRIMARY KEY (saga, step))"
_CHECKPOINT = "INSERT INTO saga_steps (saga, step) VALUES (%(saga)s, %(step)s)"


async def main(job: Job) -> None:
    """Print what the run took."""
    procrastinate: Any = import_module("procrastinate")  # installed by `make bench` only
    assert job.shared, "procrastinate needs PostgreSQL"
    course = Course(job)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=job.place, min_size=4, max_size=20))

    async def saga(order: int) -> None:
        course.began(order)
        for step in range(STEPS):
            await asyncio.sleep(STEP_S)
            if job.checkpoints:
                await app.connector.execute_query_async(_CHECKPOINT, saga=order, step=step)
        course.ended(order)

    task = app.task(name="saga")(saga)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await app.connector.execute_query_async(_TABLE)
        worker = asyncio.create_task(
            app.run_worker_async(concurrency=_AT_ONCE, listen_notify=True, install_signal_handlers=False)
        )

        async def submit(order: int) -> None:
            await task.configure(lock=f"line {order % job.lines}").defer_async(order=order)

        print(json.dumps(await course.run(submit)), flush=True)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


if __name__ == "__main__":
    uvloop.run(main(Job.from_json(sys.stdin.read())))
