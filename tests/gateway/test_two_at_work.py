"""What two gateways on one PostgreSQL both look after: neither does it twice, and both know how much waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select

from drivers.subscription import Msisdn
from gateway.journal.journal import Unit
from gateway.journal.schema import events
from gateway.orders.ids import new_id
from gateway.orders.messages import Kind, NewMessage, queue_message
from gateway.orders.upkeep import Opening
from tests.gateway.rig import START
from tests.gateway.test_two_instances import Pair, pair

__all__ = ["pair"]
_KINDS = select(events.c.type)
END = START + timedelta(hours=2)


async def test_a_window_that_is_over_is_closed_once(pair: Pair) -> None:
    one, other = pair
    await one.gateway.upkeep.open(Opening("orange", END, "new disks", "anna (noc)"))
    one.time.now = END
    await asyncio.gather(*(rig.gateway.upkeep.tend() for rig in pair for _ in range(5)))
    kinds = [row["type"] for row in await other.gateway.journal.rows(_KINDS)]
    assert (kinds.count("maintenance.opened"), kinds.count("maintenance.closed")) == (1, 1)
    assert await other.gateway.upkeep.opened() == {}


async def test_how_many_messages_wait_is_known_to_whoever_does_not_send(pair: Pair) -> None:
    gateways = [rig.gateway for rig in pair]
    for gateway in gateways:
        object.__setattr__(gateway.settings.messages, "most_waiting", 3)
        assert not await gateway.alerting.outbox.is_full()
    unit = Unit()
    for _ in range(3):
        later = NewMessage(Msisdn("+33612345678"), "Linegate", "later", Kind.APPLICATION, not_before=END)
        queue_message(unit, new_id(START), later, START)
    await gateways[0].journal.commit(unit)
    async with asyncio.timeout(60):
        while not all([await gateway.alerting.outbox.is_full() for gateway in gateways]):  # noqa: ASYNC110 - it is counted now and then
            await asyncio.sleep(0.1)
    assert sorted(gateway.journal.tenure.office for gateway in gateways) == [False, True]
