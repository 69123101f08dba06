"""How orders, lines and events look to the outside; secrets have no place in any of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.journal.journal import Row
from gateway.orders.ports import AT_RELEASE

_AT_RELEASE = AT_RELEASE.isoformat()  # nobody knows the moment: waiting_for and expected_at tell


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
    reported_at: str | None  # of a loss or theft
    requested_start: str | None
    stored_at: str | None
    effective_at: str | None
    effective: str | None
    waiting_for: str | None
    expected_at: str | None
    requested_by: dict[str, str] | None
    promised_by: str | None = None
    cancellable_until: str | None = None
    steps: list[StepView] = []
    messages: list[dict[str, Any]] = []
    error: dict[str, Any] | None = None


class OrderPage(BaseModel):
    """A page of orders, newest first; ``next`` goes into ``cursor`` for the following one."""

    items: list[OrderView]
    next: str | None


class RestrictionView(BaseModel):
    """One overlay. Of a loss or theft: when it was reported, when we were asked, when the network was read back so."""

    kind: str
    reason: str
    since: str
    reference: str | None
    requested_at: str | None = None
    confirmed_at: str | None = None
    until: str | None


class DueView(BaseModel):
    """Something that is due on a line: an order that will be placed, or is proposed to humans."""

    name: str
    action: str
    at: str
    how: str
    source: str
    details: dict[str, Any]
    proposed_at: str | None


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
    notices: list[dict[str, str | None]]
    porting: dict[str, Any] | None
    subscription: dict[str, Any] | None
    effective: str | None
    effective_at: str | None
    due: list[DueView]
    pending_orders: list[str]


class EventView(BaseModel):
    """Something that happened."""

    seq: int
    at: str
    type: str
    data: dict[str, Any]


class EventList(BaseModel):
    """What happened, oldest first; ``next`` goes into ``cursor`` for what happened after it."""

    items: list[EventView]
    next: str | None


class HistoryPage(BaseModel):
    """Which part of a history to show; few lines and cards have ever had a second one."""

    model_config = ConfigDict(extra="forbid")
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000

    @property
    def after(self) -> int:
        """The number of the event it begins after."""
        return int(self.cursor or 0)


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
    asked = json.loads(row["body"])
    view = {
        "id": row["order_id"],
        "external_id": row["external_id"],
        "action": row["action"],
        "line": {"msisdn": row["msisdn"]},
        "state": row["state"],
        "accepted_at": row["accepted_at"],
        "reported_at": _reported_at(row, asked),
        "requested_start": None if row["due_at"] == _AT_RELEASE else row["due_at"],
        "stored_at": row["stored_at"],
        "effective_at": row["effective_at"],
        "effective": row["effective"],
        "waiting_for": row["waiting_for"],
        "expected_at": row["expected_at"],
        "requested_by": asked.get("requested_by"),
        "steps": [{n: s[n] for n in ("element", "command", "outcome", "code", "text", "at")} for s in steps],
        "messages": [{"id": m["message_id"], "to": m["msisdn"], "state": m["state"]} for m in messages],
    }
    if row["error"] is not None:
        view["error"] = json.loads(row["error"])
    return view


def _reported_at(row: Row, asked: dict[str, Any]) -> str | None:
    """When a loss was reported: as told, else when we were."""
    if row["action"] != "report_lost":
        return None
    told: str = asked["details"].get("reported_at") or row["accepted_at"]
    return told


def event_view(row: Row) -> dict[str, Any]:
    """Lay an event out."""
    return {"seq": row["seq"], "at": row["at"], "type": row["type"], "data": json.loads(row["data"])}


def event_list(rows: Sequence[Row], limit: int) -> dict[str, Any]:
    """Lay a page of a history out; a full one may have another after it."""
    following = str(rows[-1]["seq"]) if len(rows) == limit else None
    return {"items": [event_view(row) for row in rows], "next": following}
