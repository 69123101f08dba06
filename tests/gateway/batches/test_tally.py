"""How far a batch has come: over only when nothing moves by itself, and counted no more once nothing can."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.batches import shown
from gateway.batches.states import BatchState
from gateway.batches.tally import Tallies
from gateway.journal.journal import Row, Statement
from gateway.orders.under_way import UnderWay
from hlr_sim.faults import Kind
from tests.gateway.batches.conftest import ended, file_of, order, sent, until
from tests.gateway.cards import Card
from tests.gateway.clocks.test_clocks import Failing
from tests.gateway.conftest import NUMBER
from tests.gateway.rig import Rig


@dataclass
class Counting(Failing):
    """A journal that notes what is read, and never fails."""

    read: list[Statement] = field(default_factory=list)

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        self.read.append(statement)
        return await self.behind.rows(statement, **values)


async def _one_order(rig: Rig, batch_id: str) -> str:
    (row,) = [row for row in await rig.all_rows("batch_rows") if row["batch_id"] == batch_id]
    return str(row["order_id"])


async def test_an_order_held_while_its_element_is_away_is_not_over(rig: Rig, line: Card) -> None:
    rig.sim.fault(Kind.BUSY, "Provide", count=None)
    batch = await sent(rig, file_of(order("change_options", NUMBER, add=["5g"])))
    batch = await until(rig, batch.batch_id, BatchState.COMPLETED)
    waits = await _one_order(rig, batch.batch_id)
    await rig.until(waits, "held")
    tallies = Tallies(rig.gateway.journal)
    progress = await tallies.progress(batch)
    assert (progress.orders, progress.over) == ({"held": 1}, False)
    behind = await until(
        rig, (await sent(rig, file_of(order("suspend", NUMBER, reason="unpaid")))).batch_id, BatchState.COMPLETED
    )
    by_hand = await _one_order(rig, behind.batch_id)
    await rig.gateway.engine.hold(by_hand)
    progress = await tallies.progress(behind)
    assert (progress.orders, progress.over) == ({"held": 1}, True), "only a human moves it on"
    under_way = UnderWay(rig.gateway.journal)
    for order_id in (waits, by_hand):
        under_way.add(order_id, "one")
    await under_way.look()
    assert (under_way.moving, under_way.hanging, under_way.hanging_of("one")) == (0, 1, 1)
    rig.sim.faults.clear()
    assert await rig.until(waits) == "completed"
    await ended(rig, batch.batch_id)
    await under_way.look()
    assert (under_way.moving, under_way.hanging, under_way.hanging_of("one")) == (0, 0, 0)
    del line


async def test_what_waits_behind_an_order_that_waits_for_a_human_is_over_too(rig: Rig, line: Card) -> None:
    rig.sim.fault(Kind.BUSY, "Provide", count=None)
    await rig.until(await rig.order("change_options", msisdn=NUMBER, add=["5g"]), "held")
    by_hand = await rig.order("suspend", msisdn=NUMBER, reason="unpaid")
    await rig.gateway.engine.hold(by_hand)
    batch = await sent(rig, file_of(order("reactivate", NUMBER, reason="unpaid")))
    batch = await until(rig, batch.batch_id, BatchState.COMPLETED)
    waits = await _one_order(rig, batch.batch_id)
    progress = await Tallies(rig.gateway.journal).progress(batch)
    assert (progress.orders, progress.over) == ({"acknowledged": 1}, True)
    rig.sim.faults.clear()
    await rig.gateway.engine.resume(by_hand)
    assert await rig.until(waits) == "completed"
    assert (await Tallies(rig.gateway.journal).progress(batch)).over
    del line


async def test_what_is_over_is_counted_once(rig: Rig, line: Card) -> None:
    data = file_of(order("suspend", NUMBER, reason="unpaid"), order("reactivate", NUMBER, reason="unpaid"))
    batch = await ended(rig, (await sent(rig, data)).batch_id)
    counting = Counting(rig.gateway.journal, after=True, failures=0)
    tallies = Tallies(counting)
    first = await tallies.progress(batch)
    assert first.orders == {"completed": 2}
    assert shown._ENDS in counting.read
    counting.read.clear()
    await asyncio.sleep(0.5)  # longer than what was seen is taken for new enough
    again = await tallies.progress(batch)
    assert (again.orders, again.rows, again.over) == (first.orders, first.rows, True)
    assert shown._ENDS not in counting.read
    del line


async def test_what_may_still_move_is_counted_again(rig: Rig, line: Card) -> None:
    rig.sim.fault(Kind.BUSY, "Provide", count=None)
    batch = await sent(rig, file_of(order("change_options", NUMBER, add=["5g"])))
    batch = await until(rig, batch.batch_id, BatchState.COMPLETED)
    tallies = Tallies(rig.gateway.journal)
    assert not (await tallies.progress(batch)).over
    rig.sim.faults.clear()
    assert await rig.until(await _one_order(rig, batch.batch_id)) == "completed"
    await asyncio.sleep(0.5)  # as above
    assert (await tallies.progress(batch)).orders == {"completed": 1}
    del line
