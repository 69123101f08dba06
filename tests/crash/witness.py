"""What elements themselves have carried out for each line, beside what its orders say they did, in their sequence."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import httpx

from tests.crash.misfortune import lines_by_imsi, log_of
from tests.journeys.agreement import Json
from tests.journeys.cards import IMSI_PREFIX
from tests.journeys.story import Story

#: commands that change a subscriber, by how MML begins; keys and CancelLocation may be repeated, and are
_EFFECTS = {
    "ADD SUB": "CreateSubscriber",
    "ADD TPLSUB": "CreateSubscriber",
    "RMV SUB": "RemoveSubscriber",
    "MOD IMSI": "ChangeImsi",
    "MOD ISDN": "ChangeMsisdn",
    "MOD": "Provide",
}
_SENTENCE = re.compile(r'(MOD IMSI|MOD ISDN|MOD|ADD SUB|ADD TPLSUB|RMV SUB)\b.*\bIMSI="?([0-9]+)')
_PAUSE_S = 0.5  # an element keeps its last 10,000 commands: read often, none is missed
_SHOWN = 4
Effect = tuple[str, str]


class Witness:
    """Reads the log of every element that holds subscribers, as it grows."""

    def __init__(self, network: httpx.AsyncClient) -> None:
        self._network = network
        self.entries: dict[str, list[Json]] = {name: [] for name in IMSI_PREFIX}

    async def read(self) -> None:
        """Read what is new."""
        for name, entries in self.entries.items():
            entries.extend(await log_of(self._network, name, entries[-1]["seq"] if entries else 0))

    async def watch(self) -> None:
        """Read again and again."""
        while True:
            await self.read()
            await asyncio.sleep(_PAUSE_S)

    def heard(self, stories: Iterable[Story]) -> dict[int, list[Effect]]:
        """Return what was carried out for each line, by its number in ``lines_by_imsi``."""
        line_of, heard = lines_by_imsi(stories), defaultdict[int, list[Effect]](list)
        for entries in self.entries.values():
            for entry in entries:
                line = line_of.get(entry["imsi"] or "")
                if line is not None and entry["outcome"] == "done" and entry["command"] in _EFFECTS.values():
                    heard[line].append((entry["command"], entry["imsi"]))
        return heard

    def differences(self, stories: Iterable[Story], orders: Iterable[Json]) -> list[str]:
        """Tell where an element did something twice, not at all, out of turn, or for nobody."""
        known = list(stories)
        heard, told = self.heard(known), told_by(orders, lines_by_imsi(known))
        return [
            f"{story.seed} {line.msisdn}: {_first_difference(told[id(line)], heard[id(line)])}"
            for story in known
            for line in story.lines
            if told[id(line)] != heard[id(line)]
        ]


@asynccontextmanager
async def watching(network_url: str) -> AsyncIterator[Witness]:
    """Watch the network while something goes on."""
    async with httpx.AsyncClient(base_url=network_url, trust_env=False, timeout=20) as network:
        witness = Witness(network)
        await witness.read()
        task = asyncio.create_task(witness.watch(), name="witness")
        try:
            yield witness
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def told_by(orders: Iterable[Json], line_of: Mapping[str, int]) -> dict[int, list[Effect]]:
    """Return what orders, in the sequence of their acknowledgement, say they have done to each line."""
    told = defaultdict[int, list[Effect]](list)
    for order in orders:
        for step in order["steps"]:
            effect = _effect(step["command"])
            if effect is not None and effect[1] in line_of and step["outcome"] == "done":
                told[line_of[effect[1]]].append(effect)
    return told


def out_of_turn(orders: Iterable[Json], line_of: Mapping[str, int]) -> list[str]:
    """Tell which orders were stored before one of the same line that was acknowledged earlier."""
    wrong, last = [], dict[int, Json]()
    for order in orders:
        lines = {line_of[effect[1]] for step in order["steps"] if (effect := _effect(step["command"])) is not None}
        for line in lines if order["stored_at"] is not None else ():
            before = last.get(line)
            if before is not None and before["stored_at"] > order["stored_at"]:
                wrong.append(f"{order['external_id']} was stored before {before['external_id']}")
            last[line] = order
    return wrong


def _effect(sentence: str) -> Effect | None:
    found = _SENTENCE.match(sentence)
    return None if found is None else (_EFFECTS[found[1]], found[2])


def _first_difference(told: list[Effect], heard: list[Effect]) -> str:
    n = next(
        (n for n, pair in enumerate(zip(told, heard, strict=False)) if pair[0] != pair[1]), min(len(told), len(heard))
    )
    return f"after {n} effects its orders say {told[n : n + _SHOWN]}, its element {heard[n : n + _SHOWN]}"
