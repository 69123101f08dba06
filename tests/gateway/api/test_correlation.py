"""The last net under a request: what is a fault of ours, and what is none."""

from __future__ import annotations

import logging

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from gateway.api.correlation import Correlation


class Failing:
    """An application that fails; what it and the net under it sent is kept."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure
        self.sent: list[Message] = []

    async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        raise self._failure

    async def asked(self) -> None:
        """Have one request fail."""
        net = Correlation(self, lambda: JSONResponse({}, status_code=500))
        await net({"type": "http", "headers": [(b"x-correlation-id", b"abc")]}, self._receive, self._send)

    async def _receive(self) -> Message:
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)


async def test_whoever_went_away_is_not_answered_and_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    gone = Failing(ClientDisconnect())
    await gone.asked()
    assert gone.sent == []
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("INFO", None)]
    assert "request abc" in caplog.text


async def test_a_fault_is_answered_and_told_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    broken = Failing(LookupError("no such thing"))
    await broken.asked()
    assert [message.get("status") for message in broken.sent] == [500, None]
    assert (b"x-correlation-id", b"abc") in broken.sent[0]["headers"]
    assert [(record.levelname, bool(record.exc_info)) for record in caplog.records] == [("ERROR", True)]
