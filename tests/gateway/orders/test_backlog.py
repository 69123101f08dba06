"""What waits is loaded a window at a time: in its order, emergencies first, whatever the number."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.contract.action import Lane
from gateway.journal.shards import EVERY_SHARD, shard_of
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import records
from gateway.orders.order import Order
from gateway.orders.ready import OPERATOR
from tests.gateway.orders.floor import HOSTS, WINDOW, Floor
from tests.gateway.orders.waiting_orders import NOW, made


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    journal = SqliteJournal(tmp_path / "journal.db")
    made_ = Floor(journal)
    loading = asyncio.create_task(made_.backlog.run())
    yield made_
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)
    await made_.dispatcher.stop()
    await journal.close()


def _lines_in_order(started: list[Order], accepted: list[Order]) -> bool:
    wanted, got = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for orders, by_line in ((accepted, wanted), (started, got)):
        for order in orders:
            by_line[order.line_id].append(order.order_id)
    return wanted == got


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("restarted", [False, True])
async def test_all_begin_in_their_lines_order_and_no_more_is_loaded_than_the_window(
    floor: Floor,
    seed: int,
    restarted: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    chance = random.Random(seed)
    lanes = chance.choices(list(Lane), weights=[1, 10, 30, 5], k=300)
    host_of = {f"line-{n}": chance.choice(HOSTS) for n in range(60)}
    accepted = []
    if not restarted:
        await floor.backlog.take(EVERY_SHARD)
        floor.gate.set()
    for n, lane in enumerate(lanes):
        line = f"line-{chance.randrange(60)}"
        accepted.append(made(f"o{n:03}", line, lane, host_of[line]))
        await floor.accept(accepted[-1], told=not restarted)
        if not n % 7:
            await asyncio.sleep(0)
    if restarted:
        await floor.backlog.take(EVERY_SHARD)
        floor.gate.set()
    await floor.until(len(accepted))
    assert _lines_in_order(floor.started, accepted)
    per_line = max(Counter(order.line_id for order in accepted).values())
    assert floor.most_loaded <= 2 * WINDOW + WINDOW * per_line


async def test_an_emergency_begins_at_once_with_what_its_line_has_before_it(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    for n in range(100):
        await floor.accept(made(f"b{n:03}", f"line-{n}", Lane.BULK))
    assert len(floor.backlog) == 100 > len(floor.dispatcher)
    await floor.accept(made("lost", "line-99", Lane.EMERGENCY))
    await floor.until(4)  # three places, and the emergency's line beside them
    assert floor.started[3].order_id == "b099"
    floor.gate.set()
    await floor.until(101)
    assert [o.order_id for o in floor.started if o.line_id == "line-99"] == ["b099", "lost"]


async def test_what_need_not_wait_for_its_date_any_more_begins_though_it_is_older_than_what_is_loaded(
    floor: Floor,
) -> None:
    await floor.backlog.take(EVERY_SHARD)
    dated = replace(made("dated", "line-x", Lane.BULK), due_at=NOW + timedelta(days=1))
    await floor.accept(dated)
    for n in range(100):
        await floor.accept(made(f"b{n:03}", f"line-{n}", Lane.BULK))
    await floor.write(dated, state="acknowledged", due_at=None)
    floor.backlog.brought_forward(dated)
    floor.gate.set()
    await floor.until(101)
    assert "dated" in [order.order_id for order in floor.started]


async def test_what_need_not_wait_any_more_begins_though_the_database_was_away_just_then(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    floor.gate.set()
    dated = replace(made("dated", "line-x"), due_at=NOW + timedelta(days=1))
    await floor.accept(dated)
    await floor.write(dated, state="acknowledged", due_at=None)
    floor.ready.away = 2
    floor.backlog.brought_forward(dated)
    assert await floor.backlog.pending("line-x")
    await floor.until(1)
    assert floor.ready.away == 0


async def test_interactive_orders_go_before_a_tail_of_the_bulk(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    for n in range(100):
        await floor.accept(made(f"b{n:03}", f"line-{n}", Lane.BULK))
    await floor.accept(made("now", "line-x", Lane.INTERACTIVE))
    async with asyncio.timeout(60):
        while not floor.dispatcher.knows("now"):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.002)
    floor.gate.set()
    await floor.until(101)
    assert [o.order_id for o in floor.started].index("now") == 3


async def test_those_with_a_date_begin_on_it_however_many_have_the_same(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    floor.gate.set()
    day = NOW + timedelta(days=30)
    for n in range(100):
        await floor.accept(replace(made(f"d{n:03}", f"line-{n % 40}"), due_at=day))
    await floor.backlog.load_due()
    assert not floor.started
    floor.now = day
    await floor.until(100)
    assert len({o.order_id for o in floor.started}) == 100


async def test_a_clock_put_back_and_forward_again_forgets_no_date(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    floor.gate.set()
    floor.now = NOW + timedelta(hours=1)
    await floor.backlog.load_due()
    floor.now = NOW
    await floor.accept(replace(made("soon", "line"), due_at=NOW + timedelta(minutes=30)))
    await floor.backlog.load_due()
    assert not floor.started
    floor.now = NOW + timedelta(minutes=30)
    await floor.until(1)


async def test_held_orders_take_no_place_from_those_that_can_begin(floor: Floor) -> None:
    for n in range(5 * WINDOW):
        held = made(f"h{n:03}", f"held-{n}")
        await floor.accept(held, told=False)
        await floor.write(held, state="held", waiting_for=OPERATOR, expected_at=None)
    await floor.accept(made("free", "line"), told=False)
    floor.gate.set()
    await floor.backlog.take(EVERY_SHARD)
    await floor.until(1)
    assert floor.started[0].order_id == "free"


async def test_what_has_reached_the_network_goes_on_before_what_was_due_meanwhile(floor: Floor) -> None:
    due, begun = replace(made("due", "line"), due_at=NOW - timedelta(minutes=5)), made("begun", "line")
    await floor.accept(due, told=False)
    await floor.accept(begun, told=False)
    await floor.write(begun, state="in_progress", plan="{}", host="orange")
    floor.gate.set()
    await floor.backlog.take(EVERY_SHARD)
    await floor.until(2)
    assert [o.order_id for o in floor.started] == ["begun", "due"]


async def test_orders_accepted_elsewhere_are_found_and_only_in_shards_that_are_ours(floor: Floor) -> None:
    names = [f"line-{n}" for n in range(40)]
    half = frozenset(range(32))
    await floor.backlog.take(half)
    floor.gate.set()
    for name in names:
        await floor.accept(made(f"of-{name}", name), told=False)
    await floor.backlog.news()
    ours = {name for name in names if shard_of(name) in half}
    await floor.until(len(ours))
    assert {o.line_id for o in floor.started} == ours
    await floor.backlog.take(EVERY_SHARD - half)
    await floor.until(len(names))
    assert {o.line_id for o in floor.started} == set(names)


async def test_two_that_come_at_once_go_behind_what_was_accepted_elsewhere(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    floor.gate.set()
    await floor.accept(made("elsewhere", "line-x"), told=False)
    assert await floor.backlog.pending("line-x")
    assert await floor.backlog.pending("line-x")
    both = [made("one", "line-x"), made("two", "line-x")]
    for order in both:
        await floor.accept(order, told=False)
    for order in both:  # written in one transaction, both are told in one turn of the loop
        floor.backlog.admit(order)
    await floor.until(3)
    assert [order.order_id for order in floor.started] == ["elsewhere", "one", "two"]


async def test_shards_are_left_when_nothing_is_under_way_in_them_and_the_rest_stays(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    names = [f"line-{n}" for n in range(3)]
    for name in names:
        await floor.accept(made(f"of-{name}", name))
        await floor.accept(made(f"then-{name}", name))
    await floor.until(3)
    left = frozenset({shard_of(names[0])})
    leaving = asyncio.create_task(floor.backlog.leave(left))
    await asyncio.sleep(0.01)
    assert not leaving.done()
    floor.gate.set()
    await leaving
    await floor.until(5)
    assert f"then-{names[0]}" not in {o.order_id for o in floor.started}
    assert not any(shard_of(o.line_id) in left for o in floor.started[3:])


async def test_what_is_lost_is_stopped_at_once(floor: Floor) -> None:
    await floor.backlog.take(EVERY_SHARD)
    for n in range(5):
        await floor.accept(made(f"o{n}", f"line-{n}"))
    await floor.until(3)
    await floor.backlog.lose()
    assert len(floor.backlog) == 0
    floor.gate.set()
    await asyncio.sleep(0.02)
    rows = [await records.order(floor.journal, f"o{n}") for n in range(5)]
    assert {row["state"] for row in rows if row is not None} == {"acknowledged"}
    await floor.backlog.take(EVERY_SHARD)
    await floor.until(3 + 5)
