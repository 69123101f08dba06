"""The only door to the network: three methods over TCP, TLS, SSH or memory."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Protocol

from drivers.errors import NothingSent, StreamClosed, Unreachable

READ_BYTES = 64 * 1024
LINGER_S = 5.0  # how long what was sent may take to leave once the line is closed


class Stream(Protocol):
    """A two-way stream of bytes."""

    async def receive(self) -> bytes:
        """Wait for some bytes. Raises StreamClosed once the peer has ended or the line is cut."""

    async def send(self, data: bytes) -> None:
        """Hand bytes to the line. Raises NothingSent when it was gone before.

        Raises StreamClosed when it goes meanwhile; how much arrived is then unknown.
        """

    async def close(self) -> None:
        """Let go of the line; safe to call twice, never raises."""


class PipeStream:
    """A stream over a reader and a writer as asyncio and asyncssh make them."""

    def __init__(self, reader: Any, writer: Any, also_close: Any = None) -> None:  # noqa: ANN401 - two libraries, one shape
        self._reader = reader
        self._writer = writer
        self._also_close = also_close

    async def receive(self) -> bytes:
        """See Stream."""
        try:
            data: bytes = await self._reader.read(READ_BYTES)
        except Exception as gone:  # asyncssh and asyncio each have their own families
            raise StreamClosed(type(gone).__name__) from gone
        if not data:
            raise StreamClosed("the peer ended the conversation")
        return data

    async def send(self, data: bytes) -> None:
        """See Stream."""
        if self._writer.is_closing():
            raise NothingSent("the line was closed")
        try:
            self._writer.write(data)
        except Exception as gone:  # refused as a whole: a closed transport takes nothing
            raise NothingSent(type(gone).__name__) from gone
        try:
            await self._writer.drain()
        except Exception as gone:
            raise StreamClosed(type(gone).__name__) from gone

    async def close(self) -> None:
        """See Stream."""
        self._writer.close()
        if self._also_close is not None:
            self._also_close.close()


class _Lingering:
    """Cuts a closed line for good: a peer that reads nothing any more would keep it, and what it has not read."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport

    def close(self) -> None:
        """What has not left by then never does."""
        asyncio.get_running_loop().call_later(LINGER_S, self._transport.abort)


async def connect_tcp(
    host: str, port: int, tls: ssl.SSLContext | None = None, server_name: str | None = None
) -> Stream:
    """Open a TCP (or TLS) stream. Raises Unreachable.

    When ``tls`` is given the server's name is verified: ``server_name``, where it is not known by ``host``.
    """
    try:
        reader, writer = await asyncio.open_connection(
            host, port, ssl=tls, server_hostname=(server_name or host) if tls is not None else None
        )
    except ssl.SSLCertVerificationError as wrong:
        advice = "check the certificate authority and the server's name that are configured"
        raise Unreachable(
            f"{host}:{port} shows a certificate that is not to be trusted ({wrong.verify_message}): {advice}"
        ) from wrong
    except OSError as refused:
        raise Unreachable(f"{host}:{port} does not answer ({type(refused).__name__})") from refused
    return PipeStream(reader, writer, _Lingering(writer.transport))
