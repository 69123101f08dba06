"""Many conversations with a gateway at once; what it refuses is an outcome here, not an end."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx

from gateway.cli.failure import NotReached, WrongUse
from gateway.cli.gateway_client import Address, Json
from gateway.cli.waiting import ENDED

_PATIENCE_S = 60.0
_PAUSE_S = 0.5
_FIRST_LOOK_S = 0.05
_LONGEST_LOOK_S = 2.0


class BulkClient:
    """As many connections as are wished, kept alive; an ``async with``."""

    def __init__(self, address: Address, at_once: int) -> None:
        headers = {} if address.token is None else {"Authorization": f"Bearer {address.token}"}
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._address = address
        self._http = httpx.AsyncClient(
            base_url=address.url, headers=headers, limits=limits, timeout=_PATIENCE_S, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def place(self, order: Json, key: str) -> Json:
        """Post an order; ``id`` is ``None`` where it was refused."""
        answer = await self._send("POST", "/v1/orders", json=order, headers={"Idempotency-Key": key})
        document = dict(answer.json())
        return {"id": document["id"], "state": document["state"]} if answer.is_success else _refused(document)

    async def preview(self, order: Json) -> Json:
        """Ask what an order would do."""
        answer = await self._send("POST", "/v1/orders?dry_run=true", json=order)
        document = dict(answer.json())
        if not answer.is_success:
            return _refused(document)
        return {"id": None, "state": "would_be_accepted", "steps": len(document["plan"])}

    async def until_ended(self, order_id: str) -> Json:
        """Look at an order, less and less often, until it has ended."""
        pause_s = _FIRST_LOOK_S
        while True:
            answer = await self._send("GET", f"/v1/orders/{order_id}")
            document = dict(answer.json())
            if document["state"] in ENDED:
                detail = (document.get("error") or {}).get("detail")
                return {"id": order_id, "state": document["state"], "detail": detail}
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_LOOK_S)

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - passed on
        """Send, and again after a break or when the gateway is full: whatever is sent here may be repeated."""
        until = asyncio.get_running_loop().time() + _PATIENCE_S
        while True:
            try:
                answer = await self._http.request(method, path, **more)
            except httpx.TransportError as broken:
                if asyncio.get_running_loop().time() > until:
                    cause = str(broken) or type(broken).__name__
                    raise NotReached(f"no answer from {self._address.url} ({cause}); post the file again") from broken
                await asyncio.sleep(_PAUSE_S)
                continue
            if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise WrongUse("the gateway does not accept the token: set LINEGATE_TOKEN")
            if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                return answer
            until = asyncio.get_running_loop().time() + _PATIENCE_S
            await asyncio.sleep(float(answer.headers.get("Retry-After", _PAUSE_S)))


def _refused(problem: Json) -> Json:
    return {"id": None, "state": "refused", "detail": problem.get("detail") or problem.get("title")}
