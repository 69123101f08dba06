"""What follows when a limit is reached, down to what the network holds for the line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drivers.subscription import OutgoingBar, PacketBar
from gateway.alerts.usage.means import Means
from gateway.alerts.usage.usage import open_usage
from gateway.contract.usage import AtLimit, Until
from gateway.orders.desk import Listeners
from tests.gateway.alerts.counted import NUMBER, Desk, put_lines, usage_on
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

END_OF_MARCH = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # summer time has begun


@pytest.fixture
def desk(rig: Rig) -> Desk:
    return Desk(rig, usage_on(rig))


async def test_fair_use_passed_is_told_and_throttles_and_cuts_roaming_data(desk: Desk, line: Card) -> None:
    before = desk.rig.sim.held(line.imsi)
    first = await desk.use(39)
    assert (first.accepted, first.crossings) == (1, [])
    (at_80,) = (await desk.use(1)).crossings
    assert (at_80["percent"], at_80["used"], at_80["outcome"], at_80["action"]) == (80, 40 * 10**9, "alerted", None)
    (at_100,) = (await desk.use(10)).crossings
    assert (at_100["percent"], at_100["outcome"], at_100["action"]) == (100, "alerted", "ordered")
    await desk.settled()
    held = desk.rig.sim.held(line.imsi)
    assert before is not None
    assert held is not None
    assert (before.cap_kbit_s, before.packet) == (None, PacketBar.NONE)
    assert (held.cap_kbit_s, held.packet) == (128, PacketBar.WHEN_ROAMING)
    assert (held.outgoing, held.incoming, held.locked) == (before.outgoing, before.incoming, False)
    assert await desk.orders() == [
        ("limit_use", "completed", None),
        ("lift_limit", "pending", END_OF_MARCH.isoformat()),
    ]
    assert [template for template, _ in await desk.messages()] == ["fair_use_80", "fair_use_100"]
    assert await desk.restrictions() == [("fair_use", "fair_use 2026-03")]
    assert [told["percent"] for told in await desk.notices()] == [80, 100]


async def test_it_ends_with_its_period_whatever_the_lines_number_is_by_then(desk: Desk, line: Card) -> None:
    await desk.use(60)
    await desk.settled()
    assert await desk.rig.done("change_number", msisdn=NUMBER, new_msisdn="+33612345679") == "completed"
    desk.rig.time.now = END_OF_MARCH - timedelta(minutes=1)
    assert desk.rig.sim.held(line.imsi).cap_kbit_s == 128  # type: ignore[union-attr]  # it is there
    desk.rig.time.jump(minutes=2)
    lift = next(row for row in await desk.rig.all_rows("orders") if row["action"] == "lift_limit")
    assert await desk.rig.until(lift["order_id"]) == "completed"
    held = desk.rig.sim.held(line.imsi)
    assert held is not None
    assert (held.cap_kbit_s, held.packet) == (None, PacketBar.NONE)
    assert (await desk.line("+33612345679")).line.restrictions == ()


async def test_the_new_period_counts_from_nothing_and_the_old_ones_end_lifts_nothing_of_it(
    desk: Desk, line: Card
) -> None:
    await desk.use(60)
    await desk.settled()
    desk.rig.time.now = END_OF_MARCH + timedelta(seconds=1)
    (told, also) = (await desk.use(60)).crossings  # before the old period's end is carried out
    assert (told["period"], also["outcome"]) == ("2026-04", "alerted")
    for row in await desk.rig.all_rows("orders"):
        if row["due_at"] is None or row["due_at"] < "2026-04-02":
            await desk.rig.until(row["order_id"])
    assert await desk.restrictions() == [("fair_use", "fair_use 2026-04")]
    assert desk.rig.sim.held(line.imsi).cap_kbit_s == 128  # type: ignore[union-attr]  # it is there


async def test_a_metered_plan_is_counted_and_left_alone(desk: Desk) -> None:
    one = card(2)
    assert await desk.rig.until(await desk.rig.activate(one, NUMBER, plan="metered")) == "completed"
    before = desk.rig.sim.held(one.imsi)
    assert (await desk.use(5000)).crossings == []
    await desk.settled()
    assert (await desk.orders(), await desk.messages()) == ([], [])
    assert desk.rig.sim.held(one.imsi) == before
    usage = await desk.usage.standing.usage(await desk.line(), None)
    assert {c["counter"]: c["used"] for c in usage["counters"]}["data"] == 5000 * 10**9


async def test_the_roaming_cap_is_waived_by_default_and_told_all_the_same(desk: Desk, line: Card) -> None:
    taken = await desk.use(40, "EUR", abroad=True)
    assert [(c["threshold"], c["percent"], c["outcome"]) for c in taken.crossings] == [("roaming_data", 80, "alerted")]
    (full,) = (await desk.use(1000, "EUR_cent", abroad=True)).crossings
    assert (full["percent"], full["outcome"], full["action"]) == (100, "alerted", "waived")
    assert (await desk.orders(), (await desk.messages())[-1][0]) == ([], "roaming_data_100_waived")
    assert desk.rig.sim.held(line.imsi).packet is PacketBar.NONE  # type: ignore[union-attr]  # it is there


async def test_spending_at_home_is_not_spending_abroad(desk: Desk, line: Card) -> None:
    taken = await desk.use(400, "EUR")
    assert (taken.accepted, taken.crossings, await desk.crossings()) == (1, [], [])
    assert line.imsi


async def test_a_cap_the_customer_wants_cuts_roaming_data_and_nothing_else(desk: Desk, line: Card) -> None:
    assert await desk.agree(thresholds={"roaming_data": {"limit": "20 EUR", "waived": False}}) == {}
    (told,) = [c for c in (await desk.use(20, "EUR", abroad=True)).crossings if c["percent"] == 100]
    assert (told["limit"], told["action"]) == (20_000_000, "ordered")
    await desk.settled()
    held = desk.rig.sim.held(line.imsi)
    assert held is not None
    assert (held.packet, held.cap_kbit_s, held.locked) == (PacketBar.WHEN_ROAMING, None, False)
    assert await desk.restrictions() == [("roaming_data_cut", "roaming_data 2026-03")]
    assert (await desk.messages())[-1][0] == "roaming_data_100_ordered"


async def test_unlimited_ends_for_each_of_its_limits_and_the_line_stays_up(desk: Desk, line: Card) -> None:
    before = desk.rig.sim.held(line.imsi)
    await desk.use(40, "h", counter="voice")
    await desk.use(1000, "count", counter="sms")
    await desk.settled()
    assert desk.rig.sim.held(line.imsi) == before
    assert await desk.restrictions() == [
        ("unlimited_off", "unlimited_voice 2026-03"),
        ("unlimited_off", "unlimited_sms 2026-03"),
    ]
    assert (await desk.line()).line.state == "active"
    assert await desk.agree(thresholds={"unlimited_voice": {"waived": True}}) == {}
    await desk.settled()
    assert await desk.restrictions() == [("unlimited_off", "unlimited_sms 2026-03")]


async def test_a_reactivation_lifts_no_limit_of_use(desk: Desk, line: Card) -> None:
    await desk.use(50)
    await desk.settled()
    answer = await desk.rig.ask("reactivate", msisdn=NUMBER)
    assert answer.problem is not None
    assert "lift_limit" in answer.problem["detail"]
    assert await desk.rig.done("lift_limit", msisdn=NUMBER, effect="fair_use") == "completed"
    assert desk.rig.sim.held(line.imsi).cap_kbit_s is None  # type: ignore[union-attr]  # it is there


async def test_a_data_only_line_gets_no_message_and_the_evidence_is_kept(desk: Desk) -> None:
    await put_lines(desk.rig, [NUMBER], plan="data_only")
    taken = await desk.use(40, "EUR", abroad=True)
    assert [c["outcome"] for c in taken.crossings] == ["undeliverable"]
    assert await desk.messages() == [("roaming_data_80", "undeliverable")]


async def test_a_line_out_of_service_is_counted_and_not_told(desk: Desk, line: Card) -> None:
    assert await desk.rig.done("terminate", msisdn=NUMBER) == "completed"
    taken = await desk.use(60)
    assert [(c["percent"], c["outcome"]) for c in taken.crossings] == [(80, "not_in_service"), (100, "not_in_service")]
    assert (await desk.messages(), await desk.orders()) == ([], [])
    assert line.imsi


async def test_both_at_once_are_one_message_and_the_lower_never_follows(desk: Desk, line: Card) -> None:
    taken = await desk.use(60)
    assert [(c["percent"], c["outcome"]) for c in taken.crossings] == [(80, "overtaken"), (100, "alerted")]
    assert [template for template, _ in await desk.messages()] == ["fair_use_100"]
    assert (await desk.use(60)).crossings == []
    assert line.imsi


async def test_use_of_a_period_that_is_over_counts_there_and_nobody_is_told(desk: Desk, line: Card) -> None:
    february = datetime(2026, 2, 10, 12, tzinfo=UTC)
    taken = await desk.use(60, at=february)
    assert (taken.accepted, taken.late) == (1, 1)
    assert [(c["period"], c["outcome"], c["action"]) for c in taken.crossings] == [("2026-02", "past", None)] * 2
    assert (await desk.messages(), await desk.orders()) == ([], [])
    then = await desk.usage.standing.usage(await desk.line(), "2026-02")
    now = await desk.usage.standing.usage(await desk.line(), None)
    assert [u["counters"][0]["used"] for u in (then, now)] == [60 * 10**9, 0]
    assert line.imsi


@pytest.mark.parametrize("until", Until)
async def test_a_bar_at_the_limit_ends_with_its_period_or_when_it_is_lifted(
    desk: Desk, line: Card, until: Until
) -> None:
    gateway = desk.rig.gateway
    rules = gateway.settings.contracts["technicophone"]
    spending = replace(rules.thresholds["roaming_data"], at_100=AtLimit.BAR_OUTGOING, waived=False, until=until)
    barring = {"technicophone": replace(rules, thresholds={"spending": replace(spending, name="spending")})}
    listeners = Listeners(gateway.bell.ring, gateway.bell.ring)
    means = Means(gateway.journal, gateway.engine, barring, gateway.clock, listeners)
    desk.usage = open_usage(means, gateway.settings.texts)
    (_, told) = (await desk.use(50, "EUR", abroad=True)).crossings
    assert (told["percent"], told["action"]) == (100, "ordered")
    await desk.settled()
    assert await desk.rig.done("bar_outgoing", msisdn=NUMBER, reason="unpaid") == "completed"
    assert await desk.restrictions() == [("barred_outgoing", "spending 2026-03"), ("barred_outgoing", None)]
    assert desk.rig.sim.held(line.imsi).outgoing is OutgoingBar.ALL  # type: ignore[union-attr]  # it is there
    desk.rig.time.now = END_OF_MARCH + timedelta(seconds=1)
    for row in await desk.rig.all_rows("orders"):
        await desk.rig.until(row["order_id"])
    kept = [("barred_outgoing", "spending 2026-03")] if until is Until.LIFTED else []
    assert await desk.restrictions() == [*kept, ("barred_outgoing", None)]
    assert len(await desk.orders()) == (2 if until is Until.LIFTED else 3)
