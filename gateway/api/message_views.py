"""How messages look to the outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from drivers.dialects.smpp.text import Carriage, Policy, Preview, preview
from drivers.errors import NotSpoken
from gateway.journal.journal import Row


class MessageQueued(BaseModel):
    """A message was made durable."""

    id: str
    state: str
    segments: int
    href: str


class MessagePreview(BaseModel):
    """What would be sent, and what it costs; nothing was written."""

    to: str
    sender: str
    text: str
    template: str | None
    language: str | None
    state: str
    encoding: str
    segments: int
    left: int
    replaced: dict[str, str]
    forcing: list[str]


class ReceiptSummary(BaseModel):
    """The worst of the parts, once all are known."""

    state: str
    at: str


class PartView(BaseModel):
    """One segment as an SMSC took it."""

    n: int
    smsc: str
    smsc_id: str
    sent_at: str
    receipt_state: str | None
    receipt_at: str | None


class ReceiptView(BaseModel):
    """One receipt, as it came."""

    at: str
    smsc: str
    smsc_id: str
    state: str
    error: str
    done_at: str
    outcome: str
    n: int | None


class MessageView(BaseModel):
    """A message as it stands; ``possible_duplicate``: it may have reached the phone more than once."""

    id: str
    to: str
    kind: str
    sender: str
    text: str
    template: str | None
    language: str | None
    priority: int
    state: str
    detail: str | None
    created_at: str
    not_before: str | None
    expires_at: str | None
    sent_at: str | None
    receipt: ReceiptSummary | None
    segments: int | None
    tries: int
    possible_duplicate: bool
    alert: str | None
    order_id: str | None
    external_id: str | None
    customer: str | None
    parts: list[PartView] = []
    receipts: list[ReceiptView] = []


class MessagePage(BaseModel):
    """A page of messages, newest first; ``next`` goes into ``cursor`` for the following one."""

    items: list[MessageView]
    next: str | None


_AS_IT_IS = (
    *("kind", "sender", "text", "template", "language", "priority", "state", "detail", "created_at", "not_before"),
    *("expires_at", "sent_at", "tries", "order_id", "external_id", "customer"),
)


def segments_of(row: Row, how: Carriage | None) -> int | None:
    """Return how many segments a message has, or will have as far as anybody knows."""
    if row["segments"] is not None:
        return int(row["segments"])
    try:
        return preview(row["text"], how or Carriage(), Policy.KEEP).segments
    except NotSpoken:
        return None


def message_view(
    row: Row, how: Carriage | None, parts: Sequence[Row] = (), receipts: Sequence[Row] = ()
) -> dict[str, Any]:
    """Lay a message out."""
    told = None if row["receipt_state"] is None else {"state": row["receipt_state"], "at": row["receipt_at"]}
    return {
        "id": row["message_id"],
        "to": row["msisdn"],
        **{name: row[name] for name in _AS_IT_IS},
        "alert": row["alert_key"],
        "receipt": told,
        "segments": segments_of(row, how),
        "possible_duplicate": row["doubtful"] > 0,
        "parts": [{name: part[name] for name in PartView.model_fields} for part in parts],
        "receipts": [{name: receipt[name] for name in ReceiptView.model_fields} for receipt in receipts],
    }


def looks_view(looks: Preview) -> Mapping[str, Any]:
    """Lay out what a text costs."""
    return {
        "encoding": looks.encoding,
        "segments": looks.segments,
        "left": looks.left,
        "replaced": dict(looks.replaced),
        "forcing": list(looks.forcing),
    }
