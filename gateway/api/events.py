"""/v1/events: everything that happens, as server-sent events that resume where a client left off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from gateway.api.context import TheGateway, authorised
from gateway.app import Gateway
from gateway.orders import records

router = APIRouter(tags=["events"], dependencies=[Depends(authorised)])
_PAGE = 200
_HEARTBEAT_S = 15.0
_LOOK_AGAIN_S = 0.1


# an endless answer cannot be described in OpenAPI, only in the manual
@router.get("/v1/events", include_in_schema=False)
async def stream_events(
    request: Request,
    gateway: TheGateway,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,18}$")] = None,
    since: Annotated[Literal["start", "now"], Query(alias="from")] = "start",
) -> StreamingResponse:
    """Send events after ``Last-Event-ID`` (none given: all, or with ``from=now`` none), then each new one."""
    start = 0 if since == "start" else await records.last_event(gateway.journal)
    if last_event_id is not None:
        start = int(last_event_id)
    headers = {"Cache-Control": "no-store", "Last-Event-ID": str(start)}  # where a stream that breaks at once goes on
    return StreamingResponse(_stream(request, gateway, start), media_type="text/event-stream", headers=headers)


async def _stream(request: Request, gateway: Gateway, seq: int) -> AsyncIterator[str]:
    while not await request.is_disconnected():
        news = gateway.bell.listen()
        found = await records.events_after(gateway.journal, seq, _PAGE)
        rows = found[: gateway.horizon.settled(found, seq, _now_s())]
        if len(rows) < len(found):
            gateway.horizon.note(await records.last_event(gateway.journal), _now_s())
        if found and not rows:
            await gateway.bell.wait(news, _LOOK_AGAIN_S)
        elif rows:
            seq = rows[-1]["seq"]
            yield "".join(f"id: {row['seq']}\nevent: {row['type']}\ndata: {row['data']}\n\n" for row in rows)
        else:
            yield ": still here\n\n"
            await gateway.bell.wait(news, _HEARTBEAT_S)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
