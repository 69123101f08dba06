"""What is due is attended to once, whatever happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.contract.calendar import Span, Unit
from gateway.contract.line import Reason
from gateway.contract.rulebook.timing import How
from gateway.journal.journal import Journal, JournalFull, Row, Statement
from gateway.journal.journal import Unit as Writes
from gateway.journal.tenure import Tenure
from tests.gateway.clocks.conftest import MORNING, clocks_of, opened, with_clock
from tests.gateway.clocks.networks import FiveNetworks, Ticking, card_of, number_of, ticking
from tests.gateway.rig import Rig

FIFTEEN, MOST = timedelta(days=15), timedelta(days=62)


async def by_clock(rig: Rig) -> list[tuple[str, str]]:
    rows = await rig.all_rows("orders")
    return [(row["action"], row["state"]) for row in rows if '"channel":"clock"' in row["body"]]


async def told(rig: Rig, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row["data"]) for row in await rig.all_rows("events") if row["type"] == kind]


async def suspended(moving: Ticking, contract: str) -> str:
    msisdn = await opened(moving.rig, contract)
    assert await moving.rig.done("suspend", msisdn=msisdn, reason="unpaid") == "completed"
    return msisdn


@dataclass
class Failing:
    """A journal that fails once: before the commit, or, as a gateway killed just then, after it."""

    behind: Journal
    after: bool
    failures: int = 1

    @property
    def tenure(self) -> Tenure:
        return self.behind.tenure

    async def announce(self, url: str) -> None:
        await self.behind.announce(url)

    async def commit(self, unit: Writes) -> None:
        if self.after or not self.failures:
            await self.behind.commit(unit)
        if self.failures:
            self.failures -= 1
            raise JournalFull

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        return await self.behind.rows(statement, **values)

    async def close(self) -> None:
        """It is the gateway's own to close."""


async def test_a_suspended_line_is_terminated_on_its_day_and_not_before(moving: Ticking) -> None:
    await suspended(moving, "orange-mayotte")
    await moving.jump(MORNING + FIFTEEN - timedelta(seconds=1))
    assert not await by_clock(moving.rig)
    await moving.jump(MORNING + FIFTEEN)
    assert await by_clock(moving.rig) == [("terminate", "completed")]
    order = (await moving.rig.all_rows("orders"))[-1]
    assert "004 art. 16.1" in json.loads(order["body"])["note"]
    assert not await moving.rig.all_rows("deadlines")


async def test_what_was_cured_in_time_is_not_due_any_more(moving: Ticking) -> None:
    msisdn = await suspended(moving, "orange-mayotte")
    await moving.jump(MORNING + FIFTEEN - timedelta(hours=1))
    assert await moving.rig.done("reactivate", msisdn=msisdn, reason="unpaid") == "completed"
    await moving.jump(MORNING + MOST)
    assert not await by_clock(moving.rig)


async def test_a_cure_under_way_is_waited_for(moving: Ticking) -> None:
    msisdn = await suspended(moving, "orange-mayotte")
    moving.rig.time.now = MORNING + FIFTEEN
    await moving.rig.order("reactivate", msisdn=msisdn, reason="unpaid")
    assert await moving.rig.gateway.clocks.tend() == 0
    await moving.settle()
    assert not await by_clock(moving.rig)


async def test_time_that_was_granted_is_time(moving: Ticking) -> None:
    msisdn, until = await suspended(moving, "orange-mayotte"), MORNING + timedelta(days=30)
    grant = {"notice": "suspended_unpaid", "until": until.isoformat()}
    assert await moving.rig.done("record_notice", msisdn=msisdn, **grant) == "completed"
    await moving.jump(until - timedelta(seconds=1))
    assert not await by_clock(moving.rig)
    await moving.jump(until)
    assert await by_clock(moving.rig) == [("terminate", "completed")]


async def test_what_a_human_decides_is_told_once(moving: Ticking) -> None:
    msisdn = await suspended(moving, "cmi")
    due = MORNING + MOST - timedelta(days=1, hours=1)  # 2 May, summer time
    for _ in range(2):
        await moving.jump(MORNING + MOST)
    (proposed,) = await told(moving.rig, "clock.proposed")
    assert proposed == {
        "msisdn": msisdn,
        "action": "terminate",
        "details": {"reason": "suspended_too_long"},
        "due_at": due.isoformat(),
        "clock": "suspended_too_long",
        "source": "002 CGV 12.1",
    }
    assert not await by_clock(moving.rig)


async def test_killed_while_it_is_carried_out_it_happens_once(tmp_path: Path, networks: FiveNetworks) -> None:
    async with ticking(tmp_path, MORNING, networks) as before:
        await before.rig.stock(card_of("orange-mayotte", 1))
        await suspended(before, "orange-mayotte")
        before.rig.time.now = MORNING + FIFTEEN
        assert await before.rig.gateway.clocks.tend() == 1
    async with ticking(tmp_path, MORNING + FIFTEEN, networks) as after:
        await after.settle()
        assert await by_clock(after.rig) == [("terminate", "completed")]


@pytest.mark.parametrize("durable", [False, True])
async def test_killed_around_the_commit_it_happens_once(
    tmp_path: Path,
    networks: FiveNetworks,
    durable: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with ticking(tmp_path, MORNING, networks) as before:
        await before.rig.stock(card_of("orange-mayotte", 1))
        await suspended(before, "orange-mayotte")
        clocks = clocks_of(before.rig, Failing(before.rig.gateway.journal, durable))
        before.rig.time.now = MORNING + FIFTEEN
        with pytest.raises(JournalFull):
            await clocks.tend()
        assert len(await by_clock(before.rig)) == durable
    async with ticking(tmp_path, MORNING + FIFTEEN, networks) as after:
        await after.settle()
        assert await by_clock(after.rig) == [("terminate", "completed")]
        assert networks.held(card_of("orange-mayotte", 1).imsi, "orange-mayotte") is None


async def test_a_full_journal_is_waited_for(moving: Ticking) -> None:
    await suspended(moving, "orange-mayotte")
    clocks = clocks_of(moving.rig, Failing(moving.rig.gateway.journal, after=False))
    moving.rig.time.now = MORNING + FIFTEEN
    with pytest.raises(JournalFull):
        await clocks.tend()
    assert await clocks.tend() == 1
    await moving.settle()
    assert await by_clock(moving.rig) == [("terminate", "completed")]


async def test_what_cannot_be_ordered_is_told_and_not_tried_again(moving: Ticking) -> None:
    await suspended(moving, "orange-mayotte")
    rules = moving.rig.gateway.settings.contracts["orange-mayotte"]
    wrong = with_clock(rules, "suspended_unpaid", action="bar_outgoing", reason=Reason.LOST)
    clocks = clocks_of(moving.rig, rules=wrong)
    moving.rig.time.now = MORNING + FIFTEEN
    assert await clocks.tend() == 1
    assert await clocks.tend() == 0
    (refused,) = await told(moving.rig, "clock.refused")
    assert (refused["clock"], refused["problem"]) == ("suspended_unpaid", "reason-not-allowed")
    assert not await by_clock(moving.rig)


async def test_a_line_never_activated_is_called_off(moving: Ticking) -> None:
    rules = with_clock(moving.rig.gateway.settings.contracts["cmi"], "never_activated", how=How.AUTOMATIC)
    clocks, card = clocks_of(moving.rig, rules=rules), card_of("cmi", 1)
    details = {"contract": "cmi", "iccid": card.iccid, "plan": "unlimited"}
    start = MORNING + timedelta(days=200)
    order = await moving.rig.order("activate", msisdn=number_of("cmi", 1), requested_start=start, **details)
    moving.rig.time.now = MORNING + timedelta(days=92)
    assert await clocks.tend() == 1
    assert await moving.rig.state(order) == "cancelled"
    (cancelled,) = await told(moving.rig, "clock.cancelled")
    assert cancelled["clock"] == "never_activated"
    assert await opened(moving.rig, "cmi"), "number and card are free again"


async def test_a_changed_contract_is_followed_once(moving: Ticking) -> None:
    await suspended(moving, "orange-mayotte")
    rules = moving.rig.gateway.settings.contracts["orange-mayotte"]
    sooner = with_clock(rules, "suspended_unpaid", after=Span(3, Unit.DAYS))
    await clocks_of(moving.rig).follow_contracts()
    assert await clocks_of(moving.rig).follow_contracts() == 0
    changed = clocks_of(moving.rig, rules=sooner)
    assert await changed.follow_contracts() == 1
    assert await changed.follow_contracts() == 0
    (row,) = await moving.rig.all_rows("deadlines")
    assert row["due_at"] == (MORNING + timedelta(days=3)).isoformat()


async def test_what_was_attended_to_stays_so_when_its_contract_changes(moving: Ticking) -> None:
    msisdn = await opened(moving.rig, "orange-mayotte")
    assert await moving.rig.done("record_notice", msisdn=msisdn, notice="papers_requested") == "completed"
    await moving.jump(MORNING + FIFTEEN)
    assert await by_clock(moving.rig) == [("suspend", "completed")]
    assert await moving.rig.done("reactivate", msisdn=msisdn, reason="missing_papers") == "completed"
    rules = moving.rig.gateway.settings.contracts["orange-mayotte"]
    changed = clocks_of(moving.rig, rules=with_clock(rules, "papers_suspend", after=Span(14, Unit.DAYS)))
    assert await changed.follow_contracts() == 1
    assert await changed.tend() == 0
    await moving.settle()
    assert await by_clock(moving.rig) == [("suspend", "completed")]
