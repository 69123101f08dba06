"""One of many conversations with a gateway; what it refuses is an outcome here, not an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import httpx

from gateway.cli.failure import NotReached, Refused, WrongUse
from gateway.cli.gateway_client import Address, Json
from gateway.cli.wire import Broken, Connection

PAUSE_S = 0.5  #: between one attempt and the next
_NOBODY_BEHIND = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was accepted: now, or when the file was posted before."""

    order_id: str
    state: str
    before: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row, as far as is known."""

    state: str
    order_id: str | None = None
    detail: str | None = None


class BulkClient:
    """Everything it asks may be asked again, and is: after a break, and when the gateway is full."""

    def __init__(self, address: Address, patience_s: float) -> None:
        """``patience_s``: so long a gateway that was there may be gone. Raises WrongUse when the address is none."""
        self._address = address
        self._patience_s = patience_s
        self._connection = Connection(address)

    async def greet(self) -> None:
        """See whether there is a gateway that knows us. Raises WrongUse, NotReached at once."""
        try:
            answer = await self._connection.ask("GET", "/v1/orders?limit=1")
        except Broken as broken:
            told = f"no answer from {self._address.url} ({broken}): start the gateway with `linegate up`"
            raise NotReached(f"{told}, or set LINEGATE_URL to where it is") from broken
        _check_token(answer)

    async def place(self, order: Json, key: str) -> Placed | Outcome:
        """Post an order; the outcome when it is refused. Raises WrongUse, NotReached, Refused."""
        answer = await self._ask("POST", "/v1/orders", order, {"Idempotency-Key": key})
        document = _document(answer)
        if answer.status_code != HTTPStatus.ACCEPTED:
            return _refused(answer, document)
        if "id" not in document or "state" not in document:
            raise Refused(f"{self._address.url} answered something that is no order: is LINEGATE_URL a gateway?")
        return Placed(str(document["id"]), str(document["state"]), "idempotency-replayed" in answer.headers)

    async def preview(self, order: Json) -> Outcome:
        """Ask what an order would do. Raises WrongUse, NotReached."""
        answer = await self._ask("POST", "/v1/orders?dry_run=true", order)
        document = _document(answer)
        if answer.status_code != HTTPStatus.OK:
            return _refused(answer, document)
        return Outcome("would_be_accepted", detail=f"{len(document.get('plan', ()))} commands")

    async def look(self, order_id: str) -> Outcome:
        """Tell how an order is. Raises WrongUse, NotReached."""
        answer = await self._ask("GET", f"/v1/orders/{order_id}")
        document = _document(answer)
        if answer.status_code != HTTPStatus.OK:
            return replace(_refused(answer, document), order_id=order_id)
        detail = (document.get("error") or {}).get("detail") or document.get("waiting_for")
        return Outcome(str(document["state"]), order_id, detail)

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()

    async def _ask(
        self, method: str, path: str, body: Json | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        clock = asyncio.get_running_loop().time
        until = clock() + self._patience_s
        pause_s = 0.0  # a connection that was idle is often closed by then: the first repetition needs no waiting
        while True:
            try:
                answer = await self._connection.ask(method, path, content, headers)
            except Broken as broken:
                if clock() > until:
                    raise NotReached(_nobody(self._address, str(broken))) from broken
            else:
                _check_token(answer)
                match answer.status_code:
                    case HTTPStatus.TOO_MANY_REQUESTS:
                        until, pause_s = clock() + self._patience_s, _asked_pause(answer)
                    case status if status in _NOBODY_BEHIND:
                        if clock() > until:
                            raise NotReached(_nobody(self._address, f"it answers {status}"))
                        pause_s = PAUSE_S
                    case _:
                        return answer
            await asyncio.sleep(pause_s)
            pause_s = PAUSE_S


def _check_token(answer: httpx.Response) -> None:
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise WrongUse("the gateway does not accept the token: set LINEGATE_TOKEN")


def _asked_pause(answer: httpx.Response) -> float:
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isdigit() else PAUSE_S


def _nobody(address: Address, cause: str) -> str:
    return f"no answer from {address.url} ({cause}): start the gateway again, then post the file again"


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = json.loads(answer.content)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {}


def _refused(answer: httpx.Response, problem: Mapping[str, Any]) -> Outcome:
    told = str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
    fields = [f"{error.get('field')}: {error.get('detail')}" for error in problem.get("errors") or ()]
    return Outcome("refused", detail="; ".join((told, *fields)))
