"""The wire of a virtual reader (vpcd), as bytes and values; no sockets here.

The card calls the reader over TCP. Every message is a length of two bytes, big-endian, and that many bytes. What the
reader sends is one byte of control (``Control``) or a command; the card answers commands, and the question for its ATR.
A closed connection, or an ATR of no bytes, is a card taken out. Nobody has to prove who they are on this wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

_LENGTH = 2
_MOST = 0xFFFF


class Control(IntEnum):
    """What a reader says besides commands; only ``ATR`` is answered."""

    OFF = 0x00
    ON = 0x01
    RESET = 0x02
    ATR = 0x04


def frame(payload: bytes) -> bytes:
    """Put the length before a payload. Raises ValueError beyond 65,535 bytes."""
    if len(payload) > _MOST:
        raise ValueError(f"a message has at most {_MOST} bytes, not {len(payload)}")
    return len(payload).to_bytes(_LENGTH, "big") + payload


def control(what: Control) -> bytes:
    """Frame a control byte."""
    return frame(bytes((what,)))


def understand(payload: bytes) -> Control | bytes:
    """Read what a reader says: control, or the bytes of a command."""
    if len(payload) == 1 and payload[0] in tuple(Control):
        return Control(payload[0])
    return payload


class Frames:
    """Payloads out of a stream that may be cut anywhere."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = bytearray()

    @property
    def torn(self) -> bool:
        """Whether a message has begun that has not ended."""
        return bool(self._rest)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take in what came and yield every payload that is whole now, in order."""
        self._rest += data
        while len(self._rest) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._rest[:_LENGTH], "big")
            if len(self._rest) < end:
                return
            payload = bytes(self._rest[_LENGTH:end])
            del self._rest[:end]
            yield payload
