"""A reader whose cards call it over TCP, in vpcd's wire: one caller is the card, the next one waits its turn."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from sim_readers.errors import CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Transmission
from sim_readers.wire.caller import Caller
from sim_readers.wire.vpcd import Control

ANSWER_S: Final = 30.0
"""How long a card may think: one behind a phone and a mobile network is slow."""

_LOOK_S: Final = 0.4
_SLICE_S: Final = 0.1


class CallerConnection:
    """A powered card that has called; ``close`` takes its power and leaves it in its place."""

    def __init__(self, caller: Caller, atr: bytes) -> None:
        self._caller = caller
        self.atr = atr
        self.closed = False

    @property
    def transmission(self) -> Transmission:
        """Always T=0: the wire carries what a T=0 reader would."""
        return Transmission.T0

    def transmit(self, command: bytes) -> bytes:
        """Send one TPDU. Raises CardGone, Garbled; both end the connection."""
        self._check_open()
        return self._caller.command(command)

    def reset(self) -> bytes:
        """Reset the card and return its ATR. Raises CardGone, Garbled."""
        self._check_open()
        self.atr = _powered(self._caller, Control.RESET)
        return self.atr

    def close(self) -> None:
        """Power the card off; never raises."""
        if not self.closed:
            self.closed = True
            with contextlib.suppress(CardGone):
                self._caller.say(Control.OFF)

    def _check_open(self) -> None:
        if self.closed:
            raise CardGone(f"{self._caller.label}: the connection is closed: connect again")


class CallerReader:
    """A listening socket, and the one card that has called."""

    def __init__(
        self,
        listener: socket.socket,
        suffix: str = "",
        answer_s: float = ANSWER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        host, self.port = listener.getsockname()[:2]
        self.name = f"vpcd:{f'[{host}]' if ':' in host else host}:{self.port}{suffix}"
        self._listener = listener
        self._answer_s = answer_s
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._caller: Caller | None = None
        self._connection: CallerConnection | None = None

    def connect(self) -> CallerConnection:
        """Power the card that has called. Raises NoCard, ReaderBusy, NoReader."""
        if self._closed.is_set():
            raise NoReader(f"{self.name}: the reader is closed: open it again")
        if self._connection is not None and not self._connection.closed:
            raise ReaderBusy(f"{self.name}: the card is in use: close the connection that is open")
        caller = self._look(0.0)
        if caller is None:
            raise NoCard(f"{self.name}: no card has called: let a phone's APDU proxy or a virtual card connect here")
        try:
            self._connection = CallerConnection(caller, _powered(caller, Control.ON))
        except CardGone as gone:
            raise NoCard(str(gone)) from gone
        return self._connection

    def wait_for_card(self, timeout_s: float) -> bool:
        """Wait until a card has called; tell whether one has."""
        until = self._clock() + timeout_s
        while self._look(min(_SLICE_S, max(0.0, until - self._clock()))) is None:
            if self._clock() >= until or self._closed.is_set():
                return False
        return True

    def wait_for_removal(self, timeout_s: float) -> bool:
        """Wait until the card has hung up or shows no ATR; tell whether it has."""
        until = self._clock() + timeout_s
        while (caller := self._caller) is not None and caller.there():
            left_s = until - self._clock()
            if left_s <= 0 or self._closed.is_set():
                return False
            caller.silent(min(left_s, _LOOK_S))
        return True

    def close(self) -> None:
        """Power the card off, hang up, and listen no more; never raises."""
        self._closed.set()
        if self._caller is not None:
            self._caller.part()
        with self._lock:
            self._listener.close()

    def _look(self, timeout_s: float) -> Caller | None:
        """Tell who is a card now: who called before, or the next in the queue that shows an ATR."""
        if self._caller is None or not self._caller.there():
            self._caller = self._next(timeout_s)
            return self._caller if self._caller is not None and self._caller.there() else None
        return self._caller

    def _next(self, timeout_s: float) -> Caller | None:
        with self._lock:
            if self._closed.is_set():
                return None
            self._listener.settimeout(timeout_s)
            try:
                line, _ = self._listener.accept()
            except (BlockingIOError, TimeoutError, ConnectionError):
                return None
        return Caller(line, self.name, self._answer_s)


def _powered(caller: Caller, how: Control) -> bytes:
    caller.say(how)
    atr = caller.atr()
    if not atr:
        raise CardGone(f"{caller.label}: the card was taken out: let it call again")
    return atr
