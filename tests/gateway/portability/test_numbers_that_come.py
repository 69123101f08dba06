"""A number comes from another operator: to a line that has a temporary one, or that waits for it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.contract.line import Life
from tests.gateway.cards import card
from tests.gateway.portability.lives import COMING, DAY, NEXT_DAY, OTHER, TEMPORARY, Lives, coming

A_MINUTE_S = 60


async def test_a_line_has_a_temporary_number_until_the_day_and_loses_it_then(lives: Lives) -> None:
    port = await lives.temporary(card(1))
    held = lives.rig.sim.held(card(1).imsi)
    assert held is not None
    assert held.msisdn == TEMPORARY
    row = await lives.until(port, "accepted")
    assert (row["recipient"], row["donor"], lives.file(port).recipient) == ("TP", "02", "TP")
    assert (await lives.record(COMING)).line.msisdn == TEMPORARY, "the line is found by the number that comes"
    lives.jump_to(DAY)
    row = await lives.until(port, "done")
    held = lives.rig.sim.held(card(1).imsi)
    assert held is not None
    assert held.msisdn == COMING
    line = (await lives.record(COMING)).line
    assert (line.msisdn, line.porting) == (COMING, None)
    assert await lives.number(TEMPORARY) != "assigned"
    assert await lives.number(COMING) == "assigned"
    assert lives.file(port).state == "done"
    (told,) = await lives.events("port.completed")
    assert (told["reference"], told["within_promise"]) == (port, True)
    assert 0 <= told["outage_s"] < A_MINUTE_S
    assert row["outage_s"] == told["outage_s"]
    ((to, _),) = await lives.texts("port_done")
    assert to == COMING


async def test_without_a_temporary_number_the_activation_waits_until_the_donor_lets_go(lives: Lives) -> None:
    port = await lives.waiting(card(1))
    order = await lives.rig.row(port)
    assert (order["state"], order["lane"]) == ("pending", 0)
    assert COMING in order["waiting_for"]
    assert order["expected_at"] == "2026-03-09T23:00:00+00:00", "midnight in Paris"
    await lives.until(port, "accepted")
    lives.jump_to(DAY - timedelta(days=1), 12)
    await lives.tend()
    assert await lives.rig.state(port) == "pending"
    assert lives.rig.sim.held(card(1).imsi) is None
    lives.jump_to(DAY, 0)
    await lives.until(port, "done")
    assert await lives.rig.until(port) == "completed"
    held = lives.rig.sim.held(card(1).imsi)
    assert held is not None
    assert held.msisdn == COMING
    assert (await lives.record(COMING)).line.life is Life.ACTIVE
    assert len(await lives.events("port.completed")) == 1


async def test_a_number_comes_to_a_line_that_is_in_service(lives: Lives) -> None:
    assert await lives.rig.until(await lives.rig.activate(card(1), TEMPORARY)) == "completed"
    line = {"msisdn": TEMPORARY}
    port = await lives.rig.order("port_in", line=line, msisdn=COMING, **coming())
    assert await lives.rig.until(port) == "completed"
    assert await lives.refusal("port_in", line=line, msisdn=COMING, **coming()) == "already-porting"
    await lives.until(port, "accepted")
    assert await lives.rig.done("suspend", msisdn=COMING, reason="unpaid") == "completed", "named by what comes"
    lives.jump_to(DAY)
    await lives.until(port, "done")
    line_now = (await lives.record(COMING)).line
    assert (line_now.msisdn, line_now.state) == (COMING, "suspended")


@pytest.mark.parametrize(
    ("slug", "changed"),
    [
        ("rio-invalid", {"rio": "02PAB12CDXXX"}),
        ("rio-invalid", {"rio": "02P"}),
        ("mandate-missing", {"mandate": " "}),
        ("port-date", {"date": "2026-03-04"}),
        ("port-date", {"date": "2026-05-01"}),
        ("same-number", {"temporary_msisdn": COMING}),
        ("number-out-of-range", {"temporary_msisdn": "+33811000001"}),
    ],
)
async def test_what_makes_no_sense_is_refused_at_once(lives: Lives, slug: str, changed: dict[str, str]) -> None:
    answer = await lives.rig.ask(
        "activate",
        msisdn=COMING,
        contract="technicophone",
        plan="unlimited",
        iccid=card(1).iccid,
        port_in=coming(**changed),
    )
    assert answer.problem is not None
    assert answer.problem["type"] == f"/problems/{slug}"
    assert not await lives.rig.all_rows("ports")
    assert not await lives.rig.all_rows("orders")


@pytest.mark.parametrize("day", ["2026-03-05", "2026-04-30"])
async def test_the_first_and_the_last_day_can_be_had(lives: Lives, day: str) -> None:
    port = await lives.waiting(card(1), date=day)
    assert (await lives.until(port, "accepted"))["day"] == day


_AGAIN: dict[str, Any] = {
    "msisdn": COMING,
    "contract": "technicophone",
    "plan": "unlimited",
    "iccid": card(2).iccid,
    "port_in": coming(temporary_msisdn=OTHER),
}


async def test_a_number_is_in_one_port_at_a_time(lives: Lives) -> None:
    await lives.temporary(card(1))
    assert await lives.refusal("activate", **_AGAIN) == "line-exists"
    assert await lives.rig.until(await lives.rig.activate(card(2), "+33711000009")) == "completed"
    to_another = {"line": {"msisdn": "+33711000009"}, "msisdn": COMING, **coming()}
    assert await lives.refusal("port_in", **to_another) == "number-not-free"


async def test_who_asks_for_a_number_that_comes_to_a_busy_line_is_told_so_in_turn(lives: Lives) -> None:
    await lives.temporary(card(1))
    before = await lives.rig.order("suspend", msisdn=TEMPORARY, reason="unpaid")
    answer = await lives.rig.ask("activate", **_AGAIN)
    assert answer.order is not None, "not judged yet: what is before it may change the answer"
    state, error = await lives.rig.end_of(answer.order["id"])
    assert (state, json.loads(error or "")["type"]) == ("rejected", "/problems/line-exists")
    assert await lives.rig.state(before) == "completed"
    assert (await lives.record(COMING)).line.iccid == card(1).iccid


async def test_who_asks_for_a_number_whose_port_is_being_cancelled_gets_it_for_another_line(lives: Lives) -> None:
    await lives.temporary(card(1))
    before = [await lives.rig.order("suspend", msisdn=TEMPORARY, reason="unpaid")]
    before.append(await lives.rig.order("cancel_port_in", msisdn=COMING))
    answer = await lives.rig.ask("activate", **_AGAIN)
    assert answer.order is not None, "not judged yet: what is before it may change the answer"
    assert [await lives.rig.until(order) for order in (*before, answer.order["id"])] == ["completed"] * 3
    assert (await lives.record(TEMPORARY)).line.iccid == card(1).iccid
    line = (await lives.record(COMING)).line
    assert (line.iccid, line.msisdn) == (card(2).iccid, OTHER)


@pytest.mark.parametrize("temporary", [True, False])
async def test_the_day_is_changed_once_and_in_time(lives: Lives, temporary: bool) -> None:  # noqa: FBT001 - a parameter
    port = await (lives.temporary(card(1)) if temporary else lives.waiting(card(1)))
    await lives.until(port, "accepted")
    assert await lives.rig.done("change_port_date", msisdn=COMING, date=NEXT_DAY.isoformat()) == "completed"
    row = await lives.until(port, "accepted", told_on="2026-03-11T23:00:00+00:00")
    assert (row["day"], lives.file(port).on) == (NEXT_DAY.isoformat(), row["told_on"])
    assert [to for to, _ in await lives.texts("port_moved")] == [TEMPORARY if temporary else COMING]
    assert await lives.refusal("change_port_date", msisdn=COMING, date="2026-03-16") == "port-moved-once"
    lives.jump_to(DAY)
    await lives.tend()
    assert (await lives.port(port))["state"] == "accepted", "not on the old day"
    lives.jump_to(NEXT_DAY)
    await lives.until(port, "done")
    assert (await lives.record(COMING)).line.msisdn == COMING


async def test_a_day_is_not_changed_too_late_nor_to_one_too_late(lives: Lives) -> None:
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    assert await lives.refusal("change_port_date", msisdn=COMING, date="2026-04-03") == "port-date"
    lives.jump_to(date(2026, 3, 5), 0)  # three working days before Tuesday 10 March is Thursday 5 March, 0:00 in Paris
    assert await lives.refusal("change_port_date", msisdn=COMING, date="2026-03-16") == "port-too-late"


async def test_the_day_begins_at_local_midnight_on_the_night_the_clocks_change(lives: Lives) -> None:
    port = await lives.waiting(card(1), date="2026-03-29")  # Sunday: clocks go forward at 2:00
    row = await lives.until(port, "accepted")
    assert row["on_at"] == "2026-03-28T23:00:00+00:00"
    assert await lives.rig.done("change_port_date", msisdn=COMING, date="2026-03-30") == "completed"
    row = await lives.until(port, "accepted", told_on="2026-03-29T22:00:00+00:00")
    lives.jump_to(date(2026, 3, 29), 21.9)
    await lives.tend()
    assert (await lives.port(port))["state"] == "accepted"
    lives.jump_to(date(2026, 3, 29), 22)
    await lives.until(port, "done")
    assert await lives.rig.state(port) == "completed"


async def test_how_long_the_number_was_out_of_service_is_told_and_whether_that_was_promised(lives: Lives) -> None:
    port = await lives.temporary(card(1))
    await lives.until(port, "accepted")
    lives.jump_to(DAY)
    lives.house.catch_up()
    lives.rig.time.jump(hours=5)
    row = await lives.until(port, "done")
    assert 5 * 3600 <= row["outage_s"] < 5 * 3600 + A_MINUTE_S
    (told,) = await lives.events("port.completed")
    assert told["within_promise"] is False, "more than 4 working hours"
    assert lives.rig.gateway.porter.figures.came[False] == 1
    assert lives.rig.gateway.porter.figures.longest_s == row["outage_s"]
