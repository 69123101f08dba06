"""A counter for each test, of the contract its module names as ``CONTRACT``; beside it the whole simulated network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.api import create_api
from gateway.settings import Settings
from tests.gateway.rig import TOKEN, Time, gateway_on, settings_for
from tests.journeys.contracts.counter import Counter, stocked
from tests.journeys.contracts.world import World, elements_of


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The configuration as shipped."""
    return settings_for(tmp_path_factory.mktemp("unused"))


@pytest.fixture
async def counter(request: pytest.FixtureRequest, tmp_path: Path, shipped: Settings) -> AsyncIterator[Counter]:
    data, time, contract = tmp_path / "data", Time(), str(request.module.CONTRACT)
    world = World(tmp_path / "network", time, elements_of(shipped, contract))
    try:
        async with gateway_on(data, world, time) as rig:
            transport = httpx.ASGITransport(create_api(rig.gateway), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
                http.headers["Authorization"] = f"Bearer {TOKEN}"
                yield await stocked(Counter(contract, rig, http))
    finally:
        await world.close()
