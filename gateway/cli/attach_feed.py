"""What a roaming platform would tell: phones seen by the simulated network, handed on to the gateway beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from drivers.subscription import Imsi
from gateway.alerts.welcome import Attach, Welcomer
from gateway.journal.journal import JournalFull
from gateway.orders.order import LineRef

_log = logging.getLogger(__name__)
_LOOK_S = 0.5
_AT_ONCE = 500


async def follow_attaches(sim_url: str, welcomer: Welcomer) -> None:
    """Ask the simulated network again and again where phones were let in; one told twice does no harm."""
    told = 0
    async with httpx.AsyncClient(base_url=sim_url, trust_env=False) as web:
        while True:
            try:
                answer = await web.get("/attaches", params={"after": told, "limit": _AT_ONCE})
                items = answer.raise_for_status().json()["items"]
                await welcomer.attached([_attach(item) for item in items])
            except (httpx.HTTPError, JournalFull) as trouble:
                _log.info("where phones are is not known now (%s); it is asked again", type(trouble).__name__)
                items = []
            told = max([told, *(item["id"] for item in items)])
            if len(items) < _AT_ONCE:
                await asyncio.sleep(_LOOK_S)


def _attach(item: Mapping[str, Any]) -> Attach:
    # the feed counts from 1 at every start of the simulated network: only with its time is a name for good
    name = f"sim/{item['time']}/{item['id']}"
    return Attach(name, LineRef(imsi=Imsi(item["imsi"])), item["country"], datetime.fromisoformat(item["time"]))
