"""X-Correlation-Id: given or made, on every answer."""

from __future__ import annotations

import re
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NAME = b"x-correlation-id"
_SAFE = re.compile(rb"[\x21-\x7e]{1,128}")


class Correlation:
    """ASGI middleware; an id that could break a header or a log is replaced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == _NAME), b"")
        correlation = given if _SAFE.fullmatch(given) else uuid.uuid4().hex.encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (_NAME, correlation)]
            await send(message)

        await self._app(scope, receive, send_with_id)
