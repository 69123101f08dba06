"""Sheet A, Technicophone: what is used, its limits, and what is told about them, row by row."""

from __future__ import annotations

import re

import pytest

from tests.journeys.contracts.counter import Counter

CONTRACT = "technicophone"
HOME_AND_ABROAD = ("data", "roaming")


async def test_fair_use_passed_throttles_at_home_and_cuts_data_abroad(counter: Counter) -> None:
    """001:7101-7107 | fair use passed, unlimited plans: data throttled at home and cut abroad, until the period ends"""
    await counter.activate(1, "unlimited", *HOME_AND_ABROAD)
    before = [await counter.probe(1, at) for at in ("home", "abroad")]
    (told,) = (await counter.use(40))["crossings"]
    assert (told["percent"], told["action"]) == (80, None)
    assert [await counter.probe(1, at) for at in ("home", "abroad")] == before
    await counter.told("40 Go d'internet utilisés sur 50 Go")
    (told,) = (await counter.use(10))["crossings"]
    home, abroad = await counter.probe(1), await counter.probe(1, "abroad")
    assert (home["data"], abroad["data"]["allowed"]) == ({"allowed": True, "cap_kbit_s": 128}, False)
    assert (abroad["voice_out"]["national"], abroad["sms_out"]) == (True, True)
    await counter.told("Le débit est réduit")
    await counter.proof(await counter.ended(told["order_id"]), "orange", {"who": "linegate/usage", "channel": "usage"})
    await counter.at("2026-04-01 00:00")
    assert [await counter.probe(1, at) for at in ("home", "abroad")] == before


async def test_a_metered_plan_is_counted_only(counter: Counter) -> None:
    """001:7101-7107 | fair use passed, metered plans: neither throttled nor cut, counted only"""
    await counter.activate(1, "metered", *HOME_AND_ABROAD)
    before = [await counter.probe(1, at) for at in ("home", "abroad")]
    assert (await counter.use(500))["crossings"] == []
    assert [await counter.probe(1, at) for at in ("home", "abroad")] == before
    shown = await counter.get(f"/v1/lines/{counter.number()}/usage")
    assert {c["counter"]: c["used"] for c in shown["counters"]}["data"] == 500 * 10**9
    assert [order["action"] for order in await counter.orders()] == ["activate"]


@pytest.mark.parametrize(
    ("counted", "limit", "unit"),
    [("voice", 40, "h"), ("numbers", 150, "count"), ("sms", 1000, "count"), ("sms_recipients", 50, "count")],
)
async def test_beyond_a_monthly_limit_unlimited_use_ends_and_the_line_stays_up(
    counter: Counter, counted: str, limit: int, unit: str
) -> None:
    """001:7085-7098 | monthly limits of unlimited plans: beyond, unlimited off at once, the line stays up"""
    await counter.activate(1, "unlimited", *HOME_AND_ABROAD)
    before = await counter.probe()
    assert not any(c["action"] for c in (await counter.use(limit - 1, unit, counter=counted))["crossings"])
    (told,) = (await counter.use(1, unit, counter=counted))["crossings"]
    assert (told["percent"], told["action"]) == (100, "ordered")
    assert await counter.restrictions() == [("unlimited_off", "plan_limit")]
    assert ((await counter.line())["state"], await counter.probe()) == ("active", before)
    await counter.told(f"limite de {limit}")
    assert "order.completed" in await counter.happened()
    await counter.at("2026-04-01 00:00")
    assert await counter.restrictions() == []


async def test_the_roaming_cut_is_waived_by_default_and_its_messages_remain(counter: Counter) -> None:
    """001:6451-6469 | roaming: the data cut-off is waived by default; welcome and threshold SMS remain"""
    await counter.activate(1, "unlimited", *HOME_AND_ABROAD)
    assert (await counter.arrive("US"))["welcomed"] == 1
    assert "Urgences: 112" in await counter.told("bienvenue")
    holds = (await counter.get(f"/v1/lines/{counter.number()}/alerting"))["holds"]
    assert {h["threshold"]: h["waived"] for h in holds}["roaming_data"] is True
    for amount, percent in ((40, 80), (10, 100)):
        (told,) = (await counter.use(amount, "EUR", roaming={"country": "US"}))["crossings"]
        assert (told["threshold"], told["percent"]) == ("roaming_data", percent)
    assert told["action"] == "waived"
    await counter.told("80% du plafond")
    await counter.told("Internet continue")
    assert (await counter.probe(1, "abroad"))["data"]["allowed"] is True
    assert [c["data"]["percent"] for c in await counter.history() if c["type"] == "usage.threshold_crossed"] == [
        80,
        100,
    ]


async def test_roaming_is_blocked_on_request(counter: Counter) -> None:
    """001:6451-6469 | roaming: the block is an option of its own, on request"""
    await counter.activate(1, "unlimited", *HOME_AND_ABROAD)
    order = await counter.done("change_options", add=["roaming_block"])
    assert (await counter.probe(1, "abroad"))["attach"] == "refused:roaming"
    assert (await counter.probe(1))["voice_out"]["national"] is True
    await counter.told("options")
    await counter.proof(order, "orange")
    await counter.done("change_options", remove=["roaming_block"])
    assert (await counter.probe(1, "abroad"))["attach"] == "accepted"


async def test_a_data_only_line_is_sent_no_message(counter: Counter) -> None:
    """001:6451-6469 | roaming: data-only offers cannot get SMS; what they would be told is kept, never sent"""
    await counter.activate(1, "data_only", *HOME_AND_ABROAD)
    (told,) = (await counter.use(40, "EUR", roaming=True))["crossings"]
    assert (await counter.get(f"/v1/messages/{told['message_id']}"))["state"] == "undeliverable"
    assert await counter.inbox() == [text for text in await counter.inbox() if "en service" in text]


async def test_late_usage_abroad_counts_in_its_own_period_and_cuts_nothing_now(counter: Counter) -> None:
    """001:6471-6475 | late roaming data: up to 90 days: counted in the period of use, no alert or cut for an old one"""
    await counter.activate(1, "unlimited", *HOME_AND_ABROAD)
    used_at = counter.now
    await counter.later(days=80)
    before, texts = await counter.probe(1, "abroad"), await counter.inbox()
    taken = await counter.use(60, at=used_at.isoformat(), roaming={"country": "US"})
    assert (taken["accepted"], taken["late"]) == (1, 1)
    assert {c["outcome"] for c in taken["crossings"]} == {"past"}
    then = await counter.get(f"/v1/lines/{counter.number()}/usage", params={"period": "2026-03"})
    now = await counter.get(f"/v1/lines/{counter.number()}/usage")
    assert next(c["used"] for c in then["counters"] if c["counter"] == "data") == 60 * 10**9
    assert next(c["used"] for c in now["counters"] if c["counter"] == "data") == 0
    assert (await counter.probe(1, "abroad"), await counter.inbox()) == (before, texts)
    assert [order["action"] for order in await counter.orders()] == ["activate"]


async def test_no_message_of_ours_comes_from_a_mobile_number(counter: Counter) -> None:
    """001:6531-6534 | sender: automated SMS never come from a 10-digit mobile number"""
    order = await counter.activate(1, "unlimited", *HOME_AND_ABROAD)
    await counter.told("en service")
    await counter.arrive("DE")
    await counter.told("bienvenue")
    await counter.use(50)
    await counter.told("internet sont utilisés")
    ours = {"to": counter.number(), "text": "rappelez-moi", "sender": "0612345678"}
    assert (await counter.ask("POST", "/v1/messages", json=ours)).status_code == 422
    senders = {sms.sender for sms in counter.world.smsc.inbox(counter.number(), 100)}
    assert senders == {"TECHNICO"}
    assert not any(re.fullmatch(r"(\+33|0)[67]\d{8}", sender) for sender in senders)
    await counter.proof(order, "orange")
