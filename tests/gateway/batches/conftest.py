"""A gateway's batches without HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from gateway.batches import book
from gateway.batches.states import OVER, Batch, BatchState, Format, Options
from tests.gateway.rig import Rig

Json = dict[str, Any]


def order(action: str, msisdn: str, /, external_id: str | None = None, **details: Any) -> Json:  # noqa: ANN401 - as posted
    named = {} if external_id is None else {"external_id": external_id}
    return {"action": action, "line": {"msisdn": msisdn}, "details": details} | named


def file_of(*orders: Json) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in orders)


async def pieces(data: bytes, size: int = 4096) -> AsyncIterator[bytes]:
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]


async def sent(rig: Rig, data: bytes, options: Options | None = None) -> Batch:
    intake = rig.gateway.batches.intake
    return (await intake.post(options or Options(Format.NDJSON), None, "", pieces(data), last=True)).batch


async def now(rig: Rig, batch_id: str) -> Batch:
    found = await book.batch(rig.gateway.journal, batch_id)
    assert found is not None
    return found


async def ended(rig: Rig, batch_id: str, wait_s: float = 120) -> Batch:
    """Wait until the batch, and every order of it that moves by itself, is over."""
    async with asyncio.timeout(wait_s):
        while True:
            batch = await now(rig, batch_id)
            if batch.state in OVER and (await rig.gateway.batches.tallies.progress(batch)).over:
                return batch
            await asyncio.sleep(0.02)


async def until(rig: Rig, batch_id: str, state: BatchState, wait_s: float = 120) -> Batch:
    async with asyncio.timeout(wait_s):
        while (batch := await now(rig, batch_id)).state is not state:  # noqa: ASYNC110 - no event tells a test
            await asyncio.sleep(0.01)
    return batch
