"""Sending a file to a gateway that fails: as long as it goes on, or may, and no longer; what was taken stays."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.batch_upload import Parcel, Uploader, parcel_of
from gateway.cli.failure import Failure, NotReached, Refused, WrongUse
from gateway.cli.gateway_client import Address

HREF = "/v1/batches/b1"
_UNAUTHORISED, _ELSEWHERE = 401, "upload-offset-mismatch"


@dataclass
class Door:
    """A gateway's door for files. ``troubles``: by "METHOD", what happens to the next requests, the last for ever.

    A status answers that, nothing being taken; "half" takes half of what comes, then the line breaks.
    """

    troubles: dict[str, list[int | str]] = field(default_factory=dict)
    problem: str = "internal-error"
    state: str = "receiving"
    data: bytes = b""
    asked: list[str] = field(default_factory=list)

    def trouble(self, method: str) -> int | str:
        left = self.troubles.get(method, [""])
        return left.pop(0) if len(left) > 1 else left[0]

    @property
    def view(self) -> dict[str, Any]:
        return {"id": "b1", "href": HREF, "state": self.state, "upload_offset": len(self.data)}


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        door = self.server.door
        door.asked.append(f"{self.command} {self.path.split('?')[0]}")
        trouble, length = door.trouble(self.command), int(self.headers.get("Content-Length") or 0)
        if trouble == "half":
            door.data += self.rfile.read(length // 2 or length)
            return  # without an answer
        body = self.rfile.read(length)
        if isinstance(trouble, int):
            headers = {"Upload-Offset": str(len(door.data))} if door.problem == _ELSEWHERE else {}
            self._answer(trouble, {"type": f"/problems/{door.problem}", "detail": "so it is"}, headers)
        elif self.command == "PATCH":
            door.data, door.state = door.data + body, "validating"
            self._answer(204, None, {})
        else:
            self._answer(200, door.view, {})

    def _answer(self, status: int, document: Any, headers: dict[str, str]) -> None:  # noqa: ANN401 - any JSON
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


for _method in ("GET", "POST", "PATCH"):
    setattr(_Handler, f"do_{_method}", _Handler._serve)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, door: Door) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.door = door


@pytest.fixture
def server() -> Iterator[_Server]:
    made = _Server(Door())
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    file = tmp_path / "orders.ndjson"
    file.write_bytes(b"{}\n" * 3000)
    return parcel_of(file, "application/x-ndjson", {}, "k")


def uploader(server: _Server, parcel: Parcel, patience_s: float) -> Uploader:
    return Uploader(Address(f"http://127.0.0.1:{server.server_port}"), parcel, lambda _: None, patience_s)


def test_patience_begins_anew_whenever_something_was_taken(server: _Server, parcel: Parcel) -> None:
    server.door.troubles["PATCH"] = ["half", "half", "half", ""]
    taken = uploader(server, parcel, patience_s=0).run()
    assert (taken["state"], server.door.data) == ("validating", parcel.file.read_bytes())


def test_patience_ends_where_nothing_is_taken(server: _Server, parcel: Parcel) -> None:
    server.door.troubles["PATCH"] = ["half", 500]
    with pytest.raises(NotReached, match="send the file again, it goes on"):
        uploader(server, parcel, patience_s=0).run()
    assert f"POST {HREF}/cancel" not in server.door.asked
    assert len(server.door.data) == parcel.file.stat().st_size // 2


@pytest.mark.parametrize("method", ["POST", "PATCH", "GET"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_fault_that_passes_is_waited_out(server: _Server, parcel: Parcel, method: str, status: int) -> None:
    server.door.troubles[method] = [status, ""]
    assert uploader(server, parcel, patience_s=60).run()["state"] == "validating"
    assert server.door.data == parcel.file.read_bytes()
    assert f"POST {HREF}/cancel" not in server.door.asked


def test_a_fault_that_stays_is_told_as_such(server: _Server, parcel: Parcel) -> None:
    server.door.troubles["POST"] = [500]
    with pytest.raises(NotReached, match="500 so it is"):
        uploader(server, parcel, patience_s=0).run()


def test_who_posts_the_same_at_the_same_moment_goes_on_with_it(server: _Server, parcel: Parcel) -> None:
    server.door.troubles["POST"], server.door.problem = [409, ""], _ELSEWHERE
    assert uploader(server, parcel, patience_s=60).run()["state"] == "validating"


@pytest.mark.parametrize(
    ("status", "problem", "cancelled"),
    [
        (409, "no-rows", True),
        (409, "bad-header", True),
        (413, "row-too-long", True),
        (422, "invalid-request", False),
        (_UNAUTHORISED, "unauthorized", False),
    ],
)
def test_only_a_file_that_can_never_be_taken_is_given_up(
    server: _Server, parcel: Parcel, status: int, problem: str, *, cancelled: bool
) -> None:
    server.door.troubles["PATCH"], server.door.problem = [status], problem
    told: type[Failure] = WrongUse if status == _UNAUTHORISED else Refused
    with pytest.raises(told, match="so it is"):
        uploader(server, parcel, patience_s=0).run()
    assert (f"POST {HREF}/cancel" in server.door.asked) == cancelled


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_a_batch_that_was_given_up_is_not_taken_for_this_one(server: _Server, parcel: Parcel, state: str) -> None:
    server.door.state = state
    with pytest.raises(Refused, match="another --idempotency-key"):
        uploader(server, parcel, patience_s=0).run()
    assert server.door.data == b""
