"""What lines use, as an operator's meter posts it; and the times in which operators read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.journeys.contracts.counter import Counter, Json


async def use(counter: Counter, of: str, amount: float, unit: str, n: int = 1, **more: Any) -> Json:  # noqa: ANN401 - as posted
    """Post one record of what ``number(n)`` has just used, and see it counted; return what was told about it."""
    used_at = counter.now.isoformat(timespec="seconds")
    one = {"msisdn": counter.number(n), "counter": of, "amount": amount, "unit": unit, "at": used_at} | more
    taken: Json = await counter.post("/v1/usage", [{"id": f"use-{next(counter.ids)}"} | one])
    assert (taken["accepted"], taken["problems"]) == (1, []), taken
    await counter.tend()
    return taken


def local(counter: Counter, moment: str) -> str:
    """Say a moment of an answer as the operator's clock does, to the minute: ``2026-03-15 00:00``."""
    return datetime.fromisoformat(moment).astimezone(counter.now.tzinfo).strftime("%Y-%m-%d %H:%M")
