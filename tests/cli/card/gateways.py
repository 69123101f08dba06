"""A real gateway beside a station, with an invented vendor's cards in stock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Start

TOKEN, NUMBER = "pin-token", "+33699000001"


@dataclass(frozen=True, slots=True)
class Gateway:
    http: httpx.Client

    def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        return self.http.get(path).raise_for_status().json()

    def state(self, iccid: str) -> str | None:
        state: str | None = self.get(f"/v1/sims/{iccid}")["card"]
        return state

    def trail(self, iccid: str) -> dict[str, Any]:
        return {event["type"]: event["data"] for event in self.get(f"/v1/sims/{iccid}/history")["items"]}

    def activate(self, iccid: str) -> None:
        """Give the card to a line, and see it through."""
        details = {"contract": "technicophone", "iccid": iccid, "plan": "unlimited", "options": ["data"]}
        order = {"action": "activate", "line": {"msisdn": NUMBER}, "details": details, "requested_start": "now"}
        order_id = self.http.post("/v1/orders", json=order).raise_for_status().json()["id"]
        for _ in range(2000):
            if self.get(f"/v1/orders/{order_id}")["state"] == "completed":
                return
        pytest.fail("the line was not activated")


@contextmanager
def gateway_up(start: Start, environment: pytest.MonkeyPatch, sims: str, *options: str) -> Iterator[Gateway]:
    """Start one, put a vendor's file into stock, and let commands of this process find it."""
    process = start(("up", "--port", "0", "--sim-port", "0", "--data", "data", *options), {"LINEGATE_TOKEN": TOKEN})
    assert process.stdout is not None
    url = process.stdout.readline().split()[1]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        if sims:
            headers = {"Content-Type": "text/plain"}
            assert http.post("/v1/sims/import", content=Path(sims).read_text(), headers=headers).is_success
        environment.setenv("LINEGATE_URL", url)
        environment.setenv("LINEGATE_TOKEN", TOKEN)
        yield Gateway(http)
