"""Sheet B, CMI: its lines' services, restrictions and clocks, row by row."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.journeys.contracts.counter import Counter, Json

CONTRACT = "cmi"
NOT_HERE = {
    "002 fixed 1.1": "in part: the clause is about fixed lines, so cmi.toml names no `[defaults] bars` for mobiles",
    "002 CGV 9.2": "the gateway counts use and keeps counters, crossings and messages; the records themselves are kept "
    "six months by the billing system they come from, and by the gateway 100 days to know what is told twice",
}
BY_MAIL = {"who": "customer-7", "channel": "e-mail"}


async def test_the_credit_limit_stops_what_goes_out_until_it_is_settled(counter: Counter) -> None:
    """002 CGV 8.3 | credit limit passed: no calls out but emergency, incoming works, until settled or raised"""
    await counter.activate()
    before = await counter.probe()
    order = await counter.done("bar_outgoing", reason="credit_limit")
    seen = await counter.probe()
    assert set(seen["voice_out"].values()) == {False}
    assert (seen["sms_out"], seen["voice_in"], seen["sms_in"], seen["emergency"]) == (False, True, True, True)
    assert (await counter.line())["state"] == "barred"
    await counter.told("appels sortants")
    await counter.proof(order, "cmi")
    await counter.later(days=20)
    assert (await counter.line())["state"] == "barred"
    await counter.proof(await counter.done("reactivate", reason="credit_limit"), "cmi")
    assert await counter.probe() == before
    await counter.told("réactivée")


async def test_a_suspended_line_reaches_emergency_numbers_and_may_be_ended_after_two_months(counter: Counter) -> None:
    """002 CGV 12.1 | suspension total or partial, emergency numbers always; longer than 2 months: may terminate"""
    await counter.activate()
    partial = await counter.done("bar_outgoing", reason="abuse")
    assert ((await counter.probe())["attach"], (await counter.probe())["emergency"]) == ("accepted", True)
    total = await counter.done("suspend", reason="abuse")
    for at in ("home", "abroad"):
        seen = await counter.probe(1, at)
        assert (seen["attach"], seen["emergency"]) == ("refused:suspended", True)
    for order in (partial, total):
        await counter.proof(order, "cmi")
    await counter.at("2026-05-02 09:30")
    assert "clock.proposed" not in await counter.happened()
    await counter.at("2026-05-02 10:30")
    (due,) = [e["data"] for e in await counter.history() if e["type"] == "clock.proposed"]
    assert (due["action"], due["source"]) == ("terminate", "002 CGV 12.1")
    assert (await counter.line())["state"] == "suspended"


async def test_costly_destinations_stay_barred_until_a_waiver_is_signed(counter: Counter) -> None:
    """002 fixed 1.1 | default bars: costly destinations barred until the customer signs a waiver"""
    await counter.activate()
    barred = await counter.done("change_bars", add=["no_premium", "national_only"])
    seen = (await counter.probe())["voice_out"]
    assert (seen["national"], seen["international"], seen["premium"]) == (True, False, False)
    assert (await counter.line())["bars"] == ["national_only", "no_premium"]
    await counter.told("restrictions choisies")
    await counter.proof(barred, "cmi")
    order = await counter.done("change_bars", remove=["no_premium", "national_only"], note="waiver signed")
    assert set((await counter.probe())["voice_out"].values()) == {True}
    await counter.proof(order, "cmi")


@pytest.mark.parametrize("plan", ["metered", "unlimited"])
async def test_data_is_open_by_default_and_closed_when_the_customer_wants(counter: Counter, plan: str) -> None:
    """002 mobile 1 | data: metered data open by default; the customer can have it closed"""
    await counter.activate(1, plan)
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": None}
    order = await counter.done("change_bars", add=["no_data"], requested_by=BY_MAIL)
    seen = await counter.probe()
    assert (seen["data"]["allowed"], seen["voice_out"]["national"]) == (False, True)
    await counter.proof(order, "cmi", BY_MAIL)
    await counter.done("suspend", reason="customer")
    await counter.done("reactivate")
    assert (await counter.probe())["data"]["allowed"] is False
    await counter.done("change_bars", remove=["no_data"])
    assert (await counter.probe())["data"]["allowed"] is True


async def test_fair_use_slows_down_and_a_data_pack_gives_the_speed_back(counter: Counter) -> None:
    """002 mobile 1.1 | fair use: bandwidth reduced above the threshold; a data pack bought restores speed"""
    await counter.activate()
    assert (await counter.use(50))["crossings"][-1]["action"] == "ordered"
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": 128}
    await counter.told("Le débit est réduit")
    order = await counter.done("top_up", volume="5 GB", requested_by={"who": "the line", "channel": "sms"})
    assert (await counter.probe())["data"] == {"allowed": True, "cap_kbit_s": None}
    assert [bought["what"] for bought in (await counter.line())["top_ups"]] == ["volume 5 GB"]
    await counter.told("recharge")
    await counter.proof(order, "cmi", {"who": "the line", "channel": "sms"})


async def test_a_lost_sim_is_out_of_service_and_a_new_card_brings_the_number_back(counter: Counter) -> None:
    """002 mobile 5.3 | SIM lost or stolen: out of service at once, back in service with a new card, same number"""
    await counter.activate()
    before = await counter.probe()
    lost = await counter.done("report_lost", reason="stolen", requested_by=BY_MAIL)
    assert ((await counter.probe())["attach"], (await counter.line())["state"]) == ("refused:suspended", "suspended")
    kept = await counter.proof(lost, "cmi", BY_MAIL)
    assert datetime.fromisoformat(kept["stored_at"]) - datetime.fromisoformat(kept["accepted_at"]) < timedelta(
        minutes=1
    )
    order = await counter.done("swap_sim", new_iccid=counter.card(2).iccid, reason="stolen")
    assert await counter.probe(2) == before | {"imsi": counter.card(2).imsi}
    line = await counter.line()
    assert (line["state"], line["msisdn"], line["iccid"]) == ("active", counter.number(), counter.card(2).iccid)
    assert (await counter.probe(1))["attach"] == "refused:unknown"
    await counter.told("nouvelle carte")
    await counter.proof(order, "cmi")


async def test_data_abroad_is_cut_at_its_cap_until_a_waiver_is_signed(counter: Counter) -> None:
    """002 mobile 8.3.3 | roaming data cap, 45 to 60 EUR: SMS at 80 %, cut at 100 %, reopened once a waiver is signed"""
    await counter.activate(1, "metered", "roaming")
    agreed = f"/v1/lines/{counter.number()}/alerting"
    beyond = await counter.ask("PUT", agreed, json={"thresholds": {"roaming_data": {"limit": "61 EUR"}}})
    assert (beyond.status_code, "60" in beyond.text) == (422, True)
    cap: Json = {"limit": "60 EUR"}
    assert (await counter.ask("PUT", agreed, json={"thresholds": {"roaming_data": cap}})).status_code == 200
    await counter.use(48, "EUR", roaming=True)
    await counter.told("80% du plafond de 60")
    assert (await counter.probe(1, "abroad"))["data"]["allowed"] is True
    (told,) = (await counter.use(12, "EUR", roaming=True))["crossings"]
    abroad = await counter.probe(1, "abroad")
    assert (abroad["data"]["allowed"], abroad["voice_out"]["national"]) == (False, True)
    assert (await counter.probe())["data"]["allowed"] is True
    await counter.told("coupé jusqu'au")
    await counter.proof(await counter.ended(told["order_id"]), "cmi", {"who": "linegate/usage", "channel": "usage"})
    signed = {"thresholds": {"roaming_data": cap | {"waived": True}}}
    assert (await counter.ask("PUT", agreed, json=signed)).status_code == 200
    await counter.tend()
    assert (await counter.probe(1, "abroad"))["data"]["allowed"] is True


async def test_what_is_asked_by_mail_or_sms_is_kept_as_proof(counter: Counter) -> None:
    """002 CGV 18 | proof: requests by e-mail and SMS recorded in the information system are proof"""
    await counter.activate()
    for channel in ("e-mail", "sms"):
        who = {"who": "customer-7", "channel": channel}
        asked_at = counter.now
        order = await counter.done("change_bars", add=["no_premium"], requested_by=who, external_id=f"{channel} 17")
        kept = await counter.proof(order, "cmi" if channel == "e-mail" else None, who)
        assert kept["external_id"] == f"{channel} 17"
        assert datetime.fromisoformat(kept["accepted_at"]) >= asked_at
    assert (await counter.probe())["voice_out"]["premium"] is False
    told = [e["data"]["requested_by"]["channel"] for e in await counter.history() if e["type"] == "order.accepted"]
    assert told == ["shop", "e-mail", "sms"]
