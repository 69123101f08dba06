"""A message centre over TLS: its name is verified, and nothing of ours passes in clear, whatever is wrong with it."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.programs import LOOPBACK, Program
from tests.peers.smpp.centres import PASSWORD, SYSTEM_ID, node_smsc
from tests.peers.smpp.gateway import FIRST, Door, Gateway, gateway_at
from tests.peers.smpp.relay import Relay, relay
from tests.peers.smpp.scripted import wait_until

_SCENARIO = """\
spec = "1"
[elements.smsc]
dialect = "smpp"
transport = "tls"
host = "{host}"
port = 0
user = "{user}"
"""
_TEXT = "Votre solde: 5 EUR"
_CA = {"ca_file": '"smsc.pem"'}
_TLS_RECORD = 0x16  # RFC 8446 §5.1: handshake


class TlsCentre:
    """Our simulator with nothing but a message centre that listens over TLS."""

    def __init__(self, directory: Path) -> None:
        scenario = directory / "scenario.toml"
        scenario.write_text(_SCENARIO.format(host=LOOPBACK, user=SYSTEM_ID))
        arguments = [sys.executable, "-m", "hlr_sim", "--data", str(directory / "sim"), "--port", "0"]
        told = json.dumps({"passwords": {"smsc": PASSWORD}})
        self._program = Program([*arguments, "--scenario", str(scenario)], {}, directory / "logs" / "sim", told)
        ready = json.loads(self._program.ready())
        self.http = ready["http"]
        self.port = int(ready["elements"]["smsc"]["port"])
        self.certificate = Path(ready["elements"]["smsc"]["certificate"])

    def inbox(self) -> list[str]:
        """The texts the first phone has got."""
        answer = httpx.get(f"{self.http}/sms", params={"to": f"+{FIRST}"}, trust_env=False)
        return [item["text"] for item in answer.json()["items"]]

    def end(self) -> None:
        """End it."""
        self._program.end()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[TlsCentre]:
    running = TlsCentre(tmp_path)
    yield running
    running.end()


@contextlib.contextmanager
def gateway_over_tls(directory: Path, standing: Relay, centre: TlsCentre, server_name: str) -> Iterator[Gateway]:
    """Run a gateway that trusts the centre's certificate and expects this name in it."""
    esme = _CA | {"server_name": f'"{server_name}"'}
    certificates = {"smsc.pem": centre.certificate}
    with gateway_at(directory, Door(standing.port, transport="tls", esme=esme), files=certificates) as gateway:
        yield gateway


def test_messages_and_receipts_pass_unreadable(tmp_path: Path, centre: TlsCentre) -> None:
    with relay(centre.port) as standing, gateway_over_tls(tmp_path, standing, centre, LOOPBACK) as gateway:
        gateway.post(_TEXT)
        gateway.wait_for("delivered", 1)
        said = gateway.said()
    assert centre.inbox() == [_TEXT]
    assert standing.sent[0] == _TLS_RECORD
    for secret in (SYSTEM_ID, PASSWORD, _TEXT, str(FIRST)):
        assert secret.encode() not in standing.sent + standing.said
    assert not any(secret in said for secret in (PASSWORD, _TEXT))


def test_a_centre_of_another_name_is_told_nothing(tmp_path: Path, centre: TlsCentre) -> None:
    with relay(centre.port) as standing, gateway_over_tls(tmp_path, standing, centre, "smsc.example") as gateway:
        posted = gateway.post(_TEXT)
        wait_until(lambda: "cert" in gateway.said().lower(), "somebody is told what is wrong")
        state = gateway.message(posted["id"])["state"]
        assert gateway.program.running
    assert state == "queued"
    assert centre.inbox() == []
    assert standing.sent[0] == _TLS_RECORD
    assert PASSWORD.encode() not in standing.sent


def test_a_centre_without_tls_is_told_nothing(tmp_path: Path, centre: TlsCentre) -> None:
    with node_smsc(tmp_path) as plain, relay(plain.port) as standing:
        with gateway_over_tls(tmp_path, standing, centre, LOOPBACK) as gateway:
            posted = gateway.post(_TEXT)
            wait_until(lambda: "next try" in gateway.said(), "it has been tried")
            state = gateway.message(posted["id"])["state"]
        assert (plain.told("bound"), plain.messages) == ([], [])
    assert state == "queued"
    assert standing.sent[0] == _TLS_RECORD
    assert PASSWORD.encode() not in standing.sent
