"""A gateway before the networks of all contracts, whose clock stands still between jumps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.clocks.clockwork import Clocks
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal
from tests.gateway.clocks.networks import HOSTS, FiveNetworks, Ticking, card_of, number_of, ticking
from tests.gateway.rig import Rig

MORNING = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
PLANS = {
    "technicophone": "unlimited",
    "cmi": "unlimited",
    "opt-nc": "forfait_m",
    "orange-mayotte": "standard",
    "monaco-telecom": "standard",
}


@pytest.fixture
async def networks(tmp_path: Path) -> AsyncIterator[FiveNetworks]:
    """They outlive the gateway."""
    found = FiveNetworks(tmp_path / "network")
    yield found
    await found.close()


@pytest.fixture
async def moving(tmp_path: Path, networks: FiveNetworks) -> AsyncIterator[Ticking]:
    """A card of every contract in stock."""
    async with ticking(tmp_path, MORNING, networks) as running:
        await running.rig.stock(*(card_of(contract, 1) for contract in HOSTS))
        yield running


async def opened(rig: Rig, contract: str, **more: object) -> str:
    """Have a line activated; return its number."""
    msisdn = number_of(contract, 1)
    wish = {"contract": contract, "iccid": card_of(contract, 1).iccid, "plan": PLANS[contract]} | more
    assert await rig.done("activate", msisdn=msisdn, **wish) == "completed"
    return msisdn


def clocks_of(rig: Rig, journal: Journal | None = None, **changed: Rules) -> Clocks:
    """Clocks over the gateway's engine, with another journal before its own, or other contracts."""
    gateway = rig.gateway
    contracts = dict(gateway.settings.contracts) | {rules.name: rules for rules in changed.values()}
    return Clocks(journal or gateway.journal, gateway.engine, contracts, gateway.clock, gateway.bell.ring)


def with_clock(rules: Rules, name: str, **changed: object) -> Rules:
    """The contract with one of its clocks changed."""
    clocks = tuple(replace(c, **changed) if c.name == name else c for c in rules.timing.clocks)  # type: ignore[arg-type]  # fields of a ClockRule
    return replace(rules, timing=replace(rules.timing, clocks=clocks))
