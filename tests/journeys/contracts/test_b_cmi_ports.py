"""Sheet B, CMI: numbers that come from another operator, row by row."""

from __future__ import annotations

import pytest

from drivers.subscription import Msisdn
from gateway.contract.rio import rio_for
from tests.journeys.contracts.counter import Counter, Json

CONTRACT = "cmi"
COMES = "+33698765432"


def coming(counter: Counter, day: str, n: int = 1, **more: str) -> Json:
    """Details of an activation whose number comes that day; until then the line has none unless ``more`` names one."""
    port = {"rio": rio_for("0A", "P", "AB12CD", Msisdn(COMES)), "mandate": "signed 2026-03-01", "date": day}
    return {"contract": CONTRACT, "plan": "unlimited", "iccid": counter.card(n).iccid, "port_in": port | more}


async def port_of(counter: Counter, order: Json) -> Json:
    """The port an order began, as ``/v1/ports`` tells it."""
    found: Json = await counter.get(f"/v1/ports/{order['id']}")
    assert found["order_id"] == order["id"]
    return found


async def test_a_number_comes_and_replaces_the_temporary_one(counter: Counter) -> None:
    """002 mobile 9.1-9.2.4 | port-in: temporary number until port day, up to 59 days, outage <= 4 h, result by SMS"""
    early, late = coming(counter, "2026-03-03"), coming(counter, "2026-05-01")
    for details in (early, late):
        assert (await counter.refused("activate", COMES, **details))["type"] == "/problems/port-date"
    asked = await counter.done("activate", COMES, **coming(counter, "2026-03-12", temporary_msisdn=counter.number()))
    await counter.tend()
    line = await counter.line()
    assert (line["state"], line["porting"]["msisdn"], line["porting"]["day"]) == ("active", COMES, "2026-03-12")
    assert ((await counter.probe())["voice_in"], "rio" in line["porting"]) == (True, False)
    await counter.proof(asked, "cmi")
    await counter.at("2026-03-11 23:00")
    assert (await counter.line())["msisdn"] == counter.number()
    await counter.at("2026-03-12 00:05")
    line, held = await counter.line(COMES), counter.world.held(counter.card().imsi, "cmi")
    assert held is not None
    assert (line["state"], line["porting"], held.msisdn) == ("active", None, COMES)
    assert (await counter.ask("GET", f"/v1/lines/{counter.number()}")).status_code == 404
    port = await port_of(counter, asked)
    assert (port["state"], port["donor"], port["within_promise"]) == ("done", "0A", True)
    assert 0 <= port["outage_s"] <= 4 * 3600
    await counter.told(COMES, COMES)
    assert {"port.requested", "port.accepted", "port.released", "port.completed"} <= set(await counter.happened(COMES))
    wish = {"contract": CONTRACT, "iccid": counter.card(2).iccid, "plan": "metered"}
    await counter.done("activate", 1, **wish)  # the temporary number is anybody's again


async def test_the_day_of_a_port_is_changed_once_and_in_time(counter: Counter) -> None:
    """002 mobile 9.2.6 | port-in date change: once, at the latest 3 working days before, new date within 1 month"""
    asked = await counter.done("activate", COMES, **coming(counter, "2026-03-16", temporary_msisdn=counter.number()))
    await counter.at("2026-03-10 12:00")
    too_far = await counter.refused("change_port_date", date="2026-04-20")
    assert too_far["type"] == "/problems/port-date"
    moved = await counter.done("change_port_date", date="2026-03-24")
    await counter.proof(moved, None)
    assert (await counter.line())["porting"]["day"] == "2026-03-24"
    assert (await port_of(counter, asked))["day"] == "2026-03-24"
    assert (await counter.refused("change_port_date", date="2026-03-30"))["type"] == "/problems/port-moved-once"
    await counter.at("2026-03-16 12:00")
    assert (await counter.line())["msisdn"] == counter.number()
    await counter.at("2026-03-24 00:05")
    assert (await counter.line(COMES))["state"] == "active"
    assert ((await counter.probe())["voice_in"], (await port_of(counter, asked))["state"]) == (True, "done")
    await counter.told(COMES, COMES)


async def test_the_day_of_a_port_is_changed_no_later_than_three_working_days_before(counter: Counter) -> None:
    """002 mobile 9.2.6 | port-in date change: at the latest 3 working days before"""
    await counter.done("activate", COMES, **coming(counter, "2026-03-16", temporary_msisdn=counter.number()))
    await counter.at("2026-03-11 00:05")
    late = await counter.refused("change_port_date", date="2026-03-24")
    assert (late["type"], "2026-03-16" in late["detail"]) == ("/problems/port-too-late", True)
    assert (await counter.refused("cancel_port_in"))["type"] == "/problems/port-too-late"
    await counter.at("2026-03-16 00:05")
    assert (await counter.line(COMES))["state"] == "active"


async def test_a_cancelled_port_leaves_the_temporary_number(counter: Counter) -> None:
    """002 mobile 9.2.7 | port-in cancelled: the temporary number becomes the definitive one, the contract stays"""
    asked = await counter.done("activate", COMES, **coming(counter, "2026-03-16", temporary_msisdn=counter.number()))
    await counter.tend()
    await counter.at("2026-03-10 23:00")
    order = await counter.done("cancel_port_in")
    await counter.tend()
    await counter.proof(order, None)
    assert (await port_of(counter, asked))["state"] == "cancelled"
    await counter.at("2026-03-17 12:00")
    line = await counter.line()
    assert (line["state"], line["msisdn"], line["porting"]) == ("active", counter.number(), None)
    assert (await counter.probe())["voice_in"] is True
    assert (await counter.ask("GET", f"/v1/lines/{COMES}")).status_code == 404
    await counter.told(COMES)


async def test_a_cancelled_port_without_a_temporary_number_is_given_one_on_the_planned_day(counter: Counter) -> None:
    """002 mobile 9.2.7 | port-in cancelled: without a temporary number one is assigned on the planned date"""
    asked = await counter.order("activate", COMES, **coming(counter, "2026-03-16"))
    await counter.tend()
    assert ((await counter.line(COMES))["state"], (await counter.probe())["attach"]) == ("ordered", "refused:unknown")
    await counter.done("cancel_port_in", COMES, msisdn=counter.number(5))
    await counter.tend()
    await counter.at("2026-03-15 23:00")
    assert (await counter.probe())["attach"] == "refused:unknown"
    await counter.at("2026-03-16 00:05")
    line = await counter.line(5)
    assert (line["state"], line["iccid"], line["porting"]) == ("active", counter.card().iccid, None)
    assert (await counter.probe())["voice_in"] is True
    await counter.told("en service", 5)
    assert (await counter.get(f"/v1/orders/{asked['id']}"))["state"] == "completed"


async def test_what_makes_no_sense_is_refused_before_the_donor_is_asked(counter: Counter) -> None:
    """002 mobile 9.2.2 | port-in refusals: incomplete or wrong, RIO missing, number already in another port request"""
    details = coming(counter, "2026-03-16", temporary_msisdn=counter.number())
    wrong = details | {"port_in": details["port_in"] | {"rio": "0APAB12CDXXX"}}
    assert (await counter.refused("activate", COMES, **wrong))["type"] == "/problems/rio-invalid"
    missing = details | {"port_in": {k: v for k, v in details["port_in"].items() if k != "rio"}}
    assert (await counter.refused("activate", COMES, **missing))["type"] == "/problems/invalid-body"
    await counter.done("activate", COMES, **details)
    again = coming(counter, "2026-03-18", 2, temporary_msisdn=counter.number(2))
    assert (await counter.refused("activate", COMES, **again))["type"] == "/problems/line-exists"
    other = {"rio": again["port_in"]["rio"], "mandate": "signed", "date": "2026-03-18"}
    await counter.activate(3)
    assert (await counter.refused("port_in", 3, msisdn=COMES, **other))["type"] == "/problems/number-not-free"
    assert (await counter.probe(2))["attach"] == "refused:unknown"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("INCAPACITY", "incapacity"),
        ("INCOMPLETE", "incomplete"),
        ("NUMBER_INACTIVE", "inactive"),
        ("ALREADY_PORTING", "already_porting"),
    ],
)
async def test_a_donor_that_refuses_is_told_to_the_customer_and_the_line_goes_on(
    counter: Counter, code: str, why: str
) -> None:
    """002 mobile 9.2.2 | port-in refusals: incapacity, incomplete, inactive on the day, already in another request"""
    script = {"msisdn": COMES, "answer": "refuse", "reason": code}
    assert (await counter.world.page.post("/ports/donor", json=script)).status_code == 200
    asked = await counter.done("activate", COMES, **coming(counter, "2026-03-16", temporary_msisdn=counter.number()))
    await counter.later(minutes=5)
    port = await port_of(counter, asked)
    assert (port["state"], port["reason"]) == ("refused", why)
    line = await counter.line()
    assert (line["state"], line["msisdn"], line["porting"]) == ("active", counter.number(), None)
    assert (await counter.probe())["voice_in"] is True
    await counter.told(COMES)
    assert "port.refused" in await counter.happened()
