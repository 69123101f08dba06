"""A card behind a Phoenix reader, from the host's side: reset by a line, speed, commands (ISO/IEC 7816-3).

The reader is a few transistors: it has clock and power always on, RST on RTS or DTR, and the card's one data wire on
both TxD and RxD, so that every byte sent comes back. The card is held in reset when nobody uses it, which is as near
to cutting its power as such a reader comes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim_readers.errors import CardGone, Garbled, NoCard, NoReader
from sim_readers.wire import pps
from sim_readers.wire.atr import INVERSE_TS_UNREAD, T0, Atr, needed, parse_atr, turn
from sim_readers.wire.serial_line import translated
from sim_readers.wire.t0 import Echo, HostSide

if TYPE_CHECKING:
    from serial import Serial

_HOLD_S = 0.02  # RST is held for at least 400 clock cycles (§6.2.3), 0.1 ms; the readers' transistors need more
_FIRST_BYTE_S = 0.5  # the card answers within 40,000 clock cycles (§6.2.2), 11 ms; the rest is for remote lines
_BETWEEN_ETU = 9600  # the longest pause inside an ATR and before a PPS answer (§8.1, §9.1)
_MARGIN_S = 0.4  # what drivers and networks may add to any of the card's times
_LONGEST_SILENCE_S = 30.0
_LONGEST_COMMAND_S = 120.0  # a card may ask for patience with NULL bytes, but not for ever
_ECHO_S = 0.3
_PROBE = b"\x55"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a reader is built: what its owner has to know. ``None`` of ``echo`` means: find out."""

    reset: str | None = "rts"
    reset_level: bool = True
    frequency_hz: int = 3_571_200
    pps: bool = True
    echo: bool | None = None

    @property
    def default_baud(self) -> int:
        """The speed of every ATR."""
        return pps.baud(self.frequency_hz)

    @property
    def held(self) -> dict[str, bool]:
        """The line levels that hold the card in reset."""
        return {} if self.reset is None else {self.reset: self.reset_level}


class PhoenixLine:
    """The conversation over one open port. Not for two threads at once."""

    def __init__(
        self,
        port: Serial,
        wiring: Wiring,
        stop: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._port = port
        self._wiring = wiring
        self._stop = stop
        self._clock = clock
        self._echo = wiring.echo
        self._echoes = Echo()
        self._inverse = False
        self._silence_s = 1.0
        self._guard_s = 0.0  # some cards want a pause between two bytes sent to them (TC1)
        self._deaf_to_pps: set[bytes] = set()  # the ATRs of cards that did not answer a speed request

    def hold(self) -> None:
        """Put the card in reset and leave it there. Raises CardGone when the line broke."""
        if self._wiring.reset is not None:
            with translated(str(self._port.port)):
                setattr(self._port, self._wiring.reset, self._wiring.reset_level)

    def reset(self) -> Atr:
        """Reset the card, read its ATR, agree on a speed. Raises NoCard, CardGone when the line broke, NoReader."""
        atr = self._awake()
        asked = self._speed_request(atr)
        if self._wiring.reset is None or not (asked or atr.speaks_ta1_at_once):
            return self._settled(atr)
        try:
            f, d = self._agree(asked) if asked else atr.speed
            with translated(str(self._port.port)):
                self._port.baudrate = pps.baud(self._wiring.frequency_hz, f, d)
        except (CardGone, ValueError):  # ValueError: the line cannot do that speed
            self._deaf_to_pps.add(atr.raw)
            atr = self._awake()
        return self._settled(atr)

    def exchange(self, tpdu: bytes) -> bytes:
        """Carry out one TPDU. Raises CardGone, Garbled, NoReader."""
        host = HostSide(tpdu)
        give_up = self._clock() + _LONGEST_COMMAND_S
        self._send(host.start)
        if self._echo is None:  # no reset line to find out in peace: a procedure byte is never CLA
            self._find_echo(host)
        while host.response is None:
            if self._clock() > give_up:
                raise CardGone("the card asked for patience without end: take it out and try again")
            if out := host.feed(self._hear(host.needed)):
                self._send(out)
        return host.response

    def _find_echo(self, host: HostSide) -> None:
        first = self._read(1, self._silence_s)
        self._echo = first == host.start[:1]
        if self._echo:
            self._echoes.sent(host.start[1:])
        else:
            self._send(host.feed(first))

    def _awake(self) -> Atr:
        for attempt in range(_ATTEMPTS):
            try:
                return self._wake()
            except Garbled as noise:
                if attempt == _ATTEMPTS - 1 or self._wiring.reset is None:
                    raise NoCard(f"what answers to a reset is no card: {noise}") from noise
        raise AssertionError

    def _wake(self) -> Atr:
        """One reset. Raises Garbled for an ATR that is none."""
        port, reset = self._port, self._wiring.reset
        self._inverse, self._guard_s = False, 0.0
        with translated(str(port.port)):
            if port.baudrate != self._wiring.default_baud:
                port.baudrate = self._wiring.default_baud
            if port.parity != "E":
                port.parity = "E"
            if reset is not None:
                setattr(port, reset, self._wiring.reset_level)
                time.sleep(_HOLD_S)
                self._echoes = Echo()
                port.reset_input_buffer()
                self._probe_echo()
                setattr(port, reset, not self._wiring.reset_level)
        return self._read_atr()

    def _probe_echo(self) -> None:
        """A card in reset hears nothing: what is sent now comes back from the reader, or not at all."""
        if self._echo is None:
            self._port.write(_PROBE)
            self._echo = self._read(1, _ECHO_S) == _PROBE

    def _read_atr(self) -> Atr:
        raw = self._read(1, _FIRST_BYTE_S)
        if not raw:
            raise NoCard("nothing answers to a reset: insert a card, chip first; then check reset= and polarity=")
        if raw[0] == INVERSE_TS_UNREAD:
            self._inverse = True
            raw = turn(raw)
        while more := needed(raw):
            part = self._read(more, self._etu_s(_BETWEEN_ETU))
            if not part:
                break
            raw += part
        return parse_atr(raw)

    def _settled(self, atr: Atr) -> Atr:
        if T0 not in atr.protocols:
            raise NoCard("this card does not speak T=0: use a PC/SC reader")
        if self._inverse:  # its parity is even over turned bits: odd, to the line
            with translated(str(self._port.port)):
                self._port.parity = "O"
        self._guard_s = atr.extra_guard / self._port.baudrate
        self._silence_s = min(atr.waiting_s(self._wiring.frequency_hz), _LONGEST_SILENCE_S) + _MARGIN_S
        return atr

    def _speed_request(self, atr: Atr) -> bytes | None:
        """What to ask before the first command: a higher speed, or T=0 where the card would begin with another."""
        if atr.specific or atr.raw in self._deaf_to_pps:
            return None
        faster = pps.baud(self._wiring.frequency_hz, *atr.speed) != self._wiring.default_baud
        if self._wiring.pps and faster:
            return pps.request(atr.ta1)
        return None if atr.protocols[0] == T0 else pps.request(None)

    def _agree(self, asked: bytes) -> tuple[int, int]:
        if self._inverse:
            self._port.parity = "O"
        self._silence_s = self._etu_s(_BETWEEN_ETU)
        self._send(asked)
        answer = b""
        while more := pps.needed(answer):
            answer += self._hear(more)
        return pps.agreed(asked, answer)

    def _etu_s(self, count: int) -> float:
        return count / self._wiring.default_baud + _MARGIN_S

    def _send(self, data: bytes) -> None:
        if not data:
            return
        if self._echo:
            self._echoes.sent(data)
        on_wire = turn(data) if self._inverse else data
        with translated(str(self._port.port)):
            if not self._guard_s:
                self._port.write(on_wire)
                return
            for byte in on_wire:
                self._port.write(bytes((byte,)))
                self._port.flush()
                time.sleep(self._guard_s)

    def _hear(self, count: int) -> bytes:
        """Read so many bytes at least after the echoes. Raises CardGone when the card falls silent."""
        wanted = self._echoes.pending + count
        raw = self._read(wanted, self._silence_s)
        if len(raw) < wanted:
            raise CardGone(
                "the card fell silent in the middle of a command, which it may have carried out or not: "
                "insert it again and read it before writing"
            )
        return self._echoes.strip(raw)

    def _read(self, count: int, silence_s: float) -> bytes:
        """Read so many bytes, fewer when nothing comes for that long. Raises NoReader when the reader was closed."""
        got, until = b"", self._clock() + silence_s
        with translated(str(self._port.port)):
            while len(got) < count and self._clock() < until:
                if self._stop.is_set():
                    raise NoReader("the reader was closed")
                if chunk := self._port.read(count - len(got)):
                    got, until = got + chunk, self._clock() + silence_s
        return turn(got) if self._inverse else got
