"""Elements that are away, left alone, slow or wrong: an audit waits, goes on, and keeps to its pace."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.commands import Command
from gateway.audit.asked import Asked, Policy
from gateway.audit.auditor import AT_ONCE
from gateway.audit.reading import Pace
from gateway.orders.upkeep import Opening
from gateway.settings import AuditSettings
from hlr_sim.faults import Fault, Kind
from tests.gateway.audit.hands import REPORT, audited, ended, found, gateway_with, in_service, kinds, number, only
from tests.gateway.cards import Card
from tests.gateway.rig import Rig, SimNetwork, Time

NUMBER = "+33612345678"
ONE_BY_ONE = AuditSettings(at_once=1, page=3)


@dataclass
class OfOne(Fault):
    """What goes wrong only for one subscriber."""

    imsi: str = ""

    def meets(self, command: Command) -> bool:
        return Fault.meets(self, command) and getattr(command, "imsi", None) == self.imsi


async def _waits(rig: Rig, audit_id: str) -> str:
    async with asyncio.timeout(60):
        while True:
            run = rig.gateway.auditor.run_of(audit_id)
            assert run is not None, "it has ended without waiting"
            if run.waiting_for is not None:
                return run.waiting_for
            await asyncio.sleep(0.002)


async def test_in_maintenance_it_waits_and_goes_on_when_that_is_over(rig: Rig, line: Card) -> None:
    del line
    await rig.gateway.upkeep.open(Opening("orange", None, "new boards", "anna"))
    audit_id = await rig.gateway.auditor.start(REPORT)
    assert "new boards" in await _waits(rig, audit_id)
    heard = len(rig.sim.log())
    await asyncio.sleep(0.05)
    assert len(rig.sim.log()) == heard
    await rig.gateway.upkeep.close("orange", "done")
    assert kinds(await ended(rig, audit_id)) == {"equal": 1}


async def test_an_element_that_lets_nobody_in_is_waited_for(rig: Rig, line: Card) -> None:
    del line
    rig.sim.fault(Kind.DROP_BEFORE, "ReadSubscriber", count=3)
    rig.sim.fault(Kind.BUSY, "ReadSubscriber", count=3)
    rig.sim.fault(Kind.SILENT, "ReadSubscriber", count=2)
    rig.sim.fault(Kind.REFUSE_CONNECT, count=3)
    assert await audited(rig, only(REPORT, NUMBER)) == ({"equal": 1}, [])


async def test_a_frozen_element_is_waited_for(rig: Rig, line: Card) -> None:
    del line
    rig.sim.servers["orange"].element.freeze(60)
    audit_id = await rig.gateway.auditor.start(REPORT)
    await _waits(rig, audit_id)
    rig.sim.servers["orange"].element.thaw()
    assert kinds(await ended(rig, audit_id)) == {"equal": 1}


@pytest.mark.parametrize("kind", [Kind.REFUSE, Kind.GARBAGE])
@pytest.mark.parametrize("policy", [Policy.REPORT, Policy.REPAIR])
async def test_a_subscriber_the_element_does_not_tell_is_unreadable_and_the_others_are_read(
    tmp_path: Path, sim: SimNetwork, time: Time, kind: Kind, policy: Policy
) -> None:
    async with gateway_with(tmp_path / "data", sim, time, ONE_BY_ONE) as rig:
        cards = await in_service(rig, 5)
        sim.fault(kind, "ReadSubscriber", count=4)
        counted, (finding,) = await audited(rig, Asked(policy=policy))
    assert counted == {"equal": 4, "unreadable": 1}
    assert (finding["imsi"], finding["outcome"], bool(finding["detail"])) == (cards[0].imsi, "reported", True)


async def test_one_garbled_subscriber_takes_nobody_along(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    """Its garbled answer ends the session all the others wait on, each time it is asked again."""
    async with gateway_with(tmp_path / "data", sim, time, AuditSettings(at_once=8)) as rig:
        cards = await in_service(rig, 24)
        sim.faults.add(OfOne("orange", Kind.GARBAGE, "ReadSubscriber", count=None, imsi=cards[3].imsi))
        counted, (finding,) = await audited(rig)
    assert (counted, finding["imsi"]) == ({"equal": 23, "unreadable": 1}, cards[3].imsi)


@pytest.mark.parametrize("moment", ["looking", "waiting"])
async def test_a_cancelled_audit_keeps_what_it_has_found_and_hears_no_more(
    tmp_path: Path, sim: SimNetwork, time: Time, moment: str
) -> None:
    async with gateway_with(tmp_path / "data", sim, time, ONE_BY_ONE) as rig:
        cards = await in_service(rig, 10)
        sim.hlrs["orange"].store.remove(sim.hlrs["orange"].store.find(cards[1].imsi))  # type: ignore[arg-type]  # it is there
        audit_id = await rig.gateway.auditor.start(REPORT)
        async with asyncio.timeout(60):
            while not await found(rig, audit_id):  # noqa: ASYNC110 - nothing tells tests of each page
                await asyncio.sleep(0)
        if moment == "waiting":
            await rig.gateway.upkeep.open(Opening("orange", None, "new boards", "anna"))
            await _waits(rig, audit_id)
        await rig.gateway.auditor.cancel(audit_id)
        row = await ended(rig, audit_id)
        assert (row["state"], row["done"] in range(3, 10), kinds(row)["missing"]) == ("cancelled", True, 1)
        heard = len(sim.log())
        await asyncio.sleep(0.05)
        assert len(sim.log()) == heard
    async with gateway_with(tmp_path / "data", sim, time, ONE_BY_ONE) as rig:
        assert rig.gateway.auditor.run_of(audit_id) is None


async def test_audits_beyond_those_at_work_wait_for_their_turn_and_can_be_cancelled_meanwhile(
    rig: Rig, line: Card
) -> None:
    del line
    auditor = rig.gateway.auditor
    await rig.gateway.upkeep.open(Opening("orange", None, "new boards", "anna"))
    started = [await auditor.start(REPORT) for _ in range(AT_ONCE + 2)]
    for audit_id in started[:AT_ONCE]:
        await _waits(rig, audit_id)
    last = auditor.run_of(started[-1])
    assert last is not None
    assert (last.done, last.waiting_for) == (0, None)
    await auditor.cancel(started[-1])
    await auditor.cancel(started[0])
    await rig.gateway.upkeep.close("orange", "done")
    states = [(await ended(rig, audit_id))["state"] for audit_id in started]
    assert states == ["cancelled", *["completed"] * AT_ONCE, "cancelled"]
    for _ in range(AT_ONCE + 1):
        assert await audited(rig, only(REPORT, NUMBER)) == ({"equal": 1}, [])


async def test_no_more_are_asked_a_second_than_allowed(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    """Counted: however quick the element is, so many reads take so long at least."""
    async with gateway_with(tmp_path / "data", sim, time, AuditSettings(per_s=100)) as rig:
        await in_service(rig, 41)
        started = asyncio.get_running_loop().time()
        assert await audited(rig) == ({"equal": 41}, [])
        took_s = asyncio.get_running_loop().time() - started
    reads = sum(entry.command == "ReadSubscriber" for entry in sim.log())
    assert reads == 41
    assert took_s >= (reads - 1) / 100


async def test_the_pace_is_that_of_all_audits_together() -> None:
    pace, loop = Pace(200), asyncio.get_running_loop()
    started = loop.time()
    await asyncio.gather(*(pace.turn() for _ in range(21)))
    assert loop.time() - started >= 20 / 200
    free = Pace(0)
    started = loop.time()
    for _ in range(1000):
        await free.turn()
    assert loop.time() - started < 1


async def test_orders_go_before_audits(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    """An order accepted while an audit reads is done long before the audit is."""
    async with gateway_with(tmp_path / "data", sim, time, AuditSettings(per_s=50)) as rig:
        await in_service(rig, 100)
        audit_id = await rig.gateway.auditor.start(REPORT)
        assert await rig.done("suspend", msisdn=number(1050), reason="unpaid") == "completed"
        run = rig.gateway.auditor.run_of(audit_id)
        assert run is not None
        assert run.done < 100
        await rig.gateway.auditor.cancel(audit_id)
