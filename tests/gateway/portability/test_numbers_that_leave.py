"""A number of ours goes to another operator: asked by the clearing house's file, or ordered here."""

from __future__ import annotations

from datetime import date

import pytest

from drivers.subscription import Msisdn
from gateway.contract.line import Life
from gateway.contract.rio import rio_for
from gateway.portability.rio import rio_of
from tests.gateway.cards import Card, card
from tests.gateway.conftest import NUMBER
from tests.gateway.portability.lives import DAY, NEXT_DAY, Lives


async def test_a_number_that_is_asked_for_leaves_on_the_day_and_its_line_ends(lives: Lives, line: Card) -> None:
    port = await lives.wanted(NUMBER)
    row = await lives.until(port, "accepted")
    assert (row["direction"], lives.file(port).state, row["answer"]) == ("out", "accepted", "yes")
    agreed = (await lives.record(NUMBER)).line.porting
    assert agreed is not None
    assert (agreed.day, agreed.recipient) == (DAY, "02")
    lives.jump_to(date(2026, 3, 9), 22.9)
    await lives.tend()
    assert lives.rig.sim.held(line.imsi) is not None
    lives.jump_to(DAY, 0)
    row = await lives.until(port, "done")
    assert lives.rig.sim.held(line.imsi) is None
    assert (row["switched_at"] <= row["released_at"], row["ended_at"] is not None) == (True, True)
    assert await lives.number(NUMBER) == "ported_out"
    assert len(await lives.events("port.left")) == 1
    again = {"contract": "technicophone", "plan": "unlimited", "iccid": card(2).iccid}
    assert await lives.refusal("activate", msisdn=NUMBER, **again) == "number-not-free"


async def test_a_number_that_has_left_may_come_back(lives: Lives, line: Card) -> None:
    assert line.imsi
    port = await lives.wanted(NUMBER)
    await lives.until(port, "accepted")
    lives.jump_to(DAY, 0)
    await lives.until(port, "done")
    back = {"rio": rio_for("02", "P", "ZZ99ZZ", Msisdn(NUMBER)), "mandate": "M-2", "date": "2026-03-20"}
    order = await lives.rig.activate(card(2), NUMBER, port_in=back)
    await lives.until(order, "accepted")
    lives.jump_to(date(2026, 3, 20))
    await lives.until(order, "done")
    assert (await lives.record(NUMBER)).line.life is Life.ACTIVE


async def test_a_port_out_ordered_here_is_joined_to_the_file_that_comes_later(lives: Lives, line: Card) -> None:
    record, rule = await lives.record(NUMBER), lives.rule
    said = {"rio": rio_of(record, rule), "date": DAY.isoformat(), "recipient": "02"}
    order = await lives.rig.order("port_out", msisdn=NUMBER, **said)
    assert await lives.rig.until(order) == "completed"
    assert (await lives.port(order))["file"] is None
    file = await lives.wanted(NUMBER)
    row = await lives.until(order, "accepted")
    assert (row["file"], lives.file(file).state) == (file, "accepted")
    lives.jump_to(DAY)
    await lives.until(order, "done")
    assert lives.file(file).state == "done"
    assert lives.rig.sim.held(line.imsi) is None


@pytest.mark.parametrize(
    ("code", "number", "rio"),
    [
        ("RIO_WRONG", NUMBER, rio_for("TP", "E", "AAAAAA", Msisdn(NUMBER))),
        ("NUMBER_INACTIVE", "+33799999999", "TPEAAAAAAAAA"),
    ],
)
async def test_what_may_not_leave_is_refused(lives: Lives, line: Card, code: str, number: str, rio: str) -> None:
    assert line.imsi
    port = await lives.wanted(number, rio=rio)
    row = await lives.until(port, "refused")
    assert (lives.file(port).state, lives.file(port).reason, row["answer"]) == ("refused", code, code)
    assert row["ended_at"] is not None
    assert (await lives.record(NUMBER)).line.porting is None


async def test_a_number_in_one_port_is_refused_in_another(lives: Lives, line: Card) -> None:
    assert line.imsi
    said = {"rio": rio_of(await lives.record(NUMBER), lives.rule), "date": DAY.isoformat(), "recipient": "03"}
    assert await lives.rig.done("port_out", msisdn=NUMBER, **said) == "completed"
    assert await lives.refusal("port_out", msisdn=NUMBER, **said) == "already-porting"
    foreign = said | {"rio": rio_for("02", "P", "AAAAAA", Msisdn(NUMBER))}
    assert await lives.refusal("port_out", msisdn=NUMBER, **foreign) == "rio-invalid"


async def test_a_number_that_is_wanted_no_more_stays(lives: Lives, line: Card) -> None:
    port = await lives.wanted(NUMBER)
    await lives.until(port, "accepted")
    file = lives.house.find(port)
    assert file is not None
    assert lives.house.withdraw(file) is not None
    await lives.until(port, "cancelled")
    while (await lives.record(NUMBER)).line.porting is not None:
        await lives.tend()
    lives.jump_to(NEXT_DAY)
    await lives.tend()
    assert lives.rig.sim.held(line.imsi) is not None
    assert len(await lives.events("port.withdrawn")) == 1
