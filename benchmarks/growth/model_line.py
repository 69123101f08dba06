"""One line lived through by a gateway: opened, and with an order that is due in years."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from benchmarks import cards
from benchmarks.quick_network import CONTRACT, HOST, change, quick_element, quick_settings, reaching, rules_of_lines
from benchmarks.saga.linegate import asked
from gateway.app import Gateway, open_gateway
from gateway.stock.imports import import_vendor_file

_FAR = "2099-01-01T09:00:00+01:00"


async def lived(data: Path, number: int) -> dict[str, str]:
    """Open a line in an empty directory and have an order of it wait; return the ids of both orders."""
    element = quick_element(rules_of_lines())
    async with open_gateway(quick_settings(data, "", "unused"), reach=reaching(element)) as gateway:
        card = cards.vendor_file(HOST, number, 1).decode()
        await import_vendor_file(card, gateway.journal, gateway.vault, gateway.clock())
        details = {"contract": CONTRACT, "host": HOST, "iccid": cards.iccid(HOST, number), "plan": "unlimited"}
        opening = {
            "action": "activate",
            "line": {"msisdn": cards.msisdn(number)},
            "details": details | {"options": ["data", "roaming"]},
        }
        opened = await _accepted(gateway, json.dumps(opening).encode())
        while gateway.engine.backlog:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)
        coming = await _accepted(gateway, change(number, 0, requested_start=_FAR))
    return {"order_id": opened, "coming_id": coming}


async def _accepted(gateway: Gateway, body: bytes) -> str:
    answer = await gateway.engine.accept(asked(body), 1000)
    assert answer.order is not None, answer.problem
    return str(answer.order["id"])
