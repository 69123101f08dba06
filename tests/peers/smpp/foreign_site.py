"""The gateway and its simulated HLRs as ever, but its short message centre is a foreign one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.site import PASSWORDS, TOKEN, Site
from tests.peers.smpp.centres import PASSWORD, PLAIN, ForeignSmsc, Manner, node_smsc
from tests.peers.smpp.scripted import wait_until


@dataclass
class ForeignSite(Site):
    """``centre`` is what elements.toml names as the SMSC; the simulator's own stays alone."""

    centre: ForeignSmsc | None = None

    @property
    def smsc(self) -> ForeignSmsc:
        """The foreign centre."""
        assert self.centre is not None, "make it with foreign_site()"
        return self.centre

    def web(self) -> httpx.Client:
        """Return a client of the gateway."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.Client(base_url=self.gateway_url, headers=headers, timeout=60, trust_env=False)

    def activate(self, web: httpx.Client, msisdn: str, *options: str) -> dict[str, Any]:
        """Order a line with a SIM of its own; return the acknowledgement."""
        card = self.stock.card("orange")
        self.import_cards()
        details = {"contract": "technicophone", "iccid": card.iccid, "plan": "unlimited", "options": ["data", *options]}
        order = {"action": "activate", "line": {"msisdn": msisdn}, "details": details, "requested_start": "now"}
        answer = web.post("/v1/orders", json=order)
        assert answer.status_code == 202, answer.text
        acknowledged: dict[str, Any] = answer.json()
        return acknowledged

    def use(self, web: httpx.Client, msisdn: str, gigabytes: int, record_id: str) -> list[dict[str, Any]]:
        """Tell of data used now; return what was reached by it."""
        now = datetime.now(UTC).isoformat()
        used = {"id": record_id, "msisdn": msisdn, "counter": "data", "amount": gigabytes, "unit": "GB", "at": now}
        answer = web.post("/v1/usage", json=used)
        assert answer.status_code == 200, answer.text
        assert answer.json()["accepted"] == 1, answer.text
        crossings: list[dict[str, Any]] = answer.json()["crossings"]
        return crossings

    def in_service(self, web: httpx.Client, *options: str) -> tuple[str, str]:
        """Activate a line and wait until its confirmation has its receipt; return its MSISDN and IMSI."""
        msisdn, told = self.stock.number(), len(self.smsc.told("receipt_taken"))
        order = self.activate(web, msisdn, *options)
        wait_until(lambda: web.get(order["href"]).json()["state"] == "completed", "the line is there")
        wait_until(lambda: len(self.smsc.told("receipt_taken")) > told, "its confirmation has arrived")
        return msisdn, str(web.get(f"/v1/lines/{msisdn}").json()["imsi"])

    def probe(self, imsi: str, at: str) -> dict[str, Any]:
        """Ask the simulated network what a phone would get."""
        answer = httpx.get(f"{self.sim_url}/network/{imsi}", params={"at": at}, trust_env=False)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _write_config(self, host_key: str | None) -> None:
        super()._write_config(host_key)
        assert PASSWORDS["smsc"] == PASSWORD, "the gateway says the password of the journeys"
        file = self.directory / "config" / "elements.toml"
        ours, theirs = (f"port = {port}\n" for port in (self._ports["smsc"], self.smsc.port))
        written = file.read_text()
        assert written.count(ours) == 1, written
        file.write_text(written.replace(ours, theirs))


@contextlib.contextmanager
def foreign_site(directory: Path, manner: Manner = PLAIN) -> Iterator[ForeignSite]:
    """Run the gateway, the simulator and a node-smpp centre."""
    with node_smsc(directory, manner) as centre:
        site = ForeignSite(directory, centre=centre)
        try:
            yield site
        finally:
            site.end()
