"""Sheet D, Orange Mayotte: a number that comes from another operator."""

from __future__ import annotations

from datetime import datetime, timedelta

from drivers.subscription import Msisdn
from gateway.contract.rio import rio_for
from tests.journeys.contracts.consumption import local
from tests.journeys.contracts.counter import Counter, Json

CONTRACT = HLR = "orange-mayotte"
COMES = "+262692000017"


def coming(counter: Counter, day: str, **more: str) -> Json:
    """Details of an activation whose number comes from another operator that day."""
    port = {"rio": rio_for("02", "P", "AB12CD", Msisdn(COMES)), "mandate": "signed 2026-03-02", "date": day}
    return {"contract": CONTRACT, "plan": "standard", "iccid": counter.card().iccid, "port_in": port | more}


async def test_a_number_comes_in_three_working_days_and_is_out_for_four_hours_at_most(counter: Counter) -> None:
    """004 art. 19 | port-in: RIO and wished date, 3 working days at least, an outage of at most 4 hours"""
    early = await counter.refused("activate", COMES, **coming(counter, "2026-03-04"))
    assert (early["type"], "2026-03-05" in early["detail"]) == ("/problems/port-date", True)
    wrong = coming(counter, "2026-03-05")
    wrong["port_in"]["rio"] = "02PAB12CDXXX"
    assert (await counter.refused("activate", COMES, **wrong))["type"] == "/problems/rio-invalid"
    asked = await counter.order("activate", COMES, **coming(counter, "2026-03-05"))
    await counter.tend()
    assert ((await counter.line(COMES))["state"], (await counter.probe())["attach"]) == ("ordered", "refused:unknown")
    assert coming(counter, "2026-03-05")["port_in"]["rio"] not in str(await counter.line(COMES))
    await counter.at("2026-03-05 12:00")
    await counter.tend()
    line = await counter.line(COMES)
    assert (line["state"], line["iccid"], line["porting"]) == ("active", counter.card().iccid, None)
    probe = await counter.probe()
    assert (probe["voice_out"]["national"], probe["voice_in"]) == (True, True)
    kept = await counter.proof(asked, HLR)
    assert local(counter, kept["stored_at"])[:10] == "2026-03-05"
    done = next(e["data"] for e in await counter.history(COMES) if e["type"] == "port.completed")
    outage = datetime.fromisoformat(done["stored_at"]) - datetime.fromisoformat(done["released_at"])
    assert (done["within_promise"], outage <= timedelta(hours=4)) == (
        outage <= timedelta(hours=4),
        done["within_promise"],
    )
    assert await counter.told("numéro", COMES)


async def test_who_waits_longer_has_a_temporary_number_until_then(counter: Counter) -> None:
    """004 art. 19 | port-in: up to 59 days on request; a temporary number, automatic from day 15"""
    for day, problem in (("2026-05-01", "port-date"), ("2026-03-18", "temporary-number-needed")):
        assert (await counter.refused("activate", COMES, **coming(counter, day)))["type"] == f"/problems/{problem}"
    wish = coming(counter, "2026-04-30", temporary_msisdn=counter.number(1))
    asked = await counter.done("activate", COMES, **wish)
    await counter.tend()
    line = await counter.line(1)
    assert (line["state"], line["porting"]["msisdn"]) == ("active", COMES)
    assert (await counter.probe())["voice_in"] is True
    await counter.proof(asked, HLR)
    await counter.at("2026-04-30 00:01")
    await counter.tend()
    line = await counter.line(COMES)
    assert (line["msisdn"], line["state"], line["porting"]) == (COMES, "active", None)
    assert (await counter.ask("GET", f"/v1/lines/{counter.number(1)}")).status_code == 404
    assert await counter.told("numéro", COMES)
    assert (await counter.probe())["voice_in"] is True
