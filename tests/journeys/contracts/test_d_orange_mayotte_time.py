"""Sheet D, Orange Mayotte: suspensions, what follows them when nothing is done, and the end of a line."""

from __future__ import annotations

import pytest

from tests.journeys.contracts.consumption import local
from tests.journeys.contracts.counter import ANNA, Counter

CONTRACT = HLR = "orange-mayotte"
_BY_CLOCK = {"who": "linegate/clock", "channel": "clock"}


async def ended_by_the_clock(counter: Counter, day: str) -> None:
    """Check that the line ended then, and that an auditor sees by whom."""
    line = await counter.line()
    assert (line["state"], (await counter.probe())["attach"]) == ("terminated", "refused:unknown")
    order = (await counter.orders(action="terminate"))[-1]
    kept = await counter.proof(order, HLR, _BY_CLOCK)
    assert local(counter, kept["stored_at"])[:10] == day


async def test_each_ground_suspends_and_lifting_one_leaves_the_others(counter: Counter) -> None:
    """004 art. 15 | suspension: unpaid, breach, stolen handset; public order and security, with or without notice"""
    await counter.activate()
    grounds = ("unpaid", "abuse", "stolen_handset", "authority", "fraud")
    for ground in grounds:
        suspended = await counter.done("suspend", reason=ground)
        assert (await counter.probe())["attach"] == "refused:suspended"
        assert (await counter.get(f"/v1/orders/{suspended['id']}"))["requested_by"] == ANNA
    await counter.proof((await counter.orders(action="suspend"))[0], HLR)
    await counter.done("reactivate")
    assert [reason for _, reason in await counter.restrictions()] == ["authority", "fraud"]
    assert (await counter.probe())["attach"] == "refused:suspended"
    for ground in ("authority", "fraud"):
        await counter.done("reactivate", reason=ground)
    assert (await counter.probe())["attach"] == "accepted"
    assert await counter.told("est suspendue")


@pytest.mark.parametrize(("reason", "last", "ends"), [("unpaid", "16", "17"), ("other_debts", "11", "12")])
async def test_a_suspension_that_is_not_cured_ends_the_contract(
    counter: Counter, reason: str, last: str, ends: str
) -> None:
    """004 art. 16 | termination after suspension: 15 days, 10 for debts on other contracts"""
    await counter.activate()
    await counter.done("suspend", reason=reason)
    assert [(due["action"], local(counter, due["at"])) for due in (await counter.line())["due"]] == [
        ("terminate", f"2026-03-{ends} 12:00")
    ]
    await counter.at(f"2026-03-{last} 23:00")
    assert (await counter.line())["state"] == "suspended"
    await counter.at(f"2026-03-{ends} 12:05")
    await ended_by_the_clock(counter, f"2026-03-{ends}")


async def test_a_suspension_that_is_cured_or_extended_ends_nothing(counter: Counter) -> None:
    """004 art. 16 | termination after suspension: not if cured, or more time is granted"""
    await counter.activate()
    await counter.done("suspend", reason="unpaid")
    await counter.at("2026-03-10 09:00")
    await counter.done("reactivate", reason="unpaid")
    assert (await counter.line())["due"] == []
    await counter.at("2026-03-20 12:00")
    await counter.done("suspend", reason="unpaid")
    await counter.done("record_notice", notice="suspended_unpaid", until="2026-04-20T12:00:00+03:00")
    await counter.at("2026-04-20 11:00")
    assert (await counter.line())["state"] == "suspended"
    await counter.at("2026-04-20 12:05")
    await ended_by_the_clock(counter, "2026-04-20")


async def test_the_customer_ends_the_line_in_ten_days_and_may_stay_until_the_day_before(counter: Counter) -> None:
    """004 art. 16 | termination by the customer: 10 days later, cancellable until 24 hours before"""
    await counter.activate()
    in_ten_days = "2026-03-12T12:00:00+03:00"
    first = await counter.order("terminate", requested_start=in_ten_days)
    assert (first["state"], local(counter, first["cancellable_until"])) == ("pending", "2026-03-11 12:00")
    await counter.at("2026-03-11 11:00")
    assert (await counter.ask("POST", f"/v1/orders/{first['id']}/cancel")).status_code == 200
    await counter.at("2026-03-12 13:00")
    assert (await counter.probe())["attach"] == "accepted"
    second = await counter.order("terminate", requested_start="2026-03-22T13:00:00+03:00")
    await counter.at("2026-03-21 14:00")
    late = await counter.ask("POST", f"/v1/orders/{second['id']}/cancel")
    assert (late.status_code, "2026-03-21" in late.json()["detail"]) == (409, True)
    await counter.at("2026-03-22 13:01")
    assert ((await counter.line())["state"], (await counter.probe())["attach"]) == ("terminated", "refused:unknown")
    await counter.proof(second, HLR)


async def test_papers_that_do_not_come_suspend_and_end_what_was_sold_at_a_distance(counter: Counter) -> None:
    """004 art. 4 | distance sale: papers missing after 15 days suspend; 8 days after a reminder the contract ends"""
    await counter.activate(1)
    await counter.activate(2)
    for n in (1, 2):
        await counter.done("record_notice", n, notice="papers_requested")
    await counter.at("2026-03-10 09:00")
    await counter.done("record_notice", 2, notice="papers_requested", settled=True)
    await counter.at("2026-03-17 12:05")
    assert ((await counter.line())["state"], await counter.restrictions()) == (
        "suspended",
        [("suspended", "missing_papers")],
    )
    await counter.proof((await counter.orders(action="suspend"))[0], HLR, _BY_CLOCK)
    assert (await counter.probe(2))["attach"] == "accepted"
    await counter.done("record_notice", notice="papers_reminder")
    await counter.at("2026-03-25 11:00")
    assert (await counter.line())["state"] == "suspended"
    await counter.at("2026-03-25 12:10")
    await ended_by_the_clock(counter, "2026-03-25")
    assert (await counter.probe(2))["attach"] == "accepted"
