"""Sheet C, OPT-NC Mobilis: suspensions, ends and changes, and when they take effect in Nouméa."""

from __future__ import annotations

from tests.journeys.contracts.consumption import local
from tests.journeys.contracts.counter import ANNA, Counter

CONTRACT = HLR = "opt-nc"


async def test_the_service_is_suspended_for_each_reason_and_comes_back_whole(counter: Counter) -> None:
    """003 art. 13 | suspension: unpaid, breach, stolen handset, debts on other contracts, abuse"""
    await counter.activate(1, None, "roaming_incoming", "4g")
    before = [await counter.probe(at=at) for at in ("home", "abroad")]
    reasons = ("unpaid", "network_harm", "abuse", "other_debts", "stolen_handset")
    for reason in reasons:
        suspended = await counter.done("suspend", reason=reason, reference="file 17")
        for at in ("home", "abroad"):
            assert (await counter.probe(at=at))["attach"] == "refused:suspended"
        kept = await counter.get(f"/v1/orders/{suspended['id']}")
        assert (kept["requested_by"], kept["state"]) == (ANNA, "completed")
    await counter.proof((await counter.orders(action="suspend"))[0], HLR)
    held = (await counter.line())["restrictions"]
    assert [(one["reason"], one["reference"]) for one in held] == [(reason, "file 17") for reason in reasons]
    assert await counter.told("est suspendue")
    for reason in reasons:
        assert (await counter.probe())["attach"] == "refused:suspended"
        await counter.done("reactivate", reason=reason)
    assert [await counter.probe(at=at) for at in ("home", "abroad")] == before


async def test_the_customers_termination_takes_effect_after_ten_days(counter: Counter) -> None:
    """003 art. 14 | termination: 10 days' notice from receipt of the request"""
    await counter.activate()
    asked = await counter.order("terminate", requested_start="2026-03-12T20:00:00+11:00", reason="customer")
    assert asked["state"] == "pending"
    await counter.at("2026-03-12 19:00")
    assert ((await counter.line())["state"], (await counter.probe())["attach"]) == ("active", "accepted")
    await counter.at("2026-03-12 20:01")
    assert ((await counter.line())["state"], (await counter.probe())["attach"]) == ("terminated", "refused:unknown")
    kept = await counter.proof(asked, HLR)
    assert local(counter, kept["accepted_at"]) == "2026-03-02 20:00"
    assert (await counter.get(f"/v1/sims/{counter.card().iccid}"))["state"] == "retired"


async def test_fraud_in_the_file_ends_the_line_at_once(counter: Counter) -> None:
    """003 art. 14 | termination: at once for a false declaration, death, loss of licence"""
    await counter.activate()
    ended = await counter.done("terminate", requested_start="now", reason="false declaration")
    assert (await counter.probe())["attach"] == "refused:unknown"
    await counter.proof(ended, HLR)
    again = {"contract": CONTRACT, "plan": "horaire", "iccid": counter.card().iccid}
    assert "never used again" in (await counter.refused("activate", 2, **again))["detail"]


async def test_the_plan_changes_once_a_billing_period_and_number_and_card_stay(counter: Counter) -> None:
    """003 art. 16.2-16.3 | plan change: one per billing period, within 7 working days; number and SIM kept"""
    await counter.activate()
    changed = await counter.done("change_plan", plan="data_only")
    assert (await counter.probe())["voice_out"]["national"] is False
    kept = await counter.proof(changed, HLR)
    assert local(counter, kept["promised_by"]) == "2026-03-11 20:00"
    problem = await counter.refused("change_plan", plan="forfait_m")
    assert (problem["type"], "2026-03-15" in problem["detail"]) == ("/problems/plan-changed-already", True)
    await counter.at("2026-03-15 08:00")
    await counter.done("change_plan", plan="forfait_m")
    line = await counter.line()
    assert (line["plan"], line["msisdn"], line["iccid"]) == ("forfait_m", counter.number(), counter.card().iccid)
    assert (await counter.probe())["voice_out"]["national"] is True


async def test_a_number_changes_after_six_months_notice(counter: Counter) -> None:
    """003 art. 15 | number change by the operator: with 6 months' notice"""
    await counter.activate()
    asked = await counter.order(
        "change_number", new_msisdn=counter.number(2), requested_start="2026-09-02T09:00:00+11:00"
    )
    assert asked["state"] == "pending"
    await counter.at("2026-09-01 23:00")
    assert (await counter.line())["msisdn"] == counter.number()
    await counter.at("2026-09-02 09:01")
    line = await counter.line(2)
    assert (line["iccid"], line["state"]) == (counter.card().iccid, "active")
    assert (await counter.get(f"/v1/orders/{asked['id']}"))["state"] == "completed"
    assert await counter.told("votre nouveau numéro est le", 2)
