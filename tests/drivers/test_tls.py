"""TLS on the loopback interface: the name in the certificate is checked, and so is who signed it."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from drivers.errors import Unreachable
from drivers.stream import connect_tcp

LOOPBACK = "127.0.0.1"


def _certificate(folder: Path, address: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "element")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem = folder / "element.pem"
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return pem


async def _greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello")
    await writer.drain()
    writer.close()


@asynccontextmanager
async def _server(pem: Path) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(_greet, LOOPBACK, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_the_right_element_is_heard(tmp_path: Path) -> None:
    pem = _certificate(tmp_path, LOOPBACK)
    async with _server(pem) as port:
        stream = await connect_tcp(LOOPBACK, port, ssl.create_default_context(cafile=pem))
        assert await stream.receive() == b"hello"
        await stream.close()


async def test_a_certificate_for_another_name_is_unreachable(tmp_path: Path) -> None:
    pem = _certificate(tmp_path, "127.0.0.9")
    async with _server(pem) as port:
        with pytest.raises(Unreachable, match="not to be trusted"):
            await connect_tcp(LOOPBACK, port, ssl.create_default_context(cafile=pem))


async def test_a_certificate_nobody_vouches_for_is_unreachable(tmp_path: Path) -> None:
    async with _server(_certificate(tmp_path, LOOPBACK)) as port:
        with pytest.raises(Unreachable, match="not to be trusted"):
            await connect_tcp(LOOPBACK, port, ssl.create_default_context())
