"""The simulated network around one contract: the HLRs of its hosts, and whatever serves everybody."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import httpx

from gateway.elements import ElementConfig
from gateway.settings import Settings
from hlr_sim.http import make_app
from hlr_sim.simulation import Simulation
from tests.gateway.rig import SimNetwork, Time


class World(SimNetwork):
    """These elements from the start, others once they are spoken to; clearing houses live by the test's clock."""

    def __init__(self, directory: Path, time: Time, elements: Iterable[ElementConfig]) -> None:
        super().__init__(directory)
        self.now = time
        for config in elements:
            self.open(config)
        app = make_app(Simulation(self.servers, self.faults))
        #: the simulator's own REST page: the probe, ports, handsets
        self.page = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sim")

    async def close(self) -> None:
        await self.page.aclose()
        await super().close()


def elements_of(settings: Settings, contract: str) -> list[ElementConfig]:
    """The HLRs of a contract's hosts, and every element that is none."""
    hosts = {host.element for host in settings.contracts[contract].hosts.values()}
    return [config for name, config in settings.topology.elements.items() if name in hosts or config.role != "hlr"]
