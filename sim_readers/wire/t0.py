"""The byte protocol T=0 without any line: what to send, what was received (ISO/IEC 7816-3 §10, TS 102 221 §7.3.1).

A command is a TPDU: a header of five bytes, and the data it carries, if any. Which way data flows cannot be seen in
the header: the host knows because it has data or has none, the card because it knows its instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim_readers.apdu import Ins
from sim_readers.errors import Garbled

HEADER = 5
NULL = 0x60
_ALL = 256
_STATUS = 2
_WRONG = b"\x6f\x00"

TAKES_DATA = frozenset(
    {
        *(Ins.SELECT, Ins.VERIFY, Ins.CHANGE_PIN, Ins.DISABLE_PIN, Ins.ENABLE_PIN, Ins.UNBLOCK_PIN, Ins.INCREASE),
        *(Ins.UPDATE_BINARY, Ins.UPDATE_RECORD, Ins.SEARCH_RECORD, Ins.AUTHENTICATE, Ins.ENVELOPE),
        *(Ins.TERMINAL_PROFILE, Ins.TERMINAL_RESPONSE, Ins.DEACTIVATE_FILE, Ins.ACTIVATE_FILE),
        *(0xD4, 0xDB, 0xCB),  # a maker's own key writing; SET DATA, RETRIEVE DATA
    }
)


class HostSide:
    """One command as the host sees it: send ``start``, then ``feed`` what arrives and send what that returns."""

    def __init__(self, tpdu: bytes) -> None:
        if len(tpdu) < HEADER or (len(tpdu) > HEADER and len(tpdu) != HEADER + tpdu[4]):
            raise ValueError("a TPDU is a header of five bytes, and as much data as the fifth says or none")
        self.start = bytes(tpdu[:HEADER])
        self.response: bytes | None = None
        self._ins = tpdu[1]
        self._carries = len(tpdu) > HEADER
        self._unsent = bytes(tpdu[HEADER:])
        self._owed = 0 if self._carries else tpdu[4] or _ALL
        self._coming = 0  # bytes of the answer announced by the last procedure byte
        self._got = bytearray()
        self._sw1: int | None = None

    @property
    def needed(self) -> int:
        """How many bytes must still come at least, before the host has to send anything; 0 when it is over."""
        if self.response is not None:
            return 0
        if self._sw1 is not None:
            return 1
        return self._coming + (1 if self._unsent else _STATUS)

    def feed(self, received: bytes) -> bytes:
        """Take what the card sent; return what must be sent to it now. Raises Garbled."""
        out = b""
        for byte in received:
            out += self._take(byte)
        return out

    def _take(self, byte: int) -> bytes:
        if self.response is not None:
            raise Garbled("the card went on after its status word: the conversation is out of step, reset the card")
        if self._coming:
            self._coming -= 1
            self._owed -= 1
            self._got.append(byte)
        elif self._sw1 is not None:
            self.response = bytes(self._got) + bytes((self._sw1, byte))
        elif byte in (self._ins, self._ins ^ 0xFF):
            return self._go_on(1 if byte != self._ins else _ALL)
        elif byte >> 4 in (0x6, 0x9):
            self._sw1 = None if byte == NULL else byte
        else:
            raise Garbled(f"{byte:02X} is no procedure byte: reset the card; if it happens again, check the line speed")
        return b""

    def _go_on(self, most: int) -> bytes:
        """The card asks for data, or announces some: at most so many bytes (TS 102 221 table 7.1)."""
        if not self._unsent and not self._owed:
            raise Garbled("the card wants to go on where there is nothing left: reset the card")
        out, self._unsent = self._unsent[:most], self._unsent[most:]
        self._coming = min(self._owed, most)
        return out


class Echo:
    """Takes out of what arrives what was sent: on a Phoenix reader both directions share one wire."""

    def __init__(self) -> None:
        self._expected = b""

    @property
    def pending(self) -> int:
        """How many sent bytes have not come back yet."""
        return len(self._expected)

    def sent(self, data: bytes) -> None:
        """Note what was sent."""
        self._expected += data

    def strip(self, received: bytes) -> bytes:
        """Return what the other end said. Raises Garbled when a sent byte came back as another."""
        count = min(len(received), len(self._expected))
        if received[:count] != self._expected[:count]:
            raise Garbled(
                "what was sent came back changed: the speed may be wrong (frequency_hz), another program may be on "
                "the line, or the reader does not echo (echo=no)"
            )
        self._expected = self._expected[count:]
        return received[count:]


class CardSide:
    """A card's end of T=0 in front of whatever carries commands out; ``null_bytes`` come before every answer."""

    def __init__(
        self,
        carry_out: Callable[[bytes], bytes],
        *,
        null_bytes: int = 0,
        one_by_one: bool = False,
        takes_data: frozenset[int] = TAKES_DATA,
    ) -> None:
        self._carry_out = carry_out
        self._null_bytes = null_bytes
        self._one_by_one = one_by_one
        self._takes_data = takes_data
        self._heard = bytearray()

    def forget(self) -> None:
        """A reset: drop a command that has only half arrived."""
        self._heard.clear()

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Take what the host sent; yield what the card sends, every NULL byte by itself."""
        for byte in received:
            self._heard.append(byte)
            if len(self._heard) >= HEADER:
                yield from self._step()

    def _step(self) -> Iterator[bytes]:
        ins, length = self._heard[1], self._heard[4]
        body = len(self._heard) - HEADER
        if ins in self._takes_data and body < length:
            if body == 0 or self._one_by_one:
                yield bytes((ins ^ 0xFF if self._one_by_one else ins,))
            return
        tpdu = bytes(self._heard)
        self._heard.clear()
        answer = self._carry_out(tpdu)
        for _ in range(self._null_bytes):
            yield bytes((NULL,))
        yield self._written(ins, tpdu, answer)

    def _written(self, ins: int, tpdu: bytes, answer: bytes) -> bytes:
        data, status = answer[:-_STATUS], answer[-_STATUS:]
        if not data:
            return status
        if len(tpdu) > HEADER or len(data) != (tpdu[4] or _ALL):
            return _WRONG  # T=0 has no room for an answer of another length
        if self._one_by_one:
            return b"".join(bytes((ins ^ 0xFF, byte)) for byte in data) + status
        return bytes((ins,)) + data + status
