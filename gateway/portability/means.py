"""What every part of portability works with, and the orders it places."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Row, Unit
from gateway.network import Network
from gateway.orders import records
from gateway.orders.codec import dump
from gateway.orders.desk import Listeners
from gateway.orders.engine import Engine
from gateway.orders.judgement import Clock
from gateway.orders.order import LineRecord, LineRef, NewOrder
from gateway.texts import Texts

ASKED_BY: Final = {"who": "linegate/portability", "channel": "portability"}


@dataclass(frozen=True, slots=True)
class Means:
    """The journal, the engine, the network with its clearing house, contracts and texts, the time, who is told."""

    journal: Journal
    engine: Engine
    network: Network
    contracts: Mapping[str, Rules]
    texts: Mapping[str, Texts]
    clock: Clock
    listeners: Listeners

    async def commit(self, unit: Unit) -> None:
        """Make a unit durable and tell whoever waits for events or messages."""
        await self.journal.commit(unit)
        self.listeners.published()
        self.listeners.queued()

    async def line_of(self, port: Row) -> LineRecord | None:
        """Return the line a port is of, whatever became of it."""
        return None if port["line_id"] is None else await records.line(self.journal, port["line_id"])

    async def commit_with(self, unit: Unit, order: NewOrder) -> None:
        """Make a unit durable with an order of our own in it; one that makes no sense any more is left out."""
        async with self.engine.enclosed(unit, order):
            await self.journal.commit(unit)
        self.listeners.published()
        self.listeners.queued()


def own_order(action: str, record: LineRecord, details: Any) -> NewOrder:  # noqa: ANN401 - each action has its own Details
    """Make an order of our own, as it would have been posted; it waits for no delay of the contract's."""
    ref = {"msisdn": record.line.msisdn}
    said = {name: _plain(value) for name, value in asdict(details).items() if value is not None}
    body = {"action": action, "line": ref, "details": said, "requested_by": ASKED_BY}
    return NewOrder(
        action=action,
        ref=LineRef(msisdn=record.line.msisdn),
        details=details,
        body=dump(body),
        requested_by=ASKED_BY,
        at_once=True,
    )


def problem_of(order: Row) -> str:
    """Name the problem an order ended with."""
    error = json.loads(order["error"] or "{}")
    return str(error.get("type", order["state"])).rpartition("/")[2]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
