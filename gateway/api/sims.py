"""/v1/sims: vendor files in, a SIM's state, and the disclosure of its PUK with proof of who asked."""

from __future__ import annotations

import re
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gateway.api import cards
from gateway.api.bodies import read_body
from gateway.api.card_bodies import asked
from gateway.api.cards import IccidPath, alive, known, needs_second_person
from gateway.api.context import TheGateway, authorised
from gateway.api.problems import ApiProblem, answered
from gateway.api.sim_views import ImportView, PukView, SimList, SimView, sim_view
from gateway.contract.identity import IMSI_PATTERN
from gateway.journal.journal import Unit
from gateway.orders.bodies import STRICT, PlainText, RequestedBy
from gateway.stock.cards import CardFile, add_notice
from gateway.stock.imports import import_vendor_file

router = APIRouter(prefix="/v1/sims", tags=["sims"], dependencies=[Depends(authorised)])
_VENDOR_FILE = "[Vv][Aa][Rr]_[Oo][Uu][Tt]"


class PukRequest(BaseModel):
    """Who wants the PUK, and why: both go into the trail before it is told."""

    model_config = STRICT
    requested_by: RequestedBy
    approved_by: RequestedBy | None = None
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


class Filters(BaseModel):
    """Which SIM to find."""

    model_config = ConfigDict(extra="forbid")
    imsi: Annotated[str, Field(pattern=IMSI_PATTERN)]


@router.get("", responses=answered({200: SimList}, 401, 422))
async def find_sims(filters: Annotated[Filters, Query()], gateway: TheGateway) -> Response:
    """Find the SIM with an IMSI; none is an empty list."""
    row = await CardFile(gateway.journal).card_of_imsi(filters.imsi)
    return JSONResponse({"items": [] if row is None else [sim_view(row)]})


@router.get("/import", include_in_schema=False)
@router.get("/reports", include_in_schema=False)
async def not_by_get() -> Response:
    """Say that this address is not a SIM's."""
    raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED)


@router.get("/{iccid}", responses=answered({200: SimView}, 401, 404, 422))
async def get_sim(iccid: IccidPath, gateway: TheGateway) -> Response:
    """Tell a SIM's state, never its secrets."""
    return JSONResponse(sim_view(await known(gateway, iccid)))


@router.post(
    "/{iccid}/puk",
    responses=answered({200: PukView}, 400, 401, 403, 404, 409, 413, 422, 429),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PukRequest"}}},
        },
    },
)
async def disclose_puk(iccid: IccidPath, request: Request, gateway: TheGateway) -> Response:
    """Disclose a SIM's PUK; who asked, who agreed and why is durable before the answer leaves."""
    body = await asked(request, gateway.settings.max_body_bytes, _PUK_REQUEST)
    row = alive(await known(gateway, iccid))
    second = needs_second_person(gateway, body.requested_by, body.approved_by)
    unit = Unit()
    who = body.requested_by.model_dump()
    add_notice(unit, "puk.disclosed", gateway.clock(), row, requested_by=who, **second, why=body.why)
    await gateway.journal.commit(unit)
    gateway.bell.ring()
    puks = {name: gateway.shelf.open_secret(row, name) for name in ("puk1", "puk2")}
    return JSONResponse({"iccid": iccid, **puks}, headers={"Cache-Control": "no-store"})


router.include_router(cards.router)
