"""A card at the other end of a TCP connection, in vpcd's wire; the first thing that goes wrong ends it."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import Final

from sim_readers.errors import CardGone, Garbled
from sim_readers.wire.vpcd import Control, Frames, control, frame
from sim_readers.wire.vpcd_line import receive, tune

_ATR_S: Final = 5.0
_STATUS_WORD: Final = 2
_CONVENTIONS: Final = (0x3B, 0x3F)


class Caller:
    """Who has called. One thread talks to it; any thread may ``hang_up``."""

    def __init__(self, line: socket.socket, label: str, answer_s: float) -> None:
        self.label = label
        self._line = line
        self._answer_s = answer_s
        self._lock = threading.RLock()
        self._frames = Frames()
        self._gone = False
        line.settimeout(answer_s)
        tune(line)

    def say(self, what: Control) -> None:
        """Send what is not answered. Raises CardGone."""
        with self._lock:
            self._send(control(what))

    def command(self, command: bytes) -> bytes:
        """Send a command and return data and status word. Raises CardGone, Garbled."""
        answer = self._ask(frame(command), self._answer_s)
        if len(answer) < _STATUS_WORD:
            raise self._garbled("its answer has no status word")
        return answer

    def atr(self) -> bytes:
        """Ask for the ATR (ISO/IEC 7816-3 §8.2); no bytes are a card taken out. Raises CardGone, Garbled."""
        atr = self._ask(control(Control.ATR), _ATR_S)
        if atr and atr[0] not in _CONVENTIONS:
            raise self._garbled(f"its ATR begins with {atr[0]:02X}")
        return atr

    def there(self) -> bool:
        """Tell whether a card answers; hang up when none does."""
        with contextlib.suppress(CardGone):
            if self.silent(0.0) and self.atr():
                return True
        self.hang_up()
        return False

    def silent(self, timeout_s: float) -> bool:
        """Wait for it to hang up, or say what nobody asked for; tell whether it did neither."""
        with self._lock:
            if self._gone:
                return False
            watch = select.poll()
            watch.register(self._line, select.POLLIN)
            return not watch.poll(timeout_s * 1000)

    def part(self) -> None:
        """Power the card off, unless somebody waits for its answer, and hang up."""
        if self._lock.acquire(blocking=False):
            with contextlib.suppress(CardGone):
                self.say(Control.OFF)
            self._lock.release()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the line; whoever waits for an answer on it gets CardGone."""
        self._gone = True
        with contextlib.suppress(OSError):  # it may be closed already
            self._line.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._line.close()

    def _ask(self, message: bytes, answer_s: float) -> bytes:
        with self._lock:
            self._send(message)
            try:
                self._line.settimeout(answer_s)
                return self._answer()
            except OSError as broken:
                raise self._broken(broken) from broken

    def _send(self, message: bytes) -> None:
        if self._gone:
            raise self._broken("it has hung up")
        try:
            self._line.sendall(message)
        except OSError as broken:
            raise self._broken(broken) from broken

    def _answer(self) -> bytes:
        while data := receive(self._line):
            match list(self._frames.feed(data)):
                case []:
                    continue
                case [answer] if not self._frames.torn:
                    return answer
            raise self._garbled("it says more than it was asked")
        raise self._broken("it has hung up")

    def _broken(self, why: object) -> CardGone:
        self.hang_up()
        return CardGone(
            f"{self.label}: the card is gone ({why}): let it call again; what it holds is unknown till read"
        )

    def _garbled(self, why: str) -> Garbled:
        self.hang_up()
        return Garbled(f"{self.label}: what called does not speak as a card ({why}): see what connects here")
