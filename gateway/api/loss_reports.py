"""/v1/loss-reports: lost and stolen lines out of service at once, many in one report, ahead of everything else."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from gateway.api.bodies import read_body
from gateway.api.callers import Caller
from gateway.api.context import TheCaller, TheGateway, authorised
from gateway.api.loss_bodies import LOSS_REPORT, LossReportView
from gateway.api.problems import ApiProblem, answered, from_order_problem, from_validation
from gateway.app import Gateway
from gateway.contract.action import Refusal
from gateway.handsets.book import Asked
from gateway.orders import losses
from gateway.orders.acceptance import Answer, KeyReused
from gateway.orders.losses import Lost, Report
from gateway.orders.order import Problem

router = APIRouter(prefix="/v1/loss-reports", tags=["loss and theft"], dependencies=[Depends(authorised)])
_Key = Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
_SCHEMA = {"$ref": "#/components/schemas/LossReport"}


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: LossReportView}, 400, 401, 413, 422, 429),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}},
)
async def post_report(
    request: Request, gateway: TheGateway, caller: TheCaller, idempotency_key: _Key = None
) -> Response:
    """Take lost or stolen lines out of service, each by an order of its own; a wrong line keeps no other back."""
    report = _read(await read_body(request, gateway.settings.max_body_bytes), caller, idempotency_key)
    try:
        taken = await losses.take(
            gateway.journal, gateway.engine, report, gateway.clock(), gateway.settings.engine.max_backlog
        )
    except KeyReused:
        detail = "this Idempotency-Key was used for another body: use a new key for a new report"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail) from None
    pairs = zip(report.lines, taken.answers, strict=True)
    items = [_item(lost, answer) | await _handset(gateway, report, lost, answer) for lost, answer in pairs]
    headers = {"Idempotency-Replayed": "true"} if taken.replayed else {}
    return JSONResponse({"id": taken.report_id, "items": items}, HTTPStatus.ACCEPTED, headers=headers)


def _read(body: bytes, caller: Caller, key: str | None) -> Report:
    """Check the body. Raises ApiProblem naming every field that is wrong."""
    try:
        checked = LOSS_REPORT.validate_json(body)
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    asked = caller.signed(json.loads(body))
    return Report(
        reason=checked.reason,
        reported_at=checked.reported_at,
        lines=tuple(Lost(_named(line.model_dump(exclude_none=True)), line.imei) for line in checked.lines),
        said={name: asked[name] for name in ("requested_by", "external_id") if name in asked},
        # a single order under the same key is another thing
        idempotency_key=None if key is None else f"loss {caller.key(key)}",
        payload_hash=hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest(),
    )


def _named(line: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in line.items() if name != "imei"}


def _item(lost: Lost, answer: Answer) -> dict[str, Any]:
    line = dict(lost.ref)
    if answer.order is None:
        return {"line": line, "problem": from_order_problem(answer.problem or {}).body}
    order_id = answer.order["id"]
    return {"line": line, "id": order_id, "state": answer.order["state"], "href": f"/v1/orders/{order_id}"}


async def _handset(gateway: Gateway, report: Report, lost: Lost, answer: Answer) -> dict[str, Any]:
    """Have the handset of a line that was taken out of service kept out too."""
    if lost.imei is None or answer.order is None:
        return {}
    by = report.said["requested_by"]
    refusal = await gateway.handsets.ask(Asked(lost.imei, True, by, report.reason.value, answer.order["id"]))  # noqa: FBT003 - blocked
    if isinstance(refusal, Refusal):
        return {"handset": {"problem": from_order_problem(Problem(refusal.slug, refusal.detail).to_json()).body}}
    return {"handset": {"imei": lost.imei, "href": f"/v1/handsets/{lost.imei}"}}
