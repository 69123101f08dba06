"""Two gateways on one PostgreSQL: whoever is asked, the answer and the network are the same."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from gateway.api.correlation import Correlation
from gateway.api.forwarding import ToTheOffice
from gateway.journal.journal import JournalAway
from gateway.journal.shards import shard_of
from gateway.journal.tenure import SoleTenure
from gateway.orders.errands import WrongState
from tests.gateway.cards import Card, card
from tests.gateway.rig import Rig, SimNetwork, Time, gateway_on

CARDS = [card(n) for n in range(1, 9)]
Pair = tuple[Rig, Rig]


def number(n: int) -> str:
    return f"+3361234{n:04d}"


@pytest.fixture
async def pair(tmp_path: Path, sim: SimNetwork, time: Time, database: str) -> AsyncIterator[Pair]:
    first, second = tmp_path / "first", tmp_path / "second"
    async with gateway_on(first, sim, time, database=database) as one:
        second.mkdir()
        shutil.copy(first / "vault.key", second / "vault.key")
        async with gateway_on(second, sim, time, database=database) as other:
            async with asyncio.timeout(60):
                while len(one.gateway.journal.tenure.shards) != len(other.gateway.journal.tenure.shards):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.05)
            await one.stock(*CARDS)
            yield one, other


async def _line(rig: Rig, order: str) -> str:
    line_id: str = (await rig.row(order))["line_id"]
    return line_id


async def test_shards_are_shared_out_and_one_has_the_office(pair: Pair) -> None:
    one, other = (rig.gateway.journal.tenure for rig in pair)
    assert (len(one.shards), len(other.shards), one.shards & other.shards) == (32, 32, frozenset())
    assert one.office != other.office


async def test_what_is_asked_here_and_there_in_turn_happens_in_that_order(pair: Pair) -> None:
    one, other = pair
    opened = [await pair[n % 2].activate(own, number(n)) for n, own in enumerate(CARDS)]
    asked = []
    for n in range(len(CARDS)):
        for turn, action in enumerate(("suspend", "reactivate", "suspend", "reactivate", "bar_outgoing")):
            details = {} if action == "reactivate" else {"reason": "unpaid"}
            asked.append(await pair[(n + turn) % 2].order(action, msisdn=number(n), **details))
    for order in opened + asked:
        assert await one.until(order) == "completed"
    for n, own in enumerate(CARDS):
        assert await other.wished(number(n)) == one.sim.held(own.imsi)
    holders = {shard_of(await _line(one, order)) in one.gateway.journal.tenure.shards for order in opened}
    assert holders == {True, False}


async def test_orders_are_cancelled_held_and_resumed_by_whoever_is_asked(pair: Pair, time: Time) -> None:
    one, other = pair
    later = {"requested_start": time() + timedelta(days=3)}
    assert await one.until(await one.activate(CARDS[0], number(0))) == "completed"
    for rig in pair:
        held, taken_back, started = [
            await one.order("suspend", msisdn=number(0), reason="unpaid", **later) for _ in range(3)
        ]
        await rig.gateway.engine.hold(held)
        assert await one.state(held) == "held"
        await rig.gateway.engine.resume(held)
        assert await other.state(held) == "pending"
        await rig.gateway.engine.cancel(taken_back)
        assert await one.state(taken_back) == "cancelled"
        with pytest.raises(WrongState, match="cannot be cancelled any more"):
            await rig.gateway.engine.cancel(taken_back)
        await rig.gateway.engine.resume(started)
        assert await one.until(started) == "completed"
        await rig.gateway.engine.cancel(held)
        assert await one.until(await one.order("reactivate", msisdn=number(0))) == "completed"


async def test_one_key_is_one_order_even_at_the_same_moment(pair: Pair) -> None:
    one, other = pair
    assert await one.until(await one.activate(CARDS[0], number(0))) == "completed"
    answers = await asyncio.gather(
        *(rig.ask("suspend", f"key-{n}", msisdn=number(0), reason="unpaid") for n in range(6) for rig in (one, other))
    )
    ids = [answer.order["id"] for answer in answers if answer.order is not None]
    assert (len(ids), len(set(ids))) == (12, 6)


async def test_a_number_and_a_card_are_given_once(pair: Pair) -> None:
    one, other = pair
    answers = await asyncio.gather(
        *(rig.ask("activate", msisdn=number(n), **_details(CARDS[0])) for n, rig in enumerate((one, other, one, other)))
    )
    given = [answer.order["id"] for answer in answers if answer.order is not None]
    assert len(given) == 1
    assert await one.until(given[0]) == "completed"


def _details(own: Card) -> dict[str, Any]:
    return {
        "contract": "technicophone",
        "host": "orange",
        "iccid": own.iccid,
        "plan": "unlimited",
        "options": [],
    }


class _Elsewhere(SoleTenure):
    """The office is held at this address."""

    def __init__(self, url: str | JournalAway | None) -> None:
        super().__init__()
        self._url = url

    async def holder_url(self, shard: int | None) -> str | None:
        if isinstance(self._url, JournalAway):
            raise self._url
        return self._url if shard is None else None


async def _office(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(2) if b"content-length: 2" in head.lower() else b""
    told = b'{"asked": "%s", "body": "%s"}' % (head.split(b"\r\n")[0].replace(b'"', b""), body)
    own = b"".join(line + b"\r\n" for line in head.split(b"\r\n") if line.lower().startswith(b"x-correlation-id:"))
    kept = b"X-Kept: yes\r\n" + own
    writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n%s\r\n%s" % (len(told), kept, told))
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_what_only_the_office_can_answer_is_passed_on_to_it() -> None:
    server = await asyncio.start_server(_office, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, httpx.AsyncClient(transport=_asked(url), base_url="http://asked") as client:
        headers = {"Authorization": "Bearer FAKE", "X-Correlation-Id": "asked-once"}
        answer = await client.post("/v1/audits?limit=3", content=b"{}", headers=headers)
        assert (answer.status_code, answer.headers["X-Kept"]) == (202, "yes")
        assert answer.headers.get_list("X-Correlation-Id") == ["asked-once"]
        assert answer.json() == {"asked": "POST /v1/audits?limit=3 HTTP/1.1", "body": "{}"}
        assert (await client.post("/v1/audits", content=b" " * 101)).status_code == 413
        again = await client.get("/v1/audits", headers={"X-Linegate-Passed-On": "1"})
        assert (again.status_code, again.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9", JournalAway()])
async def test_while_nobody_holds_the_office_it_is_asked_for_again(url: str | JournalAway | None) -> None:
    async with httpx.AsyncClient(transport=_asked(url), base_url="http://asked") as client:
        answer = await client.get("/v1/audits")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-away")


def _asked(url: str | JournalAway | None) -> httpx.ASGITransport:
    app = FastAPI()
    tenure = _Elsewhere(url)
    app.add_middleware(ToTheOffice, tenure=lambda: tenure, max_body_bytes=lambda: 100)
    app.add_middleware(Correlation, fault=lambda: JSONResponse({}, 500))
    return httpx.ASGITransport(app)
