"""How orders, lines and events look to the outside; secrets have no place in any of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from gateway.journal.journal import Row


class Acknowledged(BaseModel):
    """An order was made durable."""

    id: str
    external_id: str | None
    state: str
    href: str


class StepView(BaseModel):
    """One command and what became of it."""

    element: str
    command: str
    outcome: str
    code: str | None
    text: str | None
    at: str | None


class OrderView(BaseModel):
    """An order as it stands: accepted, stored and effective are three separate facts."""

    id: str
    external_id: str | None
    action: str
    line: dict[str, str]
    state: str
    accepted_at: str
    requested_start: str | None
    stored_at: str | None
    effective_at: str | None
    effective: str | None
    waiting_for: str | None
    expected_at: str | None
    requested_by: dict[str, str] | None
    steps: list[StepView] = []
    messages: list[dict[str, Any]] = []
    error: dict[str, Any] | None = None


class OrderPage(BaseModel):
    """A page of orders, newest first; ``next`` goes into ``cursor`` for the following one."""

    items: list[OrderView]
    next: str | None


class RestrictionView(BaseModel):
    """One overlay."""

    kind: str
    reason: str
    since: str
    reference: str | None
    until: str | None


class LineView(BaseModel):
    """A line as agreed, and what the network should hold for it."""

    msisdn: str
    imsi: str
    iccid: str
    contract: str
    host: str
    plan: str
    state: str
    options: list[str]
    bars: list[str]
    ends: dict[str, str]
    restrictions: list[RestrictionView]
    customer: str | None
    opened_at: str | None
    plan_since: str | None
    twin: dict[str, str] | None
    top_ups: list[dict[str, str | None]]
    offences: list[dict[str, str]]
    notices: list[dict[str, str]]
    porting: dict[str, Any] | None
    subscription: dict[str, Any] | None
    effective: str | None
    effective_at: str | None
    pending_orders: list[str]


class EventView(BaseModel):
    """Something that happened."""

    seq: int
    at: str
    type: str
    data: dict[str, Any]


class EventList(BaseModel):
    """What happened, oldest first."""

    items: list[EventView]


class PreviewStep(BaseModel):
    """One command that would be sent, and those that would take it back."""

    element: str
    command: str
    undo: list[str]


class PreviewView(BaseModel):
    """What an order would do; nothing was written or sent."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None
    plan: list[PreviewStep]


def order_view(row: Row, steps: Sequence[Row] = (), messages: Sequence[Row] = ()) -> dict[str, Any]:
    """Lay an order out."""
    asked_by = json.loads(row["body"]).get("requested_by")
    view = {
        "id": row["order_id"],
        "external_id": row["external_id"],
        "action": row["action"],
        "line": {"msisdn": row["msisdn"]},
        "state": row["state"],
        "accepted_at": row["accepted_at"],
        "requested_start": row["due_at"],
        "stored_at": row["stored_at"],
        "effective_at": row["effective_at"],
        "effective": row["effective"],
        "waiting_for": row["waiting_for"],
        "expected_at": row["expected_at"],
        "requested_by": asked_by,
        "steps": [{n: s[n] for n in ("element", "command", "outcome", "code", "text", "at")} for s in steps],
        "messages": [{"id": m["message_id"], "to": m["msisdn"], "state": m["state"]} for m in messages],
    }
    if row["error"] is not None:
        view["error"] = json.loads(row["error"])
    return view


def event_view(row: Row) -> dict[str, Any]:
    """Lay an event out."""
    return {"seq": row["seq"], "at": row["at"], "type": row["type"], "data": json.loads(row["data"])}
