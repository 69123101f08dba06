"""Reading request bodies within bounds."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request

from gateway.api.problems import ApiProblem


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
