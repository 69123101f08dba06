"""Sheet E, Monaco Telecom: who asks, what is seen, and that work waits but is never lost, row by row."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.contracts.counter import Counter

CONTRACT = "monaco-telecom"
NOT_HERE = {
    "000 art. 4.1, 5.2, 8.6": "passwords of the customer area are that area's own; the gateway knows its clients by "
    "tokens, which are renewed in the environment it is started with",
    "000 art. 8.3": "who a customer is, is known to the operator's other systems alone; of what the gateway could "
    "disclose, a card's PUK, each disclosure is logged with who asked and why (001:6075-6079, 6383)",
}
CUSTOMER = {"who": "customer-377", "channel": "customer-area"}


async def test_what_an_identified_customer_changes_binds_and_is_proof(counter: Counter) -> None:
    """000 art. 4.7 | who asks: changes made by an identified customer bind and are proof"""
    await counter.activate()
    order = await counter.done("change_bars", add=["no_data", "national_only"], requested_by=CUSTOMER)
    seen = await counter.probe()
    assert (seen["data"]["allowed"], seen["voice_out"]["international"]) == (False, False)
    assert (await counter.line())["bars"] == ["national_only", "no_data"]
    await counter.told("restrictions choisies")
    await counter.proof(order, "monaco-telecom", CUSTOMER)
    asked = [e["data"]["requested_by"] for e in await counter.history() if e["type"] == "order.accepted"]
    assert asked[-1] == CUSTOMER


async def test_consumption_subscriptions_and_options_are_there_to_be_read(counter: Counter) -> None:
    """000 art. 3 | consumption, subscriptions and options: the line's state and use can be read"""
    order = await counter.activate(1, "standard", "4g")
    await counter.use(12)
    await counter.use(20, "EUR", roaming={"country": "FR"})
    line = await counter.line()
    assert (line["plan"], line["state"], line["options"]) == ("standard", "active", ["4g", "data", "international"])
    shown = await counter.get(f"/v1/lines/{counter.number()}/usage")
    assert {c["counter"]: c["used"] for c in shown["counters"]} == {
        "data": 12 * 10**9,
        "roaming_data_spend": "20.00",
    }
    limits = {t["threshold"]: t["period"] for t in shown["thresholds"]}
    assert limits == {"fair_use": "2026-03", "roaming_data": "2026-03"}
    seen = await counter.probe()
    assert (seen["rats"], seen["voice_out"]["international"]) == (["2g", "3g", "4g"], True)
    assert (await counter.probe(1, "abroad"))["attach"] == "refused:roaming"
    await counter.proof(order, "monaco-telecom")


async def test_orders_are_taken_at_any_hour_and_wait_for_an_element_in_maintenance(counter: Counter) -> None:
    """000 art. 4.2-4.4 | access at any hour: in announced maintenance work is delayed, never lost or refused"""
    await counter.activate()
    await counter.at("2026-03-08 03:00")  # a Sunday
    window = {"until": (counter.now + timedelta(hours=2)).isoformat(), "why": "new disks"}
    door = "/v1/elements/monaco-telecom/maintenance"
    assert (await counter.ask("PUT", door, json=window)).status_code == 200
    placed = await counter.place("change_bars", add=["no_premium"], requested_by=CUSTOMER)
    assert placed.status_code == 202, placed.text

    async def held() -> bool:
        found = await counter.get(placed.json()["href"])
        return bool(found["state"] == "held" and found["expected_at"] is not None)

    await counter.until(held, "the order never waited")
    assert (await counter.probe())["voice_out"]["premium"] is True
    counter.rig.time.jump(hours=2, minutes=1)
    await counter.rig.gateway.upkeep.tend()
    order = await counter.ended(placed.json()["id"])
    assert (await counter.probe())["voice_out"]["premium"] is False
    await counter.told("restrictions choisies")
    await counter.proof(order, "monaco-telecom", CUSTOMER)
    assert {"order.held", "order.completed"} <= set(await counter.happened())


async def test_the_end_of_a_subscription_is_told_as_an_event(counter: Counter) -> None:
    """000 art. 6 | end of subscription: access to the customer area ends with it, so it is told as an event"""
    await counter.activate()
    order = await counter.done("terminate", requested_by=CUSTOMER)
    (told,) = [e["data"] for e in await counter.history() if e["data"].get("line_state") == "terminated"]
    assert (told["action"], told["msisdn"], told["order_id"]) == ("terminate", counter.number(), order["id"])
    assert (await counter.probe())["attach"] == "refused:unknown"
    assert (await counter.line())["state"] == "terminated"
    await counter.proof(order, "monaco-telecom", CUSTOMER)
