"""/v1/batches/{id}/rows and /results: more of the file, its rows as they stand, and all of them as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.batch_bodies import BatchRowPage, row_view
from gateway.api.batch_upload import (
    CSV,
    NDJSON,
    PART,
    UploadComplete,
    UploadOffset,
    check_part,
    check_sender,
    is_last,
    problems_told,
    upload_headers,
)
from gateway.api.batches import BatchId, known_batch
from gateway.api.context import TheCaller, TheGateway, authorised
from gateway.api.problems import answered
from gateway.app import Gateway
from gateway.batches import shown
from gateway.batches.states import Batch

router = APIRouter(prefix="/v1/batches", tags=["batches"], dependencies=[Depends(authorised)])
_PAGE: Final = 100
_COLUMNS: Final = ("n", "external_id", "line", "order_id", "state", "problem", "detail")
_UPLOAD_HEADERS: Final = {
    "Upload-Offset": {"schema": {"type": "integer"}, "description": "bytes of the file that are durable"},
    "Upload-Complete": {"schema": {"type": "string"}, "description": "?1 once the file is here whole"},
}
_HERE: Final[dict[int | str, dict[str, Any]]] = {
    204: {"description": "How much of the file is here", "headers": _UPLOAD_HEADERS}
}

_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One row of the file a line",
        "content": {kind: {"schema": {"type": "string"}} for kind in (NDJSON, CSV)},
    }
}


@router.head("/{batch_id}/rows", status_code=204, responses=_HERE | answered({}, 401, 404, 422))
async def look_at_upload(batch_id: BatchId, gateway: TheGateway) -> Response:
    """Tell how much of the file is here: where an upload that was cut goes on."""
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=upload_headers(await known_batch(gateway, batch_id)))


@router.patch(
    "/{batch_id}/rows",
    status_code=204,
    responses=_HERE | answered({}, 400, 401, 404, 409, 413, 415, 422, 429),
    openapi_extra=PART,
)
async def append_rows(  # noqa: PLR0913, PLR0917 - one parameter is one header
    batch_id: BatchId,
    request: Request,
    gateway: TheGateway,
    caller: TheCaller,
    upload_offset: UploadOffset,
    upload_complete: UploadComplete = "?1",
) -> Response:
    """Take another part of the file, from whoever sent the first, which must begin where the last one ended."""
    check_part(request)
    batch = await known_batch(gateway, batch_id)
    check_sender(caller, batch)
    with problems_told():
        now = await gateway.batches.intake.append(batch, upload_offset, request.stream(), last=is_last(upload_complete))
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=upload_headers(now))


class RowFilters(BaseModel):
    """Which rows to show: all, or those that have become no orders because of a problem."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["problem"] | None = None
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


@router.get("/{batch_id}/rows", responses=answered({200: BatchRowPage}, 401, 404, 422))
async def list_rows(batch_id: BatchId, gateway: TheGateway, filters: Annotated[RowFilters, Query()]) -> Response:
    """Show rows as they stand, in the file's order."""
    batch = await known_batch(gateway, batch_id)
    after, wrong = int(filters.cursor or 0), filters.state is not None
    rows = await shown.page(gateway.journal, batch_id, after, filters.limit, wrong=wrong)
    following = str(rows[-1]["n"]) if len(rows) == filters.limit else None
    return JSONResponse({"items": [row_view(batch, row) for row in rows], "next": following})


class Which(BaseModel):
    """Which rows a file of results has."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["problem"] | None = None


@router.get("/{batch_id}/results", responses=_FILES | answered({}, 401, 404, 422))
async def get_results(
    batch_id: BatchId,
    gateway: TheGateway,
    which: Annotated[Which, Query()],
    accept: Annotated[str, Header()] = NDJSON,
) -> Response:
    """Write every row with what has become of it, as NDJSON or, if that is asked for, as CSV."""
    batch = await known_batch(gateway, batch_id)
    as_csv = CSV in accept and NDJSON not in accept
    lines = _csv if as_csv else _ndjson
    name = f'attachment; filename="batch-{batch_id}.{"csv" if as_csv else "ndjson"}"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    rows = _rows(gateway, batch, wrong=which.state is not None)
    return StreamingResponse(lines(rows), media_type=CSV if as_csv else NDJSON, headers=headers)


async def _rows(gateway: Gateway, batch: Batch, *, wrong: bool) -> AsyncIterator[list[dict[str, Any]]]:
    """Give a page of rows at a time, resting in between as whoever else asks is in a hurry."""
    after = 0
    while rows := await shown.page(gateway.journal, batch.batch_id, after, _PAGE, wrong=wrong):
        yield [row_view(batch, row) for row in rows]
        after = rows[-1]["n"]


async def _ndjson(pages: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[str]:
    async for page in pages:
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in page)


async def _csv(pages: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[str]:
    yield _written([list(_COLUMNS)])
    async for page in pages:
        yield _written([_cells(row) for row in page])


def _cells(row: dict[str, Any]) -> list[object]:
    problem = row["problem"] or {}
    line = " ".join(str(value) for value in (row["line"] or {}).values())
    slug = str(problem.get("type", "")).rpartition("/")[2]
    return [row["n"], row["external_id"], line, row["order_id"], row["state"], slug, problem.get("detail")]


def _written(rows: list[list[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[_safe(cell) for cell in row] for row in rows])
    return text.getvalue()


def _safe(cell: object) -> object:
    """Keep a spreadsheet from taking what a client wrote for a formula; a number with + is none."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") and not cell[1:].isdigit():
        return "'" + cell
    return cell
