"""A message centre that costs next to nothing: headers are read, answers are packed, nothing is kept.

``python -m benchmarks.smpp_sink [--receipts]`` prints ``ready http://127.0.0.1:PORT``, as the other servers here do.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from typing import cast

import uvloop

_HEADER = struct.Struct(">LLLL")
_BINDS = (0x00000001, 0x00000002, 0x00000009)
_SUBMIT, _UNBIND, _ENQUIRE, _DELIVER = 0x00000004, 0x00000006, 0x00000015, 0x00000005
_RESPONSE = 0x80000000
_RECEIPT = b"\0\x01\x01%s\0\0\0TECHNICO\0\x04\0\0\0\0\0\0\0\0"
_TEXT = b"id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:"


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self, *, receipts: bool) -> None:
        self._receipts = receipts
        self._buffer = bytearray()
        self._taken = 0
        self._line: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the line."""
        self._line = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every whole PDU, all of them in one write."""
        buffer = self._buffer
        buffer += data
        at, answers = 0, bytearray()
        while len(buffer) - at >= _HEADER.size:
            length, command, _, sequence = _HEADER.unpack_from(buffer, at)
            if len(buffer) - at < length:
                break
            answers += self._answer(command, sequence, bytes(buffer[at + _HEADER.size : at + length]))
            at += length
        del buffer[:at]
        if answers and self._line is not None:
            self._line.write(bytes(answers))

    def _answer(self, command: int, sequence: int, body: bytes) -> bytes:
        if command == _SUBMIT:
            self._taken += 1
            message_id = b"%x" % self._taken
            answer = _packed(command | _RESPONSE, sequence, message_id + b"\0")
            return answer + self._receipt(message_id, _recipient(body)) if self._receipts else answer
        if command in _BINDS:
            return _packed(command | _RESPONSE, sequence, b"SINK\0")
        return _packed(command | _RESPONSE, sequence) if command in (_ENQUIRE, _UNBIND) else b""

    def _receipt(self, message_id: bytes, recipient: bytes) -> bytes:
        text = _TEXT % message_id
        tlvs = struct.pack(">HH", 0x001E, len(message_id) + 1) + message_id + b"\0" + b"\x04\x27\0\x01\x02"
        return _packed(_DELIVER, self._taken, _RECEIPT % recipient + bytes([len(text)]) + text + tlvs)


def _recipient(body: bytes) -> bytes:
    """The destination of a submit_sm: behind service_type and source, each with its NUL, and two times TON and NPI."""
    _, _, behind = body.partition(b"\0")
    _, _, behind = behind[2:].partition(b"\0")
    return behind[2:].partition(b"\0")[0]


def _packed(command: int, sequence: int, body: bytes = b"") -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), command, 0, sequence) + body


async def _serve(*, receipts: bool) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Sink(receipts=receipts), "127.0.0.1", 0)
    print(f"ready http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(receipts="--receipts" in sys.argv[1:]))
