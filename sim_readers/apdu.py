"""Commands and responses of a card as values; bytes in, bytes out (ISO/IEC 7816-4 §5, short lengths only)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

_HEADER = 4
_MOST_DATA = 255
_MOST_ANSWER = 256


class Ins(IntEnum):
    """Instruction bytes (TS 102 221 §10.1.2; the GSM SIM's are the same where it has them, TS 51.011 §9.2)."""

    DEACTIVATE_FILE = 0x04
    TERMINAL_PROFILE = 0x10
    FETCH = 0x12
    TERMINAL_RESPONSE = 0x14
    VERIFY = 0x20
    CHANGE_PIN = 0x24
    DISABLE_PIN = 0x26
    ENABLE_PIN = 0x28
    UNBLOCK_PIN = 0x2C
    INCREASE = 0x32
    ACTIVATE_FILE = 0x44
    MANAGE_CHANNEL = 0x70
    AUTHENTICATE = 0x88  # RUN GSM ALGORITHM of a GSM SIM
    SEARCH_RECORD = 0xA2
    SELECT = 0xA4
    READ_BINARY = 0xB0
    READ_RECORD = 0xB2
    GET_RESPONSE = 0xC0
    ENVELOPE = 0xC2
    UPDATE_BINARY = 0xD6
    UPDATE_RECORD = 0xDC
    STATUS = 0xF2


@dataclass(frozen=True, slots=True)
class Command:
    """One command APDU. ``expects``: bytes wanted back, 1 to 256; ``None`` wants none. Data may be secret."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    expects: int | None = None

    def __post_init__(self) -> None:
        if len(self.data) > _MOST_DATA:
            raise ValueError(f"a short APDU carries at most {_MOST_DATA} bytes, not {len(self.data)}")
        if self.expects is not None and not 1 <= self.expects <= _MOST_ANSWER:
            raise ValueError(f"a short APDU asks for 1 to {_MOST_ANSWER} bytes, not {self.expects}")

    @property
    def case(self) -> int:
        """1: header alone; 2: wants an answer; 3: carries data; 4: both."""
        return (3 if self.data else 1) + (self.expects is not None)

    def to_bytes(self) -> bytes:
        """Write the APDU as T=1 carries it."""
        return self._head() + self._body() + self._le()

    def to_tpdu(self) -> bytes:
        """Write it as T=0 carries it: five bytes at least, and no Le after data (TS 102 221 §7.3.1.1.2)."""
        if self.data:
            return self._head() + self._body()
        return self._head() + (self._le() or b"\x00")

    @classmethod
    def parse(cls, raw: bytes) -> Command:
        """Read an APDU or TPDU; a fifth byte alone is Le, as T=0 has it. Raises ValueError."""
        if len(raw) < _HEADER:
            raise ValueError(f"a command has at least {_HEADER} bytes, not {len(raw)}")
        cla, ins, p1, p2, *rest = raw
        if not rest:
            return cls(cla, ins, p1, p2)
        if len(rest) == 1:
            return cls(cla, ins, p1, p2, expects=rest[0] or _MOST_ANSWER)
        length, body = rest[0], bytes(rest[1:])
        if length and len(body) == length:
            return cls(cla, ins, p1, p2, body)
        if length and len(body) == length + 1:
            return cls(cla, ins, p1, p2, body[:-1], body[-1] or _MOST_ANSWER)
        raise ValueError(f"Lc says {length} bytes of data, {len(body)} follow")

    def _head(self) -> bytes:
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def _body(self) -> bytes:
        return bytes((len(self.data),)) + self.data if self.data else b""

    def _le(self) -> bytes:
        return b"" if self.expects is None else bytes((self.expects % _MOST_ANSWER,))


@dataclass(frozen=True, slots=True)
class Response:
    """What the card answered: data, which may be secret, and the status word SW1 SW2."""

    status: int
    data: bytes = field(default=b"", repr=False)

    @property
    def sw1(self) -> int:
        """The first status byte."""
        return self.status >> 8

    @property
    def sw2(self) -> int:
        """The second."""
        return self.status & 0xFF

    def to_bytes(self) -> bytes:
        """Write it as a reader hands it over."""
        return self.data + self.status.to_bytes(2, "big")

    @classmethod
    def parse(cls, raw: bytes) -> Response:
        """Read one. Raises ValueError when there is not even a status word."""
        if len(raw) < 2:  # noqa: PLR2004 - a status word has two bytes
            raise ValueError("an answer ends with a status word of two bytes")
        return cls(int.from_bytes(raw[-2:], "big"), raw[:-2])
