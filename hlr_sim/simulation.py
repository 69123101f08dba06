"""The whole simulated network: every element of a scenario, listening, with one plan of misfortune for all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hlr_sim.attaches import Attaches
from hlr_sim.behaviour import Behaviour, Hlr
from hlr_sim.clearing import ClearingHouse
from hlr_sim.eir import Eir
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.faults import FaultPlan
from hlr_sim.network_side import Place, probe
from hlr_sim.scenario import ElementSpec, Role, role_of
from hlr_sim.sealing import Sealer
from hlr_sim.server import ElementServer
from hlr_sim.smsc import Smsc
from hlr_sim.store import HlrStore


@dataclass(frozen=True, slots=True)
class Simulation:
    """What runs, by element name."""

    servers: Mapping[str, ElementServer]
    faults: FaultPlan
    attaches: Attaches = field(default_factory=Attaches)

    def __post_init__(self) -> None:
        for _, smsc in self.smscs():
            smsc.phones.barred = self.is_barred

    def hlrs(self) -> Iterator[tuple[str, Hlr]]:
        """Every HLR with the name of its first element, in the scenario's order."""
        return ((name, b) for name, b in self._behaviours() if isinstance(b, Hlr))

    def smscs(self) -> Iterator[tuple[str, Smsc]]:
        """Every short message centre with the name of its first element, in the scenario's order."""
        return ((name, b) for name, b in self._behaviours() if isinstance(b, Smsc))

    def clearing_houses(self) -> Iterator[tuple[str, ClearingHouse]]:
        """Every clearing house with the name of its first element, in the scenario's order."""
        return ((name, b) for name, b in self._behaviours() if isinstance(b, ClearingHouse))

    def eirs(self) -> Iterator[tuple[str, Eir]]:
        """Every register of handsets with the name of its first element, in the scenario's order."""
        return ((name, b) for name, b in self._behaviours() if isinstance(b, Eir))

    def is_blocked(self, imei: str) -> bool:
        """Tell whether a register here has the handset blocked."""
        return any(eir.is_blocked(imei) for _, eir in self.eirs())

    def is_barred(self, msisdn: str) -> bool:
        """Tell whether an HLR here knows the number and lets no short message through to it."""
        for _, hlr in self.hlrs():
            if (imsi := hlr.store.owner(msisdn)) is not None:
                return not probe(hlr.admitted(imsi), imsi, Place.HOME)["sms_in"]
        return False

    def _behaviours(self) -> Iterator[tuple[str, Behaviour]]:
        own = (server.element for server in self.servers.values() if not server.element.spec.shares)
        return ((element.spec.name, element.behaviour) for element in own)

    def clear_faults(self) -> None:
        """Forget every fault; what stands still moves again."""
        self.faults.clear()
        for server in self.servers.values():
            server.element.thaw()

    def description(self) -> dict[str, dict[str, object]]:
        """Tell where each element is found."""
        return {name: server.description() for name, server in self.servers.items()}


@asynccontextmanager
async def running(
    specs: Sequence[ElementSpec], accounts: Mapping[str, Account], data_dir: Path, around: Surroundings
) -> AsyncIterator[Simulation]:
    """Open every element's store and door; close them all on leaving."""
    faults = FaultPlan()
    sealer = Sealer(data_dir)
    servers: dict[str, ElementServer] = {}
    async with AsyncExitStack() as stack:
        behaviours: dict[str, Behaviour] = {}
        for spec in specs:
            if not spec.shares:
                behaviours[spec.name] = _behaviour(spec, data_dir, sealer, around)
                stack.callback(behaviours[spec.name].close)
        for spec in specs:
            behaviour = behaviours[spec.shares or spec.name]
            server = ElementServer(SimulatedElement(spec, accounts[spec.name], behaviour, faults, around), data_dir)
            await server.start()
            stack.push_async_callback(server.stop)
            servers[spec.name] = server
        yield Simulation(servers, faults, Attaches(around.now))


def _behaviour(spec: ElementSpec, data_dir: Path, sealer: Sealer, around: Surroundings) -> Behaviour:
    """Make what the element's dialect can be told."""
    file = data_dir / f"{spec.name}.sqlite"
    match role_of(spec):
        case Role.SMSC:
            return Smsc(file, around.now, around.random)
        case Role.CLEARING_HOUSE:
            return ClearingHouse(file, around.now)
        case Role.EIR:
            return Eir(file)
        case Role.HLR:
            return Hlr(HlrStore(file, sealer))
