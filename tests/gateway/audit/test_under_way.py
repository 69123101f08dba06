"""Orders under way while an audit looks: what they are changing is no drift, whatever the moment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.subscription import Msisdn
from gateway.audit.asked import Policy
from gateway.audit.comparison import Kind as FindingKind
from gateway.audit.examination import Answer, Examiner, Subject
from gateway.audit.expectation import Expectations
from gateway.audit.reading import Pace, Reader
from gateway.orders import records
from gateway.orders.order import LineRef
from hlr_sim.faults import Kind
from tests.gateway.audit.hands import REPORT, audited, fields, only, touch
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig

NUMBER = "+33612345678"


async def _struck(rig: Rig) -> None:
    """Wait until the fault that was scripted has befallen its command."""
    async with asyncio.timeout(60):
        while not any(entry.fault is not None for entry in rig.sim.log()):  # noqa: ASYNC110 - the element tells nobody
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("policy", list(Policy))
async def test_a_line_that_differs_while_its_order_is_under_way_is_in_flight(
    rig: Rig, line: Card, policy: Policy
) -> None:
    touch(rig, line.imsi, lambda held: replace(held, odb_premium=True))
    rig.sim.fault(Kind.LATE, "Provide", delay_s=0.09)
    order = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    await _struck(rig)
    counted, (finding,) = await audited(rig, replace(only(REPORT, NUMBER), policy=policy))
    assert (counted, finding["kind"], finding["outcome"]) == ({"in_flight": 1}, "in_flight", "reported")
    assert (fields(finding)["premium_barred"], finding["order_id"]) == ((False, True), None)
    assert await rig.until(order) == "completed"
    assert await audited(rig) == ({"equal": 1}, [])


async def test_a_line_with_an_order_under_way_that_does_not_differ_is_equal(rig: Rig, line: Card) -> None:
    start = rig.time() + timedelta(hours=1)
    order = await rig.order("suspend", msisdn=NUMBER, reason="unpaid", requested_start=start)
    await rig.gateway.engine.hold(order)
    line_id = (await rig.row(order))["line_id"]
    assert not await rig.gateway.engine.pending(line_id)
    rig.time.jump(hours=2)
    async with asyncio.timeout(60):
        while not await rig.gateway.engine.pending(line_id):  # noqa: ASYNC110 - nobody is told that an order is due
            await asyncio.sleep(0.01)
    assert await audited(rig, only(REPORT, NUMBER)) == ({"equal": 1}, [])
    touch(rig, line.imsi, lambda held: replace(held, odb_premium=True))
    assert (await audited(rig, only(REPORT, NUMBER)))[0] == {"in_flight": 1}
    await rig.gateway.engine.cancel(order)
    assert (await audited(rig, only(REPORT, NUMBER)))[0] == {"different": 1}


async def test_a_sim_that_is_being_activated_is_nobodys_extra(rig: Rig) -> None:
    rig.sim.fault(Kind.LATE, "Provide", delay_s=0.09)
    order = await rig.activate(card(1), NUMBER)
    await _struck(rig)
    counted, (finding,) = await audited(rig)
    assert (counted, finding["imsi"]) == ({"in_flight": 1}, card(1).imsi)
    assert await rig.until(order) == "completed"


async def test_orders_that_come_and_go_while_it_looks_are_never_drift(rig: Rig, line: Card) -> None:
    """Suspended and reactivated for as long as audits run: each sees the line as it was agreed, or in flight."""
    del line
    stop = asyncio.Event()

    async def busy() -> int:
        rounds = 0
        while not stop.is_set():
            assert await rig.done("suspend", msisdn=NUMBER, reason="unpaid") == "completed"
            assert await rig.done("reactivate", msisdn=NUMBER, reason="unpaid") == "completed"
            rounds += 1
        return rounds

    task = asyncio.create_task(busy())
    seen: set[str] = set()
    for _ in range(60):
        counted, _ = await audited(rig, only(REPORT, NUMBER))
        seen |= set(counted)
    stop.set()
    assert await task
    assert seen <= {"equal", "in_flight"}


async def test_a_line_changed_between_reading_the_journal_and_the_element_is_compared_anew(
    rig: Rig, line: Card
) -> None:
    """What the page of the journal said of the line was true when it was read, and is no more."""
    del line
    record = await records.find_line(rig.gateway.journal, LineRef(msisdn=Msisdn(NUMBER)))
    assert record is not None
    expectations = Expectations(rig.gateway.journal, rig.gateway.judge, rig.gateway.shelf)
    as_it_was = expectations.of_line(record)
    assert await rig.done("change_options", msisdn=NUMBER, add=["iphone"]) == "completed"
    subject = Subject("", lambda: expectations.of_line_again(record.line_id), lambda: as_it_was)
    examiner = Examiner(rig.gateway.network, rig.gateway.engine, expectations, keys=False)
    seen = await examiner.examine(subject, Reader(Pace(0)))
    assert seen is not None
    assert (seen.drift, seen.expected) == (None, await expectations.of_line_again(record.line_id))


async def test_what_is_seen_differently_each_time_is_not_reported_as_drift(rig: Rig, line: Card) -> None:
    expectations = Expectations(rig.gateway.journal, rig.gateway.judge, rig.gateway.shelf)
    caps = iter(range(1, 100))

    async def again() -> Answer:
        touch(rig, line.imsi, lambda held: replace(held, ambr_dl_kbit_s=next(caps)))
        record = await records.find_line(rig.gateway.journal, LineRef(msisdn=Msisdn(NUMBER)))
        assert record is not None
        return expectations.of_line(record)

    examiner = Examiner(rig.gateway.network, rig.gateway.engine, expectations, keys=False)
    seen = await examiner.examine(Subject("", again), Reader(Pace(0)))
    assert seen is not None
    assert (seen.drift is not None and seen.drift.kind, bool(seen.detail)) == (FindingKind.IN_FLIGHT, True)
