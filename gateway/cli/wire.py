"""Asking a gateway many things at once: httpx, with whatever goes wrong on the way told as one thing.

Whoever asks knows whether asking again is harmless.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

import httpx

from gateway.cli.gateway_client import Address, async_client

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class Broken(Exception):
    """The connection ended, or went silent, before the answer was whole; the request may have been heard."""


class Connection:
    """Asks one thing at a time over a connection kept alive; opens itself when needed."""

    def __init__(self, address: Address) -> None:
        """Raises WrongUse when the address is none."""
        self._http = async_client(address, _TIMEOUT)

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a request and wait for its answer. Raises Broken."""
        more = {"Content-Type": "application/json"} if body else {}
        with _told():
            return await self._http.request(method, path, content=body, headers={**more, **(headers or {})})

    @asynccontextmanager
    async def listen(
        self, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[tuple[httpx.Response, AsyncIterator[bytes]]]:
        """Send a request whose answer does not end; give its head and its pieces. Raises Broken, there and here."""
        with _told():
            async with self._http.stream("GET", path, headers=headers) as answer:
                yield answer, answer.aiter_bytes()

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as trouble:
        raise Broken(str(trouble) or type(trouble).__name__) from trouble
