"""/v1/elements: what each network element can, how it is, and leaving it alone for a while."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.api.bodies import read_body
from gateway.api.context import TheGateway, authorised
from gateway.api.element_views import ElementList, ElementView, element_view, names
from gateway.api.problems import ApiProblem, answered, from_validation
from gateway.app import Gateway
from gateway.orders.bodies import STRICT, Moment, PlainText, RequestedBy
from gateway.orders.upkeep import Opening
from gateway.routing import NAME_PATTERN

router = APIRouter(prefix="/v1/elements", tags=["elements"], dependencies=[Depends(authorised)])

_Name = Annotated[str, Path(pattern=NAME_PATTERN, description="an element's or a group's name in elements.toml")]


class MaintenanceRequest(BaseModel):
    """Leave an element, or every one of a group, alone: until then, or until the window is closed."""

    model_config = STRICT
    until: Moment | None = None
    why: PlainText
    requested_by: RequestedBy | None = None


BODY = TypeAdapter(MaintenanceRequest)
_SCHEMA_REF = {"$ref": "#/components/schemas/MaintenanceRequest"}


@router.get("", responses=answered({200: ElementList}, 401))
async def list_elements(gateway: TheGateway) -> Response:
    """List every element, then every group."""
    opened = await gateway.upkeep.opened()
    return JSONResponse({"items": [element_view(gateway, name, opened) for name in names(gateway)]})


@router.get("/{name}", responses=answered({200: ElementView}, 401, 404, 422))
async def get_element(name: _Name, gateway: TheGateway) -> Response:
    """Tell what an element can, and how it is."""
    return await _view(gateway, _known(gateway, name))


@router.put(
    "/{name}/maintenance",
    responses=answered({200: ElementView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA_REF}}}},
)
async def open_window(name: _Name, request: Request, gateway: TheGateway) -> Response:
    """Leave an element alone from now on: its orders wait as ``held``, none is refused."""
    _known(gateway, name)
    body = await read_body(request, gateway.settings.max_body_bytes)
    try:
        asked = BODY.validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    if asked.until is not None and asked.until <= gateway.clock():
        detail = "until must lie in the future; leave it out to close the window by hand"
        raise ApiProblem(HTTPStatus.CONFLICT, "window-over", detail, errors=[{"field": "until", "detail": detail}])
    by = asked.requested_by
    who = "" if by is None else f"{by.who} ({by.channel})"
    await gateway.upkeep.open(Opening(name, asked.until, asked.why, who))
    gateway.bell.ring()
    return await _view(gateway, name)


@router.delete("/{name}/maintenance", responses=answered({200: ElementView}, 401, 404, 409, 422, 429))
async def close_window(name: _Name, gateway: TheGateway) -> Response:
    """Speak to an element again; what has piled up follows at a growing pace."""
    _known(gateway, name)
    if not await gateway.upkeep.close(name, "by hand"):
        detail = f"no window of {name} was opened by hand; planned ones are kept in elements.toml"
        raise ApiProblem(HTTPStatus.CONFLICT, "not-held", detail)
    gateway.bell.ring()
    return await _view(gateway, name)


async def _view(gateway: Gateway, name: str) -> Response:
    return JSONResponse(element_view(gateway, name, await gateway.upkeep.opened()))


def _known(gateway: Gateway, name: str) -> str:
    known = names(gateway)
    if name not in known:
        detail = f"there is no element or group {name}; there are: {', '.join(known)}"
        raise ApiProblem(HTTPStatus.NOT_FOUND, "element-unknown", detail)
    return name
