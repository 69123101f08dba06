"""/v1/bulk-orders: one action for an explicit list of lines; follow it, agree to it or not."""

from __future__ import annotations

import asyncio
import hashlib
import json
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.api.bodies import read_body
from gateway.api.bulk_bodies import (
    DECISION,
    MOST_BYTES,
    BulkDetailView,
    BulkPage,
    BulkTaken,
    BulkView,
    bulk_bodies,
    bulk_view,
    repeated,
    row_view,
)
from gateway.api.callers import Caller
from gateway.api.context import TheCaller, TheGateway, authorised
from gateway.api.problems import ApiProblem, answered, from_order_problem, from_validation
from gateway.app import Gateway
from gateway.journal.journal import Row
from gateway.orders import bulk_book as book
from gateway.orders.acceptance import KeyReused
from gateway.orders.bulk import Wished
from gateway.orders.order import Problem

router = APIRouter(prefix="/v1/bulk-orders", tags=["bulk orders"], dependencies=[Depends(authorised)])
_Key = Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
_BulkId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="the id of the 202 answer")]
_Cursor = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
_MOST_DECISION_BYTES = 65_536


def _documented(name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: BulkTaken}, 400, 401, 413, 422, 429),
    openapi_extra=_documented("BulkOrder"),
)
async def post_bulk(request: Request, gateway: TheGateway, caller: TheCaller, idempotency_key: _Key = None) -> Response:
    """Take a bulk order in, all of it durable when answered 202; its lines become orders from then on."""
    wished = _read(await read_body(request, MOST_BYTES), caller, idempotency_key)
    try:
        taken = await gateway.bulk.take(wished)
    except KeyReused:
        detail = "this Idempotency-Key was used for another body: use a new key for a new bulk order"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail) from None
    href = f"/v1/bulk-orders/{taken.shown['id']}"
    headers = {"Location": href} | ({"Idempotency-Replayed": "true"} if taken.replayed else {})
    return JSONResponse({**taken.shown, "href": href}, HTTPStatus.ACCEPTED, headers=headers)


class Filters(BaseModel):
    """Which bulk orders to list."""

    model_config = ConfigDict(extra="forbid")
    state: book.BulkState | None = None
    cursor: _Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", responses=answered({200: BulkPage}, 401, 422))
async def list_bulks(gateway: TheGateway, filters: Annotated[Filters, Query()]) -> Response:
    """List bulk orders, newest first; with ``state=awaiting_approval`` those a second person must decide."""
    before = None if filters.cursor is None else int(filters.cursor)
    rows = await book.newest(gateway.journal, filters.state, before, filters.limit)
    following = str(rows[-1]["seq"]) if len(rows) == filters.limit else None
    items = []
    for row in rows:
        items.append(await _view(gateway, row))
        await asyncio.sleep(0)  # each counts all its lines: everybody else first
    return JSONResponse({"items": items, "next": following})


class Page(BaseModel):
    """Which of its lines to show."""

    model_config = ConfigDict(extra="forbid")
    cursor: _Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


@router.get("/{bulk_id}", responses=answered({200: BulkDetailView}, 401, 404, 422))
async def get_bulk(bulk_id: _BulkId, gateway: TheGateway, page: Annotated[Page, Query()]) -> Response:
    """Tell how far a bulk order has come, and what became of its lines, a page at a time."""
    view = await _view(gateway, await _known(gateway, bulk_id))
    after = -1 if page.cursor is None else int(page.cursor)
    rows = await book.page(gateway.journal, bulk_id, after, page.limit)
    following = str(rows[-1]["n"]) if len(rows) == page.limit else None
    return JSONResponse({**view, "items": [row_view(row) for row in rows], "next": following})


@router.post(
    "/{bulk_id}/{verb}",
    responses=answered({200: BulkView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra=_documented("BulkDecision"),
)
async def decide_bulk(
    bulk_id: _BulkId, verb: Literal["approve", "reject"], request: Request, gateway: TheGateway, caller: TheCaller
) -> Response:
    """Agree to a bulk order that awaits it, or not: as another person than asked for it."""
    try:
        body = await read_body(request, _MOST_DECISION_BYTES)
        DECISION.validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    by = caller.signed(json.loads(body))["requested_by"]
    await _known(gateway, bulk_id)
    refusal = await gateway.bulk.decide(bulk_id, by, approved=verb == "approve")
    if refusal is not None:
        raise from_order_problem(Problem(refusal.slug, refusal.detail).to_json())
    return JSONResponse(await _view(gateway, await _known(gateway, bulk_id)))


def _read(body: bytes, caller: Caller, key: str | None) -> Wished:
    """Check the body. Raises ApiProblem naming every field that is wrong, lines by their index."""
    try:
        checked = bulk_bodies().validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    asked = caller.signed(json.loads(body))
    lines = asked.pop("lines")
    if errors := repeated(lines):
        detail = "lines stand in the list twice: take them out and post again"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "duplicate-lines", detail, errors=errors[:100])
    return Wished(
        action=checked.action,
        body={"details": {}, **asked},
        lines=lines,
        # a single order under the same key is another thing
        idempotency_key=None if key is None else f"bulk {caller.key(key)}",
        payload_hash=hashlib.sha256(_canonical(asked, lines)).hexdigest(),
    )


def _canonical(asked: dict[str, Any], lines: list[dict[str, str]]) -> bytes:
    """Write what was asked so that the same wish is the same text."""
    return json.dumps([asked, lines], sort_keys=True).encode()


async def _known(gateway: Gateway, bulk_id: str) -> Row:
    row = await book.bulk(gateway.journal, bulk_id)
    if row is None:
        detail = f"there is no bulk order {bulk_id}: use the id of the 202 answer"
        raise ApiProblem(HTTPStatus.NOT_FOUND, "bulk-unknown", detail)
    return row


async def _view(gateway: Gateway, row: Row) -> dict[str, Any]:
    return bulk_view(row, *await book.counts(gateway.journal, row["bulk_id"]))
