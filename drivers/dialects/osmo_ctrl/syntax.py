"""CTRL framing and grammar: two octets of length, IPA protocol 0xee, extension 0x00, then one line of text."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.errors import Garbled

_HEADER = 3  # length and protocol; the length counts what follows them
_OSMO, _CTRL = 0xEE, 0x00


def frame(text: str) -> bytes:
    """Put a text into a frame."""
    body = bytes([_CTRL]) + text.encode("ascii")
    return len(body).to_bytes(2, "big") + bytes([_OSMO]) + body


def take_text(buffer: bytearray) -> str | None:
    """Cut the next text off the buffer; ``None`` when more bytes are needed. Raises Garbled."""
    if len(buffer) < _HEADER:
        return None
    end = _HEADER + int.from_bytes(buffer[:2], "big")
    if buffer[2] != _OSMO or end == _HEADER:
        raise Garbled("a frame is not CTRL's")
    if len(buffer) < end:
        return None
    extension, body = buffer[_HEADER], bytes(buffer[_HEADER + 1 : end])
    del buffer[:end]
    if extension != _CTRL or not body.isascii():
        raise Garbled("a frame is not CTRL's, or not ASCII")
    return body.decode("ascii")


@dataclass(frozen=True, slots=True)
class Request:
    """One GET or SET of a variable; ``shown`` is its value as it may be printed."""

    verb: str
    variable: str
    value: str = field(default="", repr=False)
    shown: str = ""

    def text(self, number: str) -> str:
        """Write it under a transaction id."""
        return f"{self.verb} {number} {self.variable} {self.value}".rstrip()

    def masked(self, number: str) -> str:
        """Write it as it may be printed."""
        return f"{self.verb} {number} {self.variable} {self.shown or self.value}".rstrip()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: GET_REPLY, SET_REPLY or ERROR, to which id; an error has no variable."""

    kind: str
    number: str
    variable: str
    value: str = field(repr=False)


def parse_answer(text: str) -> Answer | None:
    """Read an answer; ``None``: a TRAP, which nobody asked for. Raises Garbled, never repeating what may hold keys."""
    kind, _, rest = text.partition(" ")
    number, _, rest = rest.partition(" ")
    if kind == "TRAP":
        return None
    if kind not in ("GET_REPLY", "SET_REPLY", "ERROR") or not number.isdigit():
        raise Garbled("an answer is none of GET_REPLY, SET_REPLY and ERROR, or does not say to what")
    if kind == "ERROR":
        return Answer(kind, number, "", rest)
    variable, _, value = rest.partition(" ")
    return Answer(kind, number, variable, value)
