"""One kept-alive HTTP/1.1 connection: what thousands of requests in a row need of HTTP, at a tenth of a client's cost.

No proxies, no redirects, no cookies. Whoever asks knows whether asking again is harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httptools

from gateway.cli.gateway_client import Address, base_url

_READ_BYTES = 64 * 1024
_CONNECT_S = 5.0
_ANSWER_S = 30.0


class Broken(Exception):
    """The connection ended, or went silent, before the answer was whole; the request may have been heard."""


@dataclass(slots=True)
class Answer:
    """One answer; header names are in lower case."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


class _Hearing:
    """What httptools tells of one answer as its bytes come in."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.begun = self.whole = self.kept = False
        self.parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Take bytes. Raises Broken."""
        if not data:
            raise Broken("the gateway closed the connection")
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as nonsense:
            raise Broken(f"the answer is no HTTP ({nonsense})") from nonsense

    def on_header(self, name: bytes, value: bytes) -> None:
        self.answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.answer.status = self.parser.get_status_code()
        self.begun = True

    def on_body(self, body: bytes) -> None:
        self.answer.body += body

    def on_message_complete(self) -> None:
        self.whole, self.kept = True, self.parser.should_keep_alive()  # asked later, it tells of the next answer


class Connection:
    """Asks one thing at a time; opens itself when needed."""

    def __init__(self, address: Address) -> None:
        """Raises WrongUse when the address is none."""
        base = base_url(address.url)
        self._host, self._port = base.host, base.port or (443 if base.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if base.scheme == "https" else None
        self._path = base.raw_path.decode("ascii").rstrip("/")
        token = "" if address.token is None else f"Authorization: Bearer {address.token}\r\n"
        self._head = f"Host: {base.netloc.decode('ascii')}\r\n{token}Accept: */*\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request and wait for its answer. Raises Broken."""
        hearing = _Hearing()
        with self._ended_by_trouble():
            async with asyncio.timeout(_ANSWER_S):
                reader = await self._send(method, path, body, headers or {})
                while not hearing.whole:
                    hearing.feed(await reader.read(_READ_BYTES))
        if not hearing.kept:
            self.close()
        return hearing.answer

    @asynccontextmanager
    async def listen(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[tuple[Answer, AsyncIterator[bytes]]]:
        """Send a request whose answer does not end; give its head and its pieces. Raises Broken, there and here."""
        hearing = _Hearing()
        try:
            with self._ended_by_trouble():
                async with asyncio.timeout(_ANSWER_S):
                    reader = await self._send("GET", path, b"", headers)
                    while not hearing.begun:
                        hearing.feed(await reader.read(_READ_BYTES))
                yield hearing.answer, _pieces(hearing, reader)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up; the next request opens the connection again."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> asyncio.StreamReader:
        reader, writer = await self._opened()
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if body:
            more += "Content-Type: application/json\r\n"
        length = f"Content-Length: {len(body)}\r\n" if body or method != "GET" else ""
        writer.write(f"{method} {self._path}{path} HTTP/1.1\r\n{self._head}{more}{length}\r\n".encode() + body)
        await writer.drain()
        return reader

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            async with asyncio.timeout(_CONNECT_S):
                self._streams = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        return self._streams

    @contextlib.contextmanager
    def _ended_by_trouble(self) -> Iterator[None]:
        try:
            yield
        except Broken:
            self.close()
            raise
        except (OSError, TimeoutError) as trouble:
            self.close()
            raise Broken(str(trouble) or "no answer in time") from trouble
        except BaseException:  # stopped half-way: what comes next on this connection would be another's answer
            self.close()
            raise


async def _pieces(hearing: _Hearing, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while not hearing.whole:
        if hearing.answer.body:
            piece = bytes(hearing.answer.body)
            hearing.answer.body.clear()
            yield piece
        try:
            hearing.feed(await reader.read(_READ_BYTES))
        except OSError as trouble:
            raise Broken(str(trouble)) from trouble
