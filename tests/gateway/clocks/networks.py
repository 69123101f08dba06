"""The hosts of all five contracts in memory, a gateway before them, and a clock that stands still between jumps."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drivers.subscription import Iccid, Imsi
from gateway.contract.identity import luhn_holds
from hlr_sim.behaviour import Hlr
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.scenario import ElementSpec
from hlr_sim.sealing import Sealer
from hlr_sim.server import ElementServer
from hlr_sim.store import HlrStore
from tests.gateway.cards import Card
from tests.gateway.rig import PASSWORD, Rig, SimNetwork, Time, gateway_on

#: by contract: the element, and what its SIMs' IMSIs and its numbers begin with
HOSTS = {
    "technicophone": ("orange", "20801", "+3361"),
    "cmi": ("cmi", "20811", "+3362"),
    "opt-nc": ("opt-nc", "54601", "+68770"),
    "orange-mayotte": ("orange-mayotte", "64700", "+26263"),
    "monaco-telecom": ("monaco-telecom", "21210", "+37761"),
}
_LINES_AT_ONCE = 1  # so few of a host that others wait, and what is urgent is seen to go ahead
_ROUNDS = 20  # what is due on one line at one moment is attended to one after the other
_OPTIONS: dict[str, dict[str, object]] = {"opt-nc": {"apn_templates": {"internet": 1, "fixedip": 4}}}


class StillTime(Time):
    """A clock that moves only when it is told to."""

    def __call__(self) -> datetime:
        return self.now


class FiveNetworks(SimNetwork):
    """Every host network there is."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        sealer, around = Sealer(directory), Surroundings(random=random.Random(7))
        for element, _, _ in HOSTS.values():
            if element in self.servers:
                continue
            self.hlrs[element] = Hlr(HlrStore(directory / f"{element}.sqlite", sealer))
            options = _OPTIONS.get(element, {})
            spec = ElementSpec(element, "mml_h", "tcp", "127.0.0.1", 0, "linegate", dialect_options=options)
            simulated = SimulatedElement(spec, Account(PASSWORD), self.hlrs[element], self.faults, around)
            self.servers[element] = ElementServer(simulated, directory)


def card_of(contract: str, number: int) -> Card:
    """The card of that number in a contract's host network."""
    plmn = HOSTS[contract][1]
    body = f"8933{plmn}{number:09d}"
    iccid = next(f"{body}{digit}" for digit in range(10) if luhn_holds(f"{body}{digit}"))
    secret = f"{int(plmn):06d}{number:020d}"
    return Card(
        iccid=Iccid(iccid),
        imsi=Imsi(f"{plmn}{number:010d}"),
        pin1="0000",
        puk1=f"{51_000_000 + number}",
        pin2="0000",
        puk2=f"{72_000_000 + number}",
        adm1=f"ADADADAD{number:08d}",
        ki=f"4B495F{secret}",
        opc=f"0C5F0C{secret}",
    )


def number_of(contract: str, number: int) -> str:
    """The number of that number in a contract's range."""
    prefix = HOSTS[contract][2]
    return f"{prefix}{number:0{11 - len(prefix) if contract == 'opt-nc' else 12 - len(prefix)}d}"


@dataclass
class Ticking:
    """A running gateway, moved from moment to moment."""

    rig: Rig

    @property
    def now(self) -> datetime:
        return self.rig.time.now

    async def idle(self) -> None:
        """Wait until no order is under way."""
        engine = self.rig.gateway.engine
        async with asyncio.timeout(60):
            while engine.backlog:  # noqa: ASYNC110 - no event tells that nothing is left to do
                await asyncio.sleep(0)

    async def jump(self, to: datetime) -> None:
        """Go there: what is due begins, and what follows from it, until nothing is due any more."""
        self.rig.time.now = to
        await self.rig.gateway.engine.begin_due()
        await self.settle()

    async def settle(self) -> None:
        """Have everything done that can be done now."""
        for _ in range(_ROUNDS):
            await self.idle()
            if not await self.rig.gateway.clocks.tend():
                return
        raise AssertionError(f"what is due at {self.now} is due again and again")


@asynccontextmanager
async def ticking(directory: Path, now: datetime, sim: FiveNetworks) -> AsyncIterator[Ticking]:
    """Open the gateway at a moment, over networks that outlive it."""
    async with gateway_on(directory / "data", sim, StillTime(now), smsc=False) as rig:
        rig.gateway.engine._dispatcher._limit = _LINES_AT_ONCE
        yield Ticking(rig)
