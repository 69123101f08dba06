"""Found was found on cards: written down at the station first, then told to the gateway, each fact once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Final

from gateway.cli.card.outbox import Outbox
from gateway.cli.card.station import Station
from gateway.cli.failure import Failure, Refused
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.stock.findings import Found

_MOST_AT_ONCE: Final = 500
_MOST_TEXT: Final = 200
_NEVER: Final = "no gateway is named (LINEGATE_URL, LINEGATE_TOKEN)"


class Facts:
    """A station's facts. Thread-safe: readers note, another thread may send."""

    def __init__(self, station: Station, gateway: Address | None) -> None:
        self._station = station
        self._gateway = gateway
        self._outbox: Outbox = station.facts()
        self._sending = threading.Lock()
        self.sent = 0
        self.trouble = ""

    def note(
        self, iccid: str, what: Found, detail: str = "", sqn: int | None = None, adm1_ref: str | None = None
    ) -> None:
        """Write a fact down, durably. ``adm1_ref`` names the ADM1 that was refused, as the gateway does."""
        told = {
            "id": str(uuid.uuid4()),
            "iccid": iccid,
            "what": what.value,
            "at": self._station.clock().isoformat(),
            "station": _plain(self._station.name),
            "who": _plain(self._station.operator),
            "detail": _plain(detail) or None,
            "sqn": sqn,
            "adm1_ref": adm1_ref,
        }
        self._outbox.add({name: value for name, value in told.items() if value is not None})

    def knows(self, iccid: str, what: Found) -> bool:
        """Tell whether this station ever noted that of a card."""
        return any(fact["iccid"] == iccid and fact["what"] == what.value for fact in self._outbox.everything())

    def send(self) -> None:
        """Tell the gateway whatever waits; ``waiting`` and ``trouble`` say what could not be. Never raises Failure."""
        with self._sending:
            self.trouble = ""
            if self._gateway is None:
                self.trouble = _NEVER
                return
            try:
                with GatewayClient(self._gateway) as client:
                    for piece in _pieces(self._outbox.waiting()):
                        self._send(client, piece)
            except Failure as failed:
                self.trouble = str(failed)

    def waiting(self) -> list[Json]:
        """Found the gateway has not been told."""
        return self._outbox.waiting()

    def statement(self) -> str:
        """Say what could not be reported, and what to do; empty when all was."""
        count = len(self.waiting())
        if not count:
            return ""
        what = "1 fact was" if count == 1 else f"{count} facts were"
        why = f": {self.trouble}" if self.trouble else ""
        return f"{what} not reported to the gateway{why}\n`linegate card report` sends what is kept here"

    def to_json(self) -> Json:
        """Say the same for scripts."""
        return {"sent": self.sent, "waiting": len(self.waiting()), "why": self.trouble or None}

    def _send(self, client: GatewayClient, facts: Sequence[Json]) -> None:
        try:
            told = client.post("/v1/sims/reports", {"reports": list(facts)})
        except Refused as refused:
            self._send_apart(client, facts, refused)
            return
        problems = told.get("problems") or []
        kept = {problem["id"] for problem in problems}
        arrived = [fact["id"] for fact in facts if fact["id"] not in kept]
        self._outbox.strike(arrived)
        self.sent += len(arrived)
        if problems:
            self.trouble = "; ".join(dict.fromkeys(str(problem["detail"]) for problem in problems[:3]))

    def _send_apart(self, client: GatewayClient, facts: Sequence[Json], refused: Refused) -> None:
        """Find the facts the gateway cannot read; they keep no other back. Raises Refused for any other refusal."""
        if (refused.document or {}).get("status") != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise refused
        if len(facts) == 1:
            self.trouble = f"card {facts[0]['iccid']}: {refused}"
            return
        half = len(facts) // 2
        for part in (facts[:half], facts[half:]):
            self._send(client, part)


def _pieces(facts: Sequence[Json]) -> Iterator[Sequence[Json]]:
    for start in range(0, len(facts), _MOST_AT_ONCE):
        yield facts[start : start + _MOST_AT_ONCE]


def _plain(text: str) -> str:
    """Found the gateway takes for a text: printable, and not too long."""
    return "".join(_printable(text))[:_MOST_TEXT].strip()


def _printable(text: str) -> Iterable[str]:
    return (char if char.isprintable() else " " for char in text)
