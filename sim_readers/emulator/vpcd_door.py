"""A door to a virtual reader: puts ``EmulatedCard``s into a vpcd slot, one after the other, as often as one likes.

vpcd is the driver that makes pcscd believe in a card; our own reader ``vpcd:`` speaks the same wire. Blocking sockets
in one thread per card.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from sim_readers.emulator.face import EmulatedCard, PulledOut
from sim_readers.wire.vpcd import Control, Frames, frame, understand
from sim_readers.wire.vpcd_line import receive, tune

EMPTY_S: Final = 0.6
"""How long a slot stays empty before the next card: pcscd looks every 0.4 s, and is lost when it misses a removal."""

_CONNECT_S: Final = 5.0


class VpcdDoor:
    """One slot and the card before it. ``insert`` and ``pull_out`` take turns, on one thread."""

    def __init__(
        self,
        card: EmulatedCard,
        host: str,
        port: int,
        empty_s: float = EMPTY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._card = card
        self._where = (host, port)
        self._empty_s = empty_s
        self._clock = clock
        self._not_before = clock()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._removed = threading.Event()
        self._removed.set()

    @property
    def inserted(self) -> bool:
        """Whether the card is in the slot."""
        return not self._removed.is_set()

    def insert(self, card: EmulatedCard | None = None) -> None:
        """Put the card in, or another one from now on, once the slot has been empty for long enough to be seen.

        Raises OSError when nobody listens, RuntimeError when a card is in the slot.
        """
        if self.inserted:
            raise RuntimeError("there is a card in the slot: pull it out first")
        self.pull_out()
        self._card = card or self._card
        time.sleep(max(0.0, self._not_before - self._clock()))
        slot = socket.create_connection(self._where, timeout=_CONNECT_S)
        slot.settimeout(None)
        tune(slot)
        self._socket = slot
        self._removed.clear()
        name = f"card at {self._where[1]}"
        self._thread = threading.Thread(target=self._serve, args=(slot, self._card), name=name, daemon=True)
        self._thread.start()

    def pull_out(self) -> None:
        """Take the card out, in the middle of a command or not, and wait until it knows; nothing if it is out."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # the reader may have hung up first
                self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join()
            self._thread = self._socket = None

    def wait_removed(self, timeout_s: float) -> bool:
        """Wait until the card is out: pulled, or the reader has gone; tell whether it is."""
        return self._removed.wait(timeout_s)

    def close(self) -> None:
        """Take the card out for good."""
        self.pull_out()

    def __enter__(self) -> Self:
        self.insert()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _serve(self, slot: socket.socket, card: EmulatedCard) -> None:
        try:
            with slot, contextlib.suppress(PulledOut, OSError):
                _serve(slot, card)
        finally:
            card.power_off()
            self._not_before = self._clock() + self._empty_s
            self._removed.set()


def _serve(slot: socket.socket, card: EmulatedCard) -> None:
    # the reader asks for the ATR before it gives power: that is how it sees a card
    atr = card.power_on()
    card.power_off()
    frames = Frames()
    while data := receive(slot):
        for payload in frames.feed(data):
            match understand(payload):
                case Control.ON | Control.RESET:
                    atr = card.power_on()
                case Control.OFF:
                    card.power_off()
                case Control.ATR:
                    slot.sendall(frame(atr))
                case bytes() as tpdu:
                    slot.sendall(frame(card.transmit(tpdu)))
