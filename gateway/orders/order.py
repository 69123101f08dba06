"""An order and its states, in the words of TMF641."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from drivers.subscription import Iccid, Imsi, Msisdn
from gateway.contract.action import Lane
from gateway.contract.line import Line


class OrderState(StrEnum):
    """Where an order is; ``partial`` is failed with its undo unfinished."""

    ACKNOWLEDGED = "acknowledged"
    PENDING = "pending"
    HELD = "held"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    PARTIAL = "partial"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


#: a partial order has ended for whoever asked, but its line waits behind it until somebody repairs and resumes it
FINAL = frozenset({OrderState.COMPLETED, OrderState.FAILED, OrderState.CANCELLED, OrderState.REJECTED})


@dataclass(frozen=True, slots=True)
class LineRef:
    """How an order names its line: exactly one of the three."""

    msisdn: Msisdn | None = None
    imsi: Imsi | None = None
    iccid: Iccid | None = None

    def __str__(self) -> str:
        return next(f"{n} {v}" for n in ("msisdn", "imsi", "iccid") if (v := getattr(self, n)) is not None)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it was asked, its body checked but its sense not yet judged.

    Without ``requested_start`` it begins when the contract says; ``at_once``: now, whatever the contract says.
    """

    action: str
    ref: LineRef
    details: Any
    body: str
    external_id: str | None = None
    requested_by: dict[str, str] | None = None
    requested_start: datetime | None = None
    at_once: bool = False
    lane: Lane | None = None
    idempotency_key: str | None = None
    payload_hash: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the journal holds it."""

    order_id: str
    external_id: str | None
    line_id: str
    msisdn: Msisdn
    action: str
    state: OrderState
    lane: Lane
    host: str
    body: str
    due_at: datetime | None
    accepted_at: datetime
    plan: str | None = None
    undoing: bool = False
    fresh: bool = False  # as it was accepted here a moment ago: the journal knows no more of it than this

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Order:
        """Read an order back."""
        return cls(
            order_id=row["order_id"],
            external_id=row["external_id"],
            line_id=row["line_id"],
            msisdn=Msisdn(row["msisdn"]),
            action=row["action"],
            state=OrderState(row["state"]),
            lane=Lane(row["lane"]),
            host=row["host"],
            body=row["body"],
            due_at=None if row["due_at"] is None else datetime.fromisoformat(row["due_at"]),
            accepted_at=datetime.fromisoformat(row["accepted_at"]),
            plan=row["plan"],
            undoing=bool(row["undoing"]),
        )

    @property
    def asked(self) -> dict[str, Any]:
        """The body as it was posted."""
        body: dict[str, Any] = json.loads(self.body)
        return body


@dataclass(frozen=True, slots=True)
class LineRecord:
    """A line and its place in the journal."""

    line_id: str
    line: Line


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step: done, already_so, refused or undone; code and text are its element's own."""

    outcome: str
    code: str
    text: str
    at: datetime
    element: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an order ended badly, as the API will tell it."""

    slug: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """Lay it out in the words of RFC 9457."""
        return {
            "type": f"/problems/{self.slug}",
            "title": self.slug.replace("-", " ").capitalize(),
            "detail": self.detail,
        }
