"""/v1/messages: post, preview, follow, list; cancel what waits, decide about what is in doubt."""

from __future__ import annotations

import hashlib
import json
import math
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.alerts import shown
from gateway.alerts.outbox import book, evidence, operating
from gateway.alerts.outbox.pacing import TooFast
from gateway.alerts.posting import Draft, Keyed, KeyUsed, Posting
from gateway.api.bodies import read_body
from gateway.api.context import TheGateway, authorised
from gateway.api.message_bodies import MESSAGE_REQUEST, MessageRequest
from gateway.api.message_views import (
    MessagePage,
    MessagePreview,
    MessageQueued,
    MessageView,
    looks_view,
    message_view,
)
from gateway.api.problems import ApiProblem, answered, from_order_problem, from_validation
from gateway.app import Gateway
from gateway.contract.action import Refusal
from gateway.journal.journal import Row
from gateway.orders.bodies import Moment
from gateway.orders.messages import Kind, MessageState
from gateway.orders.order import Problem

router = APIRouter(prefix="/v1/messages", tags=["messages"], dependencies=[Depends(authorised)])

_Key = Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
_MessageId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="the id the message was answered with")]
#: the body's own mistakes, and the field that has them; all else depends on how things are
_FIELD = {
    "unknown-contract": "contract",
    "contract-needed": "contract",
    "template-unknown": "template",
    "template-unfilled": "values",
    "text-too-long": "text",
}


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: MessageQueued, 200: MessagePreview}, 400, 401, 404, 409, 413, 422, 429),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MessageRequest"}}},
        }
    },
)
async def post_message(
    request: Request,
    gateway: TheGateway,
    idempotency_key: _Key = None,
    dry_run: Literal["true", "false"] = "false",
) -> Response:
    """Queue a message: durable when answered 202; an alert that was there before is answered 200 with the first one."""
    body = await read_body(request, gateway.settings.max_body_bytes)
    asked, posting = _read(body).posted(), _posting(gateway)
    if dry_run == "true":
        draft = await posting.draft(asked)
        if isinstance(draft, Refusal):
            raise _refused(draft)
        return JSONResponse(_shown(draft))
    keyed = None if idempotency_key is None else Keyed(idempotency_key, _hash(body))
    try:
        answer = await posting.post(asked, keyed)
    except KeyUsed:
        detail = "this Idempotency-Key was used for another body: use a new key for a new message"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail) from None
    except TooFast as fast:
        headers = {"Retry-After": str(max(1, math.ceil(fast.retry_after_s)))}
        detail = f"{fast}: ask again after the time in Retry-After"
        raise ApiProblem(HTTPStatus.TOO_MANY_REQUESTS, "customer-too-fast", detail, headers=headers) from None
    if isinstance(answer, Refusal):
        raise _refused(answer)
    href = f"/v1/messages/{answer.message['id']}"
    headers = {"Location": href} | ({"Idempotency-Replayed": "true"} if answer.replayed else {})
    status = HTTPStatus.OK if answer.repeated else HTTPStatus.ACCEPTED
    return JSONResponse({**answer.message, "href": href}, status, headers=headers)


class MessageFilters(BaseModel):
    """Which messages to list."""

    model_config = ConfigDict(extra="forbid")
    to: Annotated[str, Field(pattern=r"^[+ ]?[1-9][0-9]{6,14}$", description="MSISDN")] | None = None
    state: MessageState | None = None
    kind: Kind | None = None
    since: Annotated[Moment, Field(description="asked for at this time or later")] | None = None
    cursor: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", responses=answered({200: MessagePage}, 401, 422))
async def list_messages(gateway: TheGateway, filters: Annotated[MessageFilters, Query()]) -> Response:
    """List messages, newest first, without parts and receipts."""
    wanted = shown.Wanted(
        # a '+' in a query string arrives as a blank from clients that do not escape it
        msisdn=None if filters.to is None else "+" + filters.to.lstrip("+ "),
        state=filters.state,
        kind=filters.kind,
        since=filters.since,
        before=filters.cursor,
    )
    rows = await shown.list_messages(gateway.journal, wanted, filters.limit)
    following = str(rows[-1]["message_id"]) if len(rows) == filters.limit else None
    how = gateway.alerting.outbox.carriage
    return JSONResponse({"items": [message_view(row, how) for row in rows], "next": following})


@router.get("/{message_id}", responses=answered({200: MessageView}, 401, 404, 422))
async def get_message(message_id: _MessageId, gateway: TheGateway) -> Response:
    """Tell where a message stands, with every receipt that came for it."""
    return JSONResponse(await _view(gateway, message_id))


@router.post("/{message_id}/{verb}", responses=answered({200: MessageView}, 401, 404, 409, 422, 429))
async def move_message(
    message_id: _MessageId, verb: Literal["cancel", "resend", "drop"], gateway: TheGateway
) -> Response:
    """Cancel a message that waits; send a parked one again (the phone may get it twice), or never."""
    row = await _row(gateway, message_id)
    try:
        await operating.VERBS[verb](gateway.journal, row, gateway.clock)
    except operating.NotMovable as wrong:
        raise ApiProblem(HTTPStatus.CONFLICT, "wrong-state", str(wrong)) from None
    gateway.alerting.outbox.wake()
    gateway.bell.ring()
    return JSONResponse(await _view(gateway, message_id))


async def _view(gateway: Gateway, message_id: str) -> dict[str, Any]:
    row = await _row(gateway, message_id)
    parts = await book.parts(gateway.journal, message_id)
    receipts = await evidence.of_message(gateway.journal, message_id)
    return message_view(row, gateway.alerting.outbox.carriage, parts, receipts)


async def _row(gateway: Gateway, message_id: str) -> Row:
    row = await book.message(gateway.journal, message_id)
    if row is None:
        detail = f"there is no message {message_id}: use the id of the answer it was posted with"
        raise ApiProblem(HTTPStatus.NOT_FOUND, "message-unknown", detail)
    return row


def _posting(gateway: Gateway) -> Posting:
    return Posting(
        journal=gateway.journal,
        outbox=gateway.alerting.outbox,
        judge=gateway.judge,
        contracts=gateway.settings.contracts,
        texts=gateway.settings.texts,
        clock=gateway.clock,
        most_segments=gateway.settings.messages.most_segments,
    )


def _read(body: bytes) -> MessageRequest:
    try:
        return MESSAGE_REQUEST.validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None


def _hash(body: bytes) -> str:
    """The same for one body however it is spaced, never that of an order."""
    return hashlib.sha256(b"message " + json.dumps(json.loads(body), sort_keys=True).encode()).hexdigest()


def _refused(refusal: Refusal) -> ApiProblem:
    field = _FIELD.get(refusal.slug)
    if field is None:
        return from_order_problem(Problem(refusal.slug, refusal.detail).to_json())
    errors = [{"field": field, "detail": refusal.detail}]
    return ApiProblem(HTTPStatus.CONFLICT, refusal.slug, refusal.detail, errors=errors)


def _shown(draft: Draft) -> dict[str, Any]:
    new = draft.new
    state = MessageState.QUEUED if new.undeliverable is None else MessageState.UNDELIVERABLE
    names = ("to", "sender", "text", "template", "language")
    return {**{name: getattr(new, name) for name in names}, "state": state.value, **looks_view(draft.looks)}
