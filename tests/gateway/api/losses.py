"""What is said of lost and stolen lines, and short words for saying it."""

from __future__ import annotations

from typing import Any

from tests.gateway.api.conftest import Json, Shop

BY = {"who": "hotline/paul", "channel": "hotline"}
REPORTS = "/v1/loss-reports"


def report(*lines: Json, reason: str = "stolen", **more: Any) -> Json:  # noqa: ANN401 - as posted
    return {"reason": reason, "lines": list(lines), "requested_by": BY} | more


async def taken(shop: Shop, body: Json, **more: Any) -> Json:  # noqa: ANN401 - httpx's own
    answer = await shop.post(REPORTS, json=body, **more)
    assert answer.status_code == 202, answer.text
    told: Json = answer.json()
    return told
