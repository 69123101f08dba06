"""The element alone (``python -m benchmarks.saga.bare``): the same commands and read-back, nothing kept."""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

from benchmarks.quick_network import HOST, held_after, quick_element, rules_of_lines
from benchmarks.saga.course import Course, Job
from drivers.commands import Done, Held, ReadSubscriber
from gateway.contract.plan import Picture, diff

_LINES_AT_ONCE = 64  # as the gateway does


async def main(job: Job) -> None:
    """Print what the run took."""
    rules = rules_of_lines()
    course, element = Course(job), quick_element(rules)
    gate = asyncio.Semaphore(_LINES_AT_ONCE)
    busy: dict[int, asyncio.Task[None]] = {}

    async def send(order: int, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        number, nth = order % job.lines, order // job.lines
        async with gate:
            course.began(order)
            was, wanted = (picture(number, turn) for turn in (nth, nth + 1))
            for step in diff(was, wanted):
                assert isinstance(await element.send(step.command), Done)
            held = await element.send(ReadSubscriber(wanted.subscription.imsi))
            assert held == Held(wanted.subscription)
        course.ended(order)

    def picture(number: int, turn: int) -> Picture:
        line, held = held_after(number, turn, rules)
        return Picture(HOST, line.iccid, held, element.capabilities)

    async def submit(order: int) -> None:
        number = order % job.lines
        busy[number] = asyncio.create_task(send(order, busy.get(number)))

    print(json.dumps(await course.run(submit)))


if __name__ == "__main__":
    uvloop.run(main(Job.from_json(sys.stdin.read())))
