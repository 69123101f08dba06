"""/v1/usage: records in; and of each line what it has used, and what was agreed about its alerts."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from drivers.subscription import Msisdn
from gateway.alerts.usage.intake import Taken
from gateway.alerts.usage.record import UsageRecord
from gateway.alerts.usage.usage import Usage
from gateway.alerts.welcome import attaches_of
from gateway.api.bodies import read_body
from gateway.api.context import TheGateway, authorised
from gateway.api.problems import ApiProblem, answered, from_validation
from gateway.api.usage_bodies import (
    MOST_BYTES,
    MOST_RECORDS,
    NDJSON,
    AlertingBody,
    NothingReadable,
    Unreadable,
    read_record,
    split,
)
from gateway.api.usage_views import AlertingView, LineUsageView, TakenView, taken_view
from gateway.contract.identity import MSISDN_PATTERN
from gateway.orders import records
from gateway.orders.order import LineRecord, LineRef

router = APIRouter(prefix="/v1", tags=["usage"], dependencies=[Depends(authorised)])
_AT_A_TIME = 500  # read before others have their turn
_MOST_BODY_BYTES = 65_536
_Number = Annotated[str, Path(pattern=MSISDN_PATTERN, description="E.164 with +")]
_Label = Annotated[
    str | None, Query(pattern=r"^[0-9]{4}-[0-9]{2}(-[0-9]{2}|@[0-9]{2})?$", description="an older period, as 2026-11")
]


async def the_usage(gateway: TheGateway) -> Usage:
    """Return what counts use for this gateway."""
    return gateway.alerting.usage


_TheUsage = Annotated[Usage, Depends(the_usage)]


def _documented(*types: str, schema: str) -> dict[str, Any]:
    content = {one: {"schema": {"$ref": f"#/components/schemas/{schema}"}} for one in types}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/usage",
    responses=answered({200: TakenView}, 400, 401, 413, 422, 429),
    openapi_extra=_documented("application/json", schema="UsageRecords"),
)
async def post_usage(request: Request, gateway: TheGateway, usage: _TheUsage) -> Response:
    """Count records, each once: durable when answered. A bad one never spoils a good one: it is among the problems."""
    body = await read_body(request, MOST_BYTES)
    ndjson = request.headers.get("content-type", "").partition(";")[0].strip().lower() == NDJSON
    batch, unreadable = await _read(body, lines=ndjson)
    taken = await usage.intake.take(batch) if batch else Taken()
    await gateway.alerting.welcomer.attached(attaches_of(batch))
    return JSONResponse(taken_view(taken, unreadable, "line" if ndjson else "index"))


@router.get("/lines/{msisdn}/usage", responses=answered({200: LineUsageView}, 401, 404, 422))
async def get_usage(msisdn: _Number, gateway: TheGateway, usage: _TheUsage, period: _Label = None) -> Response:
    """Tell what a line has used, of which limits, what it was told, and what was done about it."""
    return JSONResponse(await usage.standing.usage(await _find(gateway, msisdn), period))


@router.get("/lines/{msisdn}/alerting", responses=answered({200: AlertingView}, 401, 404, 422))
async def get_alerting(msisdn: _Number, gateway: TheGateway, usage: _TheUsage) -> Response:
    """Tell what was agreed about a line's alerts, and what holds with it."""
    return JSONResponse(await usage.standing.alerting(await _find(gateway, msisdn)))


@router.put(
    "/lines/{msisdn}/alerting",
    responses=answered({200: AlertingView}, 400, 401, 404, 413, 422, 429),
    openapi_extra=_documented("application/json", schema="Alerting"),
)
async def put_alerting(msisdn: _Number, request: Request, gateway: TheGateway, usage: _TheUsage) -> Response:
    """Replace what was agreed; a limit that is passed already is told and acted upon at once, a waiver ends a cut."""
    body = await read_body(request, _MOST_BODY_BYTES)
    try:
        asked = AlertingBody.model_validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    line = await _find(gateway, msisdn)
    mistakes = await usage.renewal.agree(line, asked.model_dump(exclude_none=True))
    if mistakes:
        errors = [{"field": field, "detail": detail} for field, detail in mistakes.items()]
        detail = f"correct these fields and put it again: {', '.join(mistakes)}"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-body", detail, errors=errors)
    return JSONResponse(await usage.standing.alerting(line))


async def _read(body: bytes, *, lines: bool) -> tuple[list[UsageRecord], list[Unreadable]]:
    """Read every record for itself. Raises ApiProblem when there is none that can be read."""
    batch: list[UsageRecord] = []
    unreadable: list[Unreadable] = []
    try:
        for n, (place, found) in enumerate(split(body, lines=lines)):
            if n >= MOST_RECORDS:
                raise ApiProblem(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", f"at most {MOST_RECORDS} records a body: split it"
                )
            if n % _AT_A_TIME == _AT_A_TIME - 1:
                await asyncio.sleep(0)
            record = read_record(place, found)
            if isinstance(record, UsageRecord):
                batch.append(record)
            else:
                unreadable.append(record)
    except NothingReadable as wrong:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "nothing-readable", str(wrong)) from None
    if unreadable and not batch:
        word = "line" if lines else "index"
        errors = [{"field": f"{word} {one.place}", "detail": one.detail} for one in unreadable[:100]]
        detail = "none of the records can be read: see errors, and the schema in /docs"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "nothing-readable", detail, errors=errors)
    return batch, unreadable


async def _find(gateway: TheGateway, msisdn: str) -> LineRecord:
    record = await records.find_line(gateway.journal, LineRef(msisdn=Msisdn(msisdn)))
    if record is None:
        raise ApiProblem(HTTPStatus.NOT_FOUND, "line-unknown", f"there is no line {msisdn}: check the number")
    return record
