"""Clients of several instances at once: each request goes to the next of them, and past the dead ones."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from tests.journeys.player import Player, player
from tests.journeys.site import TOKEN

#: where the gateway is (or its instances are), and where the network's own page is
Doors = tuple[str | Sequence[str], str]
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)


class Spread(httpx.AsyncBaseTransport):
    """Sends each request to the next instance; what fails is asked again by whoever asked, of the one after it.

    ``urls`` may change meanwhile: whoever runs the instances keeps the list.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._turns = itertools.count()
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        door = httpx.URL(self._urls[next(self._turns) % len(self._urls)])
        request.url = request.url.copy_with(host=door.host, port=door.port)
        request.headers["Host"] = f"{door.host}:{door.port}"
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@asynccontextmanager
async def opened(doors: Doors) -> AsyncIterator[Player]:
    """Open the connections of one client."""
    gateway, network = doors
    if isinstance(gateway, str):
        async with player(gateway, network, TOKEN) as client:
            yield client
        return
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        httpx.AsyncClient(
            base_url=gateway[0], headers=headers, timeout=_TIMEOUT, transport=Spread(gateway), trust_env=False
        ) as instances,
        httpx.AsyncClient(base_url=network, timeout=_TIMEOUT, trust_env=False) as witness,
    ):
        yield Player(instances, witness)
