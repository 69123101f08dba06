"""Talking to a gateway over REST: where it is, what it refuses, and when to ask again."""

from __future__ import annotations

import ipaddress
import os
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx

from gateway.cli.failure import NotReached, Refused, WrongUse

DEFAULT_URL = "http://127.0.0.1:8080"
_PATIENCE_S = 30.0
_PAUSE_S = 0.5
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_IMPORT_TIMEOUT = httpx.Timeout(30.0, connect=5.0, read=600.0)  # a big file is sealed card by card before the answer
_NOBODY_BEHIND = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the gateway is, and the token it knows us by."""

    url: str
    token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls) -> Address:
        """Read LINEGATE_URL and LINEGATE_TOKEN."""
        return cls(os.environ.get("LINEGATE_URL") or DEFAULT_URL, os.environ.get("LINEGATE_TOKEN") or None)


def base_url(url: str) -> httpx.URL:
    """Read an address. Raises WrongUse when it is none."""
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL as wrong:
        raise WrongUse(f"LINEGATE_URL is no address ({wrong}): use one like {DEFAULT_URL}") from wrong
    if base.scheme not in ("http", "https") or not base.host:
        raise WrongUse(f"LINEGATE_URL must begin with http:// or https://, like {DEFAULT_URL}")
    return base


def http_client(url: str, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Make a client for one address. Raises WrongUse when it is none."""
    base = base_url(url)
    # a proxy meant for the world must neither see our token nor stand between two processes of one machine
    return httpx.Client(base_url=base, headers=headers, timeout=_TIMEOUT, trust_env=not _is_loopback(base.host))


def async_client(address: Address, timeout: httpx.Timeout) -> httpx.AsyncClient:
    """Make the same for an event loop, with one connection. Raises WrongUse when the address is none."""
    base = base_url(address.url)
    return httpx.AsyncClient(
        base_url=base,
        headers=_authorisation(address),
        timeout=timeout,
        trust_env=not _is_loopback(base.host),
        limits=httpx.Limits(max_connections=1),
    )


def _authorisation(address: Address) -> dict[str, str]:
    return {} if address.token is None else {"Authorization": f"Bearer {address.token}"}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class GatewayClient:
    """The REST contract as calls; every answer that is no success raises Refused, WrongUse or NotReached."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._http = http_client(address.url, _authorisation(address))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int | None) -> Json:
        """Read something; absent query values are left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return _understood(self._send(self._http.build_request("GET", path, params=given)))

    def post(self, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None, key: str | None = None) -> Json:
        """Ask for something, with a body if it needs one; under an idempotency key it is safe to repeat."""
        headers = {} if key is None else {"Idempotency-Key": key}
        request = self._http.build_request("POST", path, json=body, headers=headers)
        return _understood(self._send(request, repeatable=key is not None))

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """Have something be as stated; said again it is no more so."""
        return _understood(self._send(self._http.build_request("PUT", path, json=body), repeatable=True))

    def delete(self, path: str) -> Json:
        """Have something be no more."""
        return _understood(self._send(self._http.build_request("DELETE", path)))

    def place(self, order: Mapping[str, Any], key: str | None = None) -> Json:
        """Post an order under an idempotency key, which is what makes it safe to repeat on a lost connection."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        request = self._http.build_request("POST", "/v1/orders", json=order, headers=headers)
        return _understood(self._send(request, repeatable=True))

    def preview(self, order: Mapping[str, Any]) -> Json:
        """Ask what an order would do."""
        request = self._http.build_request("POST", "/v1/orders", params={"dry_run": "true"}, json=order)
        return _understood(self._send(request))

    def import_sims(self, chunks: Iterable[bytes], length: int) -> Json:
        """Send a vendor file of ``length`` bytes."""
        headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(length)}
        request = self._http.build_request(
            "POST", "/v1/sims/import", content=chunks, headers=headers, timeout=_IMPORT_TIMEOUT
        )
        return _understood(self._reach(request))

    def look(self, path: str) -> httpx.Response:
        """Return an answer as it is, good or bad. Raises NotReached."""
        return self._reach(self._http.build_request("GET", path))

    def _send(self, request: httpx.Request, *, repeatable: bool = False) -> httpx.Response:
        """Send, waiting as the gateway asks when it is busy, and again after a break where that is safe."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                answer = self._reach(request)
            except NotReached as broken:
                refused = isinstance(broken.__cause__, httpx.ConnectError | httpx.UnsupportedProtocol)
                if refused or not repeatable or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_S)
                continue
            pause = _pause_asked(answer, again=repeatable or request.method == "GET")
            if pause is None or time.monotonic() + pause > until:
                return answer
            time.sleep(pause)

    def _reach(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = self._http.send(request)
        except httpx.TransportError as broken:
            cause = str(broken) or type(broken).__name__
            raise NotReached(
                f"no answer from {self.address.url} ({cause}): start the gateway with `linegate up`, "
                "or set LINEGATE_URL to where it is"
            ) from broken
        if answer.status_code in _NOBODY_BEHIND:
            raise NotReached(f"{self.address.url} answers {answer.status_code}: there is no gateway behind it")
        return answer


def _pause_asked(answer: httpx.Response, *, again: bool) -> float | None:
    """Tell how long to wait; what a gateway without its database has done is not known."""
    away = answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in answer.headers
    if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS and not (away and again):
        return None
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else _PAUSE_S


def _understood(answer: httpx.Response) -> Json:
    document = _document(answer)
    if answer.is_success:
        return document
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise WrongUse(
            f"the gateway does not accept the token: set LINEGATE_TOKEN ({_told(answer, document)})", document
        )
    raise Refused(_told(answer, document), document)


def _document(answer: httpx.Response) -> Json:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    if answer.is_success:
        raise Refused(f"{answer.url} answered something that is no JSON object: is LINEGATE_URL a gateway?")
    return {"status": answer.status_code, "title": answer.reason_phrase}


def _told(answer: httpx.Response, problem: Json) -> str:
    """The problem's own words, and the fields it names."""
    told = str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
    fields = [f"  {error.get('field')}: {error.get('detail')}" for error in problem.get("errors") or ()]
    return "\n".join((f"{answer.status_code} {told}", *fields))
