"""Reading request bodies within bounds."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import Request
from pydantic import BeforeValidator

from gateway.api.problems import ApiProblem


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


#: for integers as JSON Schema has them: 80.0 is one too; it stands behind the bounds, which the schema shows then
WHOLE = BeforeValidator(_whole)


async def read_body(request: Request, most: int) -> bytes:
    """Read at most so many bytes. Raises ApiProblem 413 without reading further."""
    too_large = ApiProblem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", f"the body may have at most {most} bytes: split it"
    )
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


def given(name: str, *not_these: str) -> dict[str, Any]:
    """Describe for OpenAPI a body in which one field is given and others are not."""
    properties: dict[str, Any] = {other: {"type": "null"} for other in not_these}
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}, **properties}}
