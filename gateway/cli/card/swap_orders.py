"""Orders to give a line another card: written down before they are posted, and the same order however often posted."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Final

from gateway.cli.card.station import Station
from gateway.cli.failure import Refused
from gateway.cli.gateway_client import GatewayClient, Json

_NOT_NOW: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


class SwapOrders:
    """The station's swaps that the gateway has not accepted or refused yet."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._outbox = station.orders()

    def write_down(self, msisdn: str, iccid: str, reason: str) -> Json:
        """Keep an order, durably, under a name that line and card give it. Raises OSError."""
        name = "card-swap-" + hashlib.sha256(f"{msisdn}:{iccid}".encode()).hexdigest()[:32]
        order: Json = {
            "action": "swap_sim",
            "line": {"msisdn": msisdn},
            "details": {"new_iccid": iccid, "reason": reason},
            "requested_by": {"who": self._station.operator, "channel": "card"},
        }
        document = {"id": name, "order": order}
        self._outbox.add(document)
        return document

    def waiting(self) -> list[Json]:
        """What is neither accepted nor refused."""
        return self._outbox.waiting()

    def post(self, client: GatewayClient, document: Json) -> Json:
        """Post one; it is struck out once the gateway has said yes or no. Raises Refused, NotReached, WrongUse."""
        try:
            accepted = client.place(document["order"], document["id"])
        except Refused as refused:
            if not _later((refused.document or {}).get("status")):
                self._outbox.strike([document["id"]])
            raise
        self._outbox.strike([document["id"]])
        return accepted


def _later(status: object) -> bool:
    """Whether the gateway refuses for the moment only."""
    return isinstance(status, int) and (status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _NOT_NOW)
