"""/v1/audits: start, follow, list, cancel, and what was found."""

from __future__ import annotations

import json
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.api.audit_bodies import AUDIT_REQUEST
from gateway.api.bodies import read_body
from gateway.api.context import TheGateway, authorised
from gateway.api.problems import ApiProblem, answered, from_validation
from gateway.app import Gateway
from gateway.audit import book
from gateway.audit.auditor import Ended, TooMany
from gateway.audit.comparison import Kind
from gateway.journal.journal import Row

router = APIRouter(prefix="/v1/audits", tags=["audits"], dependencies=[Depends(authorised)])

_KINDS = ("equal", *(kind.value for kind in Kind))
_AuditId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="the id the audit was started with")]
_Cursor = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


class AuditStarted(BaseModel):
    """An audit was made durable."""

    id: str
    state: str
    href: str


class AuditView(BaseModel):
    """An audit as it stands. ``counts`` tells what was seen, ``outcomes`` what was done about what differs."""

    id: str
    state: str
    policy: str
    scope: dict[str, Any]
    keys: bool
    hints: dict[str, str]
    requested_by: dict[str, str] | None
    nightly: bool
    total: int
    done: int
    counts: dict[str, int]
    outcomes: dict[str, int]
    per_s: float
    waiting_for: str | None
    detail: str | None
    started_at: str
    ended_at: str | None


class AuditPage(BaseModel):
    """A page of audits, newest first; ``next`` goes into ``cursor`` for the following one."""

    items: list[AuditView]
    next: str | None


class DifferenceView(BaseModel):
    """One field of the subscription, or ``keys``."""

    field: str
    wanted: Any
    held: Any


class FindingView(BaseModel):
    """One subscriber that is not as agreed, what was done about it, and the order that was placed, if one was."""

    n: int
    kind: str
    element: str
    imsi: str
    msisdn: str | None
    line_id: str | None
    differences: list[DifferenceView]
    outcome: str
    detail: str | None
    order_id: str | None
    order_state: str | None
    at: str


class FindingPage(BaseModel):
    """A page of findings in the order they were found; ``next`` goes into ``cursor`` for the following one."""

    items: list[FindingView]
    next: str | None


_SCHEMA = {"$ref": "#/components/schemas/AuditRequest"}


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    responses=answered({202: AuditStarted}, 400, 401, 404, 413, 422, 429),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}},
)
async def post_audit(request: Request, gateway: TheGateway) -> Response:
    """Start an audit: it goes on by itself, over stops of the gateway too, until it has ended or is cancelled."""
    body = await read_body(request, gateway.settings.max_body_bytes)
    try:
        asked = AUDIT_REQUEST.validate_json(body).asked()
    except ValidationError as invalid:
        raise from_validation(invalid) from None
    refusal = await gateway.auditor.refuse(asked)
    if refusal is not None:
        raise ApiProblem(HTTPStatus.NOT_FOUND, refusal.slug, refusal.detail)
    try:
        audit_id = await gateway.auditor.start(asked)
    except TooMany as many:
        detail = "too many audits have not ended: wait for them, or cancel some"
        headers = {"Retry-After": str(many.retry_after_s)}
        raise ApiProblem(HTTPStatus.TOO_MANY_REQUESTS, "too-many-audits", detail, headers=headers) from None
    href = f"/v1/audits/{audit_id}"
    shown = {"id": audit_id, "state": "running", "href": href}
    return JSONResponse(shown, HTTPStatus.ACCEPTED, headers={"Location": href})


class Page(BaseModel):
    """Which audits to list."""

    model_config = ConfigDict(extra="forbid")
    cursor: _Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", responses=answered({200: AuditPage}, 401, 422))
async def list_audits(gateway: TheGateway, page: Annotated[Page, Query()]) -> Response:
    """List audits, newest first."""
    before = None if page.cursor is None else int(page.cursor)
    rows = await book.newest(gateway.journal, before, page.limit)
    following = str(rows[-1]["seq"]) if len(rows) == page.limit else None
    return JSONResponse({"items": [_view(gateway, row) for row in rows], "next": following})


@router.get("/{audit_id}", responses=answered({200: AuditView}, 401, 404, 422))
async def get_audit(audit_id: _AuditId, gateway: TheGateway) -> Response:
    """Tell how far an audit has come."""
    return JSONResponse(_view(gateway, await _known(gateway, audit_id)))


class FindingFilters(BaseModel):
    """Which findings to list."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind | None = None
    cursor: _Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


@router.get("/{audit_id}/findings", responses=answered({200: FindingPage}, 401, 404, 422))
async def list_findings(
    audit_id: _AuditId, gateway: TheGateway, filters: Annotated[FindingFilters, Query()]
) -> Response:
    """List what differs, in the order it was found; of a running audit, so far."""
    await _known(gateway, audit_id)
    kind, after = None if filters.kind is None else filters.kind.value, int(filters.cursor or 0)
    rows = await book.page_of_findings(gateway.journal, audit_id, kind, after, filters.limit)
    following = str(rows[-1]["n"]) if len(rows) == filters.limit else None
    return JSONResponse({"items": [_finding(row) for row in rows], "next": following})


@router.post("/{audit_id}/cancel", responses=answered({200: AuditView}, 401, 404, 409, 422))
async def cancel_audit(audit_id: _AuditId, gateway: TheGateway) -> Response:
    """End an audit where it is; orders it has placed go on."""
    await _known(gateway, audit_id)
    try:
        await gateway.auditor.cancel(audit_id)
    except Ended as ended:
        detail = f"the audit is {ended}: only a running one can be cancelled"
        raise ApiProblem(HTTPStatus.CONFLICT, "wrong-state", detail) from None
    return JSONResponse(_view(gateway, await _known(gateway, audit_id)))


async def _known(gateway: Gateway, audit_id: str) -> Row:
    row = await book.audit(gateway.journal, audit_id)
    if row is None:
        detail = f"there is no audit {audit_id}: use the id of the 202 answer"
        raise ApiProblem(HTTPStatus.NOT_FOUND, "audit-unknown", detail)
    return row


def _view(gateway: Gateway, row: Row) -> dict[str, Any]:
    asked, counts = json.loads(row["asked"]), json.loads(row["counts"])
    run = gateway.auditor.run_of(row["audit_id"])
    return {
        "id": row["audit_id"],
        "state": row["state"],
        "policy": row["policy"],
        **{name: asked[name] for name in ("scope", "keys", "hints", "requested_by", "nightly")},
        "total": row["total"] if run is None else max(run.progress.total, run.done),
        "done": row["done"] if run is None else run.done,
        "counts": {kind: counts["kinds"].get(kind, 0) for kind in _KINDS},
        "outcomes": {word: counts["outcomes"].get(word, 0) for word in book.OUTCOMES},
        "per_s": round(_per_s(row) if run is None else run.per_s, 1),
        "waiting_for": None if run is None else run.waiting_for,
        "detail": row["detail"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
    }


def _per_s(row: Row) -> float:
    if row["ended_at"] is None:
        return 0.0
    took = datetime.fromisoformat(row["ended_at"]) - datetime.fromisoformat(row["started_at"])
    return float(row["done"] / max(took.total_seconds(), 1e-3))


def _finding(row: Row) -> dict[str, Any]:
    names = ("n", "kind", "element", "imsi", "msisdn", "line_id", "outcome", "order_id", "order_state", "at")
    detail = None if row["outcome"] == book.DUE else row["detail"]
    return {**{name: row[name] for name in names}, "differences": json.loads(row["differences"]), "detail": detail}
