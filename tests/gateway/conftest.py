"""What the tests of the gateway share: the simulated network, a running gateway, and Technicophone's rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.contract.rules import Rules
from gateway.settings import config_directory, read_settings
from tests.gateway.cards import SFR, Card, card
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on

NUMBER = "+33612345678"


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The contract as it is shipped."""
    return read_settings(config_directory(None), Path("unused")).contracts["technicophone"]


@pytest.fixture
async def time() -> Time:
    return Time()


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[SimNetwork]:
    network = SimNetwork(tmp_path / "network")
    yield network
    await network.close()


@pytest.fixture
async def rig(tmp_path: Path, sim: SimNetwork, time: Time) -> AsyncIterator[Rig]:
    """A gateway with three cards of Orange and one of SFR in stock."""
    async with gateway_on(tmp_path / "data", sim, time) as running:
        await running.stock(card(1), card(2), card(3), card(1, SFR))
        yield running


@pytest.fixture
async def line(rig: Rig) -> Card:
    """The card of a line in service with number +33612345678."""
    order = await rig.activate(card(1), NUMBER)
    assert await rig.until(order) == "completed"
    return card(1)
