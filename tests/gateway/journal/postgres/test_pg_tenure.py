"""Who holds what: everything is held once, by whoever lives, and comes and goes by way of the tenant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import insert

from gateway.journal.journal import Unit
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.postgres.tenure import BEAT_S
from gateway.journal.schema import events
from gateway.journal.shards import EVERY_SHARD
from tests.gateway.journal.postgres.tenants import Recorder, number, session_of, until
from tests.peers.postgres import PostgresServer


async def test_who_is_alone_holds_everything_from_the_start(shared: PostgresJournal) -> None:
    tenant = Recorder()
    await shared.tenure.begin(tenant)
    assert tenant.told[:2] == ["take", "take_office"]
    assert shared.tenure.shards == tenant.shards == EVERY_SHARD
    assert shared.tenure.office
    assert shared.tenure.certain()


async def test_a_second_instance_gets_its_half_and_the_office_stays(
    shared: PostgresJournal, another: PostgresJournal
) -> None:
    first, second = Recorder(), Recorder()
    await shared.tenure.begin(first)
    await another.tenure.begin(second)
    await until(lambda: len(another.tenure.shards) == 32)
    assert len(shared.tenure.shards) == 32
    assert shared.tenure.shards == first.shards
    assert another.tenure.shards == second.shards == EVERY_SHARD - first.shards
    assert (shared.tenure.office, another.tenure.office) == (True, False)
    assert "take_office" not in second.told


async def test_whoever_asks_is_told_where_the_holder_listens(shared: PostgresJournal, another: PostgresJournal) -> None:
    assert await shared.tenure.holder_url(0) is None
    await shared.tenure.begin(Recorder())
    await another.tenure.begin(Recorder())
    await until(lambda: len(another.tenure.shards) == 32)
    await another.announce("http://127.0.0.1:3")
    for journal in (shared, another):
        found = {shard: await journal.tenure.holder_url(shard) for shard in EVERY_SHARD}
        assert {shard for shard, url in found.items() if url == "http://127.0.0.1:1"} == shared.tenure.shards
        assert {shard for shard, url in found.items() if url == "http://127.0.0.1:3"} == another.tenure.shards
        assert await journal.tenure.holder_url(None) == "http://127.0.0.1:1"


async def test_who_is_gone_is_listed_no_more(
    shared: PostgresJournal, another: PostgresJournal, database: str, postgres: PostgresServer
) -> None:
    shared._place = type(shared._place)("postgresql://127.0.0.1:1/nowhere")  # it cannot come back
    postgres.terminate(session_of(shared))
    await another.announce("http://127.0.0.1:3")
    listed = postgres.fetch("SELECT url, backend_pid FROM instances", database.rpartition("/")[2])
    assert listed == [("http://127.0.0.1:3", str(session_of(another)))]
    await another.close()
    assert not postgres.fetch("SELECT url FROM instances", database.rpartition("/")[2])


async def test_what_a_killed_instance_held_is_taken_by_the_other(
    shared: PostgresJournal, another: PostgresJournal, postgres: PostgresServer
) -> None:
    lost = asyncio.Event()

    def wait(what: str) -> None:
        if what == "lose":
            lost.set()

    await shared.tenure.begin(Recorder(wait))
    await another.tenure.begin(Recorder())
    await until(lambda: len(another.tenure.shards) == 32)
    shared._place = type(shared._place)("postgresql://127.0.0.1:1/nowhere")  # it cannot come back
    postgres.terminate(session_of(shared))
    await until(lambda: another.tenure.shards == EVERY_SHARD and another.tenure.office)
    assert lost.is_set()
    assert not shared.tenure.shards
    assert not shared.tenure.office
    assert not shared.tenure.certain()
    assert await another.tenure.holder_url(None) == "http://127.0.0.1:2"


async def test_who_stops_while_the_session_ends_has_lost_everything(
    shared: PostgresJournal, postgres: PostgresServer
) -> None:
    tenant = Recorder()
    await shared.tenure.begin(tenant)
    shared._place = type(shared._place)("postgresql://127.0.0.1:1/nowhere")  # it cannot come back
    postgres.terminate(session_of(shared))
    await shared.tenure.end()
    assert "lose" in tenant.told
    assert (shared.tenure.shards, shared.tenure.office) == (frozenset(), False)


async def test_who_stops_in_good_order_leaves_everything_first(
    shared: PostgresJournal, another: PostgresJournal
) -> None:
    first, second = Recorder(), Recorder()
    await shared.tenure.begin(first)
    await another.tenure.begin(second)
    await until(lambda: len(another.tenure.shards) == 32)
    await shared.tenure.end()
    assert first.told[-2:] == ["leave_office", "leave"]
    assert not shared.tenure.shards
    await until(lambda: another.tenure.shards == EVERY_SHARD and another.tenure.office)
    assert second.shards == EVERY_SHARD
    assert "lose" not in first.told


async def test_what_was_asked_of_the_pen_is_written_before_anybody_else_may_take_the_line(
    shared: PostgresJournal, another: PostgresJournal, database: str
) -> None:
    asked: list[asyncio.Task[None]] = []

    class Hasty(Recorder):
        """Leaves while one unit is being written and another one waits behind it."""

        async def leave(self, shards: frozenset[int]) -> None:
            asked.append(asyncio.create_task(shared.commit(number("first"))))
            await until(lambda: shared._writer._flushing is not None and not shared._writer._waiting)
            event = Unit()
            event.add(insert(events).values(at="a", type="t", data="{}"))
            asked.append(asyncio.create_task(shared.commit(event)))
            await super().leave(shards)

    async with locked(database, "numbers") as numbers_free, locked(database, "events") as events_free:
        await shared.tenure.begin(Hasty())
        await another.tenure.begin(Recorder())
        await until(lambda: len(asked) == 2)
        await numbers_free()
        await asked[0]
        await asyncio.sleep(3 * BEAT_S)
        assert not asked[1].done()
        assert not another.tenure.shards
        await events_free()
        await until(lambda: len(another.tenure.shards) == 32)
        assert asked[1].done()


@asynccontextmanager
async def locked(database: str, table: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Let nobody write in a table until the function that is given is called."""
    connection = await asyncpg.connect(database)
    await connection.execute(f"BEGIN; LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

    async def free() -> None:
        await connection.execute("ROLLBACK")

    yield free
    await connection.close()


async def test_a_shard_is_never_held_twice_while_instances_come_and_go(database: str) -> None:
    journals = [await PostgresJournal.open(database) for _ in range(3)]
    held: dict[int, str] = {}

    class Strict(Recorder):
        """Takes nothing that somebody else has not left."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        async def take(self, shards: frozenset[int]) -> None:
            assert not held.keys() & shards
            held.update(dict.fromkeys(shards, self.name))
            await super().take(shards)

        async def leave(self, shards: frozenset[int]) -> None:
            await asyncio.sleep(0.02)
            for shard in shards:
                assert held.pop(shard) == self.name
            await super().leave(shards)

    for name, journal in zip("abc", journals, strict=True):
        await journal.tenure.begin(Strict(name))
    await until(lambda: len(held) == 64 and all(20 <= len(journal.tenure.shards) <= 22 for journal in journals))
    await journals[0].tenure.end()
    await until(lambda: len(held) == 64 and set(held.values()) == {"b", "c"})
    for journal in journals:
        await journal.tenure.end()
        await journal.close()
    assert not held


async def test_a_tenant_that_fails_later_gives_up_everything_and_takes_it_anew(
    shared: PostgresJournal, another: PostgresJournal
) -> None:
    fails = ["leave"]

    def fail(what: str) -> None:
        if what in fails:
            fails.clear()
            raise RuntimeError("this tenant is not well")

    tenant = Recorder(fail)
    await shared.tenure.begin(tenant)
    await another.tenure.begin(Recorder())
    await until(lambda: "lose" in tenant.told)
    await until(lambda: len(shared.tenure.shards) == len(another.tenure.shards) == 32)
    assert tenant.shards == shared.tenure.shards


async def test_a_tenant_that_cannot_even_begin_is_told_to_whoever_began(
    shared: PostgresJournal, another: PostgresJournal
) -> None:
    def fail(what: str) -> None:
        if what == "take":
            raise RuntimeError("this tenant is not well")

    with pytest.raises(RuntimeError, match="not well"):
        await shared.tenure.begin(Recorder(fail))
    await another.tenure.begin(Recorder())
    await until(lambda: another.tenure.shards == EVERY_SHARD)
    assert not shared.tenure.shards
