"""Uploads in parts, as the IETF's draft "Resumable Uploads for HTTP" has them: headers, and what may go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Header, Request
from starlette.requests import ClientDisconnect

from gateway.api.batch_bodies import href
from gateway.api.callers import Caller
from gateway.api.problems import ApiProblem
from gateway.batches.csv_rows import BadHeader
from gateway.batches.intake import NoRows, NotThere
from gateway.batches.splitting import RowTooLong
from gateway.batches.states import Batch, Format
from gateway.orders.acceptance import KeyReused

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
PARTIAL: Final = "application/partial-upload"
_OCTETS: Final = "application/octet-stream"
_FORMATS: Final = {NDJSON: Format.NDJSON, CSV: Format.CSV}
Key = Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
FileDigest = Annotated[
    str | None,
    Header(
        alias="Repr-Digest",  # RFC 9530 §3
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="of the whole file, not of this part; under a key that was used with another: 422",
    ),
]
UploadComplete = Annotated[Literal["?0", "?1"], Header(description="?0: more parts follow")]
UploadOffset = Annotated[int, Header(ge=0, le=2**62, description="bytes of the file before this part")]


def _file(*types: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in types}
    return {"requestBody": {"required": True, "content": content}}


FILE: Final = _file(NDJSON, CSV)
PART: Final = _file(PARTIAL, _OCTETS)


def format_of(request: Request) -> Format:
    """Tell how the file is written. Raises ApiProblem 415."""
    kind = _kind(request)
    if kind not in _FORMATS:
        detail = f"send the file as Content-Type {NDJSON} or {CSV}"
        raise ApiProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    return _FORMATS[kind]


def check_part(request: Request) -> None:
    """Raise ApiProblem 415 unless the body says that it is a part of a file."""
    if _kind(request) not in (PARTIAL, _OCTETS):
        detail = f"send a part as Content-Type {PARTIAL}"
        raise ApiProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)


def check_sender(caller: Caller, batch: Batch) -> None:
    """Raise ApiProblem 403 unless it is the caller's own file: its rows are orders in the sender's name."""
    client = caller.client
    if client is not None and not batch.options.sender.is_client(client.name, client.channels):
        detail = "somebody else sends this file: post yours as a batch of its own"
        raise ApiProblem(HTTPStatus.FORBIDDEN, "not-allowed", detail)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_last(upload_complete: str) -> bool:
    """Tell whether the part ends the file."""
    return upload_complete == "?1"


def upload_headers(batch: Batch) -> dict[str, str]:
    """Tell how much of a file is durable."""
    complete = "?1" if batch.complete else "?0"
    return {"Upload-Offset": str(batch.received), "Upload-Complete": complete, "Cache-Control": "no-store"}


@contextmanager
def problems_told() -> Iterator[None]:
    """Turn what may go wrong with a file into answers."""
    try:
        yield
    except NotThere as wrong:
        raise _not_there(wrong.batch) from None
    except RowTooLong as wrong:
        raise ApiProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "row-too-long", str(wrong)) from None
    except NoRows:
        detail = "the file has no row: send one order a line (and in a CSV a header above them)"
        raise ApiProblem(HTTPStatus.CONFLICT, "no-rows", detail) from None
    except BadHeader as wrong:
        raise ApiProblem(HTTPStatus.CONFLICT, "bad-header", str(wrong)) from None
    except KeyReused:
        detail = "this Idempotency-Key was used for another file: use a new key for a new batch"
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail) from None
    except ClientDisconnect:  # nobody hears this
        detail = "the connection was cut: ask for Upload-Offset and go on from there"
        raise ApiProblem(HTTPStatus.BAD_REQUEST, "upload-cut", detail) from None


def _not_there(batch: Batch) -> ApiProblem:
    headers = upload_headers(batch) | {"Location": href(batch.batch_id)}
    if batch.complete or batch.state.value != "receiving":
        detail = f"the batch is {batch.state.value}: it takes no more of the file"
        return ApiProblem(HTTPStatus.CONFLICT, "wrong-state", detail, headers=headers)
    detail = f"{batch.received} bytes of the file are here: send what is behind them, with Upload-Offset"
    return ApiProblem(HTTPStatus.CONFLICT, "upload-offset-mismatch", detail, headers=headers)
