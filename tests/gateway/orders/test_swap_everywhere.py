"""A SIM swap in every dialect: whatever step is refused, unheard or cut by a stop, one SIM works in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.commands import Why
from drivers.subscription import NetworkAccess
from hlr_sim.faults import Kind
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on

SPEAKING = ("mml_h", "cai", "osmo")
OPTIONS = ["data", "roaming", "international"]  # what every kind of register can hold


@pytest.fixture(params=SPEAKING)
async def sim(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[SimNetwork]:
    network = SimNetwork(tmp_path / "network", request.param)
    yield network
    await network.close()


def number(n: int) -> str:
    return f"+33640000{n:03d}"


def cards(n: int) -> tuple[Card, Card]:
    return card(2 * n + 1), card(2 * n + 2)


async def opened(rig: Rig, n: int) -> tuple[Card, Card]:
    """A line in service, and the card that is to take over."""
    old, new = cards(n)
    await rig.stock(old, new)
    assert await rig.until(await rig.activate(old, number(n), options=OPTIONS)) == "completed"
    return old, new


async def swap(rig: Rig, n: int, new: Card) -> str:
    return await rig.order("swap_sim", msisdn=number(n), new_iccid=new.iccid, reason="damaged")


def works(sim: SimNetwork, one: Card) -> bool:
    """Whether a phone with the card is let in, and can be called."""
    held, keys = sim.held(one.imsi), sim.hlrs["orange"].store.has_keys(one.imsi)
    return held is not None and keys and held.msisdn is not None and held.access is not NetworkAccess.NONE


def leftovers(sim: SimNetwork, one: Card) -> bool:
    return sim.held(one.imsi) is not None or sim.hlrs["orange"].store.has_keys(one.imsi)


def doors(sim: SimNetwork) -> list[str]:
    return [name for name in sim.servers if name.startswith("orange")]


async def steps_of_a_swap(rig: Rig, n: int) -> list[tuple[str, str]]:
    """What a swap asks of which door, in order."""
    _, new = await opened(rig, n)
    before = {door: len(rig.sim.heard(door)) for door in doors(rig.sim)}
    order = await swap(rig, n, new)
    assert await rig.until(order) == "completed"
    words = {door: rig.sim.heard(door)[before[door] :] for door in doors(rig.sim)}
    return [(door, word) for door, said in words.items() for word in said]


async def test_it_ends_with_the_new_sim_alone(rig: Rig, sim: SimNetwork) -> None:
    old, new = await opened(rig, 20)
    assert await rig.until(await swap(rig, 20, new)) == "completed"
    assert works(sim, new)
    assert not leftovers(sim, old)


@pytest.mark.parametrize("why", [Why.OTHER, Why.CONFLICT, Why.EXISTS, Why.NOT_FOUND])
async def test_refused_at_any_step_one_sim_works(rig: Rig, sim: SimNetwork, why: Why) -> None:
    steps = await steps_of_a_swap(rig, 30)
    for n, (door, word) in enumerate(steps, 31):
        old, new = await opened(rig, n)
        nth = [step for step in steps[: n - 31] if step == (door, word)]
        sim.fault(Kind.REFUSE, word, door, why=why, after=len(nth))
        state = await rig.until(await swap(rig, n, new))
        assert state in ("completed", "failed"), (word, state)
        assert [works(sim, old), works(sim, new)] == [state == "failed", state == "completed"], word
        assert not leftovers(sim, new if state == "failed" else old), word
        sim.faults.clear()
    assert len(steps) >= 3


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST, Kind.DROP_AFTER, Kind.DROP_BEFORE, Kind.GARBAGE])
async def test_unheard_at_any_step_it_goes_on(rig: Rig, sim: SimNetwork, kind: Kind) -> None:
    steps = await steps_of_a_swap(rig, 50)
    for n, (door, word) in enumerate(steps, 51):
        old, new = await opened(rig, n)
        nth = [step for step in steps[: n - 51] if step == (door, word)]
        sim.fault(kind, word, door, after=len(nth))
        assert await rig.until(await swap(rig, n, new)) == "completed", word
        assert [works(sim, old), works(sim, new), leftovers(sim, old)] == [False, True, False], word
        sim.faults.clear()
    assert len(steps) >= 3


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST])
async def test_stopped_at_any_step_it_goes_on_after(tmp_path: Path, sim: SimNetwork, time: Time, kind: Kind) -> None:
    async with gateway_on(tmp_path / "first", sim, time) as rig:
        steps = await steps_of_a_swap(rig, 70)
    for n, (door, word) in enumerate(steps, 71):
        data = tmp_path / f"data-{n}"
        async with gateway_on(data, sim, time) as rig:
            old, new = await opened(rig, n)
            nth = [step for step in steps[: n - 71] if step == (door, word)]
            sim.fault(kind, word, door, after=len(nth))
            order = await swap(rig, n, new)
            async with asyncio.timeout(60):
                while not any(fault.struck for fault in sim.faults.listed()):  # noqa: ASYNC110 - elements tell nobody
                    await asyncio.sleep(0.001)
        sim.faults.clear()
        async with gateway_on(data, sim, time) as rig:
            assert await rig.until(order) == "completed", word
            assert [works(sim, old), works(sim, new), leftovers(sim, old)] == [False, True, False], word
    assert len(steps) >= 3
