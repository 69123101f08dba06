"""What is between a serial line and a virtual card in a Phoenix reader: the data wire, the clock, RST.

No sockets and no threads: a door tells it what the host does, and carries what it returns. It is as unforgiving as
the real thing: at the wrong speed the host reads rubbish, and the card hears nothing it could understand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from sim_readers.emulator.face import EmulatedCard, PulledOut
from sim_readers.wire import pps
from sim_readers.wire.atr import Atr, parse_atr, turn
from sim_readers.wire.t0 import CardSide

FREQUENCY_HZ = 3_571_200
_TOLERANCE = 0.03  # how far two ends may be apart and still read each other (half a bit over ten)
_RUBBISH = 0xA5


@dataclass(frozen=True, slots=True)
class Habits:
    """How reader and card behave: what real ones differ in."""

    echo: bool = True
    answers_pps: bool = True
    null_bytes: int = 0
    null_gap_s: float = 0.0
    one_by_one: bool = False
    reset_line: str = "rts"
    reset_level: bool = True
    frequency_hz: int = FREQUENCY_HZ


@dataclass(slots=True)
class HostSettings:
    """How the host has set its line."""

    baudrate: int = 0
    bytesize: int = 8
    parity: str = "N"
    stopbits: float = 1


class PhoenixWire:
    """A reader with room for one card; what it returns goes to the host as it is. Safe from several threads."""

    def __init__(self, card: EmulatedCard, habits: Habits) -> None:
        self.habits = habits
        self.host = HostSettings()
        self.log: list[tuple[str, object]] = []
        self.present = True
        self._card = card
        self._side = CardSide(self._carry_out, null_bytes=habits.null_bytes, one_by_one=habits.one_by_one)
        self._atr: Atr | None = None
        self._baud = 0
        self._asked: bytes | None = None  # a speed request as far as it has arrived; None once it is too late for one
        self._lock = threading.RLock()

    def insert(self) -> None:
        """Put the card in; it says nothing before it is reset."""
        with self._lock:
            self.present = True

    def pull_out(self) -> None:
        """Take the card out, whatever it is doing."""
        with self._lock:
            self.present, self._atr = False, None
            self._card.power_off()

    def hold(self) -> None:
        """RST goes active: the card forgets and is deaf."""
        with self._lock:
            self._atr = None
            self._card.power_off()

    def release(self) -> bytes:
        """RST is let go: return the ATR as the host reads it, nothing when there is no card."""
        with self._lock:
            if not self.present:
                return b""
            try:
                said = self._card.power_on()
            except PulledOut:
                self.pull_out()
                return b""
            if not said:
                return b""
            self._atr = parse_atr(said)
            self._side.forget()
            self._asked = b""
            self._baud = pps.baud(self.habits.frequency_hz)
            answer = self._to_host(self._atr.raw)
            if self._atr.speaks_ta1_at_once:
                self._switch(*self._atr.speed)
            return answer

    def heard(self, data: bytes) -> Iterator[bytes]:
        """The host sent something: yield what comes back, the echo first."""
        if self.habits.echo:
            yield data
        with self._lock:
            if self._atr is None or not self._understands(self._atr):
                return
            for byte in turn(data) if self._atr.inverse else data:
                yield from map(self._to_host, self._card_hears(byte))

    def _card_hears(self, byte: int) -> Iterator[bytes]:
        if self._asked is None or (not self._asked and byte != pps.PPSS):
            self._asked = None
            yield from self._side.feed(bytes((byte,)))
            return
        self._asked += bytes((byte,))
        if not pps.needed(self._asked):
            asked, self._asked = self._asked, None
            yield from self._answer_pps(asked)

    def _answer_pps(self, asked: bytes) -> Iterator[bytes]:
        answer = pps.reply(asked, self._atr.ta1 if self._atr else None) if self.habits.answers_pps else None
        if answer is not None:
            yield answer
            self._switch(*pps.agreed(asked, answer))

    def _switch(self, f: int, d: int) -> None:
        self._baud = pps.baud(self.habits.frequency_hz, f, d)
        self.log.append(("card speed", self._baud))

    def _carry_out(self, tpdu: bytes) -> bytes:
        return self._card.transmit(tpdu)

    def _understands(self, atr: Atr) -> bool:
        return self._same_speed() and self.host.parity == ("O" if atr.inverse else "E")

    def _same_speed(self) -> bool:
        return self.host.bytesize == 8 and abs(self.host.baudrate - self._baud) <= _TOLERANCE * self._baud  # noqa: PLR2004 - bits of a byte

    def _to_host(self, data: bytes) -> bytes:
        if self._atr is not None and self._atr.inverse:
            data = turn(data)
        return data if self._same_speed() else bytes(byte ^ _RUBBISH for byte in data)


def carried(wire: PhoenixWire, data: bytes) -> Iterator[bytes]:
    """As ``heard``, but a card that leaves in the middle simply says no more."""
    try:
        yield from wire.heard(data)
    except PulledOut:
        wire.pull_out()
