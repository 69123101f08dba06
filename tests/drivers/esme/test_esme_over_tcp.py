"""The whole way over TCP and TLS on the loopback interface: bytes in pieces, real sockets, real certificates."""

import asyncio
import dataclasses
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from drivers.commands import Submitted
from drivers.errors import InDoubt, Unreachable
from drivers.esme.centre import Centre
from drivers.esme.config import CentreConfig, Speed, Tls
from drivers.esme.connecting import connector, tls_context
from drivers.esme.esme import Esme
from drivers.stream import connect_tcp
from tests.drivers.esme.centres import PLAIN, Ear, send
from tests.drivers.esme.smsc import Smsc, Visit, keeping, listening, submission


@asynccontextmanager
async def _esme(how: CentreConfig, ear: Ear) -> AsyncIterator[Esme]:
    random = Random(1)
    esme = Esme([Centre(how, connector(how), random)], random, ear)
    esme.start()
    try:
        yield esme
    finally:
        await esme.close(1)


class Pieces:
    """A line on which every octet is a write of its own."""

    def __init__(self, visit: Visit) -> None:
        self._line = visit.stream

    async def receive(self) -> bytes:
        return await self._line.receive()

    async def send(self, data: bytes) -> None:
        for octet in data:
            await self._line.send(bytes([octet]))
            await asyncio.sleep(0)

    async def close(self) -> None:
        await self._line.close()


async def _until(sure: Callable[[], bool]) -> None:
    while not sure():  # noqa: ASYNC110 - the far end has no event to wait for
        await asyncio.sleep(0.01)


async def test_answers_and_receipts_may_come_octet_by_octet_or_all_at_once() -> None:
    smsc, ear = Smsc(submit=keeping), Ear()
    async with listening(smsc) as port, _esme(dataclasses.replace(PLAIN, port=port), ear) as esme, asyncio.timeout(30):
        _, answers = await send(esme, 5)
        await _until(lambda: bool(smsc.visits) and len(smsc.last.unanswered) == 5)
        line, smsc.last.stream = smsc.last.stream, Pieces(smsc.last)
        for asked in smsc.last.unanswered[:2]:
            await smsc.last.answer(asked)
        await smsc.last.tell()
        smsc.last.stream = line
        await smsc.last.tell(3)
        for asked in list(smsc.last.unanswered):
            await smsc.last.answer(asked)
        assert [type(await answer) for answer in answers] == [Submitted] * 5
        await _until(lambda: len(smsc.last.named("deliver_sm_resp")) == 4)
        assert len(ear.heard) == 4


async def test_a_line_cut_mid_window_leaves_doubt_and_comes_back() -> None:
    smsc = Smsc(submit=keeping)
    how = dataclasses.replace(PLAIN, speed=Speed(window=5))
    async with listening(smsc) as port, asyncio.timeout(30), _esme(dataclasses.replace(how, port=port), Ear()) as esme:
        _, answers = await send(esme, 5)
        await _until(lambda: bool(smsc.visits) and len(smsc.last.unanswered) == 5)
        await smsc.last.stream.close()
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [InDoubt] * 5
        smsc.submit = Smsc().submit
        _, (answer,) = await send(esme)
        assert isinstance(await answer, Submitted)


async def test_a_thousand_messages_over_several_connections_are_each_answered_once() -> None:
    smsc = Smsc()
    how = dataclasses.replace(PLAIN, connections=3, speed=Speed(window=7))
    async with listening(smsc) as port, asyncio.timeout(60), _esme(dataclasses.replace(how, port=port), Ear()) as esme:

        async def work() -> None:
            for n in range(50):
                _, answers = await send(esme, 1 + n % 3)
                assert [type(await answer) for answer in answers] == [Submitted] * len(answers)

        await asyncio.gather(*(work() for _ in range(20)))
        assert len(smsc.submitted()) == 20 * sum(1 + n % 3 for n in range(50))
        assert esme.centres[0].figures().window_in_use == 0


def _certificate(folder: Path, name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None) -> Path:
    """Write a certificate and its key; without an issuer it vouches for itself, and for others."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=issuer[0].subject if issuer else subject, subject_name=subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem = folder / f"{name}.pem"
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return pem


def _loaded(pem: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = serialization.load_pem_private_key(pem.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate(pem.read_bytes()), key


def _server_context(pem: Path, clients: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context


async def test_messages_go_over_tls_to_whom_the_name_says_and_our_certificate_is_shown(tmp_path: Path) -> None:
    ca = _certificate(tmp_path, "ca", None)
    server = _certificate(tmp_path, "smsc.example", _loaded(ca))
    ours = _certificate(tmp_path, "gateway.example", _loaded(ca))
    smsc = Smsc()
    async with listening(smsc, _server_context(server, ca)) as port, asyncio.timeout(30):
        tls = Tls(ca_file=str(ca), server_name="smsc.example", certificate=str(ours))
        async with _esme(dataclasses.replace(PLAIN, port=port, tls=tls), Ear()) as esme:
            with await esme.place(1) as place:
                assert isinstance(await place.submit(submission()), Submitted)


async def test_somebody_elses_name_is_refused_before_the_password_is_said(tmp_path: Path) -> None:
    ca = _certificate(tmp_path, "ca", None)
    server = _certificate(tmp_path, "smsc.example", _loaded(ca))
    smsc = Smsc()
    async with listening(smsc, _server_context(server)) as port, asyncio.timeout(30):
        tls = Tls(ca_file=str(ca), server_name="other.example")
        with pytest.raises(Unreachable, match="not to be trusted"):
            await connector(dataclasses.replace(PLAIN, port=port, tls=tls))()
        async with _esme(dataclasses.replace(PLAIN, port=port, tls=tls), Ear()) as esme:
            await _until(lambda: bool(esme.centres[0].reason))
            assert "not to be trusted" in esme.centres[0].reason
            assert not esme.usable
        assert smsc.visits == []


async def test_without_another_name_the_hosts_own_is_checked(tmp_path: Path) -> None:
    ca = _certificate(tmp_path, "ca", None)
    server = _certificate(tmp_path, "smsc.example", _loaded(ca))
    async with listening(Smsc(), _server_context(server)) as port:
        with pytest.raises(Unreachable, match="not to be trusted"):
            await connect_tcp("127.0.0.1", port, tls_context(Tls(ca_file=str(ca))))


def test_nothing_older_than_tls_1_2_is_spoken() -> None:
    assert tls_context(Tls()).minimum_version is ssl.TLSVersion.TLSv1_2
    assert tls_context(Tls()).check_hostname


def test_a_key_that_wants_a_passphrase_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    pem = _certificate(tmp_path, "gateway.example", None)
    certificate, key = _loaded(pem)
    locked = serialization.BestAvailableEncryption(b"FAKEphrase")
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    with pytest.raises(OSError, match="PEM"):
        tls_context(Tls(certificate=str(pem)))
