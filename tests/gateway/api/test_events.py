"""/v1/events over a real socket: everything in its order, from where a client left off, the moment it happens."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from gateway.api import create_api
from gateway.api.events import _stream
from tests.gateway.api.conftest import Shop
from tests.gateway.cards import Card
from tests.gateway.rig import TOKEN, Rig

NUMBER = "+33612345678"
Event = dict[str, str]


class _Page(uvicorn.Server):
    """Takes no signals: they belong to the test run."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as door:
            task = asyncio.create_task(self._serve([door]))
            while not self.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
            self.should_exit = self.force_exit = True
            await task


@pytest.fixture
async def address(rig: Rig) -> AsyncIterator[str]:
    config = uvicorn.Config(create_api(rig.gateway), lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    async with _Page(config).running() as url:
        yield url


async def _events(address: str, count: int, last: str | None = None, wait_s: float = 60) -> list[Event]:
    """Read so many events of orders, then hang up; when its confirmation arrives is each order's own affair."""
    headers = {"Authorization": f"Bearer {TOKEN}"} | ({} if last is None else {"Last-Event-ID": last})
    found: list[Event] = []
    async with (
        asyncio.timeout(wait_s),
        httpx.AsyncClient() as http,
        http.stream("GET", f"{address}/v1/events", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: Event = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                event[name] = value
            elif not line and event:
                found += [] if event["event"].startswith("message.") else [event]
                event = {}
                if len(found) == count:
                    break
    return found


async def test_all_that_happened_is_told_from_the_beginning(address: str, line: Card) -> None:
    del line
    found = await _events(address, 3)
    assert [event["event"] for event in found] == ["order.accepted", "order.started", "order.completed"]
    ids = [int(event["id"]) for event in found]
    assert ids == sorted(set(ids))


async def test_a_client_goes_on_where_it_left_off(address: str, rig: Rig, line: Card) -> None:
    del line
    await rig.done("suspend", msisdn=NUMBER, reason="unpaid")
    every = await _events(address, 6)
    rest = await _events(address, 2, last=every[3]["id"])
    assert rest == every[4:]


async def test_news_arrives_while_listening(address: str, rig: Rig, line: Card) -> None:
    del line
    last = (await _events(address, 3))[-1]["id"]
    listening = asyncio.create_task(_events(address, 3, last=last))
    await asyncio.sleep(0.2)
    await rig.done("suspend", msisdn=NUMBER, reason="unpaid")
    found = await asyncio.wait_for(listening, 5)
    assert [event["event"] for event in found] == ["order.accepted", "order.started", "order.completed"]


async def test_news_in_the_blink_between_looking_and_waiting_is_not_missed(shop: Shop, line: Card) -> None:
    del line
    rig = shop.rig

    class Listener:
        async def is_disconnected(self) -> bool:
            return False

    seq = max(row["seq"] for row in await rig.all_rows("events"))
    stream = _stream(Listener(), rig.gateway, seq)  # type: ignore[arg-type]  # all it asks of a request
    assert (await anext(stream)).startswith(":")
    await rig.done("suspend", msisdn=NUMBER, reason="unpaid")
    async with asyncio.timeout(3):
        news = await anext(stream)
    assert "order.accepted" in news
    await stream.aclose()  # type: ignore[attr-defined]  # it is a generator


@pytest.mark.parametrize("last", ["-1", "x", "٣", "1" * 30])
async def test_a_last_id_that_is_none_is_refused(shop: Shop, last: str) -> None:
    answer = await shop.get("/v1/events", headers={"Last-Event-ID": last.encode()})
    assert answer.status_code == 422


async def test_who_wants_only_news_gets_only_news_and_knows_where_they_begin(
    address: str, rig: Rig, line: Card
) -> None:
    del line
    while {row["state"] for row in await rig.all_rows("messages")} != {"delivered"}:  # noqa: ASYNC110 - a row of a database tells nobody that it changed
        await asyncio.sleep(0.01)
    seq = max(row["seq"] for row in await rig.all_rows("events"))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        asyncio.timeout(60),
        httpx.AsyncClient() as http,
        http.stream("GET", f"{address}/v1/events?from=now", headers=headers) as answer,
    ):
        assert answer.headers["last-event-id"] == str(seq)
        lines = answer.aiter_lines()
        assert await anext(lines) == ": still here"
        await rig.done("suspend", msisdn=NUMBER, reason="unpaid")
        news = [await anext(lines) for _ in range(3)]
        assert news[1:] == ["", f"id: {seq + 1}"] or news[:2] == ["", f"id: {seq + 1}"]


async def test_where_somebody_left_off_counts_more_than_now(address: str, line: Card) -> None:
    del line
    headers = {"Authorization": f"Bearer {TOKEN}", "Last-Event-ID": "1"}
    async with (
        asyncio.timeout(60),
        httpx.AsyncClient() as http,
        http.stream("GET", f"{address}/v1/events?from=now", headers=headers) as answer,
    ):
        assert (answer.headers["last-event-id"], await anext(answer.aiter_lines())) == ("1", "id: 2")


async def test_another_beginning_is_refused(shop: Shop) -> None:
    assert (await shop.get("/v1/events?from=yesterday")).status_code == 422
