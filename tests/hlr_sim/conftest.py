"""What the tests of the simulated network share: elements without sockets, and a peer that speaks MML-H to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from drivers import dialects
from drivers.commands import Command, CreateSubscriber, Credentials, Login, PutKeys, Reply
from drivers.dialect import Client, Module
from drivers.memory import memory_pair
from drivers.stream import Stream
from drivers.subscription import Iccid, Imsi, Msisdn
from hlr_sim.behaviour import Hlr
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.faults import FaultPlan
from hlr_sim.scenario import ElementSpec
from hlr_sim.sealing import Sealer
from hlr_sim.server import ElementServer
from hlr_sim.simulation import Simulation
from hlr_sim.smsc import Smsc
from hlr_sim.store import HlrStore
from tests.hlr_sim.smsc_esme import Site, site_in

ANNA = Imsi("208010000000001")
ANNAS_NUMBER = Msisdn("+33612345678")
KEYS = Credentials("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100")
PASSWORD = "s3cret"
SSH_PASSWORD = "ssh-secret"
SPEC = ElementSpec("orange", "mml_h", "tcp", "127.0.0.1", 0, "linegate", home_plmns=("20801",))


@dataclass
class Time:
    """A clock that moves when told."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Peer:
    """The gateway's side of one conversation, command by command."""

    stream: Stream
    client: Client = field(default_factory=lambda: dialects.load("mml_h").client({}))
    heard: list[tuple[int, Reply]] = field(default_factory=list)
    said: int = 0

    async def say(self, command: Command, keys: Credentials | None = None) -> int:
        self.said += 1
        await self.stream.send(self.client.encode(self.said, command, keys).data)
        return self.said

    async def hear(self, wait_s: float = 5.0) -> Reply:
        """Return the next answer; raises TimeoutError, StreamClosed or Garbled."""
        async with asyncio.timeout(wait_s):
            while not self.heard:
                self.heard += self.client.feed(await self.stream.receive())
        return self.heard.pop(0)[1]

    async def ask(self, command: Command, keys: Credentials | None = None) -> Reply:
        await self.say(command, keys)
        return await self.hear()

    async def log_in(self, password: str = PASSWORD) -> Reply:
        return await self.ask(Login(SPEC.user, password))


@dataclass
class Bench:
    """One HLR element and everything to observe it by."""

    server: ElementServer
    hlr: Hlr
    faults: FaultPlan
    time: Time
    talks: list[asyncio.Task[None]] = field(default_factory=list)

    def connect(self) -> Peer:
        """Open a conversation in memory."""
        ours, theirs = memory_pair()
        self.talks.append(asyncio.create_task(self.server.converse(theirs)))
        return Peer(ours)

    def outcomes(self) -> list[tuple[str, str]]:
        return [(entry.command, entry.outcome) for entry in self.server.element.log.since(0)]


@pytest.fixture
def hlr(tmp_path: Path) -> Iterator[Hlr]:
    made = Hlr(HlrStore(tmp_path / "orange.sqlite", Sealer(tmp_path)))
    yield made
    made.close()


@pytest.fixture
def anna(hlr: Hlr) -> Imsi:
    """A subscriber with keys and a number, and nothing else."""
    hlr.answer(PutKeys(ANNA, Iccid("")), KEYS)
    hlr.answer(CreateSubscriber(ANNA, ANNAS_NUMBER))
    return ANNA


@pytest.fixture
async def make_bench(hlr: Hlr, tmp_path: Path) -> AsyncIterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(speaking: Module | None = None, **changed: object) -> Bench:
        time, faults = Time(), FaultPlan()
        spec = replace(SPEC, **changed)  # type: ignore[arg-type]  # any field may be given
        around = Surroundings(clock=time, now=lambda: datetime(2026, 1, 1, tzinfo=UTC), random=Random(7))
        account = Account(PASSWORD, SSH_PASSWORD)
        element = SimulatedElement(spec, account, hlr, faults, around, dialect=speaking)
        made.append(Bench(ElementServer(element, tmp_path), hlr, faults, time))
        return made[-1]

    yield make
    for bench in made:
        bench.server.element.thaw()
        await bench.server.stop()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


@pytest.fixture
async def peer(bench: Bench, anna: Imsi) -> AsyncIterator[Peer]:
    """A logged-in conversation with an HLR that knows Anna."""
    del anna
    opened = bench.connect()
    await opened.log_in()
    yield opened
    await opened.stream.close()


@pytest.fixture
def smsc(tmp_path: Path) -> Iterator[Smsc]:
    made = Smsc(tmp_path / "smsc.sqlite", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    yield made
    made.close()


@pytest.fixture
def simulation(bench: Bench, smsc: Smsc, tmp_path: Path) -> Simulation:
    """One HLR and one SMSC that do not listen."""
    spec = ElementSpec("smsc", "smpp", "tcp", "127.0.0.1", 0, "linegate")
    centre = SimulatedElement(spec, Account(PASSWORD), smsc, bench.faults, Surroundings())
    return Simulation({"orange": bench.server, "smsc": ElementServer(centre, tmp_path)}, bench.faults)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """One message centre to speak SMPP with."""
    async with site_in(tmp_path) as made:
        yield made
