"""Orders end to end beside a bare loop: HTTP, durable, element, read back, done — and the same commands, just sent."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop

from benchmarks import cards
from benchmarks.load import post_all
from benchmarks.stage import Stage, gateway
from drivers.commands import Credentials, Done, Held, PutKeys, ReadSubscriber
from drivers.element import Element
from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.contract.line import Life, Line
from gateway.contract.plan import Picture, diff
from gateway.contract.projection import project
from gateway.network import make_element
from gateway.settings import read_settings

_CONNECTIONS = 64


def measure(stage: Stage, host: str, orders: int, rounds: int) -> dict[str, float]:
    """Return medians of both on one simulated element, measured in turns, and their ratios."""
    ours: list[float] = []
    one_by_one: list[float] = []
    all_at_once: list[float] = []
    first = 0
    with gateway(stage, stage.directory / f"e2e-{host}") as port:
        for _ in range(rounds + 1):
            one_by_one.append(uvloop.run(_bare(stage, host, range(first, first + orders), at_once=1)))
            first += orders
            all_at_once.append(uvloop.run(_bare(stage, host, range(first, first + orders), at_once=32)))
            first += orders
            ours.append(_gateway(stage, port, host, range(first, first + orders)))
            first += orders
    rate = statistics.median(ours[1:])
    loop, window = statistics.median(one_by_one[1:]), statistics.median(all_at_once[1:])
    return {
        "orders/s": rate,
        "bare loop/s": loop,
        "ratio": rate / loop,
        "bare window 32/s": window,
        "ratio to window": rate / window,
    }


def _gateway(stage: Stage, port: int, host: str, numbers: range) -> float:
    """Orders per second from the first post to the last completion."""
    _request(stage, port, "/v1/sims/import", cards.vendor_file(host, numbers.start, len(numbers)))
    bodies = [cards.activation(host, n) for n in numbers]
    started = time.perf_counter()
    result = uvloop.run(post_all(port, "/v1/orders", bodies, _CONNECTIONS, stage.token))
    assert result.statuses == {202: len(numbers)}, result.statuses
    while json.loads(_request(stage, port, "/health/ready"))["backlog"]:
        time.sleep(0.01)
    seconds = time.perf_counter() - started
    last = json.loads(_request(stage, port, "/v1/orders?limit=200"))["items"]
    assert {order["state"] for order in last} == {"completed"}
    return len(numbers) / seconds


def _request(stage: Stage, port: int, path: str, body: bytes | None = None) -> bytes:
    headers = {"Authorization": f"Bearer {stage.token}", "Content-Type": "text/plain"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    with urllib.request.urlopen(request) as answer:
        data: bytes = answer.read()
    return data


async def _bare(stage: Stage, host: str, numbers: range, at_once: int) -> float:
    """Lines per second when the same commands, read-back included, are only sent."""
    rules = read_settings(stage.config, stage.directory).contracts["technicophone"]
    async with _element(stage, host) as element:
        left = iter(numbers)

        async def loop() -> None:
            for n in left:
                line = Line(
                    msisdn=Msisdn(cards.msisdn(n)),
                    imsi=Imsi(cards.imsi(host, n)),
                    iccid=Iccid(cards.iccid(host, n)),
                    contract="technicophone",
                    host=host,
                    plan="unlimited",
                    options=frozenset(json.loads(cards.activation(host, n))["details"]["options"]),
                    life=Life.ACTIVE,
                )
                subscription = project(line, rules)
                assert subscription is not None
                keys = Credentials(f"{n:032X}", f"{n:032X}")
                for step in diff(None, Picture(host, line.iccid, subscription, element.capabilities)):
                    reply = await element.send(step.command, keys if isinstance(step.command, PutKeys) else None)
                    assert isinstance(reply, Done), reply
                assert await element.send(ReadSubscriber(line.imsi)) == Held(subscription)

        started = time.perf_counter()
        await asyncio.gather(*(loop() for _ in range(at_once)))
        return len(numbers) / (time.perf_counter() - started)


@asynccontextmanager
async def _element(stage: Stage, host: str) -> AsyncIterator[Element]:
    element = make_element(stage.element(host))
    try:
        yield element
    finally:
        await element.close()
