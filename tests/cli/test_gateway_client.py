"""How the client bears a gateway that is busy, breaks off, or is none at all."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gateway.cli.failure import NotReached, Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient

Answer = tuple[int, dict[str, str], bytes] | None
ACCEPTED: Answer = (202, {}, b'{"id": "1", "state": "acknowledged"}')


class Peer(HTTPServer):
    """Answers what it was told to, in turn; ``None`` is a connection broken off."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.heard: list[tuple[str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Peer

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.heard.append((self.path, dict(self.headers), body))
        answer = self.server.answers.pop(0)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


Handler.do_GET = Handler.do_POST = Handler.handle_one  # type: ignore[attr-defined]  # the names http.server looks for


@pytest.fixture
def peer() -> Iterator[Peer]:
    server = Peer()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(peer: Peer) -> Iterator[GatewayClient]:
    with GatewayClient(Address(f"http://127.0.0.1:{peer.server_port}", "TOP-secret")) as made:
        yield made


def test_a_busy_gateway_is_asked_again_when_it_says(peer: Peer, client: GatewayClient) -> None:
    peer.answers += [(429, {"Retry-After": "0"}, b"{}"), (429, {"Retry-After": "0"}, b"{}"), ACCEPTED]
    assert client.place({})["id"] == "1"
    assert len({headers["Idempotency-Key"] for _, headers, _ in peer.heard}) == 1


def test_one_that_is_busy_for_too_long_is_a_refusal(peer: Peer, client: GatewayClient) -> None:
    peer.answers += [(429, {"Retry-After": "3600"}, b'{"detail": "too many orders wait"}')]
    with pytest.raises(Refused, match="too many orders wait"):
        client.place({})


def test_an_order_whose_answer_was_lost_is_posted_again_under_the_same_key(peer: Peer, client: GatewayClient) -> None:
    peer.answers += [None, ACCEPTED]
    assert client.place({"action": "suspend"}, "K-1")["id"] == "1"
    assert [headers["Idempotency-Key"] for _, headers, _ in peer.heard] == ["K-1", "K-1"]


def test_a_gateway_whose_database_is_away_is_asked_again_where_that_is_safe(peer: Peer, client: GatewayClient) -> None:
    away = (503, {"Retry-After": "0"}, b'{"detail": "the database does not answer"}')
    peer.answers += [away, ACCEPTED, away, ACCEPTED, away]
    assert client.get("/v1/orders/1")["id"] == "1"
    assert client.place({}, "K-1")["id"] == "1"
    with pytest.raises(Refused, match="does not answer"):
        client.post("/v1/orders/1/cancel")
    assert len(peer.heard) == 5


def test_what_has_no_key_is_not_repeated(peer: Peer, client: GatewayClient) -> None:
    peer.answers += [None, ACCEPTED]
    with pytest.raises(NotReached):
        client.post("/v1/orders/1/cancel")
    assert len(peer.heard) == 1


def test_the_fields_of_a_problem_are_named(peer: Peer, client: GatewayClient) -> None:
    problem = {
        "title": "Invalid",
        "detail": "correct these",
        "errors": [{"field": "line.msisdn", "detail": "too short"}],
    }
    peer.answers += [(422, {}, json.dumps(problem).encode())]
    with pytest.raises(Refused, match=r"422 correct these\n  line\.msisdn: too short") as refused:
        client.preview({})
    assert refused.value.document == problem


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_not_accepted_is_wrong_use(peer: Peer, client: GatewayClient, status: int) -> None:
    peer.answers += [(status, {}, b'{"detail": "no"}')]
    with pytest.raises(WrongUse, match="LINEGATE_TOKEN") as wrong:
        client.get("/v1/orders")
    assert "TOP" not in str(wrong.value)


@pytest.mark.parametrize("status", [502, 504])
def test_a_proxy_with_nobody_behind_it_is_not_the_gateway(peer: Peer, client: GatewayClient, status: int) -> None:
    peer.answers += [(status, {}, b"<html>")]
    with pytest.raises(NotReached):
        client.get("/v1/orders")


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"", b"\xff"])
def test_an_answer_that_is_no_json_object_is_refused(peer: Peer, client: GatewayClient, content: bytes) -> None:
    peer.answers += [(200, {}, content), (500, {}, content)]
    for told in ("is LINEGATE_URL a gateway", "500"):
        with pytest.raises(Refused, match=told):
            client.get("/v1/orders")


def test_a_file_is_sent_in_pieces_with_its_length(peer: Peer, client: GatewayClient) -> None:
    peer.answers += [(200, {}, b'{"rows": 1}')]
    assert client.import_sims([b"ab", b"cd"], 4) == {"rows": 1}
    path, headers, body = peer.heard[0]
    assert (path, headers["Content-Length"], body) == ("/v1/sims/import", "4", b"abcd")
    assert "Transfer-Encoding" not in headers


def test_no_proxy_stands_between_two_processes_of_one_machine(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    peer.answers += [(200, {}, b"{}")]
    with GatewayClient(Address(f"http://127.0.0.1:{peer.server_port}")) as client:
        assert client.get("/v1/orders") == {}
