"""What many ask at the same time is one question, and everybody gets their own rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import bindparam, select

from gateway.journal.journal import JournalAway, Row, Unit, together
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.postgres.statements import PreparedRead, Statements
from gateway.journal.postgres.together import MOST, Together
from gateway.journal.schema import numbers, row_by
from gateway.orders import ready, records
from tests.gateway.journal.postgres.tenants import number
from tests.peers.postgres import PostgresServer

_SAME = together(select(numbers.c.msisdn, numbers.c.state).where(numbers.c.msisdn >= bindparam("least")))
_MARKED = (records._LINE_BY_ID, *records._NEWEST_LINE_BY.values(), ready._IDS_OF_LINE)


class Server:
    """Answers each value with as many rows as it says, once it is let; keeps what it was asked."""

    def __init__(self, read: PreparedRead) -> None:
        self.asked: list[list[object]] = []
        self.begun, self.open = asyncio.Event(), asyncio.Event()
        self._read = read

    async def fetch(self, text: str, *values: object) -> Sequence[Row]:
        """Answer. Raises ValueError when one of the values is bad, JournalAway when one says so."""
        many = list(*values) if text == self._read.together else list(values)
        self.asked.append(many)
        self.begun.set()
        await self.open.wait()
        if "away" in many:
            raise JournalAway
        if "bad" in many:
            raise ValueError("bad")
        return [{"asked_n": n, "n": row} for n, value in enumerate(many, start=1) for row in range(int(str(value)))]


@pytest.fixture
def read() -> PreparedRead:
    return Statements().read(_SAME)


async def test_who_asks_meanwhile_is_in_the_next_question(read: PreparedRead) -> None:
    server = Server(read)
    reads = Together(server.fetch)
    first = asyncio.create_task(reads.rows(read, ["1"]))
    await server.begun.wait()
    others = [asyncio.create_task(reads.rows(read, [str(n % 3)])) for n in range(MOST + 1)]
    await asyncio.sleep(0)
    assert server.asked == [["1"]]
    server.open.set()
    assert [len(rows) for rows in await asyncio.gather(first, *others)] == [1, *(n % 3 for n in range(MOST + 1))]
    assert [len(asked) for asked in server.asked] == [1, MOST, 1]


async def test_a_value_that_cannot_be_sent_is_told_to_its_owner_alone(read: PreparedRead) -> None:
    server = Server(read)
    server.open.set()
    reads = Together(server.fetch)
    found = await asyncio.gather(*(reads.rows(read, [value]) for value in ("1", "bad", "2")), return_exceptions=True)
    assert [one if isinstance(one, BaseException) else len(one) for one in found] == [1, found[1], 2]
    assert isinstance(found[1], ValueError)


async def test_while_the_database_is_away_all_are_told_at_once(read: PreparedRead) -> None:
    server = Server(read)
    server.open.set()
    reads = Together(server.fetch)
    found = await asyncio.gather(*(reads.rows(read, [value]) for value in ("1", "away", "2")), return_exceptions=True)
    assert [type(one) for one in found] == [JournalAway] * 3
    assert len(server.asked) == 1
    assert len(await reads.rows(read, ["4"])) == 4


async def test_who_has_gone_is_not_asked_for(read: PreparedRead) -> None:
    server = Server(read)
    reads = Together(server.fetch)
    first, gone = (asyncio.create_task(reads.rows(read, [value])) for value in ("1", "3"))
    last = asyncio.create_task(reads.rows(read, ["2"]))
    await asyncio.sleep(0)
    gone.cancel()
    server.open.set()
    assert [len(rows) for rows in await asyncio.gather(first, last)] == [1, 2]
    assert server.asked == [["1", "2"]]


async def test_each_is_given_what_they_would_have_been_given_alone(shared: PostgresJournal) -> None:
    texts = [f"n{n:03}" for n in range(60)]
    unit = Unit()
    for text in texts:
        unit.writes += number(text).writes
    await shared.commit(unit)
    found = await asyncio.gather(*(shared.rows(_SAME, least=text) for text in texts))
    assert [sorted(row["msisdn"] for row in rows) for rows in found] == [texts[n:] for n in range(60)]
    assert await shared.rows(together(row_by(numbers, "msisdn")), msisdn="nobody") == []


@pytest.mark.parametrize("marked", _MARKED, ids=str)
def test_an_index_serves_every_single_one(marked: object, migrated: str, postgres: PostgresServer) -> None:
    read = Statements().read(marked)  # type: ignore[arg-type]  # those that are marked are statements
    values = ", ".join("'{1,2}'" for _ in read.names)
    asked = f"PREPARE asked AS {read.together}; SET enable_seqscan = off; EXPLAIN EXECUTE asked({values})"
    plan = "\n".join(line for (line,) in postgres.fetch(asked, migrated))
    assert "Index" in plan, plan
    assert "Seq Scan" not in plan, plan
