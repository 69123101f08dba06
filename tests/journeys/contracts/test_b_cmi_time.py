"""Sheet B, CMI: what it does in time: activation, roaming, termination, letters, the pace of messages, row by row."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from tests.journeys.contracts.counter import Counter

CONTRACT = "cmi"
BY_MAIL = {"who": "customer-7", "channel": "e-mail"}


async def test_eight_days_after_the_reminder_the_suspension_is_due(counter: Counter) -> None:
    """002 CGV 8.6.1 | unpaid: reminder e-mail + 8 days: suspend"""
    await counter.activate()
    await counter.done("record_notice", notice="unpaid_reminder", requested_by=BY_MAIL)
    await counter.at("2026-03-10 09:30")
    assert "clock.proposed" not in await counter.happened()
    await counter.at("2026-03-10 10:01")
    (due,) = [e["data"] for e in await counter.history() if e["type"] == "clock.proposed"]
    assert (due["action"], due["details"], due["source"]) == ("suspend", {"reason": "unpaid"}, "002 CGV 8.6.1")
    order = await counter.done("suspend", reason="unpaid")
    assert (await counter.probe())["attach"] == "refused:suspended"
    await counter.proof(order, "cmi")


async def test_a_line_is_activated_on_the_day_chosen_or_by_itself_after_thirty_days(counter: Counter) -> None:
    """002 mobile 2.1 | activation date: at the customer's choice; 30 days after delivery with no word, by itself"""
    delivered_at = counter.now.isoformat()
    wishes = {1: {"requested_start": "2026-03-09T08:00:00+01:00"}, 2: {}, 3: {}}
    orders = {}
    for n, wish in wishes.items():
        orders[n] = await counter.order(
            "activate",
            n,
            contract=CONTRACT,
            iccid=counter.card(n).iccid,
            plan="metered",
            delivered_at=delivered_at,
            **wish,
        )
        assert (orders[n]["state"], (await counter.line(n))["state"]) == ("pending", "ordered")
        assert (await counter.probe(n))["attach"] == "refused:unknown"
    await counter.at("2026-03-09 08:01")
    assert [(await counter.line(n))["state"] for n in (1, 2, 3)] == ["active", "ordered", "ordered"]
    assert (await counter.ask("POST", f"/v1/orders/{orders[2]['id']}/resume")).status_code == 200
    await counter.tend()
    assert [(await counter.line(n))["state"] for n in (2, 3)] == ["active", "ordered"]
    await counter.at("2026-04-01 09:59")
    assert (await counter.line(3))["state"] == "ordered"
    await counter.at("2026-04-01 10:01")
    for n in (1, 2, 3):
        assert (await counter.probe(n))["voice_in"] is True
        await counter.told("en service", n)
        await counter.proof(orders[n], "cmi")


async def test_a_line_never_activated_may_be_ended_after_three_months(counter: Counter) -> None:
    """002 CGV 12.2.5 | never activated: 3 months after the order, terminate"""
    wish = {"contract": CONTRACT, "iccid": counter.card().iccid, "plan": "metered"}
    order = await counter.order("activate", requested_start="2026-09-01T00:00:00+02:00", **wish)
    await counter.at("2026-06-02 09:30")
    assert "clock.proposed" not in await counter.happened()
    await counter.at("2026-06-02 10:30")
    (due,) = [e["data"] for e in await counter.history() if e["type"] == "clock.proposed"]
    assert (due["action"], due["source"]) == ("terminate", "002 CGV 12.2.5")
    assert (await counter.ask("POST", f"/v1/orders/{order['id']}/cancel")).status_code == 200
    assert (await counter.get(f"/v1/sims/{counter.card().iccid}"))["state"] == "stock"
    await counter.at("2026-09-02 10:30")
    assert (await counter.probe())["attach"] == "refused:unknown"
    assert (await counter.get(f"/v1/orders/{order['id']}"))["state"] == "cancelled"


async def test_roaming_opens_and_closes_48_working_hours_after_the_request_and_ends_on_its_date(
    counter: Counter,
) -> None:
    """002 mobile 8.2.1 | roaming barred by default; opened per line until a date; 48 working hours, also to close"""
    await counter.activate()
    await counter.activate(2)
    assert (await counter.probe(1, "abroad"))["attach"] == "refused:roaming"
    await counter.at("2026-03-06 16:00")  # a Friday
    order = await counter.order("change_options", add=["roaming"], until="2026-03-20T12:00:00+01:00")
    assert (order["state"], order["requested_start"][:16]) == ("pending", "2026-03-10T15:00")
    await counter.at("2026-03-10 15:59")
    assert (await counter.probe(1, "abroad"))["attach"] == "refused:roaming"
    await counter.at("2026-03-10 16:01")
    assert (await counter.probe(1, "abroad"))["voice_in"] is True
    assert (await counter.probe(counter.card(2).imsi, "abroad"))["attach"] == "refused:roaming"
    assert list((await counter.line())["ends"]) == ["roaming"]
    await counter.told("options")
    await counter.proof(order, "cmi")
    await counter.at("2026-03-20 12:01")
    assert (await counter.probe(1, "abroad"))["attach"] == "refused:roaming"
    (ended,) = (await counter.orders(1, "change_options"))[1:]
    await counter.proof(ended, "cmi", {"who": "linegate/clock", "channel": "clock"})
    await counter.done("change_options", 2, add=["roaming"], requested_start="now")
    assert (await counter.probe(2, "abroad"))["attach"] == "accepted"
    await counter.order("change_options", 2, remove=["roaming"])
    await counter.at("2026-03-24 12:00")
    assert (await counter.probe(2, "abroad"))["attach"] == "accepted"
    await counter.at("2026-03-24 12:02")
    assert (await counter.probe(2, "abroad"))["attach"] == "refused:roaming"


async def test_a_termination_is_taken_back_until_72_working_hours_before(counter: Counter) -> None:
    """002 mobile 7.2-7.3 | termination: cancelled up to 72 working hours before; the number may be given again"""
    for n in (1, 2):
        await counter.activate(n)
    ends = {"requested_start": "2026-03-20T00:00:00+01:00"}  # a Friday
    stays, goes = [await counter.order("terminate", n, **ends) for n in (1, 2)]
    await counter.at("2026-03-16 23:59")
    assert (await counter.ask("POST", f"/v1/orders/{stays['id']}/cancel")).status_code == 200
    await counter.at("2026-03-17 00:01")
    late = await counter.ask("POST", f"/v1/orders/{goes['id']}/cancel")
    assert (late.status_code, "could be cancelled until" in late.json()["detail"]) == (409, True)
    await counter.at("2026-03-20 00:01")
    assert [(await counter.probe(n))["attach"] for n in (1, 2)] == ["accepted", "refused:unknown"]
    await counter.proof(goes, "cmi")
    wish = {"contract": CONTRACT, "iccid": counter.card(3).iccid, "plan": "metered"}
    await counter.done("activate", 2, **wish)
    assert (await counter.probe(3))["voice_in"] is True


async def test_the_operator_changes_a_number_and_the_line_goes_on(counter: Counter) -> None:
    """002 mobile 2.2 | number change: the operator may change a number after notice"""
    await counter.activate()
    before = await counter.probe()
    changed = {"new_msisdn": counter.number(8), "requested_start": "2026-04-02T08:00:00+02:00", "note": "notice sent"}
    order = await counter.order("change_number", **changed)
    await counter.at("2026-04-02 07:59")
    assert (await counter.line())["msisdn"] == counter.number()
    await counter.at("2026-04-02 08:01")
    held = counter.world.held(counter.card().imsi, "cmi")
    assert held is not None
    assert (held.msisdn, await counter.probe()) == (counter.number(8), before)
    assert (await counter.line(8))["iccid"] == counter.card().iccid
    await counter.told("nouveau numéro", 8)
    kept: dict[str, object] = await counter.get(f"/v1/orders/{order['id']}")
    assert (kept["state"], kept["requested_by"]) == ("completed", {"who": "shop-042/anna", "channel": "shop"})


async def test_a_customers_application_sends_one_sms_a_second_and_ten_a_minute(counter: Counter) -> None:
    """002 fixed 1.7 | SMS from applications: at most 1 a second and 10 a minute per customer"""
    await counter.activate()
    for n in range(12):
        await counter.post(
            "/v1/messages", {"to": counter.number(), "text": f"rdv {n}", "customer": "acme", "contract": CONTRACT}, 202
        )
    rows = [row for row in await counter.rig.all_rows("messages") if row["customer"] == "acme"]
    slots = sorted(datetime.fromisoformat(row["not_before"]) for row in rows if row["not_before"] is not None)
    assert len(slots) >= 10  # whoever need not wait has no slot
    assert min((later - earlier).total_seconds() for earlier, later in pairwise(slots)) > 0.99
    assert all((later - earlier).total_seconds() > 59 for earlier, later in zip(slots, slots[10:], strict=False))
    await counter.later(minutes=3)
    await counter.told("rdv 11")
    assert sum(text.startswith("rdv") for text in await counter.inbox()) == 12
