"""A server that speaks as a gateway does about orders and events, and misbehaves as it is told."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass
class Pretender:
    """Its orders end at once, as ``ends`` says; ``trouble`` may spoil a request before or after it is heard."""

    ends: Callable[[Json], str | None] = lambda _: "completed"
    refuses: Callable[[Json], str | None] = lambda _: None
    trouble: Callable[[str, int], str] = lambda _path, _nth: ""
    token: str = "TOP-secret"
    orders: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    news: threading.Condition = field(default_factory=threading.Condition)
    hang_up: threading.Event = field(default_factory=threading.Event)

    def accept(self, key: str, order: Json) -> tuple[int, dict[str, str], Json]:
        with self.news:
            if key in self.keys:
                return 202, {"Idempotency-Replayed": "true"}, {"id": self.keys[key], "state": "acknowledged"}
            if (why := self.refuses(order)) is not None:
                return 409, {}, {"detail": why, "errors": [{"field": "line", "detail": "is wrong"}]}
            order_id = self.keys[key] = f"{len(self.orders) + 1:032x}"
            self.orders[order_id] = {**order, "state": "acknowledged", "waiting_for": None}
            self._tell("accepted", order_id)
            self.end(order_id, self.ends(order))
        return 202, {}, {"id": order_id, "state": "acknowledged"}

    def end(self, order_id: str, state: str | None) -> None:
        with self.news:
            if state is not None:
                self.orders[order_id]["state"] = state
                self.orders[order_id]["error"] = None if state == "completed" else {"detail": f"it {state}"}
                self._tell(state, order_id)

    def _tell(self, word: str, order_id: str) -> None:
        self.events.append((f"order.{word}", json.dumps({"order_id": order_id})))
        self.news.notify_all()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.pretender.connections += 1

    def _serve(self) -> None:
        pretender = self.server.pretender
        path = self.path.split("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with pretender.news:
            pretender.heard[path] += 1
            trouble = pretender.trouble(path, pretender.heard[path])
        if trouble == "deaf":
            self._break()
        elif trouble.isdigit():
            self._answer(int(trouble), {"Retry-After": "0"}, {"detail": "not now"})
        elif self.headers.get("Authorization") != f"Bearer {pretender.token}":
            self._answer(401, {}, {"detail": "who are you"})
        elif path == "/v1/events":
            self._stream()
        else:
            answer = self._answered(path, body)
            if trouble == "mute":
                self._break()
            elif trouble == "nonsense":
                self.wfile.write(b"220 mail.example ESMTP\r\n")
                self._break()
            else:
                self._answer(*answer)
                self.close_connection = trouble == "hasty"

    def _answered(self, path: str, body: bytes) -> tuple[int, dict[str, str], Json]:
        pretender = self.server.pretender
        if self.command == "GET" and path == "/v1/orders":
            return 200, {}, {"items": [], "next": None}
        if self.command == "GET":
            order = pretender.orders.get(path.rpartition("/")[2])
            return (404, {}, {"detail": "no such order"}) if order is None else (200, {}, order)
        order = json.loads(body)
        if "dry_run=true" in self.path:
            why = pretender.refuses(order)
            return (200, {}, {"plan": [{}, {}]}) if why is None else (409, {}, {"detail": why})
        return pretender.accept(self.headers["Idempotency-Key"], order)

    def _answer(self, status: int, headers: dict[str, str], document: Json) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _break(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def _stream(self) -> None:
        pretender = self.server.pretender
        last = self.headers.get("Last-Event-ID")
        seq = int(last) if last else len(pretender.events) if "from=now" in self.path else 0
        self.send_response(200)
        for name, value in {"Transfer-Encoding": "chunked", "Last-Event-ID": str(seq)}.items():
            self.send_header(name, value)
        self.end_headers()
        while not pretender.hang_up.is_set():
            with pretender.news:
                events = pretender.events[seq : seq + 3]
                if not events:
                    pretender.news.wait(0.05)
            text = "".join(
                f"id: {seq + n}\nevent: {kind}\ndata: {data}\n\n" for n, (kind, data) in enumerate(events, start=1)
            )
            seq += len(events)
            half = len(text) // 2
            for piece in (text[:half], text[half:]) if text else (": still here\n\n",):  # cut wherever it falls
                self.wfile.write(f"{len(piece.encode()):x}\r\n{piece}\r\n".encode())
                self.wfile.flush()
        pretender.hang_up.clear()
        self._break()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


_Handler.do_GET = _Handler.do_POST = _Handler._serve  # type: ignore[attr-defined]  # the names http.server looks for


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, pretender: Pretender) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pretender = pretender

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error."""


@contextmanager
def pretending(pretender: Pretender) -> Iterator[str]:
    """Serve; give the address."""
    server = _Server(pretender)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
