"""A gateway process against a real OsmoHLR process: its configuration, its stock, and short words for what tests do."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.cards import Card, vendor_file
from tests.journeys.programs import CHECKOUT, LINEGATE, LOOPBACK, Program, free_port
from tests.peers.osmo_hlr import OsmoHlr

PLMN = "90170"
ENDED = {"completed", "failed", "partial", "rejected", "cancelled"}
_TOKEN = "fake-token-of-the-peers"
_VAULT_KEY = base64.b64encode(b"fake vault key, 32 bytes of text").decode()
_ELEMENTS = """\
spec = "1"

[elements.osmo]
role = "hlr"
dialect = "osmo_ctrl"
transport = "tcp"
host = "{host}"
port = {ctrl_port}
window = 20
connect_timeout_s = 2
answer_timeout_s = 2

[elements.osmo.breaker]
cool_down_s = 0.5

[elements.osmo.retry]
busy = {{ min_s = 0.05, max_s = 0.5 }}

[elements.osmo.also]
dialect = "osmo_vty"
transport = "tcp"
host = "{host}"
port = {vty_port}
user = ""
window = 20
connect_timeout_s = 2
answer_timeout_s = 2
"""
_CONTRACT = """\
spec = "1"
name = "village"
time_zone = "Europe/Paris"
language = "fr"
calendar.country = "FR"
sms.sender = "VILLAGE"
numbering = { msisdn_prefixes = ["+4917"], quarantine_days = 0 }
hosts.osmo = { element = "osmo", imsi_prefixes = ["90170"], source = "test" }
defaults = { options = ["everywhere"], rats = ["2g", "3g"], international_bar_type = 1 }
options.everywhere = { international = true, roaming = true, source = "test" }
options.roaming_block = { blocks_roaming = true, source = "test" }
options.data = { apns = ["internet"], source = "test" }
options.4g = { rats = ["4g"], source = "test" }
plans.village = { source = "test" }
reactivation.keeps = []

[restrictions]
barred_outgoing = { reasons = ["unpaid"], outgoing = "all", packet = "all", source = "test" }
suspended = { reasons = ["unpaid", "fraud", "lost", "stolen"], locked = true, source = "test" }
fair_use = { reasons = ["abuse"], source = "test" }
"""


@dataclass(frozen=True)
class Ended:
    """What a command said when it ended."""

    code: int
    out: str
    err: str


@dataclass
class OsmoSite:
    """The gateway, and a client of it."""

    directory: Path
    hlr: OsmoHlr
    port: int
    gateway: Program
    web: httpx.AsyncClient
    _starts: int = 0

    def start_gateway(self) -> None:
        """Start it on its journal; does not wait."""
        self._starts += 1
        self.gateway = _gateway(self.directory, self.port, self._starts)

    async def stock(self, cards: Iterable[Card]) -> None:
        """Import a vendor file."""
        answer = await self.web.post("/v1/sims/import", content=vendor_file(cards).encode())
        assert answer.status_code == 200, answer.text
        assert answer.json()["problems"] == []

    async def post(self, action: str, msisdn: str, **details: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON
        """Have an order accepted; return its acknowledgement."""
        answer = await self.web.post(
            "/v1/orders", json={"action": action, "line": {"msisdn": msisdn}, "details": details}
        )
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def activate(self, card: Card, msisdn: str, *options: str) -> dict[str, Any]:
        """Order a new line."""
        wish = {"contract": "village", "iccid": card.iccid, "plan": "village", "options": list(options)}
        return await self.post("activate", msisdn, **wish)

    async def order(self, order_id: str) -> dict[str, Any]:
        """Return an order as it is."""
        return dict((await self.web.get(f"/v1/orders/{order_id}")).json())

    async def until(self, order_id: str, *states: str, wait_s: float = 60) -> dict[str, Any]:
        """Wait until an order is in one of the states (none named: until it has ended)."""
        async with asyncio.timeout(wait_s):
            while (shown := await self.order(order_id))["state"] not in (states or ENDED):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.02)
        return shown

    async def done(self, action: str, msisdn: str, **details: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON
        """Carry an order to completion."""
        shown = await self.until((await self.post(action, msisdn, **details))["id"])
        assert shown["state"] == "completed", shown
        return shown

    async def opened(self, card: Card, msisdn: str, *options: str) -> dict[str, Any]:
        """Open a line and wait for it."""
        shown = await self.until((await self.activate(card, msisdn, *options))["id"])
        assert shown["state"] == "completed", shown
        return shown

    async def settled(self, wait_s: float = 60) -> None:
        """Wait until no order waits or is in progress."""
        async with asyncio.timeout(wait_s):
            while (await self.web.get("/health/ready")).json()["backlog"]:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)

    async def linegate(self, *arguments: str) -> Ended:
        """Run a command of the command line against this gateway, to its end."""
        told = {"LINEGATE_URL": f"http://{LOOPBACK}:{self.port}", "LINEGATE_TOKEN": _TOKEN}
        process = await asyncio.create_subprocess_exec(
            LINEGATE, *arguments, env={**os.environ, **told}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

    def held(self, imsi: str) -> tuple[object, object, object] | None:
        """Number, CS and PS of a subscriber as the register's own database has them."""
        rows = self.hlr.query("SELECT msisdn, nam_cs, nam_ps FROM subscriber WHERE imsi = ?", imsi)
        return None if not rows else (rows[0][0], rows[0][1], rows[0][2])

    def has_keys(self, imsi: str) -> bool:
        """Whether keys hang on a subscriber."""
        joined = "SELECT 1 FROM subscriber JOIN auc_3g ON auc_3g.subscriber_id = subscriber.id WHERE imsi = ?"
        return bool(self.hlr.query(joined, imsi))

    async def line(self, msisdn: str) -> dict[str, Any]:
        """Return a line."""
        return dict((await self.web.get(f"/v1/lines/{msisdn}")).json())


@asynccontextmanager
async def osmo_site(directory: Path, hlr: OsmoHlr) -> AsyncIterator[OsmoSite]:
    """Start a gateway whose only element is this OsmoHLR."""
    write_config(directory / "config", hlr)
    port = free_port()
    headers = {"Authorization": f"Bearer {_TOKEN}"}
    async with httpx.AsyncClient(
        base_url=f"http://{LOOPBACK}:{port}", headers=headers, timeout=60, trust_env=False
    ) as web:
        site = OsmoSite(directory, hlr, port, _gateway(directory, port, 0), web)
        try:
            site.gateway.ready()
            yield site
        finally:
            site.gateway.thaw()
            site.gateway.end()


def write_config(config: Path, hlr: OsmoHlr) -> None:
    """Write a configuration whose only element is this OsmoHLR, and whose only contract it can hold."""
    (config / "contracts").mkdir(parents=True)
    shutil.copy(CHECKOUT / "config" / "linegate.toml", config)
    (config / "contracts" / "village.toml").write_text(_CONTRACT)
    (config / "elements.toml").write_text(
        _ELEMENTS.format(host=hlr.host, ctrl_port=hlr.ctrl_port, vty_port=hlr.vty_port)
    )


def _gateway(directory: Path, port: int, start: int) -> Program:
    arguments = [LINEGATE, "serve", "--config", str(directory / "config"), "--data", str(directory / "data")]
    environment = {"LINEGATE_TOKEN": _TOKEN, "LINEGATE_VAULT_KEY": _VAULT_KEY}
    return Program([*arguments, "--port", str(port)], environment, directory / "logs" / f"gateway-{start}")
