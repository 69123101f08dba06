"""One run of the saga, the same for every engine: who is asked for what and when, and what is noted of it.

Order ``k`` is the ``k // lines``-th of line ``k % lines``. Saturated, so many submitters each ask for the next as soon
as the one before is durable. At a rate, each is asked for at its time whatever became of those before; its latency
counts from that time, so that an engine that falls behind does not hide it.
"""

from __future__ import annotations

import asyncio
import json
import math
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

STEP_S = 0.001  #: how long an element takes for a command
STEPS = 3


@dataclass(frozen=True, slots=True)
class Job:
    """What a contender is to do; ``place`` is a directory (SQLite) or a PostgreSQL URL.

    ``checkpoints``: every step is written down, for a contender that can do without.
    ``stride``: the lines are there already, and every so-manieth is ordered about.
    """

    place: str = field(repr=False)
    lines: int
    each: int = 4
    per_s: float | None = None
    submitters: int = 64
    single_commits: bool = False
    checkpoints: bool = True
    stride: int = 0

    @property
    def orders(self) -> int:
        """How many orders it is made of."""
        return self.lines * self.each

    @property
    def shared(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.place.startswith("postgresql://")

    def to_json(self) -> str:
        """Write it for a contender's standard input: the URL may hold a password."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, told: str) -> Job:
        """Read it there."""
        return cls(**json.loads(told))


class Course:
    """Runs a job once."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.out_of_turn = 0
        self._asked: dict[int, float] = {}
        self._accepted: dict[int, float] = {}
        self._ended: dict[int, float] = {}
        self._all = asyncio.Event()

    def began(self, order: int) -> None:
        """Note that an order's first step begins: the one before it on its line must have ended.

        Unless that one was not durable yet when this one was asked for: then nobody has said which comes first.
        """
        before = order - self.job.lines
        first = self._accepted.get(before, math.inf) <= self._asked[order]
        if first and before not in self._ended:
            self.out_of_turn += 1

    def ended(self, order: int) -> None:
        """Note that an order has ended."""
        self._ended.setdefault(order, time.perf_counter())
        if len(self._ended) == self.job.orders:
            self._all.set()

    async def run(
        self, submit: Callable[[int], Awaitable[object]], finish: Callable[[], Awaitable[object]] | None = None
    ) -> dict[str, Any]:
        """Ask for every order and wait for the ends: until ``finish`` returns, or ``ended`` was told of each."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        started = time.perf_counter()
        if self.job.per_s is None:
            left = iter(range(self.job.orders))
            await asyncio.gather(*(self._ask_all(left, submit) for _ in range(self.job.submitters)))
        else:
            await self._ask_at_rate(started, 1 / self.job.per_s, submit)
        await (self._all.wait() if finish is None else finish())
        seconds = time.perf_counter() - started
        now = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "orders": self.job.orders,
            "seconds": seconds,
            "cpu_s": now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime,
            "accepted_s": [at - self._asked[order] for order, at in self._accepted.items()],
            "latencies_s": [end - self._asked[order] for order, end in self._ended.items()],
            "out_of_turn": self.out_of_turn,
        }

    async def _ask_all(self, left: Iterator[int], submit: Callable[[int], Awaitable[object]]) -> None:
        for order in left:
            await self._ask(order, time.perf_counter(), submit)

    async def _ask_at_rate(self, started: float, pause_s: float, submit: Callable[[int], Awaitable[object]]) -> None:
        asked = []
        for order in range(self.job.orders):
            due = started + order * pause_s
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            asked.append(asyncio.create_task(self._ask(order, due, submit)))
        await asyncio.gather(*asked)

    async def _ask(self, order: int, due: float, submit: Callable[[int], Awaitable[object]]) -> None:
        self._asked[order] = due
        await submit(order)
        self._accepted[order] = time.perf_counter()
