"""What one instance writes the others hear of; nobody is told of what they wrote themselves."""

from __future__ import annotations

import asyncio

from gateway.journal.journal import Unit
from gateway.journal.postgres.journal import PostgresJournal
from gateway.journal.schema import events, insert_row, orders
from tests.gateway.journal.postgres.tenants import Recorder, number, until
from tests.peers.postgres import PostgresServer

_EVENT = insert_row(events)
_ORDER = insert_row(orders)


def order(order_id: str) -> Unit:
    unit = Unit()
    values: dict[str, object] = {column.name: None if column.nullable else "" for column in orders.c}
    values |= {"order_id": order_id, "lane": 1, "undoing": 0, "shard": 5, "state": "pending"}
    unit.add(_ORDER, **{name: value for name, value in values.items() if name != "seq"})
    return unit


def event() -> Unit:
    unit = Unit()
    unit.add(_EVENT, at="2026-03-01T00:00:00+00:00", type="t", line_id=None, order_id=None, data="{}")
    return unit


async def listening(postgres: PostgresServer, many: int) -> None:
    """Wait until all instances listen, and a little, so that nothing told at the start is taken for news."""
    await until(lambda: len(postgres.backends("linegate-listener")) >= many)
    await asyncio.sleep(0.2)


async def test_orders_of_others_are_news_at_once_and_one_s_own_are_not(
    shared: PostgresJournal, another: PostgresJournal, postgres: PostgresServer
) -> None:
    heard: list[str] = []
    other = Recorder()
    await shared.tenure.begin(Recorder())
    await another.tenure.begin(other)
    shared.on_events = lambda: heard.append("shared")
    another.on_events = lambda: heard.append("another")
    await listening(postgres, 2)
    heard.clear()
    told = other.told.count("news")
    await asyncio.gather(*(shared.commit(order(f"o{n}")) for n in range(50)))
    await until(lambda: other.told.count("news") > told)
    assert not heard
    await shared.commit(event())
    await until(lambda: bool(heard))
    assert set(heard) == {"another"}


async def test_news_that_were_lost_are_looked_for(shared: PostgresJournal) -> None:
    tenant = Recorder()
    await shared.tenure.begin(tenant)
    tenant.told.clear()
    await until(lambda: tenant.told.count("news") >= 2)
    assert set(tenant.told) == {"news"}


async def test_a_lost_listener_listens_again(
    shared: PostgresJournal, another: PostgresJournal, postgres: PostgresServer
) -> None:
    heard = asyncio.Event()
    await listening(postgres, 2)
    lost = postgres.backends("linegate-listener")
    for pid in lost:
        postgres.terminate(pid)
    await until(lambda: len(set(postgres.backends("linegate-listener")) - set(lost)) == 2)
    await asyncio.sleep(0.2)
    another.on_events = heard.set
    await shared.commit(event())
    await asyncio.wait_for(heard.wait(), 30)
    assert heard.is_set()


async def test_what_concerns_nobody_is_not_told(
    shared: PostgresJournal, another: PostgresJournal, postgres: PostgresServer
) -> None:
    heard: list[str] = []
    await listening(postgres, 2)
    another.on_events = lambda: heard.append("another")
    await shared.commit(number("a"))
    await shared.commit(event())
    await until(lambda: bool(heard))
    assert heard == ["another"]
