"""Streams over TCP and TLS on the loopback interface."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from drivers.errors import NothingSent, StreamClosed, Unreachable
from drivers.stream import PipeStream, connect_tcp

LOOPBACK = "127.0.0.1"


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while (data := await reader.read(1024)) and data != b"bye":
            writer.write(data)
    writer.close()


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    async with asyncio.TaskGroup() as visits:

        def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            visits.create_task(_echo(reader, writer))

        async with await asyncio.start_server(visit, LOOPBACK, 0) as server:
            yield server.sockets[0].getsockname()[1]


async def test_bytes_go_there_and_back() -> None:
    async with _server() as port:
        stream = await connect_tcp(LOOPBACK, port)
        await stream.send(b"hello")
        assert await stream.receive() == b"hello"
        await stream.close()


async def test_a_peer_that_ends_is_noticed() -> None:
    async with _server() as port:
        stream = await connect_tcp(LOOPBACK, port)
        await stream.send(b"bye")
        with pytest.raises(StreamClosed, match="the peer ended"):
            await stream.receive()
        await stream.close()


async def test_closing_twice_is_safe_and_ends_both_directions() -> None:
    async with _server() as port:
        stream = await connect_tcp(LOOPBACK, port)
        await stream.close()
        await stream.close()
        with pytest.raises(StreamClosed):
            await stream.receive()


async def test_sending_into_a_closed_line_is_noticed() -> None:
    async with _server() as port:
        stream = await connect_tcp(LOOPBACK, port)
        await stream.close()
        with pytest.raises(NothingSent):
            await stream.send(b"hello")


async def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind((LOOPBACK, 0))
        port = unused.getsockname()[1]
    with pytest.raises(Unreachable, match="does not answer"):
        await connect_tcp(LOOPBACK, port)


async def test_a_name_that_means_nothing_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        await connect_tcp("element.invalid", 7776)


async def test_a_peer_that_speaks_no_tls_is_unreachable() -> None:
    async with _server() as port:
        with pytest.raises(Unreachable, match="SSLError"):
            await connect_tcp(LOOPBACK, port, ssl.create_default_context())


async def test_a_peer_that_reads_nothing_any_more_does_not_keep_a_closed_line() -> None:
    with socket.create_server((LOOPBACK, 0)) as deaf:
        stream = await connect_tcp(LOOPBACK, deaf.getsockname()[1])
        assert isinstance(stream, PipeStream)
        ours = stream._writer.get_extra_info("socket")
        sending = asyncio.create_task(stream.send(bytes(1 << 24)))
        await asyncio.sleep(0)
        await stream.close()
        assert ours.fileno() >= 0
        await asyncio.wait([sending], timeout=60)  # until the line is cut
        assert ours.fileno() < 0
