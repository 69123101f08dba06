"""A serving node on an OsmoHLR's GSUP port: registers phones, and notes what it is told of them unasked.

GSUP is Osmocom's MAP without SS7: an IPA header (length, protocol), extension 0x05, a message type, then elements of
tag, length and value. IPA itself asks who we are (CCM) and whether we are still there (PING).
"""

import asyncio
import contextlib
import struct
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

GSUP_PORT = 4222
PS, CS = 1, 2
UPDATE_LOCATION, LOCATION_ERROR, LOCATION_RESULT = 0x04, 0x05, 0x06
INSERT_DATA, INSERT_DATA_RESULT = 0x10, 0x12
DELETE_DATA, DELETE_DATA_RESULT = 0x14, 0x16
IMSI_UNKNOWN, GPRS_NOT_ALLOWED, PLMN_NOT_ALLOWED, NETWORK_FAILURE = 2, 7, 11, 17  # TS 24.008 §10.5.3.6, §10.5.5.14

_CCM, _OSMO, _GSUP = 0xFE, 0xEE, 0x05
_PING, _PONG, _ID_GET, _ID_RESP = 0x00, 0x01, 0x04, 0x05
_SERIAL, _NAME, _UNIT = 0x00, 0x01, 0x08
_IMSI_IE, _CAUSE_IE, _MSISDN_IE, _DOMAIN_IE = 0x01, 0x02, 0x08, 0x28
_RESULTS = {INSERT_DATA: INSERT_DATA_RESULT, DELETE_DATA: DELETE_DATA_RESULT}


def frame(protocol: int, body: bytes) -> bytes:
    """Put a body into an IPA frame; the length does not count the protocol."""
    return struct.pack(">HB", len(body), protocol) + body


def digits(text: str) -> bytes:
    """Write digits two to an octet, the first in the low half, ``f`` to fill up."""
    filled = text + "f" * (len(text) % 2)
    return bytes(int(filled[n + 1] + filled[n], 16) for n in range(0, len(filled), 2))


def text(packed: bytes) -> str:
    """Read digits as ``digits`` writes them."""
    return "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in packed).removesuffix("f")


def message(kind: int, imsi: str, elements: Mapping[int, bytes] | None = None) -> bytes:
    """Write a GSUP message in its frame."""
    told = {_IMSI_IE: digits(imsi)} | dict(elements or {})
    body = b"".join(bytes([tag, len(value)]) + value for tag, value in told.items())
    return frame(_OSMO, bytes([_GSUP, kind]) + body)


def identity(name: str) -> bytes:
    """Write who we are: without a unit id the HLR closes the connection."""
    told = ((_UNIT, b"0/0/0\0"), (_NAME, name.encode() + b"\0"), (_SERIAL, name.encode() + b"\0"))
    return frame(_CCM, bytes([_ID_RESP]) + b"".join(struct.pack(">HB", len(v) + 1, tag) + v for tag, v in told))


@dataclass(frozen=True)
class Message:
    """What the HLR said of one phone; ``msisdn`` is ``None`` where none was told."""

    kind: int
    imsi: str
    msisdn: str | None = None
    domain: int | None = None
    cause: int | None = None


def read(body: bytes) -> Message:
    """Read a GSUP message without its frame and extension."""
    elements: dict[int, bytes] = {}
    rest = body[1:]
    while rest:
        elements[rest[0]], rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
    number, domain, cause = (elements.get(tag, b"") for tag in (_MSISDN_IE, _DOMAIN_IE, _CAUSE_IE))
    return Message(
        kind=body[0],
        imsi=text(elements[_IMSI_IE]),
        msisdn=text(number[1:]) or None,  # its first octet counts those that follow
        domain=domain[0] if domain else None,
        cause=cause[0] if cause else None,
    )


class Node:
    """One VLR or SGSN (which one, the HLR learns from its first location update): ``async with`` opens and closes it.

    Two names are two nodes to the HLR, so a VLR and an SGSN want one each.
    """

    def __init__(self, host: str, name: str, port: int = GSUP_PORT) -> None:
        self._host, self._name, self._port = host, name, port
        self._domain = CS
        self._known = asyncio.Event()
        self._news = asyncio.Condition()
        self._pushed: defaultdict[str, list[Message]] = defaultdict(list)
        self._registering: dict[str, asyncio.Future[int | None]] = {}

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        self._hearing = asyncio.create_task(self._hear(), name=f"gsup {self._name}")
        try:
            async with asyncio.timeout(10):
                await self._known.wait()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def location_update(self, imsi: str, domain: int, timeout_s: float = 10.0) -> int | None:
        """Register a phone: ``None`` when it is let in, else the cause of the refusal."""
        self._domain = domain
        answer: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._registering[imsi] = answer
        try:
            self._writer.write(message(UPDATE_LOCATION, imsi, {_DOMAIN_IE: bytes([domain])}))
            async with asyncio.timeout(timeout_s):
                return await answer
        finally:
            self._registering.pop(imsi, None)

    def pushed(self, imsi: str) -> tuple[Message, ...]:
        """Everything told of a phone unasked, oldest first: not what a location update brings along."""
        return tuple(self._pushed[imsi])

    async def told(self, imsi: str, kind: int, timeout_s: float = 10.0) -> Message:
        """Wait until a message of this kind has been pushed, and return the newest."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(lambda: any(m.kind == kind for m in self._pushed[imsi]))
        return next(m for m in reversed(self._pushed[imsi]) if m.kind == kind)

    async def heard_all(self) -> None:
        """Wait until everything the HLR said before now is here: it answers in order."""
        assert await self.location_update("001010000000000", self._domain) == IMSI_UNKNOWN

    async def _hear(self) -> None:
        while True:
            length, protocol = struct.unpack(">HB", await self._reader.readexactly(3))
            body = await self._reader.readexactly(length)
            if protocol == _CCM:
                self._identify(body[0])
            elif protocol == _OSMO and body[0] == _GSUP:
                await self._take(read(body[1:]))

    def _identify(self, kind: int) -> None:
        if kind == _PING:
            self._writer.write(frame(_CCM, bytes([_PONG])))
        elif kind == _ID_GET:
            self._writer.write(identity(self._name))
            self._known.set()

    async def _take(self, heard: Message) -> None:
        registering = self._registering.get(heard.imsi)
        if heard.kind in _RESULTS:
            self._writer.write(message(_RESULTS[heard.kind], heard.imsi))
        if registering is None:
            async with self._news:
                self._pushed[heard.imsi].append(heard)
                self._news.notify_all()
        elif heard.kind in (LOCATION_RESULT, LOCATION_ERROR):
            del self._registering[heard.imsi]  # what comes from now on is pushed
            if not registering.done():
                registering.set_result(heard.cause if heard.kind == LOCATION_ERROR else None)

    async def _close(self) -> None:
        self._hearing.cancel()
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            await self._hearing
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
