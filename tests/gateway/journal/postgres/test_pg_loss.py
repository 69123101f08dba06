"""A session that is lost takes everything held along, and what was not answered is told to be in doubt."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.journal.journal import JournalAway
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.shards import EVERY_SHARD
from tests.gateway.journal.postgres.tenants import ONE, Recorder, count, number, session_of, until
from tests.peers.postgres import PostgresServer

_ROOT = Path(__file__).resolve().parents[4]
_INSTANCE = """
import asyncio, sys
from gateway.journal.journal import JournalAway
from gateway.journal.postgres.journal import PostgresJournal
from tests.gateway.journal.postgres.tenants import Recorder, number

tried = asyncio.Event()

class Slow(Recorder):
    async def lose(self):
        await tried.wait()
        print("lost", flush=True)

async def main():
    journal = await PostgresJournal.open(sys.argv[1], lease_s=1.0)
    await journal.tenure.begin(Slow())
    line = await asyncio.to_thread(sys.stdin.readline)
    certain = journal.tenure.certain()
    try:
        await journal.commit(number(line.strip()))
    except JournalAway:
        print("away", certain, flush=True)
    tried.set()
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_tenant_stops_before_the_next_session_begins(
    shared: PostgresJournal, postgres: PostgresServer
) -> None:
    seen: list[bool] = []

    def look(what: str) -> None:
        if what == "lose":
            seen.append(shared._writer.session is None)

    tenant = Recorder(look)
    await shared.tenure.begin(tenant)
    pid = session_of(shared)
    postgres.terminate(pid)
    await until(lambda: "lose" in tenant.told)
    await until(lambda: shared.tenure.shards == EVERY_SHARD)
    assert seen == [True]
    assert [what for what in tenant.told if what != "news"] == ["take", "take_office", "lose", "take", "take_office"]
    assert session_of(shared) != pid
    await shared.commit(number("a"))
    assert await count(shared) == 1


async def test_while_the_tenant_stops_nothing_is_written(shared: PostgresJournal, postgres: PostgresServer) -> None:
    stopping, stopped = asyncio.Event(), asyncio.Event()

    class Slow(Recorder):
        async def lose(self) -> None:
            stopping.set()
            await stopped.wait()

    await shared.tenure.begin(Slow())
    postgres.terminate(session_of(shared))
    await stopping.wait()
    with pytest.raises(JournalAway):
        await shared.commit(number("a"))
    assert not shared.tenure.certain()
    assert not shared.tenure.shards
    stopped.set()
    await until(lambda: shared._writer.session is not None)
    await shared.commit(number("b"))
    assert await count(shared) == 1


async def test_what_waits_when_the_session_is_lost_is_told_so(
    shared: PostgresJournal, postgres: PostgresServer
) -> None:
    asked = [asyncio.create_task(shared.commit(number(f"n{n}-{'x' * 10_000}"))) for n in range(3000)]
    await asyncio.sleep(0)
    await asyncio.to_thread(postgres.terminate, session_of(shared))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(result) for result in results} <= {type(None), JournalAway}
    await until(lambda: shared._writer.session is not None)
    assert await count(shared) >= sum(result is None for result in results)


async def test_an_instance_that_was_frozen_has_lost_everything(database: str, shared: PostgresJournal) -> None:
    await shared.tenure.begin(Recorder())
    frozen = await asyncio.to_thread(
        subprocess.Popen,
        [sys.executable, "-c", _INSTANCE, database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    try:
        assert frozen.stdin is not None
        assert frozen.stdout is not None
        await until(lambda: len(shared.tenure.shards) == 32)
        frozen.send_signal(signal.SIGSTOP)
        await until(lambda: shared.tenure.shards == EVERY_SHARD)
        frozen.stdin.write("zombie\n")
        frozen.stdin.flush()
        frozen.send_signal(signal.SIGCONT)
        told = [await asyncio.to_thread(frozen.stdout.readline) for _ in range(2)]
        assert told == ["away False\n", "lost\n"]
    finally:
        os.kill(frozen.pid, signal.SIGKILL)
        await asyncio.to_thread(frozen.communicate)
    assert await count(shared) == 0


async def test_a_server_that_restarts_is_come_back_to(own_server: PostgresServer) -> None:
    journal = await PostgresJournal.open(own_server.create("restarting"))
    tenant = Recorder()
    await journal.tenure.begin(tenant)
    await journal.commit(number("before"))
    await asyncio.to_thread(own_server.restart)
    await until(lambda: "lose" in tenant.told and journal.tenure.shards == EVERY_SHARD)
    await journal.commit(number("after"))
    assert await count(journal) == 2
    await journal.close()


async def test_a_server_that_is_gone_is_told_and_closing_goes_on(own_server: PostgresServer) -> None:
    journal = await PostgresJournal.open(own_server.create("gone"))
    await journal.tenure.begin(Recorder())
    await asyncio.to_thread(own_server.kill)
    await until(lambda: journal._writer.session is None)
    with pytest.raises(JournalAway):
        await journal.commit(number("a"))
    with pytest.raises(JournalAway):
        await count(journal)
    with pytest.raises(JournalAway):
        await journal.tenure.holder_url(1)
    await journal.tenure.end()
    await journal.close()


async def test_a_server_that_hangs_costs_certainty_then_the_session(own_server: PostgresServer) -> None:
    journal = await PostgresJournal.open(own_server.create("hanging"), lease_s=1.0)
    tenant = Recorder()
    await journal.tenure.begin(tenant)
    assert journal.tenure.certain()
    own_server.freeze()
    started = time.monotonic()
    await until(lambda: not journal.tenure.certain())
    assert "lose" not in tenant.told
    with pytest.raises(JournalAway):
        await journal.commit(number("a"))
    assert time.monotonic() - started < 30
    await until(lambda: "lose" in tenant.told)
    own_server.thaw()
    await until(journal.tenure.certain)
    await until(lambda: journal.tenure.shards == EVERY_SHARD)
    await journal.close()


async def test_a_broken_reader_is_replaced_without_a_word(shared: PostgresJournal, postgres: PostgresServer) -> None:
    await asyncio.gather(*(count(shared) for _ in range(20)))
    readers = postgres.backends("linegate-reader")
    assert readers
    for pid in readers:
        postgres.terminate(pid)
    assert await count(shared) == 0


async def test_a_value_of_the_wrong_type_is_no_loss(shared: PostgresJournal, postgres: PostgresServer) -> None:
    await count(shared)
    before = postgres.backends("linegate-reader")
    with pytest.raises(TypeError, match="given were: int"):
        await shared.rows(ONE, msisdn=4711)
    assert await count(shared) == 0
    assert postgres.backends("linegate-reader") == before


async def test_whoever_gives_up_reading_leaves_nothing_behind(shared: PostgresJournal) -> None:
    for _ in range(20):
        reading = [asyncio.create_task(count(shared)) for _ in range(8)]
        await asyncio.sleep(0)
        for task in reading[::2]:
            task.cancel()
        results = await asyncio.gather(*reading, return_exceptions=True)
        assert results[1::2] == [0] * 4
