"""The only door to the network: three methods over TCP, TLS, SSH or memory."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Protocol

from drivers.errors import StreamClosed, Unreachable

READ_BYTES = 64 * 1024


class Stream(Protocol):
    """A two-way stream of bytes."""

    async def receive(self) -> bytes:
        """Wait for some bytes. Raises StreamClosed once the peer has ended or the line is cut."""

    async def send(self, data: bytes) -> None:
        """Hand bytes to the line. Raises StreamClosed when it is gone; how much arrived is then unknown."""

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
        try:
            self._writer.write(data)
            await self._writer.drain()
        except Exception as gone:
            raise StreamClosed(type(gone).__name__) from gone

    async def close(self) -> None:
        """See Stream."""
        self._writer.close()
        if self._also_close is not None:
            self._also_close.close()


async def connect_tcp(host: str, port: int, tls: ssl.SSLContext | None = None) -> Stream:
    """Open a TCP (or TLS) stream. Raises Unreachable; the server's name is verified when ``tls`` is given."""
    try:
        reader, writer = await asyncio.open_connection(
            host, port, ssl=tls, server_hostname=host if tls is not None else None
        )
    except OSError as refused:
        raise Unreachable(f"{host}:{port} does not answer ({type(refused).__name__})") from refused
    return PipeStream(reader, writer)
