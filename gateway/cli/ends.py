"""Which orders have ended, as the gateway's own stream of events tells: nobody asks after thousands one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from gateway.cli.bulk_client import PAUSE_S
from gateway.cli.failure import NotReached, WrongUse
from gateway.cli.gateway_client import Address
from gateway.cli.waiting import ENDED
from gateway.cli.wire import Broken, Connection


class Ends:
    """Listens from now on and tells of every order that ends; connects again where it left off."""

    def __init__(self, address: Address, ended: Callable[[str, str], None], patience_s: float) -> None:
        """``ended`` is told an order's id and its state. Raises WrongUse when the address is none."""
        self._address = address
        self._patience_s = patience_s
        self._ended = ended
        self._connection = Connection(address)
        self._seen = ""
        self.attached = asyncio.Event()  # from here on nothing is missed

    async def listen(self) -> None:
        """Listen until cancelled. Raises NotReached, WrongUse when nobody can be heard any more."""
        try:
            await self._listen()
        finally:
            await self._connection.close()

    async def _listen(self) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + self._patience_s
        while True:
            try:
                async for event in self._events():
                    until = clock() + self._patience_s
                    self._take(event)
            except Broken as broken:
                if clock() > until:
                    raise NotReached(
                        f"no more news from {self._address.url} ({broken}): post the file again"
                    ) from broken
                await asyncio.sleep(PAUSE_S)

    async def _events(self) -> AsyncIterator[dict[str, str]]:
        """Give the stream's events, and its signs of life as empty ones. Raises Broken, WrongUse."""
        headers = {"Last-Event-ID": self._seen} if self._seen else {}
        async with self._connection.listen("/v1/events?from=now", headers) as (answer, pieces):
            if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise WrongUse("the gateway does not accept the token: set LINEGATE_TOKEN")
            if answer.status_code != HTTPStatus.OK:
                raise Broken(f"it answers {answer.status_code}")
            self._seen = self._seen or answer.headers.get("last-event-id", "")
            self.attached.set()
            rest = b""
            async for piece in pieces:
                *blocks, rest = (rest + piece).split(b"\n\n")
                for block in blocks:
                    named = (line.partition(": ") for line in block.decode().split("\n"))
                    yield {name: value for name, _, value in named}
        raise Broken("the stream of events has ended")

    def _take(self, event: dict[str, str]) -> None:
        self._seen = event.get("id", self._seen)
        kind, _, state = event.get("event", "").partition(".")
        if kind == "order" and state in ENDED:
            self._ended(str(json.loads(event["data"])["order_id"]), state)
