"""Sheet B, CMI: numbers that go to another operator, and the RIO they go with, row by row."""

from __future__ import annotations

import re

from drivers.subscription import Msisdn
from gateway.contract.rio import check_rio, rio_for
from tests.journeys.contracts.counter import Counter, Json

CONTRACT = "cmi"
PORTS = {"who": "linegate/portability", "channel": "portability"}


async def leaving(counter: Counter, rio: str, day: str) -> Json:
    """Have another operator ask for ``number(1)``; return the clearing house's file."""
    asked = {"msisdn": counter.number(), "rio": rio, "recipient": "05", "on": f"{day}T00:00:00+01:00", "donor": "C1"}
    answer = await counter.world.page.post("/ports/out", json=asked)
    assert answer.status_code == 201, answer.text
    await counter.tend()
    file: Json = (await counter.world.page.get(f"/ports/{answer.json()['reference']}")).json()
    return file


async def rio_by_sms(counter: Counter, **more: str) -> str:
    """Ask for the line's RIO and read the message that tells it."""
    asked = {"requested_by": {"who": "customer-7", "channel": "phone"}} | more
    await counter.post(f"/v1/lines/{counter.number()}/rio", asked, 202)
    return await counter.told("RIO")


async def test_a_number_leaves_on_the_receiving_operators_word_and_ends_its_line(counter: Counter) -> None:
    """002 mobile 9.3.1 | port-out: asked by the receiving operator with number and RIO; ends the line"""
    await counter.activate()
    rio = re.findall(r"\b[A-Z0-9]{2}[EP][A-Z0-9+]{9}", await rio_by_sms(counter))[0]
    stranger = rio_for("C1", "P", "AAAAAA", Msisdn(counter.number()))
    refused = await leaving(counter, stranger, "2026-03-12")
    assert (refused["state"], refused["reason"]) == ("refused", "RIO_WRONG")
    file = await leaving(counter, rio, "2026-03-12")
    assert file["state"] == "accepted"
    assert (await counter.line())["porting"]["direction"] == "out"
    again = {"msisdn": counter.number(), "rio": rio, "recipient": "06", "on": "2026-03-13", "donor": "C1"}
    assert "ALREADY_PORTING" in (await counter.world.page.post("/ports/out", json=again)).text
    await counter.at("2026-03-11 23:00")
    assert (await counter.probe())["voice_in"] is True
    await counter.at("2026-03-12 00:05")
    assert (await counter.probe())["attach"] == "refused:unknown"
    assert (await counter.line())["state"] == "terminated"
    asked, ended = (await counter.orders())[1:]
    assert (asked["action"], ended["action"]) == ("port_out", "complete_port")
    await counter.proof(asked, None, PORTS)
    await counter.proof(ended, "cmi", PORTS)
    assert (await counter.get(f"/v1/ports/{file['reference']}"))["recipient"] == "05"
    assert {"port.accepted", "port.left"} <= set(await counter.happened())


async def test_a_number_that_is_not_in_service_does_not_leave(counter: Counter) -> None:
    """002 mobile 9.3.1 | port-out: the number must be active"""
    await counter.activate()
    rio = re.findall(r"\b[A-Z0-9]{2}[EP][A-Z0-9+]{9}", await rio_by_sms(counter))[0]
    await counter.done("terminate")
    refused = await leaving(counter, rio, "2026-03-12")
    assert (refused["state"], refused["reason"]) == ("refused", "NUMBER_INACTIVE")


async def test_the_rio_is_told_by_sms_with_the_end_of_the_commitment_and_to_nobody_else(counter: Counter) -> None:
    """002 mobile 9.3.2.2 | RIO by SMS: RIO and commitment end date, confirmed by SMS"""
    await counter.activate()
    text = await rio_by_sms(counter, commitment_ends="2027-03-01")
    assert "01/03/2027" in text
    rio = re.findall(r"\b[A-Z0-9]{2}[EP][A-Z0-9+]{9}", text)[0]
    assert check_rio(rio, Msisdn(counter.number())) is None
    (told,) = [e["data"] for e in await counter.history() if e["type"] == "rio.told"]
    assert (told["requested_by"]["who"], told["commitment_ends"]) == ("customer-7", "2027-03-01")
    assert rio not in str(await counter.history()) + str(await counter.line())
