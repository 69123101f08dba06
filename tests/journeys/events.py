"""The gateway's event stream, read from its beginning to now."""

from __future__ import annotations

import json

import httpx

from tests.journeys.agreement import Json


async def all_events(gateway: httpx.AsyncClient) -> list[Json]:
    """Return every event so far, oldest first."""
    found: list[Json] = []
    event: Json = {}
    async with gateway.stream("GET", "/v1/events") as stream:
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            match name:
                case "":
                    if line.startswith(":"):
                        break  # a heartbeat: nothing newer
                    if event:
                        found.append(event)
                    event = {}
                case "id":
                    event["seq"] = int(value)
                case "event":
                    event["type"] = value
                case "data":
                    event["data"] = json.loads(value)
    return found
