"""Durable intake beside the same FastAPI route without the journal: orders due in years, so no network takes part."""

from __future__ import annotations

import asyncio
import statistics
import sys
from pathlib import Path

import uvloop

from benchmarks import cards
from benchmarks.load import Result, post_all
from benchmarks.stage import Stage, gateway, serving
from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.app import utc_now
from gateway.contract.line import Life, Line
from gateway.journal.journal import Unit
from gateway.journal.sqlite import SqliteJournal
from gateway.orders import records
from gateway.orders.order import LineRecord

_CONNECTIONS = 64


def measure(stage: Stage, orders: int, rounds: int) -> dict[str, float]:
    """Return medians of both, measured in turns, and their ratio."""
    data = stage.directory / "intake"
    asyncio.run(prepare_lines(data, orders * (rounds + 1)))
    bare_command = [sys.executable, "-m", "benchmarks.bare_route"]
    durable: list[Result] = []
    bare: list[Result] = []
    with gateway(stage, data) as gateway_port, serving(bare_command, stage.environment) as bare_port:
        for turn in range(rounds + 1):
            bodies = [cards.future_change(turn * orders + n) for n in range(orders)]
            for port, results in ((bare_port, bare), (gateway_port, durable)):
                result = uvloop.run(post_all(port, "/v1/orders", bodies, _CONNECTIONS, stage.token))
                assert result.statuses == {202: orders}, result.statuses
                results.append(result)
    bare, durable = bare[1:], durable[1:]  # the first round warms both up
    per_second = statistics.median(r.per_second for r in durable)
    bare_per_second = statistics.median(r.per_second for r in bare)
    return {
        "durable intake/s": per_second,
        "bare route/s": bare_per_second,
        "ratio": per_second / bare_per_second,
        "durable p99 ms": statistics.median(r.percentile_ms(0.99) for r in durable),
    }


async def prepare_lines(data: Path, count: int) -> None:
    """Put lines straight into the journal: what is measured is the intake of orders, not how their lines came to be."""
    journal = SqliteJournal(data / "journal.db")
    for start in range(0, count, 1000):
        unit = Unit()
        for n in range(start, min(start + 1000, count)):
            line = Line(
                msisdn=Msisdn(cards.msisdn(n)),
                imsi=Imsi(cards.imsi("sfr", n)),
                iccid=Iccid(cards.iccid("sfr", n)),
                contract="technicophone",
                host="sfr",
                plan="unlimited",
                options=frozenset({"data", "roaming"}),
                life=Life.ACTIVE,
            )
            records.add_line(unit, LineRecord(f"{n:024d}", line), utc_now())
        await journal.commit(unit)
    await journal.close()
