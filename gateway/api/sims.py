"""/v1/sims: vendor files in, a SIM's state, and the disclosure of its PUK with proof of who asked."""

from __future__ import annotations

import re
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.api.bodies import read_body
from gateway.api.context import TheGateway, authorised
from gateway.api.problems import ApiProblem, answered, from_validation
from gateway.api.views import ImportView, PukView, SimView
from gateway.contract.identity import ICCID_PATTERN
from gateway.journal.journal import Row, Unit
from gateway.orders import records
from gateway.orders.bodies import STRICT, PlainText, RequestedBy
from gateway.stock.imports import import_vendor_file

router = APIRouter(prefix="/v1/sims", tags=["sims"], dependencies=[Depends(authorised)])
_VENDOR_FILE = "[Vv][Aa][Rr]_[Oo][Uu][Tt]"
_Iccid = Annotated[str, Path(pattern=ICCID_PATTERN)]


class PukRequest(BaseModel):
    """Who wants the PUK, and why: both go into the trail before it is told."""

    model_config = STRICT
    requested_by: RequestedBy
    why: PlainText


_PUK_REQUEST = TypeAdapter(PukRequest)


@router.post(
    "/import",
    responses=answered({200: ImportView}, 400, 401, 413, 422, 429),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/plain": {"schema": {"type": "string", "pattern": _VENDOR_FILE}}},
        },
    },
)
async def import_sims(request: Request, gateway: TheGateway) -> Response:
    """Put the cards of a vendor's output file into stock; nothing already there is overwritten."""
    body = await read_body(request, gateway.settings.max_import_bytes)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        detail = "the file must be text in ASCII or UTF-8: send the vendor's output file as it is"
        raise ApiProblem(HTTPStatus.BAD_REQUEST, "not-text", detail) from None
    if not re.search(_VENDOR_FILE, text):
        detail = "there is no var_Out line: send the vendor's output file as it is"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "not-a-vendor-file", detail)
    report = await import_vendor_file(text, gateway.journal, gateway.vault, gateway.clock())
    return JSONResponse(
        {
            "customer": report.customer,
            "batch": report.batch,
            "rows": report.rows,
            "imported": report.imported,
            "already_there": report.already_there,
            "refused": report.rows - report.imported - report.already_there,
            "problems": [asdict(problem) for problem in report.problems],
        }
    )


@router.get("/import", include_in_schema=False)
async def no_import_by_get() -> Response:
    """Say that this address is not a SIM's."""
    raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED)


@router.get("/{iccid}", responses=answered({200: SimView}, 401, 404, 422))
async def get_sim(iccid: _Iccid, gateway: TheGateway) -> Response:
    """Tell a SIM's state, never its secrets."""
    row = _known(iccid, await gateway.shelf.sim_row(iccid))
    names = ("iccid", "imsi", "state", "customer", "batch", "profile", "imported_at")
    return JSONResponse({name: row[name] for name in names})


@router.post(
    "/{iccid}/puk",
    responses=answered({200: PukView}, 400, 401, 404, 413, 422, 429),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PukRequest"}}},
        },
    },
)
async def disclose_puk(iccid: _Iccid, request: Request, gateway: TheGateway) -> Response:
    """Disclose a SIM's PUK; who asked and why is durable before the answer leaves."""
    body = await read_body(request, gateway.settings.max_body_bytes)
    try:
        asked = _PUK_REQUEST.validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    row = _known(iccid, await gateway.shelf.sim_row(iccid))
    unit = Unit()
    who = asked.requested_by.model_dump()
    records.add_notice(
        unit, "puk.disclosed", gateway.clock(), row["line_id"], iccid=iccid, requested_by=who, why=asked.why
    )
    await gateway.journal.commit(unit)
    gateway.bell.ring()
    puks = {name: gateway.shelf.open_secret(row, name) for name in ("puk1", "puk2")}
    return JSONResponse({"iccid": iccid, **puks}, headers={"Cache-Control": "no-store"})


def _known(iccid: str, row: Row | None) -> Row:
    if row is None:
        raise ApiProblem(
            HTTPStatus.NOT_FOUND, "sim-unknown", f"SIM {iccid} is not in stock: import its vendor file first"
        )
    return row
