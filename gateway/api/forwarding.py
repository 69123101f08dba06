"""Requests that only the office's holder can answer, passed on to it: whoever is asked, the answer is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.bodies import read_body
from gateway.api.problems import JOURNAL_AWAY, ApiProblem
from gateway.journal.journal import JournalAway
from gateway.journal.tenure import Tenure

_OFFICE: Final = "/v1/audits"  # audits are at work in one process: how far they are, and ending them, is its to tell
_PASSED_ON: Final = "X-Linegate-Passed-On"
_TIMEOUT_S: Final = 30.0
_NOT_PASSED_ON: Final = {"host", "content-length", "connection", "transfer-encoding", "accept-encoding"}
_OURS: Final = {"content-encoding", "x-correlation-id"}  # what is put on every answer here too


class ToTheOffice:
    """Middleware: answers as the holder of the office does; nobody holding it just now is 503."""

    def __init__(self, app: ASGIApp, tenure: Callable[[], Tenure], max_body_bytes: Callable[[], int]) -> None:
        self._app = app
        self._tenure = tenure
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or there."""
        if scope["type"] != "http" or not scope["path"].startswith(_OFFICE) or self._tenure().office:
            await self._app(scope, receive, send)
            return
        response = await self._pass_on(Request(scope, receive))
        await response(scope, receive, send)

    async def _pass_on(self, request: Request) -> Response:
        try:
            url = None if _PASSED_ON in request.headers else await self._tenure().holder_url(None)
        except JournalAway:
            url = None
        if url is None:
            return JOURNAL_AWAY.response()
        headers = {n: v for n, v in request.headers.items() if n.lower() not in _NOT_PASSED_ON} | {_PASSED_ON: "1"}
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            body = await read_body(request, self._max_body_bytes())
        except ApiProblem as too_large:
            return too_large.response()
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
                answer = await client.request(
                    request.method, f"{url}{request.url.path}{query}", headers=headers, content=body
                )
        except httpx.HTTPError:
            return JOURNAL_AWAY.response()
        kept = {n: v for n, v in answer.headers.items() if n.lower() not in _NOT_PASSED_ON | _OURS}
        return Response(answer.content, answer.status_code, kept)
