"""Those who come to a gate, and how they fared there."""

import asyncio
from collections import Counter

from drivers.flow import BACKGROUND, Flow
from tests.drivers.timelapse import settled

LOST, SHOP, BULK, AUDIT = 0, 1, 2, BACKGROUND


class Visitors:
    """Those who come to a gate: who is in, who was the most at once, who came when."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.inside: Counter[int] = Counter()
        self.most = self.most_of_background = 0
        self.came: list[tuple[str, float]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.gates: dict[str, asyncio.Event] = {}

    def come(self, name: str, lane: int = SHOP, stays_s: float | None = None) -> asyncio.Task[None]:
        """Send somebody to the gate; without a time they stay until ``go``."""
        self.gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._visit(name, lane, stays_s))
        return self.tasks[name]

    async def go(self, *names: str) -> None:
        for name in names:
            self.gates[name].set()
        await settled()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.came]

    async def all_gone(self) -> None:
        await asyncio.gather(*self.tasks.values())

    async def _visit(self, name: str, lane: int, stays_s: float | None) -> None:
        async with self.flow.admitted(lane):
            self.came.append((name, asyncio.get_running_loop().time()))
            self.inside[lane] += 1
            self.most = max(self.most, self.inside.total())
            self.most_of_background = max(self.most_of_background, self.inside[AUDIT])
            try:
                await (self.gates[name].wait() if stays_s is None else asyncio.sleep(stays_s))
            finally:
                self.inside -= Counter({lane: 1})
