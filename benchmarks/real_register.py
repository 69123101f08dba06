"""Beside a real OsmoHLR: lines opened and audited, against bare CTRL loops that only write or read."""

from __future__ import annotations

import asyncio
import json
import statistics
import struct
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.load import post_all
from benchmarks.stage import gateway_alone
from tests.gateway.cards import Card, card, vendor_file
from tests.peers.osmo_hlr import OsmoHlr, osmo_hlr
from tests.peers.osmo_site import PLMN, write_config

_CONNECTIONS = 64
_LOOK_S = 0.005
_TOKEN = "fake-token-of-the-bench"


def measure(directory: Path, lines: int, rounds: int) -> dict[str, float]:
    """Return medians of lines and audit reads a second, ours and bare, on the same register in turns."""
    return uvloop.run(_measure(directory, lines, rounds))


async def _measure(directory: Path, lines: int, rounds: int) -> dict[str, float]:
    figures: dict[str, list[float]] = {name: [] for name in ("lines/s", "bare lines/s", "reads/s", "bare reads/s")}
    async with osmo_hlr() as hlr:
        write_config(directory / "config", hlr)
        environment = {"LINEGATE_TOKEN": _TOKEN}
        with gateway_alone(directory / "config", directory / "data", environment) as port:
            for n in range(rounds + 1):
                first = 2 * n * lines + 1
                bare, ours = range(first, first + lines), range(first + lines, first + 2 * lines)
                figures["bare lines/s"].append(await _bare_lines(hlr, bare))
                figures["lines/s"].append(await _our_lines(port, ours))
                figures["bare reads/s"].append(await _bare_reads(hlr, ours))
                figures["reads/s"].append(await _audit(port))
    medians = {name: statistics.median(values[1:]) for name, values in figures.items()}
    medians["ratio of lines"] = medians["lines/s"] / medians["bare lines/s"]
    medians["ratio of reads"] = medians["reads/s"] / medians["bare reads/s"]
    return medians


def _number(n: int) -> str:
    return f"4917{n:08d}"


def _writes(one: Card, n: int) -> Iterator[str]:
    """The fields an activation writes: subscriber, keys, number (both domains are open from birth)."""
    who = f"subscriber.by-imsi-{one.imsi}"
    yield f"subscriber.create {one.imsi}"
    yield f"{who}.aud3g milenage,{one.ki},opc,{one.opc}"
    yield f"{who}.msisdn {_number(n)}"


async def _bare_lines(hlr: OsmoHlr, numbers: range) -> float:
    reader, writer = await asyncio.open_connection(hlr.host, hlr.ctrl_port)
    started = time.perf_counter()
    for n in numbers:
        for text in _writes(card(n, PLMN), n):
            answer = await _ask(reader, writer, f"SET 1 {text}")
            assert answer.startswith(b"SET_REPLY"), answer
        await _ask(reader, writer, f"GET 1 subscriber.by-imsi-{card(n, PLMN).imsi}.info-all")
    seconds = time.perf_counter() - started
    for n in numbers:  # nobody's lines would be findings of the audit
        await _ask(reader, writer, f"SET 1 subscriber.delete {card(n, PLMN).imsi}")
    writer.close()
    return len(numbers) / seconds


async def _bare_reads(hlr: OsmoHlr, numbers: range) -> float:
    reader, writer = await asyncio.open_connection(hlr.host, hlr.ctrl_port)
    imsis = [card(n, PLMN).imsi for n in numbers]
    started = time.perf_counter()
    for imsi in imsis:
        answer = await _ask(reader, writer, f"GET 1 subscriber.by-imsi-{imsi}.info-all")
        assert b"nam_cs" in answer, answer
    seconds = time.perf_counter() - started
    writer.close()
    return len(numbers) / seconds


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: str) -> bytes:
    body = b"\0" + text.encode()
    writer.write(struct.pack(">HB", len(body), 0xEE) + body)
    length, _ = struct.unpack(">HB", await reader.readexactly(3))
    return (await reader.readexactly(length))[1:]


async def _our_lines(port: int, numbers: range) -> float:
    """Lines per second from the first order posted to the last completed: durable, confirmed, read back."""
    cards = [card(n, PLMN) for n in numbers]
    await asyncio.to_thread(_call, port, "/v1/sims/import", vendor_file(cards).encode())
    bodies = [_activation(one, n) for one, n in zip(cards, numbers, strict=True)]
    started = time.perf_counter()
    result = await post_all(port, "/v1/orders", bodies, _CONNECTIONS, _TOKEN)
    assert result.statuses == {202: len(numbers)}, result.statuses
    await asyncio.to_thread(_until, port, "/health/ready", lambda ready: not ready["backlog"])
    seconds = time.perf_counter() - started
    last = (await asyncio.to_thread(_call, port, "/v1/orders?limit=200"))["items"]
    assert {order["state"] for order in last} == {"completed"}
    return len(numbers) / seconds


def _activation(one: Card, n: int) -> bytes:
    details = {"contract": "village", "iccid": one.iccid, "plan": "village", "options": ["data"]}
    order = {"action": "activate", "line": {"msisdn": f"+{_number(n)}"}, "details": details, "priority": "bulk"}
    return json.dumps(order).encode()


async def _audit(port: int) -> float:
    """Lines compared per second by an audit of everything the gateway knows."""
    started = time.perf_counter()
    audit = await asyncio.to_thread(
        _call, port, "/v1/audits", b'{"policy": "report", "scope": {"contract": "village"}}'
    )
    page = f"/v1/audits/{audit['id']}"
    shown = await asyncio.to_thread(_until, port, page, lambda seen: seen["state"] != "running")
    seconds = time.perf_counter() - started
    assert shown["state"] == "completed", shown
    assert shown["counts"]["equal"] == shown["done"], shown
    return float(shown["done"]) / seconds


def _until(port: int, path: str, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Look until it is so."""
    while not so(seen := _call(port, path)):
        time.sleep(_LOOK_S)
    return seen


def _call(port: int, path: str, body: bytes | None = None) -> dict[str, Any]:
    kind = "text/plain" if path == "/v1/sims/import" else "application/json"
    headers = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": kind}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    with urllib.request.urlopen(request) as answer:
        return dict(json.loads(answer.read()))
