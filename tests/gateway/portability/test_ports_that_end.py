"""Ports that come to nothing: cancelled in time, refused by the donor, or overtaken by what became of the line."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from drivers.commands import Why
from gateway.contract.line import Life
from gateway.orders.acceptance import Preview
from hlr_sim.faults import Kind as FaultKind
from tests.gateway.cards import card
from tests.gateway.portability.lives import COMING, DAY, OTHER, TEMPORARY, Lives, coming

LINE = {"msisdn": COMING}


async def test_a_temporary_number_becomes_the_definitive_one_when_the_port_is_cancelled(lives: Lives) -> None:
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    assert await lives.rig.done("cancel_port_in", line=LINE) == "completed"
    row = await lives.until(port, "cancelled")
    assert (row["ended_at"] is not None, lives.file(port).state) == (True, "cancelled")
    line = (await lives.record(TEMPORARY)).line
    assert (line.life, line.porting) == (Life.ACTIVE, None)
    assert await lives.number(COMING) == "free"
    ((to, _),) = await lives.texts("port_cancelled")
    assert to == TEMPORARY
    lives.jump_to(DAY)
    await lives.tend()
    held = lives.rig.sim.held(card(1).imsi)
    assert held is not None
    assert held.msisdn == TEMPORARY


async def test_a_port_is_cancelled_until_two_working_days_before_and_not_later(lives: Lives) -> None:
    await lives.until(await lives.temporary(card(1)), "accepted")
    lives.jump_to(date(2026, 3, 5), 22.9)
    preview = await lives.rig.gateway.engine.preview(lives.rig.new("cancel_port_in", line=LINE))
    assert isinstance(preview, Preview)
    lives.jump_to(date(2026, 3, 5), 23)  # Friday 6 March, 0:00 in Paris: the second working day before begins
    assert await lives.refusal("cancel_port_in", line=LINE) == "port-too-late"


async def test_a_line_that_waited_gets_the_number_named_on_the_planned_day(lives: Lives) -> None:
    port = await lives.waiting(card(1))
    await lives.until(port, "accepted")
    assert await lives.rig.done("cancel_port_in", line=LINE, msisdn=OTHER) == "completed"
    await lives.until(port, "cancelled")
    assert await lives.number(COMING) == "free"
    order = await lives.rig.row(port)
    assert (order["state"], order["msisdn"]) == ("pending", OTHER)
    assert lives.rig.sim.held(card(1).imsi) is None
    lives.jump_to(DAY)
    await lives.until(port, waits=0)
    assert await lives.rig.until(port) == "completed"
    held = lives.rig.sim.held(card(1).imsi)
    assert held is not None
    assert held.msisdn == OTHER
    line = (await lives.record(OTHER)).line
    assert (line.life, line.porting, await lives.number(OTHER)) == (Life.ACTIVE, None, "assigned")
    assert not await lives.events("port.completed")
    assert (await lives.port(port))["ended_at"] is not None


async def test_the_number_may_be_named_after_the_port_was_cancelled(lives: Lives) -> None:
    port = await lives.waiting(card(1))
    await lives.until(port, "accepted")
    assert await lives.rig.done("cancel_port_in", line=LINE) == "completed"
    await lives.until(port, "cancelled")
    (asked,) = await lives.events("port.number_needed")
    assert asked["reference"] == port
    assert "a number" in (await lives.rig.row(port))["waiting_for"]
    lives.jump_to(DAY, 12)
    await lives.tend()
    assert await lives.rig.state(port) == "pending", "nobody has named one"
    assert await lives.refusal("cancel_port_in", line=LINE) == "msisdn-missing"
    assert await lives.refusal("cancel_port_in", line=LINE, msisdn="+33811000001") == "number-out-of-range"
    assert await lives.rig.done("cancel_port_in", line=LINE, msisdn=OTHER) == "completed"
    await lives.until(port, waits=0)
    assert await lives.rig.until(port) == "completed"
    assert (await lives.record(OTHER)).line.life is Life.ACTIVE


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("INCAPACITY", "incapacity"),
        ("INCOMPLETE", "incomplete"),
        ("RIO_WRONG", "incomplete"),
        ("NUMBER_INACTIVE", "inactive"),
        ("ALREADY_PORTING", "already_porting"),
        ("TOO_LATE", "too_late"),
    ],
)
async def test_a_donor_that_refuses_ends_the_port_and_not_the_line(lives: Lives, code: str, reason: str) -> None:
    lives.donor(reason=code)
    port = await lives.temporary(card(1))
    row = await lives.until(port, "refused")
    assert (row["reason"], row["ended_at"] is not None) == (reason, True)
    (told,) = await lives.events("port.refused")
    assert (told["reason"], told["code"], told["reference"]) == (reason, code, port)
    assert [to for to, _ in await lives.texts("port_refused")] == [TEMPORARY]
    while (await lives.record(TEMPORARY)).line.porting is not None:
        await lives.tend()
    assert (await lives.record(TEMPORARY)).line.life is Life.ACTIVE
    assert await lives.number(COMING) == "free"


async def test_a_line_that_waited_goes_on_after_a_refusal_with_the_number_named_then(lives: Lives) -> None:
    lives.donor(reason="NUMBER_INACTIVE", after_s=60)
    port = await lives.waiting(card(1))
    await lives.until(port, "requested")
    lives.rig.time.jump(minutes=2)
    await lives.until(port, "refused")
    assert [to for to, _ in await lives.texts("port_refused")] == [COMING], "it still works at the donor"
    assert len(await lives.events("port.number_needed")) == 1
    while not (porting := (await lives.record(COMING)).line.porting) or not porting.cancelled:
        await lives.tend()
    assert await lives.rig.done("cancel_port_in", line=LINE, msisdn=OTHER) == "completed"
    lives.jump_to(DAY)
    await lives.until(port, waits=0)
    assert await lives.rig.until(port) == "completed"
    assert (await lives.record(OTHER)).line.life is Life.ACTIVE


async def test_an_activation_taken_back_gives_the_number_up(lives: Lives) -> None:
    port = await lives.waiting(card(1))
    await lives.until(port, "accepted")
    await lives.rig.gateway.engine.cancel(port)
    row = await lives.until(port, "cancelled")
    assert (row["waits"], row["ended_at"] is not None, lives.file(port).state) == (0, True, "cancelled")
    assert await lives.number(COMING) == "free"
    assert await lives.rig.until(await lives.rig.activate(card(1), OTHER)) == "completed", "the SIM is free again"


async def test_a_line_that_ends_gives_up_the_number_it_waited_for(lives: Lives) -> None:
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    assert await lives.rig.done("terminate", msisdn=TEMPORARY) == "completed"
    await lives.until(port, "cancelled")
    assert lives.file(port).state == "cancelled"
    assert await lives.number(COMING) == "free"
    assert not await lives.texts("port_cancelled")


async def test_a_cancel_that_crosses_the_release_is_a_matter_for_a_human(lives: Lives) -> None:
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    file = lives.house.find(port)
    assert file is not None
    async with lives.rig.gateway.porter._hands:  # nobody listens meanwhile
        assert lives.house.let_go(file) is not None
        assert await lives.rig.done("cancel_port_in", line=LINE) == "completed"
    await lives.until(port, "released")
    await lives.tend()
    assert (await lives.port(port))["stuck"] is not None
    assert len(await lives.events("port.stuck")) == 1
    await lives.tend()
    assert len(await lives.events("port.stuck")) == 1, "told once"


async def test_without_a_clearing_house_no_number_moves(lives: Lives) -> None:
    lives.rig.gateway.network.clearing = None
    assert await lives.rig.until(await lives.rig.activate(card(1), TEMPORARY)) == "completed"
    line = {"msisdn": TEMPORARY}
    assert await lives.refusal("port_in", line=line, msisdn=COMING, **coming()) == "not-supported"
    wish = {"contract": "technicophone", "plan": "unlimited", "iccid": card(2).iccid, "port_in": coming()}
    assert await lives.refusal("activate", msisdn=COMING, **wish) == "not-supported"


async def test_a_number_that_comes_to_a_line_that_has_ended_is_a_matter_for_a_human(lives: Lives) -> None:
    port = await lives.waiting(card(1))
    await lives.until(port, "accepted")
    async with lives.rig.gateway.porter._hands:  # nobody listens meanwhile
        lives.jump_to(DAY)
        lives.house.catch_up()
        await lives.rig.gateway.engine.cancel(port)
    row = await lives.until(port, "released")
    await lives.tend()
    row = await lives.port(port)
    assert (row["dropped"], row["stuck"] is not None) == ("its activation came to nothing", True)
    assert len(await lives.events("port.stuck")) == 1
    assert lives.rig.sim.held(card(1).imsi) is None


async def test_an_order_of_the_day_that_ends_badly_is_told_and_put_right_by_hand(lives: Lives) -> None:
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    lives.rig.sim.fault(FaultKind.REFUSE, "ChangeMsisdn", "orange", why=Why.FORBIDDEN)
    lives.jump_to(DAY)
    await lives.until(port, "released")
    async with asyncio.timeout(60):
        while (await lives.port(port))["stuck"] is None:
            await lives.tend()
    (told,) = await lives.events("port.stuck")
    assert "complete_port" in told["advice"]
    assert (await lives.record(COMING)).line.msisdn == TEMPORARY
    assert await lives.rig.done("complete_port", msisdn=COMING, reference=port) == "completed"
    await lives.until(port, "done", stuck=None)
    assert (await lives.record(COMING)).line.msisdn == COMING
    assert len(await lives.events("port.completed")) == 1
