"""Orders as they wait for their turn."""

from __future__ import annotations

from datetime import UTC, datetime

from drivers.subscription import Msisdn
from gateway.contract.action import Lane
from gateway.orders.order import Order, OrderState

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def made(name: str, line: str, lane: Lane = Lane.INTERACTIVE, host: str = "orange") -> Order:
    return Order(
        order_id=name,
        external_id=None,
        line_id=line,
        msisdn=Msisdn("+33612345678"),
        action="suspend",
        state=OrderState.ACKNOWLEDGED,
        lane=lane,
        host=host,
        body="{}",
        due_at=None,
        accepted_at=NOW,
    )
