"""Our ESME alone, without outbox: ``python -m benchmarks.our_esme PORT MESSAGES WINDOW [--receipts]``."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from random import Random

import uvloop

from benchmarks.smpp_text import TEXT
from drivers.commands import Submitted
from drivers.dialects.smpp.delivery import Heard, Receipt
from drivers.dialects.smpp.submission import Submission
from drivers.dialects.smpp.text import Carriage, split
from drivers.esme.centre import Centre
from drivers.esme.config import CentreConfig, Speed
from drivers.esme.connecting import connector
from drivers.esme.esme import Esme
from drivers.esme.window import Answer
from drivers.subscription import Msisdn


async def run(port: int, messages: int, window: int, *, receipts: bool) -> float:
    """Return messages a second, each answered and, if wished, with a receipt that names it."""
    waiting: set[str] = set()
    early: set[str] = set()
    left, done = messages * (2 if receipts else 1), asyncio.Event()

    def count(number: int = 1) -> None:
        nonlocal left
        left -= number
        if not left:
            done.set()

    def answered(answer: Answer) -> None:
        reply = answer.result()
        assert isinstance(reply, Submitted), reply
        waiting.add(reply.message_id)
        count()

    async def hear(_: str, heard: Sequence[Heard]) -> None:
        for one in heard:
            assert isinstance(one.delivery, Receipt)
            early.add(one.delivery.message_id)
        count(len(heard))

    config = CentreConfig("sink", "127.0.0.1", port, "bench", "FAKEpw01", speed=Speed(window=window))
    esme = Esme([Centre(config, connector(config), Random(1))], Random(1), hear)
    esme.start()
    (await esme.place(1)).release()  # bound
    started = time.perf_counter()
    for _ in range(messages):
        place = esme.try_place(1) or await esme.place(1)
        (part,) = split(TEXT, Carriage(), 0)
        place.submit(Submission("TECHNICO", Msisdn("+33600000000"), part, receipt=receipts)).add_done_callback(answered)
    await done.wait()
    seconds = time.perf_counter() - started
    assert not receipts or early == waiting
    await esme.close()
    return messages / seconds


if __name__ == "__main__":
    figures = (int(argument) for argument in sys.argv[1:4])
    print(uvloop.run(run(*figures, receipts="--receipts" in sys.argv[4:])))
