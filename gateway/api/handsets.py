"""/v1/handsets: keep a handset out of the network by its IMEI, let it in again, see what the registers confirmed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.api.bodies import read_body
from gateway.api.context import TheCaller, TheGateway, authorised
from gateway.api.handset_bodies import BLOCK, UNBLOCK, HandsetPage, HandsetView, handset_view
from gateway.api.problems import ApiProblem, answered, from_validation
from gateway.app import Gateway
from gateway.handsets import book
from gateway.handsets.identity import IMEI_PATTERN
from gateway.journal.journal import Row

router = APIRouter(prefix="/v1/handsets", tags=["handsets"], dependencies=[Depends(authorised)])
_Imei = Annotated[str, Path(pattern=IMEI_PATTERN, description="14 digits, 15 with the check digit, 16 as an IMEISV")]
_UNKNOWN = "handset-unknown"


def _documented(name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post(
    "/{imei}/block",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: HandsetView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra=_documented("BlockRequest"),
)
async def block(imei: _Imei, request: Request, gateway: TheGateway, caller: TheCaller) -> Response:
    """Have every register keep a handset out: durable when answered 202, and told however long a register is away."""
    body = await _read(request, gateway, BLOCK)
    by = caller.signed({"requested_by": body.requested_by.model_dump()})["requested_by"]
    return await _asked(gateway, book.Asked(imei, True, by, body.reason, body.reference))  # noqa: FBT003 - blocked


@router.post(
    "/{imei}/unblock",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: HandsetView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra=_documented("UnblockRequest"),
)
async def unblock(imei: _Imei, request: Request, gateway: TheGateway, caller: TheCaller) -> Response:
    """Have every register let a handset in again."""
    body = await _read(request, gateway, UNBLOCK)
    by = caller.signed({"requested_by": body.requested_by.model_dump()})["requested_by"]
    return await _asked(gateway, book.Asked(imei, False, by, body.reason, body.reference))  # noqa: FBT003 - blocked


class Page(BaseModel):
    """Which handsets to list."""

    model_config = ConfigDict(extra="forbid")
    cursor: Annotated[str, Field(pattern=r"^[0-9]{14}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", responses=answered({200: HandsetPage}, 401, 422))
async def list_handsets(gateway: TheGateway, page: Annotated[Page, Query()]) -> Response:
    """List every handset that is, or once was, kept out."""
    rows = await book.page(gateway.journal, page.cursor or "", page.limit)
    following = rows[-1]["handset"] if len(rows) == page.limit else None
    return JSONResponse({"items": [await _view(gateway, row) for row in rows], "next": following})


@router.get("/{imei}", responses=answered({200: HandsetView}, 401, 404, 422))
async def get_handset(imei: _Imei, gateway: TheGateway) -> Response:
    """Tell what is wished of a handset, and what every register has confirmed."""
    return JSONResponse(await _view(gateway, await _known(gateway, imei)))


async def _asked(gateway: Gateway, asked: book.Asked) -> Response:
    refusal = await gateway.handsets.ask(asked)
    if refusal is not None:
        status = HTTPStatus.NOT_FOUND if refusal.slug == _UNKNOWN else HTTPStatus.CONFLICT
        raise ApiProblem(status, refusal.slug, refusal.detail)
    view = await _view(gateway, await _known(gateway, asked.imei))
    return JSONResponse(view, HTTPStatus.ACCEPTED, headers={"Location": f"/v1/handsets/{asked.imei}"})


async def _read(request: Request, gateway: Gateway, shape: TypeAdapter[Any]) -> Any:  # noqa: ANN401 - either body
    body = await read_body(request, gateway.settings.max_body_bytes)
    try:
        return shape.validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None


async def _known(gateway: Gateway, imei: str) -> Row:
    row = await book.handset(gateway.journal, imei)
    if row is None:
        raise ApiProblem(HTTPStatus.NOT_FOUND, _UNKNOWN, f"the handset {imei} was never blocked here: check its IMEI")
    return row


async def _view(gateway: Gateway, row: Row) -> dict[str, Any]:
    return handset_view(row, await book.wishes(gateway.journal, row["handset"]))
