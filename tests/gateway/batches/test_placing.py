"""Every valid row becomes exactly one order, in the file's order for each line, over any stop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.batches.judging import Jury
from gateway.batches.states import BatchState, Format, Options, Start
from gateway.batches.validating import Validator
from gateway.batches.working import BatchWork
from gateway.journal.journal import Journal, JournalFull, Row, Statement
from gateway.orders.bulk_placing import BulkPlacer, RowPlacing, waves
from gateway.orders.fair_share import FairShare
from hlr_sim.faults import Kind
from tests.gateway.batches.conftest import Json, ended, file_of, now, order, pieces, sent, until
from tests.gateway.cards import SFR, card
from tests.gateway.clocks.test_clocks import Failing
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on

MANUAL = Options(Format.NDJSON, Start.MANUAL)


def number(n: int) -> str:
    return f"+336{30_000_000 + n}"


async def lines_of(rig: Rig, count: int) -> None:
    await rig.stock(*(card(500 + n) for n in range(count)))
    ids = [await rig.activate(card(500 + n), number(n)) for n in range(count)]
    for order_id in ids:
        assert await rig.until(order_id) == "completed"


def swings(count: int) -> list[Json]:
    """Lines suspended and put back in turn: out of order, every other one would be refused."""
    wishes = (("suspend", {"reason": "unpaid"}), ("reactivate", {"reason": "unpaid"}))
    return [order(wishes[n // 4 % 2][0], number(n % 4), f"R-{n}", **wishes[n // 4 % 2][1]) for n in range(count)]


async def _settled(rig: Rig) -> int:
    return sum(row["state"] not in ("received", "valid") for row in await rig.all_rows("batch_rows"))


async def test_a_stop_anywhere_neither_doubles_nor_loses_a_row(tmp_path: Path, sim: SimNetwork, time: Time) -> None:
    count = 160
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await lines_of(rig, 4)
        batch_id = (await sent(rig, file_of(*swings(count)))).batch_id
    stops: set[tuple[str, int]] = set()
    over, lives = False, 0
    while not over:
        lives += 1
        async with gateway_on(tmp_path / "data", sim, time) as rig, asyncio.timeout(60):
            before = await now(rig, batch_id)
            for _ in range(6 + lives):  # each life a little longer, so that it ends however slow the machine
                await asyncio.sleep(0.003)
            after = await now(rig, batch_id)
            stops.add((after.state.value, after.placed))
            over = (await now(rig, batch_id)).state is BatchState.COMPLETED
            assert (after.valid, after.placed) >= (before.valid, before.placed)
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        batch = await ended(rig, batch_id)
        assert (batch.total, batch.valid, batch.placed, batch.problems, batch.refused) == (count, count, count, 0, 0)
        rows = await rig.all_rows("batch_rows")
        orders = [row for row in await rig.all_rows("orders") if '"batch"' in row["body"]]
        assert sorted(row["order_id"] for row in rows) == sorted(row["order_id"] for row in orders)
        assert {row["state"] for row in orders} == {"completed"}
        for n in range(4):
            in_turn = [json.loads(row["body"])["batch"]["n"] for row in orders if row["msisdn"] == number(n)]
            assert in_turn == sorted(in_turn)
    assert len(stops) > 2, "no stop came while rows were validated or placed"


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("failures", [1, 3])
async def test_killed_around_a_commit_each_row_is_one_order(
    tmp_path: Path,
    sim: SimNetwork,
    time: Time,
    failures: int,
    durable: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        await lines_of(rig, 4)
        batch = await until(rig, (await sent(rig, file_of(*swings(24)), MANUAL)).batch_id, BatchState.READY)
        await _without_its_own_placer()
        gateway, door = rig.gateway, rig.gateway.batches
        assert await door.start(batch, accept_problems=False) is None
        failing = Failing(gateway.journal, durable, failures)
        placer = placer_of(rig, failing)
        while failing.failures:
            with pytest.raises(JournalFull):
                await placer._until_idle()
    async with gateway_on(tmp_path / "data", sim, time) as rig:
        found = await ended(rig, batch.batch_id)
        assert (found.placed, found.refused) == (24, 0)
        rows = await rig.all_rows("batch_rows")
        orders = [row for row in await rig.all_rows("orders") if '"batch"' in row["body"]]
        assert sorted(row["order_id"] for row in rows) == sorted(row["order_id"] for row in orders)


async def test_a_batch_whose_element_is_away_keeps_no_other_from_going_on(rig: Rig) -> None:
    there, away = [number(n) for n in range(4)], [number(10 + n) for n in range(30)]
    await rig.stock(*(card(600 + n, SFR) for n in range(4)), *(card(500 + n) for n in range(30)))
    opened = [await rig.activate(card(600 + n, SFR), msisdn, host="sfr") for n, msisdn in enumerate(there)]
    opened += [await rig.activate(card(500 + n), msisdn) for n, msisdn in enumerate(away)]
    assert {await rig.until(order_id) for order_id in opened} == {"completed"}
    rig.sim.fault(Kind.BUSY, "*", count=None)
    await _without_its_own_placer()
    older = await sent(rig, file_of(*(order("suspend", msisdn, reason="unpaid") for msisdn in away)))
    rows = swings(60)
    newer = await sent(rig, file_of(*rows))
    placing = asyncio.create_task(placer_of(rig, rig.gateway.journal, max_backlog=40).run())
    await ended(rig, newer.batch_id, wait_s=9)  # before what hangs would have left the window by its age
    hanging = await now(rig, older.batch_id)
    assert 0 < hanging.placed <= 10, "no more than half of what may hang"
    rig.sim.faults.clear()
    assert (await ended(rig, older.batch_id)).placed == len(away)
    placing.cancel()
    await asyncio.gather(placing, return_exceptions=True)


def placer_of(rig: Rig, journal: Journal, max_backlog: int = 1000) -> BulkPlacer:
    """Another placer of batches, over a journal of the test's own."""
    gateway, share = rig.gateway, FairShare(rig.gateway.engine, 8)
    validator = Validator(Jury(journal, gateway.engine, gateway.judge, gateway.clock), share, frozenset())
    placing = RowPlacing(journal, gateway.engine, share, max_backlog)
    return BulkPlacer(share, [BatchWork(journal, gateway.clock, validator, placing, gateway.bell.ring)])


async def _without_its_own_placer() -> None:
    (own,) = (task for task in asyncio.all_tasks() if task.get_name() == "bulk orders")
    own.cancel()
    await asyncio.gather(own, return_exceptions=True)


async def test_a_paused_batch_rests_and_a_cancelled_one_ends(rig: Rig) -> None:
    await lines_of(rig, 4)
    batch = await sent(rig, file_of(*swings(600)))
    door = rig.gateway.batches
    async with asyncio.timeout(60):
        while not (batch := await now(rig, batch.batch_id)).placed:  # noqa: ASYNC110 - no event tells a test
            await asyncio.sleep(0.005)
    assert await door.pause(batch) is None
    await asyncio.sleep(0.1)
    rested = await now(rig, batch.batch_id)
    await asyncio.sleep(0.7)
    assert ((await now(rig, batch.batch_id)).placed, rested.state) == (rested.placed, BatchState.PAUSED)
    assert await door.resume(rested) is None
    async with asyncio.timeout(60):
        while (batch := await now(rig, batch.batch_id)).placed == rested.placed:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
    assert await door.cancel(batch) is None
    over = await ended(rig, batch.batch_id)
    progress = await door.tallies.progress(over)
    assert (over.state, sum(progress.rows.values())) == (BatchState.CANCELLED, 600)
    assert progress.rows["cancelled"] == 600 - over.placed
    assert progress.orders == {"completed": over.placed}
    refused = await door.resume(over)
    assert refused is not None
    assert refused.slug == "wrong-state"


@dataclass
class Counting(Failing):
    """A journal that counts what is read at once, and never fails."""

    most: int = 0

    async def rows(self, statement: Statement, /, **values: object) -> Sequence[Row]:
        found = await self.behind.rows(statement, **values)
        self.most = max(self.most, len(found))
        return found


async def test_of_ten_thousand_rows_few_are_held_at_once(rig: Rig) -> None:
    data = file_of(*(order("suspend", number(50_000 + n), reason="unpaid") for n in range(10_000)))
    await _without_its_own_placer()
    counting = Counting(rig.gateway.journal, after=True, failures=0)
    batch = await sent(rig, data)
    await placer_of(rig, counting)._until_idle()
    batch = await now(rig, batch.batch_id)
    assert (batch.state, batch.problems, batch.received) == (BatchState.FAILED, 10_000, len(data))
    assert counting.most <= 100


def test_rows_that_depend_on_each_other_are_not_placed_at_once() -> None:
    rows = [{"n": n, "after_n": after} for n, after in ((4, None), (5, 2), (6, 4), (7, None), (8, 6), (9, 8))]
    assert [[row["n"] for row in wave] for wave in waves(rows)] == [[4, 5], [6, 7], [8], [9]]


async def test_rows_of_a_cut_upload_are_kept_to_the_last_whole_one(rig: Rig) -> None:
    data = file_of(*swings(100))

    async def cut() -> object:
        async for piece in pieces(data[:5000], 1000):
            yield piece
        raise ConnectionResetError("cut")

    intake = rig.gateway.batches.intake
    with pytest.raises(ConnectionResetError):
        await intake.post(Options(Format.NDJSON), "batch k", "h", cut(), last=True)  # type: ignore[arg-type]  # bytes
    (row,) = await rig.all_rows("batches")
    assert (row["state"], data[: row["received"]]) == ("receiving", data[:5000].rpartition(b"\n")[0] + b"\n")
    again = await intake.post(Options(Format.NDJSON), "batch k", "h", pieces(data), last=True)
    assert (again.replayed, again.batch.batch_id, again.batch.total) == (True, row["batch_id"], 100)
    assert len(await rig.all_rows("batches")) == 1
