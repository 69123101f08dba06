"""Talking AT with a modem: one command, its lines, its verdict (V.250, TS 27.007); and AT+CSIM on top (§8.17)."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sim_readers.errors import CardError, CardGone, Garbled, NoReader
from sim_readers.wire.serial_line import close_line, translated

if TYPE_CHECKING:
    from serial import Serial

PATIENCE_S = 5.0  # a card may take seconds to carry out one command, and the phone stack has it in between
_GREETING_S = 1.0
_GREETINGS = 3
_LONGEST_LINE = 4096
_CSIM = re.compile(r'\+CSIM:\s*(\d+)\s*,\s*"?([0-9A-Fa-f]*)"?')
_REFUSED = re.compile(r"(?:\+CM[ES] ERROR:\s*(.*)|ERROR|COMMAND NOT SUPPORT|NO CARRIER)", re.IGNORECASE)
_STATUS = 2


class Refusal(CardError):
    """The modem said ERROR or +CME ERROR; ``word`` is what followed, in capitals, empty for a bare ERROR."""

    def __init__(self, word: str) -> None:
        super().__init__(f"the modem answers ERROR {word}".rstrip())
        self.word = word


class AtLine:
    """A modem's line. Not for two threads at once."""

    def __init__(self, port: Serial, stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._stop = stop
        self._clock = clock
        self._heard = b""

    def greet(self) -> None:
        """Wake the modem, switch its echo off, ask for error numbers. Raises CardGone when nobody answers."""
        for attempt in range(_GREETINGS):
            try:
                self.ask("AT", _GREETING_S)
                break
            except (CardGone, Refusal):
                if attempt == _GREETINGS - 1:
                    raise
        for wish in ("ATE0", "AT+CMEE=1"):
            with contextlib.suppress(Refusal):  # both make life easier, neither is needed
                self.ask(wish)

    def ask(self, command: str, patience_s: float = PATIENCE_S) -> list[str]:
        """Send a command, return the lines before its OK: unsolicited ones may be among them.

        Raises Refusal, CardGone when the modem falls silent or the line breaks, NoReader when the reader was closed.
        """
        with translated(str(self._port.port)):
            self._port.write(command.encode("ascii") + b"\r")
        lines, until = list[str](), self._clock() + patience_s
        while (line := self._line(until)) != "OK":
            if refused := _REFUSED.fullmatch(line):
                raise Refusal((refused[1] or "").strip().upper())
            if line and line != command:  # a modem with its echo on sends the command back
                lines.append(line)
        return lines

    def card_command(self, tpdu: bytes) -> bytes:
        """Have the modem carry out a TPDU. Raises CardGone, Garbled, NoReader."""
        try:
            lines = self.ask(f'AT+CSIM={2 * len(tpdu)},"{tpdu.hex().upper()}"')
        except Refusal as refused:
            raise CardGone(
                f"{refused} to a card command, which may have been carried out or not: the modem may filter it, "
                "or the card is gone; use a card reader if it happens again"
            ) from refused
        for line in lines:
            if found := _CSIM.fullmatch(line):
                return _answer(int(found[1]), found[2])
        raise Garbled("the modem said OK but gave no +CSIM answer: it does not offer AT+CSIM, use a card reader")

    def close(self) -> None:
        """Close the port; never raises."""
        close_line(self._port)

    def _line(self, until: float) -> str:
        while b"\n" not in self._heard and b"\r" not in self._heard:
            if self._stop.is_set():
                raise NoReader("the reader was closed")
            if self._clock() > until:
                self._heard = b""
                raise CardGone("the modem fell silent: the command may have been carried out or not; check its cable")
            if len(self._heard) > _LONGEST_LINE:
                raise Garbled("the modem sends a line without end: is this a modem, and its speed right (baudrate=)?")
            with translated(str(self._port.port)):
                self._heard += self._port.read(max(1, self._port.in_waiting))
        line, _, self._heard = self._heard.replace(b"\r", b"\n").partition(b"\n")
        return line.decode("ascii", "replace").strip()


def _answer(length: int, digits: str) -> bytes:
    if length != len(digits) or length % 2 or length < 2 * _STATUS:
        raise Garbled("the modem's +CSIM answer is not as long as it says: read the card again before writing")
    return bytes.fromhex(digits)
