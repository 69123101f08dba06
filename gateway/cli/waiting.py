"""Waiting until an order has ended."""

from __future__ import annotations

import time
from typing import Final

from gateway.cli.gateway_client import GatewayClient, Json

#: ``partial`` has ended for whoever asked; its line waits for a human
ENDED: Final = frozenset({"completed", "failed", "partial", "cancelled", "rejected"})
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5


def until_ended(client: GatewayClient, order_id: str, timeout_s: float, wanted: str | None = None) -> Json:
    """Return the order once it has ended or is in the state ``wanted``, or as it is after ``timeout_s`` seconds."""
    until = time.monotonic() + timeout_s
    pause = _FIRST_PAUSE_S
    while True:
        order = client.get(f"/v1/orders/{order_id}")
        if order["state"] in ENDED or order["state"] == wanted or time.monotonic() + pause > until:
            return order
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)
