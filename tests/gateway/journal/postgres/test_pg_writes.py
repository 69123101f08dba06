"""What was answered is in the database, whole units or nothing, in order, and no unit pays for another's fault."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, select

from gateway.journal.journal import Conflict, JournalAway, JournalFull, Unit
from gateway.journal.postgres.batches import MAX_CHARACTERS, MAX_UNITS
from gateway.journal.postgres.errors import Refused
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.schema import events, idempotency, insert_row, numbers
from tests.gateway.journal.postgres.tenants import NEW, ONE, STATE, claim, count, number
from tests.peers.postgres import PostgresServer

_BAD = insert(idempotency).values(key=bindparam("key"), payload_hash=None, answer="", at="")  # NOT NULL is broken
_EVENT = insert_row(events)
_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def event(data: str, unit: Unit | None = None) -> Unit:
    unit = unit or Unit()
    unit.add(_EVENT, at="2026-03-01T00:00:00+00:00", type="t", line_id=None, order_id=None, data=data)
    return unit


@given(st.lists(_TEXT, unique=True, max_size=30))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_comes_back_as_it_was(shared: PostgresJournal, texts: list[str]) -> None:
    await asyncio.gather(*(shared.commit(event(text)) for text in texts))
    rows = await shared.rows(select(events.c.data).order_by(events.c.seq.desc()).limit(len(texts)))
    assert [row["data"] for row in reversed(rows)] == texts


async def test_what_was_committed_is_seen_by_another_instance(
    shared: PostgresJournal, another: PostgresJournal
) -> None:
    await shared.commit(number("a"))
    (row,) = await another.rows(ONE, msisdn="a")
    assert dict(row) == {"msisdn": "a", "state": "free", "line_id": None, "order_id": None, "free_at": None}


async def test_more_than_fits_in_one_batch_is_written_in_its_order(shared: PostgresJournal) -> None:
    many = MAX_UNITS * 2 + 7
    await asyncio.gather(*(shared.commit(event(str(n))) for n in range(many)))
    rows = await shared.rows(select(events.c.data).order_by(events.c.seq))
    assert [row["data"] for row in rows] == [str(n) for n in range(many)]


async def test_units_too_great_for_one_batch_are_written_all_the_same(shared: PostgresJournal) -> None:
    great = "x" * (MAX_CHARACTERS // 2)
    await asyncio.gather(*(shared.commit(event(f"{n}{great}")) for n in range(5)))
    rows = await shared.rows(select(events.c.data).order_by(events.c.seq))
    assert [row["data"] for row in rows] == [f"{n}{great}" for n in range(5)]


async def test_a_unit_without_writes_is_written_too(shared: PostgresJournal) -> None:
    await asyncio.gather(shared.commit(Unit()), shared.commit(number("a")))
    assert await count(shared) == 1


async def test_a_unit_is_written_whole_or_not_at_all(shared: PostgresJournal) -> None:
    unit = number("a")
    unit.add(STATE, "no number", where_msisdn="nobody", state="free")
    with pytest.raises(Conflict) as conflict:
        await shared.commit(unit)
    assert conflict.value.what == "no number"
    assert not await shared.rows(ONE, msisdn="a")


async def test_conflicts_in_a_batch_take_back_their_own_units_only(shared: PostgresJournal) -> None:
    await shared.commit(number("taken"))

    def unit(n: int) -> Unit:
        return claim("taken", number(f"n{n}")) if n in (0, 7, 299) else number(f"n{n}")

    results = await asyncio.gather(*(shared.commit(unit(n)) for n in range(300)), return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, Conflict)] == [0, 7, 299]
    assert [n for n, result in enumerate(results) if result is not None] == [0, 7, 299]
    assert await count(shared) == 298


async def test_a_unit_finds_what_those_before_it_have_written(shared: PostgresJournal) -> None:
    def change(n: int) -> Unit:
        unit = Unit()
        unit.add(STATE, "no number", where_msisdn=f"n{n}", state="assigned")
        return unit

    units = [number("n0"), change(0), change(1), number("n1"), change(1)]
    results = await asyncio.gather(*map(shared.commit, units), return_exceptions=True)
    assert [isinstance(result, Conflict) for result in results] == [False, False, True, False, False]


async def test_one_unit_the_database_refuses_does_not_take_the_others_along(
    shared: PostgresJournal, postgres: PostgresServer
) -> None:
    def unit(n: int) -> Unit:
        made = number(f"n{n}")
        if n == 30:
            made.add(_BAD, key="FAKEkey01")
        return made

    results = await asyncio.gather(*(shared.commit(unit(n)) for n in range(60)), return_exceptions=True)
    assert [n for n, result in enumerate(results) if result is not None] == [30]
    refused = results[30]
    assert isinstance(refused, Refused)
    assert refused.code == "23502"
    assert "FAKEkey01" not in f"{refused}{postgres.log}"
    assert await count(shared) == 59


@pytest.mark.parametrize("value", ["\ud800", "a\0b", 2**80, 5, object()])
async def test_a_value_no_database_can_hold_fails_its_unit_and_nothing_else(
    shared: PostgresJournal, value: object
) -> None:
    results = await asyncio.gather(
        shared.commit(number("before")),
        shared.commit(number(value)),
        shared.commit(number("after")),
        return_exceptions=True,
    )
    assert [isinstance(result, ValueError | TypeError) for result in results] == [False, True, False]
    assert await count(shared) == 2


async def test_of_two_instances_with_one_key_exactly_one_wins(
    shared: PostgresJournal, another: PostgresJournal
) -> None:
    both = [journal.commit(claim(f"k{n}")) for n in range(200) for journal in (shared, another)]
    results = await asyncio.gather(*both, return_exceptions=True)
    pairs = zip(results[::2], results[1::2], strict=True)
    assert all(sorted(isinstance(one, Conflict) for one in pair) == [False, True] for pair in pairs)
    assert await count(shared) == 200


async def test_instances_that_wait_for_each_other_both_get_through(
    shared: PostgresJournal, another: PostgresJournal
) -> None:
    await shared.commit(number("a"))
    await shared.commit(number("b"))

    def both(first: str, then: str, state: str) -> Unit:
        unit = Unit()
        for name in (first, then):
            unit.add(STATE, "no number", where_msisdn=name, state=state)
        return unit

    for n in range(20):
        await asyncio.gather(
            *(shared.commit(both("a", "b", f"s{n}")) for _ in range(30)),
            *(another.commit(both("b", "a", f"t{n}")) for _ in range(30)),
        )
    rows = await shared.rows(select(numbers.c.state))
    assert len({row["state"] for row in rows}) == 1


async def test_too_many_waiting_are_told_to_come_back(database: str) -> None:
    journal = await PostgresJournal.open(database, max_waiting=5)
    results = await asyncio.gather(*(journal.commit(number(f"n{n}")) for n in range(500)), return_exceptions=True)
    full = sum(isinstance(result, JournalFull) for result in results)
    assert full > 0
    assert await count(journal) == 500 - full
    await journal.close()


async def test_whoever_gave_up_waiting_does_not_stop_the_others(shared: PostgresJournal) -> None:
    tasks = [asyncio.create_task(shared.commit(number(f"n{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    tasks[7].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, result in enumerate(results) if result is not None] == [7]
    await shared.commit(number("after"))
    assert await count(shared) >= 20


async def test_closing_writes_what_waits_and_takes_nothing_more(database: str, postgres: PostgresServer) -> None:
    journal = await PostgresJournal.open(database)
    tasks = [asyncio.create_task(journal.commit(number(f"n{n}"))) for n in range(3000)]
    await asyncio.sleep(0)
    await journal.close()
    await asyncio.gather(*tasks)
    with pytest.raises(JournalAway):
        await journal.commit(number("late"))
    assert postgres.fetch("SELECT count(*) FROM numbers", database.rpartition("/")[2]) == [("3000",)]


async def test_what_is_written_is_found_in_no_log_of_the_server(
    shared: PostgresJournal, postgres: PostgresServer
) -> None:
    with pytest.raises(Conflict):
        await shared.commit(claim("FAKEnumber01", number("FAKEnumber01")))
    bad = Unit()
    bad.add(NEW, msisdn="FAKEnumber02", state=None, line_id=None, order_id=None, free_at=None)
    with pytest.raises(Refused):
        await shared.commit(bad)
    assert "FAKEnumber" not in postgres.log
