"""A counter for each test, of the contract its module names as ``CONTRACT``; beside it the whole simulated network."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.api import create_api
from gateway.journal.migrate import upgrade
from gateway.settings import Settings
from tests.gateway.rig import TOKEN, Time, gateway_on, settings_for
from tests.journeys.contracts.counter import Counter, stocked
from tests.journeys.contracts.world import World, elements_of


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with nothing in it: making one takes longer than most journeys."""
    file = tmp_path_factory.mktemp("blank") / "journal.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The configuration as shipped."""
    return settings_for(tmp_path_factory.mktemp("unused"))


@pytest.fixture
async def counter(
    request: pytest.FixtureRequest, tmp_path: Path, blank: Path, shipped: Settings
) -> AsyncIterator[Counter]:
    data, time, contract = tmp_path / "data", Time(), str(request.module.CONTRACT)
    data.mkdir()
    shutil.copy(blank, data)
    world = World(tmp_path / "network", time, elements_of(shipped, contract))
    try:
        async with gateway_on(data, world, time) as rig:
            transport = httpx.ASGITransport(create_api(rig.gateway), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
                http.headers["Authorization"] = f"Bearer {TOKEN}"
                yield await stocked(Counter(contract, rig, http))
    finally:
        await world.close()
