"""A network with a register, a clearing house and an EIR, and elements as the gateway would have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from drivers import dialects
from drivers.commands import Login, RequestPort
from drivers.door import Door
from drivers.element import Element
from drivers.session import Limits, Session
from drivers.stream import Stream, connect_tcp
from drivers.subscription import Msisdn
from hlr_sim.clearing.rio import key
from hlr_sim.element import Account, Surroundings
from hlr_sim.http import make_app
from hlr_sim.scenario import ElementSpec
from hlr_sim.simulation import Simulation, running

NUMBER, OTHER_NUMBER = Msisdn("+33612345678"), Msisdn("+33612345679")
PASSWORD = "FAKEpw01"
SPECS = tuple(
    ElementSpec(name, dialect, "tcp", "127.0.0.1", 0, "linegate")
    for name, dialect in (("orange", "mml_h"), ("npc", "npc"), ("eir", "eir"))
)
QUICK = Limits(answer_timeout_s=0.2, connect_timeout_s=2)


@dataclass
class Calendar:
    """A clock that moves when told."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **much: float) -> None:
        self.now += timedelta(**much)


def rio_of(msisdn: str, keyless: str = "02P123456") -> str:
    return keyless + key(keyless, msisdn)


def wish(reference: str = "P-1", msisdn: Msisdn = NUMBER, on: str = "2026-11-25", rio: str = "") -> RequestPort:
    return RequestPort(reference, msisdn, rio or rio_of(msisdn), "LG", on)


@dataclass
class Network:
    """What runs, its REST page, and the ends of ours."""

    simulation: Simulation
    page: httpx.AsyncClient
    calendar: Calendar
    elements: list[Element] = field(default_factory=list)

    def element(self, name: str, password: str = PASSWORD) -> Element:
        server = self.simulation.servers[name]
        module = dialects.load(server.element.spec.dialect)

        async def connect() -> Stream:
            return await connect_tcp("127.0.0.1", server.port)

        session = Session(name, connect, lambda: module.client({}), Login("linegate", password), QUICK)
        door = Door(module.CAPABILITIES, [session], lambda command: module.client({}).encode(1, command).masked)
        self.elements.append(Element(name, [door], module.fit))
        return self.elements[-1]


@asynccontextmanager
async def network_in(directory: Path) -> AsyncIterator[Network]:
    """Run it, and put everything away."""
    calendar = Calendar()
    accounts = {spec.name: Account(PASSWORD) for spec in SPECS}
    async with running(SPECS, accounts, directory, Surroundings(now=calendar)) as simulation:
        transport = httpx.ASGITransport(make_app(simulation))
        async with httpx.AsyncClient(transport=transport, base_url="http://sim") as page:
            network = Network(simulation, page, calendar)
            try:
                yield network
            finally:
                for element in network.elements:
                    await element.close()
