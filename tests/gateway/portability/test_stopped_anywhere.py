"""A gateway closed at any stage of a port and opened again: each thing happens once, and all of it happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from hlr_sim.faults import Kind
from tests.gateway.cards import card
from tests.gateway.portability.lives import COMING, DAY, NEXT_DAY, Lives
from tests.gateway.rig import SimNetwork, Time, gateway_on

_STAGES = ("requested", "accepted", "moved", "released", "switched")


@pytest.mark.parametrize("stopped_at", _STAGES)
@pytest.mark.parametrize("temporary", [True, False])
async def test_a_port_goes_on_exactly_once(
    tmp_path: Path,
    sim: SimNetwork,
    time: Time,
    stopped_at: str,
    temporary: bool,  # noqa: FBT001 - a parameter
) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        lives = Lives(rig)
        await rig.stock(card(1))
        await lives.tend()
        port = await (lives.temporary(card(1)) if temporary else lives.waiting(card(1)))
        await _up_to(lives, port, stopped_at)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        lives = Lives(rig)
        if stopped_at in ("requested", "accepted"):
            await lives.until(port, "accepted")
            assert await rig.done("change_port_date", msisdn=COMING, date=NEXT_DAY.isoformat()) == "completed"
        await lives.until(port, "accepted", "released", "done")
        if stopped_at != "switched":
            lives.jump_to(NEXT_DAY)
        row = await lives.until(port, "done")
        await lives.until(port, "done", confirmed_at=lives.file(port).confirmed_at)
        held = sim.held(card(1).imsi)
        assert held is not None
        assert held.msisdn == COMING
        for kind in ("requested", "moved", "released", "completed"):
            assert len(await lives.events(f"port.{kind}")) == 1, kind
        assert len(await lives.texts("port_done")) == 1
        switches = [order for order in await rig.all_rows("orders") if order["action"] == "complete_port"]
        assert len(switches) == (1 if temporary else 0)
        assert row["day"] == NEXT_DAY.isoformat()


async def _up_to(lives: Lives, port: str, stage: str) -> None:
    """Go on until that stage; the house is away while something is said, where that leaves it unsaid."""
    if stage == "requested":
        return  # perhaps said, perhaps not
    await lives.until(port, "accepted")
    if stage == "accepted":
        return
    assert await lives.rig.done("change_port_date", msisdn=COMING, date=NEXT_DAY.isoformat()) == "completed"
    if stage == "moved":
        return
    await lives.until(port, "accepted", day=NEXT_DAY.isoformat(), told_on="2026-03-11T23:00:00+00:00")
    lives.jump_to(NEXT_DAY)
    if stage == "switched":
        await lives.until(port, "released", "done")
        return
    lives.house.catch_up()


@pytest.mark.parametrize("kind", [Kind.SILENT, Kind.LOST, Kind.DROP_BEFORE, Kind.BUSY])
async def test_an_answer_that_never_came_is_asked_for_again(lives: Lives, kind: Kind) -> None:
    lives.rig.sim.fault(kind, "RequestPort", "npc")
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    heard = [entry.command for entry in lives.rig.sim.log("npc")]
    assert heard.count("RequestPort") >= 1
    assert len(lives.house.listed(COMING)) == 1
    assert DAY.isoformat() == (await lives.port(port))["day"]
