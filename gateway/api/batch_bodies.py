"""What may be said about batches, and how they look to the outside."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, TypeAdapter

from gateway.batches.states import Batch, BatchState, RowState
from gateway.batches.tally import Progress
from gateway.journal.journal import Row
from gateway.orders.bodies import STRICT


class StartBody(BaseModel):
    """Begin placing: with ``accept_problems`` although rows have problems, which become no orders."""

    model_config = STRICT
    accept_problems: bool = False


START = TypeAdapter(StartBody)


class BatchTaken(BaseModel):
    """What is here of a file: ``upload_offset`` bytes, durable."""

    id: str
    state: BatchState
    href: str
    upload_offset: int


class BatchView(BaseModel):
    """A batch as it stands. ``rows``: by state; ``orders``: those placed, by the order's state; ``problems``: by type.

    ``eta_s`` is told while it runs and rows come to their ends; ``over`` when nothing moves by itself any more.
    """

    id: str
    href: str
    state: BatchState
    format: str
    start: str
    validate_only: bool
    requested_by: dict[str, str] | None
    upload_offset: int
    upload_complete: bool
    total: int
    rows: dict[str, int]
    orders: dict[str, int]
    problems: dict[str, int]
    rate_per_s: float | None
    eta_s: float | None
    over: bool
    detail: str | None
    needs_approval: bool
    approved_by: dict[str, str] | None
    approved_at: str | None
    created_at: str
    validated_at: str | None
    started_at: str | None
    ended_at: str | None


class BatchPage(BaseModel):
    """A page of batches, newest first; ``next`` goes into ``cursor`` for the following one."""

    items: list[BatchView]
    next: str | None


class BatchRowView(BaseModel):
    """One row, by its line of the file; ``after_row`` is the row it was judged after, ``state`` its order's if any."""

    n: int
    external_id: str | None
    line: dict[str, Any] | None
    state: str
    after_row: int | None
    order_id: str | None
    href: str | None
    problem: dict[str, Any] | None


class BatchRowPage(BaseModel):
    """A page of rows in the file's order; ``next`` goes into ``cursor`` for the following one."""

    items: list[BatchRowView]
    next: str | None


def href(batch_id: str) -> str:
    """Return where a batch is."""
    return f"/v1/batches/{batch_id}"


def taken_view(batch: Batch) -> dict[str, Any]:
    """Lay out what is here of a file."""
    told = {"id": batch.batch_id, "state": batch.state.value, "href": href(batch.batch_id)}
    return told | {"upload_offset": batch.received}


def batch_view(batch: Batch, progress: Progress, *, needs_approval: bool) -> dict[str, Any]:
    """Lay a batch out."""
    options = batch.options
    return {
        **taken_view(batch),
        "format": options.format.value,
        "start": options.start.value,
        "validate_only": options.validate_only,
        "requested_by": options.sender.requested_by,
        "upload_complete": batch.complete,
        "total": batch.total,
        "rows": dict(progress.rows),
        "orders": dict(progress.orders),
        "problems": dict(progress.problems),
        "rate_per_s": progress.rate_per_s,
        "eta_s": progress.eta_s,
        "over": progress.over,
        "needs_approval": needs_approval and batch.approved_by is None,
        "approved_by": batch.approved_by,
        "created_at": batch.created_at,
        **batch.more,
    }


def row_view(batch: Batch, row: Row) -> dict[str, Any]:
    """Lay one row out, with its order's state once it has become one."""
    order_id, problem = row["order_id"], row["problem"] or row["order_error"]
    state = row["order_state"] or row["state"]
    if batch.state is BatchState.CANCELLED and state in (RowState.RECEIVED.value, RowState.VALID.value):
        state = RowState.CANCELLED.value
    return {
        "n": row["n"],
        "external_id": row["external_id"],
        "line": None if row["line"] is None else json.loads(row["line"]),
        "state": state,
        "after_row": row["after_n"],
        "order_id": order_id,
        "href": None if order_id is None else f"/v1/orders/{order_id}",
        "problem": None if problem is None else json.loads(problem),
    }
