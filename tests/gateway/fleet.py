"""More elements than the shipped configuration has: front ends before one register, registers for ranges of numbers."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.app import open_gateway
from gateway.routing import Route, Topology
from gateway.settings import Settings
from hlr_sim.behaviour import Hlr
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.scenario import ElementSpec
from hlr_sim.sealing import Sealer
from hlr_sim.server import ElementServer
from hlr_sim.store import HlrStore
from tests.gateway.rig import PASSWORD, SHIPPED, Rig, SimNetwork, Time, settings_for


class Fleet(SimNetwork):
    """The usual elements, ``more`` registers, and more front ends: each ``shares`` the register of another."""

    def __init__(self, directory: Path, more: Sequence[str] = (), shares: Mapping[str, str] | None = None) -> None:
        super().__init__(directory)
        sealer, around = Sealer(directory), Surroundings(random=random.Random(8))
        self.owners = dict(shares or {})
        self.hlrs |= {name: Hlr(HlrStore(directory / f"{name}.sqlite", sealer)) for name in more}
        for name in (*more, *self.owners):
            spec = ElementSpec(name, "mml_h", "tcp", "127.0.0.1", 0, "linegate")
            behaviour = self.hlrs[self.owners.get(name, name)]
            element = SimulatedElement(spec, Account(PASSWORD), behaviour, self.faults, around)
            self.servers[name] = ElementServer(element, directory)

    @property
    def extra(self) -> set[str]:
        """Elements the shipped configuration does not name."""
        return set(self.servers) - set(SHIPPED)


@dataclass
class Plan:
    """How the fleet is configured: by element, what differs; groups; routes; and whom contracts call ``orange``."""

    changed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    orange: str = "orange"

    def settings(self, data: Path, sim: SimNetwork) -> Settings:
        settings = settings_for(data)
        elements = dict(settings.topology.elements)
        if isinstance(sim, Fleet):
            elements |= {name: replace(elements["sfr"], name=name) for name in sim.extra}
        elements = {name: replace(element, **self.changed.get(name, {})) for name, element in elements.items()}
        rules = settings.contracts["technicophone"]
        hosts = {**rules.hosts, "orange": replace(rules.hosts["orange"], element=self.orange)}
        return replace(
            settings,
            topology=Topology(elements, self.groups, self.routes),
            contracts={"technicophone": replace(rules, hosts=hosts)},
        )


@asynccontextmanager
async def gateway_over(data: Path, sim: SimNetwork, time: Time, plan: Plan) -> AsyncIterator[Rig]:
    """A gateway so configured, in memory; leaving it is a stop anywhere."""

    async with open_gateway(plan.settings(data, sim), time, random.Random(1), sim.reach) as gateway:
        yield Rig(gateway, sim, time)
