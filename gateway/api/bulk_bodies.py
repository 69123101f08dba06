"""What may be posted to /v1/bulk-orders, and how bulk orders look to the outside."""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, create_model

from gateway.contract.actions import every
from gateway.journal.journal import Row
from gateway.orders.bodies import STRICT, ByIccid, ByImsi, ByMsisdn, Moment, PlainText, RequestedBy, details_model
from gateway.orders.bulk import bulk_actions

MOST_LINES = 10_000
MOST_BYTES = 2 * 1024 * 1024  # 10,000 lines by their ICCIDs, written with room, are 0.5 MiB


class BulkBody(BaseModel):
    """What every bulk order has beside its action, details and lines; its priority is ``bulk`` unless said."""

    model_config = STRICT
    requested_by: RequestedBy
    external_id: PlainText | None = None
    requested_start: Moment | Literal["now"] | None = None
    priority: Literal["emergency", "interactive", "bulk"] | None = None
    note: PlainText | None = None


class DecisionBody(BaseModel):
    """Who agrees to a bulk order, or does not: somebody else than asked for it."""

    model_config = STRICT
    requested_by: RequestedBy


class BulkTaken(BaseModel):
    """A bulk order is durable, all of it."""

    id: str
    external_id: str | None
    state: str
    total: int
    href: str


class BulkView(BaseModel):
    """A bulk order as it stands. ``counts``: its lines by state; of one that became an order, the order's.

    ``state``: awaiting_approval, rejected, placing, placed, and ended when none of its orders is without an end.
    """

    id: str
    external_id: str | None
    action: str
    details: dict[str, Any]
    state: str
    total: int
    counts: dict[str, int]
    requested_by: dict[str, str]
    accepted_at: str
    decided_by: dict[str, str] | None
    decided_at: str | None
    placed_at: str | None


class BulkRowView(BaseModel):
    """One line: waiting, refused with its problem, or the order it has become."""

    n: int
    line: dict[str, str]
    state: str
    order_id: str | None
    href: str | None
    problem: dict[str, Any] | None


class BulkDetailView(BulkView):
    """A bulk order with a page of its lines; ``next`` goes into ``cursor`` for the following one."""

    items: list[BulkRowView]
    next: str | None


class BulkPage(BaseModel):
    """A page of bulk orders, newest first; ``next`` goes into ``cursor`` for the following one."""

    items: list[BulkView]
    next: str | None


_REFS: dict[str, type[BaseModel]] = {"msisdn": ByMsisdn, "imsi": ByImsi, "iccid": ByIccid}
DECISION = TypeAdapter(DecisionBody)


@functools.cache
def bulk_bodies() -> TypeAdapter[Any]:
    """Return the union of all bulk bodies, told apart by ``action``."""
    tagged: Any = Annotated[_any_of(_bulk_model(name) for name in bulk_actions()), Field(discriminator="action")]
    adapter: TypeAdapter[Any] = TypeAdapter(tagged)
    return adapter


def _bulk_model(action: str) -> type[BaseModel]:
    details = details_model(action)
    needed = any(f.is_required() for f in details.model_fields.values())
    line = _any_of(_REFS[name] for name in every()[action].addressed_by)
    bounds = Field(min_length=1, max_length=MOST_LINES, json_schema_extra={"uniqueItems": True})
    literal: Any = Literal[action]
    lines: Any = Annotated[tuple.__class_getitem__((line, ...)), bounds]
    return create_model(
        f"Bulk{''.join(part.capitalize() for part in action.split('_'))}",
        __base__=BulkBody,
        __doc__=f"``{action}`` for each of these lines.",
        action=(literal, ...),
        lines=(lines, ...),
        details=(details, ...) if needed else (details, Field(default_factory=details)),
    )


def _any_of(shapes: Iterable[Any]) -> Any:  # noqa: ANN401 - a union that is only known at run time
    return functools.reduce(operator.or_, shapes)


def repeated(lines: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Name every line that stands in the list before, as errors of fields."""
    seen: dict[tuple[str, str], int] = {}
    errors: list[dict[str, str]] = []
    for n, line in enumerate(lines):
        first = seen.setdefault(next(iter(line.items())), n)
        if first != n:
            errors.append({"field": f"lines.{n}", "detail": f"is lines.{first} again: name each line once"})
    return errors


def bulk_view(row: Row, counts: dict[str, int], unended: int) -> dict[str, Any]:
    """Lay a bulk order out."""
    asked = json.loads(row["body"])
    ended = row["state"] == "placed" and not unended
    names = ("external_id", "action", "total", "accepted_at", "decided_at", "placed_at")
    return {
        "id": row["bulk_id"],
        **{name: row[name] for name in names},
        "details": asked["details"],
        "state": "ended" if ended else row["state"],
        "counts": counts,
        "requested_by": asked["requested_by"],
        "decided_by": None if row["decided_by"] is None else json.loads(row["decided_by"]),
    }


def row_view(row: Row) -> dict[str, Any]:
    """Lay one line of a bulk order out."""
    order_id, problem = row["order_id"], row["problem"] or row["order_error"]
    return {
        "n": row["n"],
        "line": json.loads(row["line"]),
        "state": row["order_state"] or row["state"],
        "order_id": order_id,
        "href": None if order_id is None else f"/v1/orders/{order_id}",
        "problem": None if problem is None else json.loads(problem),
    }
