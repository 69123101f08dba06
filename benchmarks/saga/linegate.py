"""Linegate's engine as ``linegate serve`` runs it, but for the wire to its element.

``python -m benchmarks.saga.linegate DATA`` reads its job from standard input.

Every order is all that it is in production: its body is read and checked, judged by its contract, made durable and
acknowledged, judged again in its turn, projected, planned and journalled; three commands, each checkpointed; read back
(a fourth command); completed in one commit with the line as it has become.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import bindparam, select

from benchmarks.quick_network import change, line_of, quick_element, quick_settings, reaching, rules_of_lines
from benchmarks.saga.course import STEPS, Course, Job
from gateway.app import Gateway, open_gateway, utc_now
from gateway.journal import sqlite
from gateway.journal.journal import Row, Unit
from gateway.journal.schema import events
from gateway.orders import records
from gateway.orders.bodies import details_from, order_bodies
from gateway.orders.order import LineRecord, LineRef, NewOrder

_LOOK_S = 0.002
_COURSE = (
    select(events.c.seq, events.c.type, events.c.order_id, events.c.line_id)
    .where(events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
)


async def main(job: Job, data: Path) -> None:
    """Print what the run took."""
    if job.single_commits:
        one_unit_a_commit(job)
    element = quick_element(rules_of_lines())
    async with open_gateway(quick_settings(data, job.place, "unused"), reach=reaching(element)) as gateway:
        if not job.stride:
            await add_lines(gateway, range(job.lines))
        before = await records.last_event(gateway.journal)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)  # as gateway.api.serve does
        told = await (_saturated if job.per_s is None else _paced)(job, gateway, before)
        taken = await gateway.journal.rows(_COURSE, after=before)
        assert sum(row["type"] == "order.completed" for row in taken) == job.orders
        print(json.dumps(told | {"out_of_turn": out_of_turn(taken)}))


async def _saturated(job: Job, gateway: Gateway, _before: int) -> dict[str, Any]:
    async def ended() -> None:
        while gateway.engine.backlog:  # noqa: ASYNC110 - no event tells of it, and watching them all would cost
            await asyncio.sleep(_LOOK_S)

    return await Course(job).run(lambda order: _ask(gateway, job, order), ended)


async def _paced(job: Job, gateway: Gateway, before: int) -> dict[str, Any]:
    """Learn of every end as any listener does: from the events, once they are committed."""
    course, numbers = Course(job), dict[str, int]()

    async def submit(order: int) -> None:
        numbers[await _ask(gateway, job, order)] = order

    async def listen() -> None:
        seen, early = before, set[str]()
        while True:
            news = gateway.bell.listen()
            for row in await gateway.journal.rows(_COURSE, after=seen):
                seen = row["seq"]
                if row["type"] == "order.completed":
                    early.add(row["order_id"])
            for known in early & numbers.keys():
                early.discard(known)
                course.ended(numbers[known])
            await gateway.bell.wait(news, 1)

    listener = asyncio.create_task(listen())
    told = await course.run(submit)
    listener.cancel()
    return told


async def _ask(gateway: Gateway, job: Job, order: int) -> str:
    """Have one order taken; return its id."""
    body = change(order % job.lines * max(1, job.stride), order // job.lines)
    answer = await gateway.engine.accept(asked(body), gateway.settings.engine.max_backlog)
    assert answer.order is not None, answer.problem
    return str(answer.order["id"])


def asked(body: bytes) -> NewOrder:
    """Read and check an order as the route does."""
    read = order_bodies().validate_json(body)
    return NewOrder(
        action=read.action,
        ref=LineRef(msisdn=read.line.msisdn),
        details=details_from(read.action, read.details),
        body=body.decode(),
        requested_start=read.requested_start,
    )


async def add_lines(gateway: Gateway, numbers: range) -> None:
    """Put lines into the journal, a thousand a commit."""
    for start in range(numbers.start, numbers.stop, 1000):
        unit = Unit()
        for number in range(start, min(start + 1000, numbers.stop)):
            records.add_line(unit, LineRecord(f"{number:032x}", line_of(number, 0)), utc_now())
        await gateway.journal.commit(unit)


def one_unit_a_commit(job: Job) -> None:
    """Have the very same journal write each unit in a commit of its own, as an engine without group commit would."""
    if job.shared:
        vars(import_module("gateway.journal.postgres.batches"))["MAX_UNITS"] = 1
    else:
        vars(sqlite)["MAX_UNITS_PER_COMMIT"] = 1


def out_of_turn(taken: Sequence[Row]) -> int:
    """Count orders that began while the one before on their line had not ended, by the journal's own events."""
    busy: dict[str, str] = {}
    wrong = 0
    for row in taken:
        match row["type"]:
            case "order.started":
                wrong += busy.setdefault(row["line_id"], row["order_id"]) != row["order_id"]
            case "order.completed":
                busy.pop(row["line_id"], None)
    return wrong


if __name__ == "__main__":
    assert STEPS == 3
    uvloop.run(main(Job.from_json(sys.stdin.read()), Path(sys.argv[1])))
