"""Sheet D, Orange Mayotte: what is spent, used up or unpaid, and what follows from it."""

from __future__ import annotations

from tests.journeys.contracts.consumption import use
from tests.journeys.contracts.counter import Counter

CONTRACT = HLR = "orange-mayotte"
_BY_USE = {"who": "linegate/usage", "channel": "usage"}


async def receives_only(counter: Counter) -> bool:
    """Tell whether a phone at home gets calls and SMS, and nothing else."""
    probe = await counter.probe()
    outside = (*probe["voice_out"].values(), probe["sms_out"], probe["data"]["allowed"])
    return not any(outside) and bool(probe["voice_in"] and probe["sms_in"])


async def test_from_45_euros_it_is_told_and_at_300_the_line_receives_only(counter: Counter) -> None:
    """004 art. 8 | spending: from 45 EUR an advance may be asked; from 300 EUR the line receives calls only"""
    await counter.activate()
    await use(counter, "spend", 44, "EUR")
    assert not any("hors forfait" in text for text in await counter.inbox())
    await use(counter, "spend", 1, "EUR")
    assert "45 EUR hors forfait" in await counter.told("Une avance peut")
    assert (await counter.line())["state"] == "active"
    await use(counter, "spend", 255, "EUR")
    assert await receives_only(counter)
    assert await counter.restrictions() == [("barred_outgoing", "credit_limit")]
    assert await counter.told("Votre ligne ne peut plus que recevoir")
    await counter.proof((await counter.orders(action="bar_outgoing"))[0], HLR, _BY_USE)
    await counter.at("2026-04-01 09:00")
    assert await receives_only(counter), "an unpaid sum does not end with its period"
    await counter.done("reactivate", reason="credit_limit")
    assert (await counter.probe())["voice_out"]["national"] is True


async def test_an_advance_that_is_not_paid_suspends_or_leaves_incoming_calls(counter: Counter) -> None:
    """004 art. 8 | spending: an unpaid advance suspends the line, or limits it to receiving calls"""
    await counter.activate()
    barred = await counter.done("bar_outgoing", reason="credit_limit", reference="advance 4711")
    assert await receives_only(counter)
    await counter.proof(barred, HLR)
    suspended = await counter.done("suspend", reason="unpaid", reference="advance 4711")
    assert (await counter.probe())["attach"] == "refused:suspended"
    await counter.proof(suspended, HLR)
    await counter.done("reactivate", reason="unpaid")
    assert await receives_only(counter)
    await counter.done("reactivate")
    assert (await counter.probe())["voice_out"]["national"] is True


async def test_who_calls_too_many_people_is_told_and_may_be_suspended(counter: Counter) -> None:
    """004 art. 11.2.1 | abuse limits: 150 numbers called, 100 recipients a month; then suspended, and ended"""
    await counter.activate()
    await use(counter, "numbers", 150, "count")
    assert "numéros appelés: limite de 150 atteinte" in await counter.told("numéros appelés: limite")
    await use(counter, "recipients", 80, "count")
    assert "destinataires: 80 sur 100" in await counter.told("destinataires")
    assert (await counter.probe())["voice_out"]["national"] is True
    suspended = await counter.done("suspend", reason="abuse")
    assert (await counter.probe())["attach"] == "refused:suspended"
    await counter.proof(suspended, HLR)


async def test_a_blocked_plan_that_is_used_up_receives_until_it_is_recharged(counter: Counter) -> None:
    """004 blocked-plan § 3 | blocked plan: warned at a floor; used up it receives only, until recharged; balance SMS"""
    await counter.activate(1, "blocked")
    await use(counter, "credit", 16, "EUR")
    assert "4 EUR de crédit jusqu'au 31/03/2026" in await counter.told("il vous reste")
    used_up = await counter.done("bar_outgoing", reason="credit_used")
    assert await receives_only(counter)
    await counter.proof(used_up, HLR)
    recharged = await counter.done("top_up", amount="10 EUR")
    assert (await counter.probe())["voice_out"]["national"] is True
    assert await counter.restrictions() == []
    await counter.proof(recharged, HLR)
    assert await counter.told("recharge de votre ligne")
    balance = {"to": counter.number(), "text": "Orange Mayotte: votre solde est de 14 EUR."}
    assert (await counter.ask("POST", "/v1/messages", json=balance)).status_code == 202
    assert await counter.told("votre solde est de 14 EUR")


async def test_the_credit_of_the_next_period_opens_the_line_again(counter: Counter) -> None:
    """004 blocked-plan § 3 | blocked plan: the restriction lasts until the period ends"""
    await counter.activate(1, "blocked")
    await counter.done("bar_outgoing", reason="credit_used")
    next_period = "2026-04-01T00:00:00+03:00"
    opened = await counter.order("reactivate", reason="credit_used", requested_start=next_period)
    await counter.at("2026-03-31 23:58")
    assert await receives_only(counter)
    await counter.at("2026-04-01 00:01")
    assert (await counter.probe())["voice_out"]["national"] is True
    await counter.proof(opened, HLR)
