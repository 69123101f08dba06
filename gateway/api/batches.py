"""/v1/batches: files of orders in bulk; take them in, follow them, start, pause, resume, cancel, agree to them."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.api.batch_bodies import START, BatchPage, BatchTaken, BatchView, StartBody, batch_view, taken_view
from gateway.api.batch_upload import (
    FILE,
    FileDigest,
    Key,
    UploadComplete,
    format_of,
    is_last,
    problems_told,
    upload_headers,
)
from gateway.api.bodies import read_body
from gateway.api.bulk_bodies import DECISION
from gateway.api.callers import Caller
from gateway.api.context import TheCaller, TheGateway, authorised
from gateway.api.problems import ApiProblem, answered, from_order_problem, from_validation
from gateway.app import Gateway
from gateway.batches import book
from gateway.batches.states import Batch, BatchState, Options, Sender, Start
from gateway.contract.action import Refusal
from gateway.orders.order import Problem

router = APIRouter(prefix="/v1/batches", tags=["batches"], dependencies=[Depends(authorised)])
BatchId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="the id of the 202 answer")]
_PLAIN = r"[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff:]"
_By = Annotated[str, Field(pattern=rf"^{_PLAIN}{{1,64}}:{_PLAIN}{{1,200}}$", description="channel:who, as shop:anna")]
_MOST_WORD_BYTES = 65_536


class Posting(BaseModel):
    """How a file is meant; ``requested_by`` asks for every row that names nobody."""

    model_config = ConfigDict(extra="forbid")
    validate_only: Literal["true", "false"] = "false"
    start: Start = Start.AUTO
    requested_by: _By | None = None


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: BatchTaken}, 400, 401, 409, 413, 415, 422, 429),
    openapi_extra=FILE,
)
async def post_batch(  # noqa: PLR0913, PLR0917 - one parameter is one header
    request: Request,
    gateway: TheGateway,
    caller: TheCaller,
    posting: Annotated[Posting, Query()],
    idempotency_key: Key = None,
    upload_complete: UploadComplete = "?1",
    file_digest: FileDigest = None,
) -> Response:
    """Take a file in, durable as far as ``upload_offset`` says; posted again under its key it goes on from there."""
    options = Options(
        format_of(request), posting.start, posting.validate_only == "true", _sender(caller, posting.requested_by)
    )
    key = None if idempotency_key is None else f"batch {caller.key(idempotency_key)}"
    meant = json.dumps([options.format, posting.model_dump(mode="json"), file_digest], sort_keys=True)
    digest = hashlib.sha256(meant.encode()).hexdigest()
    with problems_told():
        posted = await gateway.batches.intake.post(
            options, key, digest, request.stream(), last=is_last(upload_complete)
        )
    view = taken_view(posted.batch)
    headers = upload_headers(posted.batch) | {"Location": view["href"]}
    headers |= {"Idempotency-Replayed": "true"} if posted.replayed else {}
    return JSONResponse(view, HTTPStatus.ACCEPTED, headers=headers)


class Filters(BaseModel):
    """Which batches to list."""

    model_config = ConfigDict(extra="forbid")
    state: BatchState | None = None
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@router.get("", responses=answered({200: BatchPage}, 401, 422))
async def list_batches(gateway: TheGateway, filters: Annotated[Filters, Query()]) -> Response:
    """List batches, newest first."""
    before = None if filters.cursor is None else int(filters.cursor)
    found = await book.newest(gateway.journal, filters.state, before, filters.limit)
    following = str(found[-1].seq) if len(found) == filters.limit else None
    return JSONResponse({"items": [await view_of(gateway, batch) for batch in found], "next": following})


@router.get("/{batch_id}", responses=answered({200: BatchView}, 401, 404, 422))
async def get_batch(batch_id: BatchId, gateway: TheGateway) -> Response:
    """Tell how far a batch has come."""
    return JSONResponse(await view_of(gateway, await known_batch(gateway, batch_id)))


@router.post(
    "/{batch_id}/start",
    responses=answered({200: BatchView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/BatchStart"}}}}
    },
)
async def start_batch(batch_id: BatchId, request: Request, gateway: TheGateway) -> Response:
    """Begin placing a validated batch; the body may be left out."""
    body = await read_body(request, _MOST_WORD_BYTES)
    try:
        asked = START.validate_json(body) if body else StartBody()
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    batch = await known_batch(gateway, batch_id)
    return await _moved(gateway, batch, await gateway.batches.start(batch, accept_problems=asked.accept_problems))


@router.post(
    "/{batch_id}/approve",
    responses=answered({200: BatchView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BulkDecision"}}},
        }
    },
)
async def approve_batch(batch_id: BatchId, request: Request, gateway: TheGateway, caller: TheCaller) -> Response:
    """Agree, as another person than asked, to a batch that holds what needs a second one; to refuse, cancel it."""
    try:
        body = await read_body(request, _MOST_WORD_BYTES)
        DECISION.validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    by = caller.signed(json.loads(body))["requested_by"]
    batch = await known_batch(gateway, batch_id)
    return await _moved(gateway, batch, await gateway.batches.approve(batch, by))


@router.post("/{batch_id}/pause", responses=answered({200: BatchView}, 401, 404, 409, 422, 429))
async def pause_batch(batch_id: BatchId, gateway: TheGateway) -> Response:
    """Place no more for now; orders placed go on."""
    batch = await known_batch(gateway, batch_id)
    return await _moved(gateway, batch, await gateway.batches.pause(batch))


@router.post("/{batch_id}/resume", responses=answered({200: BatchView}, 401, 404, 409, 422, 429))
async def resume_batch(batch_id: BatchId, gateway: TheGateway) -> Response:
    """Go on placing."""
    batch = await known_batch(gateway, batch_id)
    return await _moved(gateway, batch, await gateway.batches.resume(batch))


@router.post("/{batch_id}/cancel", responses=answered({200: BatchView}, 401, 404, 409, 422, 429))
async def cancel_batch(batch_id: BatchId, gateway: TheGateway) -> Response:
    """Place no more at all; orders placed go on, rows that are none are cancelled."""
    batch = await known_batch(gateway, batch_id)
    return await _moved(gateway, batch, await gateway.batches.cancel(batch))


async def known_batch(gateway: Gateway, batch_id: str) -> Batch:
    """Return a batch. Raises ApiProblem 404."""
    batch = await book.batch(gateway.journal, batch_id)
    if batch is None:
        detail = f"there is no batch {batch_id}: use the id of the 202 answer"
        raise ApiProblem(HTTPStatus.NOT_FOUND, "batch-unknown", detail)
    return batch


async def view_of(gateway: Gateway, batch: Batch) -> dict[str, Any]:
    """Lay a batch out as it stands."""
    progress = await gateway.batches.tallies.progress(batch)
    needed = await book.needs_approval(gateway.journal, batch.batch_id)
    return batch_view(batch, progress, needs_approval=needed)


async def _moved(gateway: Gateway, batch: Batch, refusal: Refusal | None) -> Response:
    if refusal is not None:
        raise from_order_problem(Problem(refusal.slug, refusal.detail).to_json())
    return JSONResponse(await view_of(gateway, await known_batch(gateway, batch.batch_id)))


def _sender(caller: Caller, named: str | None) -> Sender:
    """Tell who sends the file. Raises ApiProblem 403."""
    asked: dict[str, Any] = {}
    if named is not None:
        channel, _, who = named.partition(":")
        asked["requested_by"] = {"who": who, "channel": channel}
    channels, client = (None, None) if caller.client is None else (caller.client.channels, caller.client.name)
    if channels is not None and named is None and len(channels) != 1:
        return Sender(None, channels, client)  # its rows name one each
    return Sender(caller.signed(asked).get("requested_by"), channels, client)
