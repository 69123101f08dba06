"""/v1/batches/{id}/events: how far a batch has come, as server-sent events until it is over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from gateway.api.batches import BatchId, known_batch, view_of
from gateway.api.context import TheGateway, authorised
from gateway.app import Gateway

router = APIRouter(prefix="/v1/batches", tags=["batches"], dependencies=[Depends(authorised)])
_EACH_S: Final = 0.5
_HEARTBEAT: Final = 30  #: so many looks without news, then a sign of life


# an endless answer cannot be described in OpenAPI, only in the manual
@router.get("/{batch_id}/events", include_in_schema=False)
async def stream_progress(batch_id: BatchId, request: Request, gateway: TheGateway) -> StreamingResponse:
    """Send ``progress`` at most twice a second, and ``over`` when nothing moves by itself any more, then end."""
    await known_batch(gateway, batch_id)
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(_stream(request, gateway, batch_id), media_type="text/event-stream", headers=headers)


async def _stream(request: Request, gateway: Gateway, batch_id: str) -> AsyncIterator[str]:
    told, quiet = "", 0
    while not await request.is_disconnected():
        view = await view_of(gateway, await known_batch(gateway, batch_id))
        steady = json.dumps({name: value for name, value in view.items() if name not in ("rate_per_s", "eta_s")})
        if view["over"]:
            yield f"event: over\ndata: {json.dumps(view)}\n\n"
            return
        if steady != told:
            told, quiet = steady, 0
            yield f"event: progress\ndata: {json.dumps(view)}\n\n"
        elif (quiet := quiet + 1) % _HEARTBEAT == 0:
            yield ": still here\n\n"
        await asyncio.sleep(_EACH_S)
