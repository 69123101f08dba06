"""/v1/ports: numbers that come and go; and a line's RIO, told to its customer by SMS."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from drivers.subscription import Msisdn
from gateway.api.card_bodies import asked, described
from gateway.api.context import TheCaller, TheGateway, authorised
from gateway.api.port_views import PortPage, PortView, RioView, port_view
from gateway.api.problems import ApiProblem, answered, from_order_problem
from gateway.contract.action import Refusal
from gateway.contract.identity import MSISDN_PATTERN
from gateway.orders.bodies import STRICT, RequestedBy
from gateway.orders.order import LineRef, Problem
from gateway.portability import book
from gateway.portability.rio import send_rio

router = APIRouter(tags=["ports"], dependencies=[Depends(authorised)])
_Reference = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", description="the order's id, or the file's")]
_Number = Annotated[str, Path(pattern=MSISDN_PATTERN, description="E.164 with +")]


class RioRequest(BaseModel):
    """Who wants the RIO told to its customer: it goes into the trail; and until when the customer is bound."""

    model_config = STRICT
    requested_by: RequestedBy
    commitment_ends: date | None = None


_RIO_REQUEST = TypeAdapter(RioRequest)


class Filters(BaseModel):
    """Which ports to list."""

    model_config = ConfigDict(extra="forbid")
    msisdn: Annotated[str, Field(pattern=r"^[+ ]?[1-9][0-9]{6,14}$")] | None = None
    direction: Literal["in", "out"] | None = None
    state: Annotated[str, Field(pattern=r"^[a-z]{2,10}$")] | None = None
    cursor: Annotated[str, Field(pattern=r"^[0-9A-Za-z:.+ -]{20,40}~[A-Za-z0-9_.:-]{1,64}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("/v1/ports", responses=answered({200: PortPage}, 401, 422))
async def list_ports(filters: Annotated[Filters, Query()], gateway: TheGateway) -> Response:
    """List numbers that come and go, newest first."""
    # a '+' in a query string arrives as a blank from clients that do not escape it
    made, _, reference = (filters.cursor or "").replace(" ", "+").partition("~")
    rows = await book.listed(
        gateway.journal,
        filters.limit,
        msisdn=None if filters.msisdn is None else "+" + filters.msisdn.lstrip("+ "),
        direction=filters.direction,
        state=filters.state,
        made_before=made or None,
        reference_before=reference or None,
    )
    last = rows[-1] if len(rows) == filters.limit else None
    following = None if last is None else f"{last['made_at']}~{last['reference']}"
    return JSONResponse({"items": [port_view(row) for row in rows], "next": following})


@router.get("/v1/ports/{reference}", responses=answered({200: PortView}, 401, 404, 422))
async def get_port(reference: _Reference, gateway: TheGateway) -> Response:
    """Tell where a port stands: every time that is known of it, and how long its number was out of service."""
    row = await book.port(gateway.journal, reference) or await book.of_file(gateway.journal, reference)
    if row is None:
        detail = f"there is no port {reference}: use the id of the order that began it"
        raise ApiProblem(HTTPStatus.NOT_FOUND, "port-unknown", detail)
    return JSONResponse(port_view(row))


@router.post(
    "/v1/lines/{msisdn}/rio",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: RioView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra=described(RioRequest),
)
async def tell_rio(msisdn: _Number, request: Request, gateway: TheGateway, caller: TheCaller) -> Response:
    """Send a line's RIO to its own phone; who asked is durable before it leaves, and nobody else is told it."""
    body = await asked(request, gateway.settings.max_body_bytes, _RIO_REQUEST)
    signed = caller.signed({"requested_by": body.requested_by.model_dump()})
    found = await gateway.judge.find(LineRef(msisdn=Msisdn(msisdn)))
    sent = (
        found
        if isinstance(found, Refusal)
        else await send_rio(gateway.porter.means, found, signed["requested_by"], body.commitment_ends)
    )
    if isinstance(sent, Refusal):
        raise from_order_problem(Problem(sent.slug, sent.detail).to_json())
    href = f"/v1/messages/{sent}"
    told = {"msisdn": msisdn, "message_id": sent, "href": href}
    return JSONResponse(told, HTTPStatus.ACCEPTED, headers={"Location": href})
