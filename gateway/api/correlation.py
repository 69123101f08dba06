"""X-Correlation-Id, given or made, on every answer; and the last net under a fault of ours."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)
_NAME = b"x-correlation-id"
_SAFE = re.compile(rb"[\x21-\x7e]{1,128}")


class Correlation:
    """ASGI middleware; an id that could break a header or a log is replaced."""

    def __init__(self, app: ASGIApp, fault: Callable[[], JSONResponse]) -> None:
        self._app = app
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == _NAME), b"")
        correlation = given if _SAFE.fullmatch(given) else uuid.uuid4().hex.encode()
        others = [(name, value) for name, value in scope["headers"] if name != _NAME]
        scope = {**scope, "headers": [*others, (_NAME, correlation)]}  # whoever it is passed on to names it alike
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], (_NAME, correlation)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:  # no fault of ours, and nobody hears an answer
            _log.info("request %s: whoever asked went away before all of it was here", correlation.decode())
        except Exception:
            _log.exception("request %s failed", correlation.decode())
            if started:
                raise
            await self._fault()(scope, receive, send_with_id)
