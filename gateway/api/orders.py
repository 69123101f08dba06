"""/v1/orders: post, preview, follow, list, cancel, hold, resume."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.api.bodies import read_body
from gateway.api.callers import Caller
from gateway.api.context import TheCaller, TheGateway, authorised
from gateway.api.order_times import order_times
from gateway.api.problems import ApiProblem, answered, from_order_problem, from_validation
from gateway.api.views import Acknowledged, OrderPage, OrderView, PreviewView, order_view
from gateway.app import Gateway
from gateway.contract.action import Lane, Refusal
from gateway.contract.actions import every
from gateway.orders import listing, past, records
from gateway.orders.acceptance import KeyReused, Preview
from gateway.orders.bodies import Moment, details_from, order_bodies
from gateway.orders.codec import dump, subscription_to_json
from gateway.orders.errands import WrongState
from gateway.orders.messages import messages_of_order
from gateway.orders.order import LineRef, NewOrder, OrderState, Problem

router = APIRouter(prefix="/v1/orders", tags=["orders"], dependencies=[Depends(authorised)])

_Key = Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
_OrderId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="the id the order was acknowledged with")]


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: Acknowledged, 200: PreviewView}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "order"}}}}},
)
async def post_order(
    request: Request,
    gateway: TheGateway,
    caller: TheCaller,
    idempotency_key: _Key = None,
    dry_run: Literal["true", "false"] = "false",
) -> Response:
    """Accept an order: durable when answered 202. With ``dry_run=true``: tell what it would do, and do nothing."""
    body = await read_body(request, gateway.settings.max_body_bytes)
    new = _read_order(body, idempotency_key, caller)
    if dry_run == "true":
        return _show_preview(gateway, await gateway.engine.preview(new))
    try:
        answer = await gateway.engine.accept(new, gateway.settings.engine.max_backlog)
    except KeyReused:
        detail = "this Idempotency-Key was used for another body: use a new key for a new order"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail) from None
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    if answer.problem is not None:
        raise from_order_problem(answer.problem, headers)
    shown = answer.order or {}
    href = f"/v1/orders/{shown.get('id')}"
    return JSONResponse({**shown, "href": href}, HTTPStatus.ACCEPTED, headers={**headers, "Location": href})


class Filters(BaseModel):
    """Which orders to list."""

    model_config = ConfigDict(extra="forbid")
    line: Annotated[str, Field(pattern=r"^[+ ]?[1-9][0-9]{6,14}$", description="MSISDN")] | None = None
    state: OrderState | None = None
    action: Annotated[str, Field(json_schema_extra={"enum": list(every())})] | None = None
    since: Annotated[Moment, Field(description="accepted at this time or later")] | None = None
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", responses=answered({200: OrderPage}, 401, 422))
async def list_orders(gateway: TheGateway, filters: Annotated[Filters, Query()]) -> Response:
    """List orders, newest first."""
    if filters.action is not None and filters.action not in every():
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-action", f"action is one of: {', '.join(every())}")
    wanted = listing.Wanted(
        # a '+' in a query string arrives as a blank from clients that do not escape it
        msisdn=None if filters.line is None else "+" + filters.line.lstrip("+ "),
        state=filters.state,
        action=filters.action,
        since=None if filters.since is None else filters.since,
        before=None if filters.cursor is None else int(filters.cursor),
    )
    rows = await listing.list_orders(gateway.journal, wanted, filters.limit)
    following = str(rows[-1]["seq"]) if len(rows) == filters.limit else None
    return JSONResponse({"items": [order_view(row) for row in rows], "next": following})


@router.get("/{order_id}", responses=answered({200: OrderView}, 401, 404, 422))
async def get_order(order_id: _OrderId, gateway: TheGateway) -> Response:
    """Tell where an order stands."""
    return JSONResponse(await _view(gateway, order_id))


@router.post("/{order_id}/{verb}", responses=answered({200: OrderView}, 401, 404, 409, 422, 429))
async def move_order(order_id: _OrderId, verb: Literal["cancel", "hold", "resume"], gateway: TheGateway) -> Response:
    """Cancel an order that has not started, keep it from starting, or let it go on."""
    move = {"cancel": gateway.engine.cancel, "hold": gateway.engine.hold, "resume": gateway.engine.resume}[verb]
    try:
        await move(order_id)
    except LookupError:
        raise _no_such_order(order_id) from None
    except WrongState as wrong:
        raise ApiProblem(HTTPStatus.CONFLICT, "wrong-state", str(wrong)) from None
    return JSONResponse(await _view(gateway, order_id))


async def _view(gateway: Gateway, order_id: str) -> dict[str, Any]:
    row = await records.order(gateway.journal, order_id)
    if row is None:
        raise _no_such_order(order_id)
    steps = await records.order_steps(gateway.journal, order_id) or await past.order_steps(gateway.journal, order_id)
    view = order_view(row, steps, await messages_of_order(gateway.journal, order_id))
    return view | await order_times(gateway, row)


def _no_such_order(order_id: str) -> ApiProblem:
    return ApiProblem(
        HTTPStatus.NOT_FOUND, "order-unknown", f"there is no order {order_id}: use the id of the 202 answer"
    )


def _read_order(body: bytes, key: str | None, caller: Caller) -> NewOrder:
    """Check the body. Raises ApiProblem naming every field that is wrong."""
    try:
        order = order_bodies().validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    asked = caller.signed(json.loads(body))
    start = order.requested_start
    return NewOrder(
        action=order.action,
        ref=LineRef(**order.line.model_dump()),
        details=details_from(order.action, order.details),
        body=dump({"details": {}, **asked}),
        external_id=order.external_id,
        requested_by=asked.get("requested_by"),
        requested_start=None if start is None or start == "now" else start,
        at_once=start == "now",
        lane=None if order.priority is None else Lane[order.priority.upper()],
        idempotency_key=caller.key(key),
        payload_hash=hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest(),
    )


def _show_preview(gateway: Gateway, preview: Preview | Refusal) -> Response:
    if isinstance(preview, Refusal):
        raise from_order_problem(Problem(preview.slug, preview.detail).to_json())
    plan = []
    for step in preview.steps:
        element = gateway.network.element(step.element)
        undo = [element.describe(command) for command in step.undo]
        plan.append({"element": element.name, "command": element.describe(step.command), "undo": undo})
    before, after = subscription_to_json(preview.before), subscription_to_json(preview.after)
    return JSONResponse({"before": before, "after": after, "plan": plan})
