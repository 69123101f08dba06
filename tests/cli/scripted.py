"""A server that gives the answers it was told to, by method and path, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Scripted:
    """``answers``: "METHOD path" (with its query) to documents; the last one of several is given for ever."""

    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def on(self, what: str, *documents: Any, status: int = 200) -> None:  # noqa: ANN401 - any JSON
        self.answers[what] = [(status, document) for document in documents]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        scripted, what = self.server.scripted, f"{self.command} {self.path}"
        scripted.asked.append((what, json.loads(body) if body else None))
        left = scripted.answers.get(what, [(404, {"detail": f"nothing scripted for {what}"})])
        status, document = left.pop(0) if len(left) > 1 else left[0]
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


_Handler.do_GET = _Handler.do_POST = _Handler.do_PUT = _Handler._serve  # type: ignore[attr-defined]  # the names http.server looks for


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, scripted: Scripted) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripted = scripted


@contextmanager
def serving(scripted: Scripted) -> Iterator[str]:
    """Serve; give the address."""
    server = _Server(scripted)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
