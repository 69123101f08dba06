"""Playing one order after another, and looking at what each has made of line, network and inbox."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

from gateway.cli.embedded import Embedded
from gateway.cli.expectation import Case, Outcome
from gateway.cli.failure import NotReached, Refused
from gateway.cli.gateway_client import GatewayClient, Json, http_client
from gateway.cli.waiting import until_ended

_ORDER_S = 60.0
_SMS_S = 2.0
_PAUSE_S = 0.02


class Player:
    """Posts orders to a gateway and asks its simulated network, an independent witness, what came of them."""

    def __init__(self, embedded: Embedded) -> None:
        self._client = GatewayClient(embedded.gateway)
        self._sim = http_client(embedded.sim_url)
        self._seen: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sim.close()
        self._client.__exit__(kind, error, at)

    def import_sims(self, content: bytes) -> Json:
        """Put a vendor file into stock."""
        return self._client.import_sims([content], len(content))

    def play(self, case: Case) -> Outcome:
        """Post one order, wait for its end, look."""
        try:
            accepted = self._client.place(case.order)
        except Refused as refused:
            return Outcome(problem=dict(refused.document or {"detail": str(refused)}))
        order = until_ended(self._client, accepted["id"], _ORDER_S, case.expect.get("state"))
        msisdn = str(case.expect.get("msisdn") or (order.get("line") or {}).get("msisdn") or "")
        line = self._line(msisdn)
        imsi = str(case.expect.get("imsi") or (line or {}).get("imsi") or "")
        probes = {place: self._probe(imsi, place) for place in ("home", "abroad") if imsi}
        if dead := case.expect.get("dead_imsi"):
            probes["dead_imsi"] = self._probe(str(dead), "home")
        sims = {iccid: self._sim_state(iccid) for iccid in case.expect.get("sims") or {}}
        return Outcome(order=order, line=line, probes=probes, messages=self._messages(msisdn, order), sims=sims)

    def _line(self, msisdn: str) -> Json | None:
        try:
            return self._client.get(f"/v1/lines/{quote(msisdn, safe='+')}") if msisdn else None
        except Refused:
            return None  # what is expected of it will be missing

    def _sim_state(self, iccid: str) -> str:
        try:
            return str(self._client.get(f"/v1/sims/{quote(iccid, safe='')}")["state"])
        except Refused:
            return "unknown"

    def _probe(self, imsi: str, place: str) -> Json:
        return self._ask(f"/network/{quote(imsi, safe='')}", at=place)

    def _messages(self, msisdn: str, order: Json) -> tuple[str, ...]:
        """What was delivered since the last order; the confirmation follows the end of its order by a moment."""
        until = time.monotonic() + (_SMS_S if order["state"] == "completed" and order.get("messages") else 0)
        while msisdn:
            inbox = [sms for sms in self._ask("/sms", to=msisdn)["items"] if sms["message_id"] not in self._seen]
            if inbox or time.monotonic() > until:
                self._seen.update(sms["message_id"] for sms in inbox)
                return tuple(sms["text"] for sms in inbox)
            time.sleep(_PAUSE_S)
        return ()

    def _ask(self, path: str, **query: str) -> Json:
        try:
            answer = self._sim.get(path, params=query)
            answer.raise_for_status()
            return dict(answer.json())
        except httpx.HTTPError as broken:
            raise NotReached(f"the simulated network does not answer {path}: {broken}") from broken
