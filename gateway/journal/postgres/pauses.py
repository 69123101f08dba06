"""Waiting for something, but not for ever; and how long to wait before each further try."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

_FIRST_S: Final = 0.1
_LONGEST_S: Final = 2.0


async def happens(event: asyncio.Event, within_s: float) -> bool:
    """Wait for an event, or for some time; tell whether it has come."""
    try:
        async with asyncio.timeout(within_s):
            return await event.wait()
    except TimeoutError:
        return False


def pauses(chance: Callable[[], float]) -> Iterator[float]:
    """Return seconds, without end, twice as many each time up to a limit; half of each by ``chance``, from 0 to 1.

    So instances that lost the database together do not come back to it together.
    """
    pause_s = _FIRST_S
    while True:
        yield pause_s * (0.5 + chance() / 2)
        pause_s = min(_LONGEST_S, pause_s * 2)
