"""Work that is done again and again for as long as somebody lets it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from logging import Logger
from typing import Final, NoReturn

from gateway.journal.journal import JournalAway

_SOONER_S: Final = 60.0  # whatever did not succeed is tried again then, if its turn would come later


async def again_and_again(what: str, every_s: float, work: Callable[[], Awaitable[object]], log: Logger) -> NoReturn:
    """Do it, then wait, for good; what goes wrong is logged as ``what``, and ends nothing."""
    while True:
        pause_s = min(every_s, _SOONER_S)
        try:
            await work()
            pause_s = every_s
        except JournalAway:
            log.warning("%s: waits for the database", what)
        except Exception:
            log.exception("%s: stopped; it goes on after a pause", what)
        await asyncio.sleep(pause_s)
