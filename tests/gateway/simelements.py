"""Simulated elements in memory: those there from the start, and others from the moment somebody speaks to them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from drivers.memory import memory_pair
from drivers.stream import Stream
from gateway.elements import ElementConfig
from hlr_sim.behaviour import Behaviour, Hlr
from hlr_sim.clearing import ClearingHouse
from hlr_sim.eir import Eir
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.faults import FaultPlan
from hlr_sim.scenario import ElementSpec
from hlr_sim.sealing import Sealer
from hlr_sim.server import ElementServer
from hlr_sim.store import HlrStore


class SimElements:
    """Elements by name with their doors; ``now`` is the clock of a clearing house."""

    def __init__(self, directory: Path, password: str) -> None:
        directory.mkdir()
        self.directory = directory
        self.faults = FaultPlan()
        self.around = Surroundings(random=random.Random(7))
        self.now: Callable[[], datetime] = self.around.now
        self.hlrs: dict[str, Hlr] = {}
        self.others: dict[str, Eir | ClearingHouse] = {}
        self.servers: dict[str, ElementServer] = {}
        self.talks: set[asyncio.Task[None]] = set()
        self._account, self._sealer = Account(password), Sealer(directory)

    def register(self, name: str) -> Hlr:
        """Make an HLR with its store."""
        self.hlrs[name] = Hlr(HlrStore(self.directory / f"{name}.sqlite", self._sealer))
        return self.hlrs[name]

    def serve(self, name: str, dialect: str, behaviour: Behaviour, **options: object) -> None:
        """Open a door that speaks so before what is behind it."""
        spec = ElementSpec(name, dialect, "tcp", "127.0.0.1", 0, "linegate", dialect_options=options)
        element = SimulatedElement(spec, self._account, behaviour, self.faults, self.around)
        self.servers[name] = ElementServer(element, self.directory)

    def open(self, config: ElementConfig) -> None:
        """Have an element that is and speaks as configured, if there is none of that name yet."""
        if config.name not in self.servers:
            self.serve(config.name, config.dialect, self._made(config), **config.dialect_options)

    def _made(self, config: ElementConfig) -> Behaviour:
        file = self.directory / f"{config.name}.sqlite"
        match config.role:
            case "eir":
                self.others[config.name] = Eir(file)
            case "clearing":
                self.others[config.name] = ClearingHouse(file, lambda: self.now())  # noqa: PLW0108 - now may be set later
            case _:
                return self.register(config.name)
        return self.others[config.name]

    def connector(self, name: str, config: ElementConfig | None = None) -> Callable[[], Awaitable[Stream]]:
        """Return what connects to a door, which need not be open before if its configuration is given."""

        async def connect() -> Stream:
            if config is not None:
                self.open(config)
            ours, theirs = memory_pair()
            task = asyncio.create_task(self.servers[name].converse(theirs))
            self.talks.add(task)
            task.add_done_callback(self.talks.discard)
            return ours

        return connect

    async def close(self) -> None:
        """Close every door, and let go of every store."""
        for server in self.servers.values():
            server.element.thaw()
            await server.stop()
        for task in tuple(self.talks):
            task.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)
        for opened in (*self.hlrs.values(), *self.others.values()):
            opened.close()
