"""A gateway that has Equipment Identity Registers beside the rest of the simulated network."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from gateway.api import create_api
from gateway.app import open_gateway
from gateway.elements import ElementConfig
from gateway.routing import Topology
from hlr_sim.eir.register import Eir
from hlr_sim.element import Account, SimulatedElement, Surroundings
from hlr_sim.scenario import ElementSpec
from hlr_sim.server import ElementServer
from tests.gateway.api.conftest import Json, Shop
from tests.gateway.rig import PASSWORD, QUICK, QUICK_MANNERS, TOKEN, Rig, SimNetwork, Time, settings_for

IMEI = "353879234252633"
BY = {"who": "hotline/paul", "channel": "hotline"}


def add_registers(sim: SimNetwork, *names: str) -> dict[str, Eir]:
    """Give the simulated network these registers; whoever asks closes them in the end."""
    found = {name: Eir(sim.directory / f"{name}.sqlite") for name in names}
    for name, register in found.items():
        spec = ElementSpec(name, "eir", "tcp", "127.0.0.1", 0, "linegate")
        around = Surroundings(random=random.Random(7))
        element = SimulatedElement(spec, Account(PASSWORD), register, sim.faults, around)
        sim.servers[name] = ElementServer(element, sim.directory)
    return found


def _config(name: str) -> ElementConfig:
    return ElementConfig(
        name=name,
        role="eir",
        dialect="eir",
        transport="tcp",
        host="127.0.0.1",
        port=1,
        user="linegate",
        sessions=1,
        limits=QUICK,
        dialect_options={},
        password=PASSWORD,
        manners=QUICK_MANNERS,
    )


@asynccontextmanager
async def shop_with(data: Path, sim: SimNetwork, time: Time, *names: str) -> AsyncIterator[Shop]:
    """A running gateway with these registers, and a client of it."""
    settings = settings_for(data)
    elements = {n: c for n, c in settings.topology.elements.items() if n in sim.servers and c.role != "eir"}
    topology = Topology({**elements, **{name: _config(name) for name in names}})
    settings = replace(settings, topology=topology)
    sim.now = time
    async with open_gateway(settings, time, random.Random(1), sim.reach) as gateway:
        transport = httpx.ASGITransport(create_api(gateway), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            yield Shop(client, Rig(gateway, sim, time))


async def block(shop: Shop, imei: str = IMEI, reason: str = "stolen") -> httpx.Response:
    return await shop.post(f"/v1/handsets/{imei}/block", json={"reason": reason, "requested_by": BY})


async def unblock(shop: Shop, imei: str = IMEI) -> httpx.Response:
    return await shop.post(f"/v1/handsets/{imei}/unblock", json={"requested_by": BY})


async def until(shop: Shop, state: str, imei: str = IMEI) -> Json:
    """Wait until a handset is so, and tell of it."""
    async with asyncio.timeout(60):
        while (told := (await shop.get(f"/v1/handsets/{imei}")).json())["state"] != state:  # noqa: ASYNC110 - no event tells a test
            await asyncio.sleep(0.01)
    found: Json = told
    return found


def closed(registers: dict[str, Eir]) -> None:
    for register in registers.values():
        register.close()
