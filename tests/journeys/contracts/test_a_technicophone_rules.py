"""Sheet A, Technicophone: why lines are restricted, and who decides it, row by row."""

from __future__ import annotations

from tests.journeys.contracts.counter import ANNA, Counter

CONTRACT = "technicophone"
NOT_HERE = {
    "001:6757-6816": "in part: the notice before a serious breach's suspension is sent and counted by the order "
    "system, and a suspension has no end date of its own for an authority's deadline: it is lifted by order",
}


async def test_an_idle_sim_is_suspended_when_the_operator_says_so(counter: Counter) -> None:
    """001:6770 | inactivity: a SIM idle for more than 6 months may be suspended, the operator's decision"""
    await counter.activate(1, "unlimited")
    await counter.later(days=200)
    assert (await counter.line())["state"] == "active"
    order = await counter.done("suspend", reason="inactivity")
    assert (await counter.probe())["attach"] == "refused:suspended"
    assert await counter.restrictions() == [("suspended", "inactivity")]
    await counter.proof(order, "orange")


async def test_every_ground_of_suspension_is_its_own_and_one_lifted_leaves_the_others(counter: Counter) -> None:
    """001:6757-6816 | suspension grounds: network harm, fraud, authority, numbering breach: told apart, lifted apart"""
    await counter.activate(1, "unlimited", "data")
    before = await counter.probe()
    for reason in ("network_harm", "fraud", "authority"):
        suspended = await counter.done("suspend", reason=reason, reference=f"file {reason}")
        await counter.proof(suspended, "orange" if reason == "network_harm" else None)
    order = await counter.done("bar_outgoing", reason="numbering_breach")
    assert (await counter.probe())["attach"] == "refused:suspended"
    for reason in ("network_harm", "authority", "fraud"):
        assert (await counter.probe())["attach"] == "refused:suspended"
        await counter.done("reactivate", reason=reason)
    cut = await counter.probe()
    assert (cut["attach"], cut["voice_out"]["national"], cut["sms_out"]) == ("accepted", False, False)
    await counter.proof(order, "orange")
    await counter.done("reactivate")
    assert (await counter.probe(), await counter.restrictions()) == (before, [])


async def test_fraud_measures_touch_only_the_lines_named(counter: Counter) -> None:
    """001:6642-6644 | fraud measures: they touch only the lines named: an explicit list, never a wildcard"""
    for n in (1, 2, 3):
        await counter.activate(n, "unlimited")
    measure = {"action": "suspend", "details": {"reason": "fraud"}, "requested_by": ANNA}
    for lines in (None, [], "all", [{"msisdn": "*"}], [{"msisdn": "+336*"}]):
        answer = await counter.ask("POST", "/v1/bulk-orders", json=measure | {"lines": lines})
        assert answer.status_code == 422, lines
    named = [{"msisdn": counter.number(n)} for n in (1, 3)]
    taken = await counter.post("/v1/bulk-orders", measure | {"lines": named}, status=202)

    async def over() -> bool:
        return bool((await counter.get(f"/v1/bulk-orders/{taken['id']}"))["state"] == "ended")

    await counter.until(over, "the bulk order never ended")
    refused = [(await counter.probe(n))["attach"] for n in (1, 2, 3)]
    assert refused == ["refused:suspended", "accepted", "refused:suspended"]
    assert [order["action"] for order in await counter.orders(2)] == ["activate"]
    (measured,) = await counter.orders(1, "suspend")
    await counter.proof(measured, "orange")


async def test_the_unpaid_letters_lead_to_a_bar_and_to_an_end_that_humans_decide(counter: Counter) -> None:
    """001:252-259, 541-546 | unpaid: letter 1 + 8 days: outgoing bar or suspend; letter 2 + 10 days: terminate"""
    await counter.activate(1, "unlimited", "data")
    await counter.done("record_notice", notice="unpaid_first")
    await counter.at("2026-03-10 09:59")
    assert "clock.proposed" not in await counter.happened()
    await counter.at("2026-03-10 10:01")
    (proposed,) = [e["data"] for e in await counter.history() if e["type"] == "clock.proposed"]
    assert (proposed["clock"], proposed["action"], proposed["details"]) == (
        "unpaid_restrict",
        "bar_outgoing",
        {"reason": "unpaid"},
    )
    assert (await counter.line())["state"] == "active"
    order = await counter.done("bar_outgoing", reason="unpaid")
    assert (await counter.probe())["voice_out"]["national"] is False
    await counter.proof(order, "orange")
    await counter.done("record_notice", notice="unpaid_second")
    await counter.later(days=9, hours=23)
    assert (await counter.happened()).count("clock.proposed") == 1
    await counter.later(hours=2)
    assert [e["data"]["action"] for e in await counter.history() if e["type"] == "clock.proposed"] == [
        "bar_outgoing",
        "terminate",
    ]
    assert (await counter.line())["state"] == "barred"
