"""/v1/deadlines: what is due, or proposed, over all lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.context import TheGateway, authorised
from gateway.api.problems import answered
from gateway.api.views import DueView
from gateway.clocks.upcoming import due_until
from gateway.orders import diary
from gateway.orders.bodies import Moment

router = APIRouter(prefix="/v1/deadlines", tags=["lines"], dependencies=[Depends(authorised)])
_END = datetime.max.replace(tzinfo=UTC)


class LineDueView(DueView):
    """Something that is due, and the line it is due on."""

    msisdn: str
    contract: str


class DeadlinePage(BaseModel):
    """What is due, earliest first; ``next`` goes into ``cursor``: a page may hold few and still have one after it."""

    items: list[LineDueView]
    next: str | None


class Filters(BaseModel):
    """Which deadlines to list."""

    model_config = ConfigDict(extra="forbid")
    until: Annotated[Moment, Field(description="due by this time; absent: all of them")] | None = None
    cursor: Annotated[str, Field(pattern=r"^([0-9a-f]{2}){1,1000}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", responses=answered({200: DeadlinePage}, 401, 422))
async def list_deadlines(gateway: TheGateway, filters: Annotated[Filters, Query()]) -> Response:
    """List what is due on lines, earliest first; what was proposed stays until it is decided."""
    after = diary.FIRST if filters.cursor is None else _place(filters.cursor)
    until = _END if filters.until is None else filters.until
    found, following = await due_until(gateway.journal, gateway.settings.contracts, until, filters.limit, after)
    items = [{"msisdn": o.record.line.msisdn, "contract": o.record.line.contract, **o.to_json()} for o in found]
    return JSONResponse({"items": items, "next": None if following is None else _cursor(following)})


def _cursor(place: diary.Place) -> str:
    return "\n".join(place).encode().hex()


def _place(cursor: str) -> diary.Place:
    """Read a cursor back; one that is none of ours is a place too, if a useless one."""
    due_at, _, rest = bytes.fromhex(cursor).decode(errors="replace").replace("\0", "").partition("\n")
    line_id, _, name = rest.partition("\n")
    return due_at, line_id, name
