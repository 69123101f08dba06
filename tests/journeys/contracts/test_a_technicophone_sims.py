"""Sheet A, Technicophone: its SIMs and numbers, how they come, change and end, row by row."""

from __future__ import annotations

import re
from datetime import UTC

from drivers.subscription import Msisdn
from gateway.contract.rio import rio_for
from tests.journeys.contracts.counter import ANNA, Counter

CONTRACT = "technicophone"
NOT_HERE: dict[str, str] = {}
EVERYTHING = ("data", "4g", "international", "roaming")


async def test_a_terminated_lines_sim_is_never_usable_again(counter: Counter) -> None:
    """001:6231-6234 | termination: the SIM is deactivated on the host network and never usable again"""
    await counter.activate(1, "unlimited", *EVERYTHING)
    order = await counter.done("terminate", reason="moved away")
    for at in ("home", "abroad"):
        assert (await counter.probe(1, at))["attach"] == "refused:unknown"
    assert (await counter.line())["state"] == "terminated"
    assert (await counter.get(f"/v1/sims/{counter.card(1).iccid}"))["state"] == "retired"
    again = {"contract": CONTRACT, "iccid": counter.card(1).iccid, "plan": "unlimited"}
    assert (await counter.refused("activate", 2, **again))["type"] == "/problems/sim-not-available"
    await counter.activate(2)
    swap = {"new_iccid": counter.card(1).iccid, "reason": "other"}
    assert (await counter.refused("swap_sim", 2, **swap))["type"] == "/problems/sim-not-available"
    await counter.proof(order, "orange")


async def test_a_swap_keeps_the_number_and_tells_billing_why(counter: Counter) -> None:
    """001:6236-6239, 6427 | SIM swap: same number, new SIM, for any of five reasons; billed: told as an event"""
    await counter.activate(1, "unlimited", *EVERYTHING)
    before = await counter.probe(1)
    for n, reason in enumerate(("malfunction", "damaged", "other"), start=2):
        order = await counter.done("swap_sim", new_iccid=counter.card(n).iccid, reason=reason)
        assert await counter.probe(n) == before | {"imsi": counter.card(n).imsi}
        assert (await counter.probe(n - 1))["attach"] == "refused:unknown"
        told = [e["data"] for e in await counter.history() if e["type"] == "order.completed"][-1]
        assert (told["action"], told["imsi"]) == ("swap_sim", counter.card(n).imsi)
        assert (await counter.get(f"/v1/sims/{counter.card(n - 1).iccid}"))["state"] == "replaced"
        await counter.proof(order, "orange")
    assert "carte SIM est active" in await counter.told("nouvelle carte")
    for n, reason in enumerate(("lost", "stolen"), start=5):
        await counter.done("report_lost", reason=reason)
        await counter.done("swap_sim", new_iccid=counter.card(n).iccid, reason=reason)
        assert await counter.probe(n) == before | {"imsi": counter.card(n).imsi}
    assert (await counter.line())["msisdn"] == counter.number(1)


async def test_lost_sims_named_by_their_imsi_are_out_of_service_at_once(counter: Counter) -> None:
    """001:6388, 6406-6408, 6718-6720 | loss or theft: any channel, names the IMSI, several SIMs at once"""
    for n in (1, 2, 3):
        await counter.activate(n, "unlimited", *EVERYTHING)
    phone = {"who": "the customer", "channel": "phone"}
    said_at = counter.now.astimezone(UTC).replace(microsecond=0)
    await counter.later(minutes=3)
    lost = [{"imsi": counter.card(n).imsi} for n in (1, 2)]
    report = {"reason": "stolen", "reported_at": said_at.isoformat(), "lines": lost, "requested_by": phone}
    taken = await counter.post("/v1/loss-reports", report, 202)
    for n, item in enumerate(taken["items"], start=1):
        order = await counter.ended(item["id"])
        for at in ("home", "abroad"):
            assert (await counter.probe(n, at))["attach"] == "refused:suspended"
        kept = await counter.proof(order, "orange", phone)
        (held,) = (await counter.line(n))["restrictions"]
        assert (held["reason"], held["since"]) == ("stolen", said_at.isoformat())
        assert held["requested_at"] == kept["accepted_at"]
        assert held["since"] < held["requested_at"] <= held["confirmed_at"] == kept["stored_at"]
    assert (await counter.probe(3, "abroad"))["attach"] == "accepted"
    assert (await counter.refused("reactivate"))["type"] == "/problems/nothing-to-lift"
    by_order = await counter.done("report_lost", {"imsi": counter.card(3).imsi}, reason="lost", requested_by=phone)
    assert (await counter.probe(3))["attach"] == "refused:suspended"
    await counter.proof(by_order, "orange", phone)


async def test_a_puk_of_eight_digits_is_told_to_who_is_named_and_that_is_kept(counter: Counter) -> None:
    """001:6075-6079, 6383 | PIN and PUK: PIN with the SIM; PUK of 8 digits, told on request with proof of who asked"""
    await counter.activate(1, "unlimited")
    sim = f"/v1/sims/{counter.card(1).iccid}"
    told = await counter.post(f"{sim}/puk", {"requested_by": ANNA, "why": "three wrong PINs"})
    assert told["puk1"] == counter.card(1).puk1
    assert re.fullmatch(r"\d{8}", told["puk1"])
    assert not set(counter.card(1).secrets) & set((await counter.get(sim)).values())
    (asked,) = [event["data"] for event in await counter.history() if event["type"] == "puk.disclosed"]
    assert (asked["requested_by"], asked["why"]) == (ANNA, "three wrong PINs")
    assert told["puk1"] not in str(await counter.history())
    assert (await counter.ask("POST", f"{sim}/puk", json={"why": "no name"})).status_code == 422


async def test_a_number_moves_to_the_other_host_on_a_new_sim(counter: Counter) -> None:
    """001:6748-6752 | host migration: new SIMs, same numbers on the other host network"""
    numbers = (1, 2)
    for n in numbers:
        await counter.activate(n, "unlimited", *EVERYTHING, host="orange")
        await counter.done("bar_outgoing", n, reason="unpaid")
    for n in numbers:
        new = counter.card(n, "sfr")
        swap = {"new_iccid": new.iccid, "reason": "other"}
        assert (await counter.refused("swap_sim", n, **swap))["type"] == "/problems/wrong-host"
        order = await counter.done("swap_sim", n, **swap, host="sfr")
        line = await counter.line(n)
        assert (line["host"], line["imsi"], line["state"]) == ("sfr", new.imsi, "barred")
        assert line["options"] == sorted(EVERYTHING)
        assert (await counter.probe(counter.card(n).imsi))["attach"] == "refused:unknown"
        assert (await counter.probe(new.imsi))["voice_in"] is True
        assert {step["element"] for step in order["steps"]} == {"orange", "sfr"}
        assert [step["element"] for step in order["steps"]].index("orange") > 0  # the new one works before the old ends


async def test_a_number_comes_with_its_papers_and_may_be_called_off_in_time(counter: Counter) -> None:
    """001:6241-6244, 6315-6350 | port-in: number, RIO, mandate; short outage; cancel until 2 working days before"""
    numbers = ["+33698765432", "+33698765433"]
    for n, comes in enumerate(numbers, start=1):
        papers = {"rio": rio_for("0A", "P", "AB12CD", Msisdn(comes)), "mandate": "signed", "date": "2026-03-12"}
        wish = {"contract": CONTRACT, "iccid": counter.card(n).iccid, "plan": "unlimited"}
        unsigned = {"port_in": papers | {"mandate": " "}}
        assert (await counter.refused("activate", comes, **wish, **unsigned))["type"] == "/problems/mandate-missing"
        asked = await counter.done("activate", comes, **wish, port_in=papers | {"temporary_msisdn": counter.number(n)})
        await counter.tend()
        await counter.proof(asked, "orange")
    await counter.at("2026-03-09 23:00")
    away = {"who": "customer-7", "channel": "customer-area"}
    await counter.proof(await counter.done("cancel_port_in", 2, requested_by=away), None, away)
    await counter.at("2026-03-10 00:05")
    assert (await counter.refused("cancel_port_in"))["type"] == "/problems/port-too-late"
    await counter.at("2026-03-12 00:05")
    assert ((await counter.line(numbers[0]))["state"], (await counter.line(2))["porting"]) == ("active", None)
    assert [(await counter.probe(n))["voice_in"] for n in (1, 2)] == [True, True]
    (port,) = (await counter.get("/v1/ports", params={"msisdn": numbers[0]}))["items"]
    assert (port["state"], port["within_promise"], port["mandate"]) == ("done", True, "signed")
    await counter.told(numbers[0], numbers[0])
