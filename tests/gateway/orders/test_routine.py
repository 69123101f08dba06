"""What is done again and again goes on, whatever happens to it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gateway.journal.journal import JournalAway, JournalFull
from gateway.orders.routine import again_and_again


async def test_neither_a_database_that_is_away_nor_a_fault_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    troubles: list[Exception] = [JournalAway(), JournalFull(), RuntimeError("a fault of ours")]
    done = asyncio.Event()

    async def work() -> None:
        if troubles:
            raise troubles.pop(0)
        done.set()

    going = asyncio.create_task(again_and_again("tidying", 0.001, work, logging.getLogger("tidy")))
    async with asyncio.timeout(60):
        await done.wait()
    going.cancel()
    await asyncio.wait([going])
    told = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "tidy"]
    assert [level for level, _ in told] == ["WARNING", "ERROR", "ERROR"]
    assert all(text.startswith("tidying: ") for _, text in told)
