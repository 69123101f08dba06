"""A virtual card behind a serial reader on a pseudo-terminal: no control lines there, so opening it resets the card.

The kernel keeps no parity on a pseudo-terminal, and a second opening with the same settings fails in glibc because
nothing changes. So the settings are disturbed from the master side before every opening; that the host has put its
own in place then shows, too, that it has opened the port and set it up.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import termios
import threading
import time
import tty
from types import TracebackType
from typing import Self

from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.phoenix_wire import Habits, PhoenixWire, carried

_TICK_S = 0.005
_SETTLE_S = 0.05  # the host empties its buffer once more after setting up
_CHUNK = 4096
_CFLAG, _ISPEED, _OSPEED = 2, 4, 5
_TCGETS2 = 0x802C542A
_TERMIOS2 = struct.Struct("4I20x2I")  # four flag words, line discipline and control characters, two speeds
_DISTURBED = 300


class PtyPhoenixDoor:
    """A reader at ``path`` with the card in it; use it with ``reset=none``."""

    def __init__(self, card: EmulatedCard, habits: Habits | None = None) -> None:
        self._wire = PhoenixWire(card, habits or Habits())
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._disturb()
        os.close(slave)
        self._closed = threading.Event()
        self._push = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="phoenix pty", daemon=True)
        self._thread.start()

    @property
    def log(self) -> list[tuple[str, object]]:
        """What was seen of the host, in order."""
        return self._wire.log

    def insert(self) -> None:
        """Put the card in: it answers as to a reset, if somebody listens."""
        self._wire.insert()
        self._push.set()

    def pull_out(self) -> None:
        """Take the card out."""
        self._wire.pull_out()

    def close(self) -> None:
        """Hang up and stop serving."""
        self._closed.set()
        self._thread.join()
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            if self._hung_up() or self._speed() == _DISTURBED:
                time.sleep(_TICK_S)
                continue
            time.sleep(_SETTLE_S)
            with contextlib.suppress(OSError):  # the host closed the port in the middle
                self._talk()
            self._wire.hold()
            self._disturb()

    def _talk(self) -> None:
        self._push.set()
        while not self._closed.is_set():
            if self._push.is_set():
                self._push.clear()
                self._wire.host.baudrate, self._wire.host.parity = self._speed(), "E"
                self._wire.log.append(("baudrate", self._wire.host.baudrate))
                self._wire.hold()
                os.write(self._master, self._wire.release())
            if select.select([self._master], [], [], _TICK_S)[0]:
                data = os.read(self._master, _CHUNK)
                self._wire.host.baudrate = self._speed()
                for chunk in carried(self._wire, data):
                    os.write(self._master, chunk)

    def _hung_up(self) -> bool:
        poller = select.poll()
        poller.register(self._master, select.POLLIN)
        return any(event & select.POLLHUP for _, event in poller.poll(0))

    def _speed(self) -> int:
        raw = fcntl.ioctl(self._master, _TCGETS2, bytes(_TERMIOS2.size))
        return int(_TERMIOS2.unpack(raw)[_OSPEED])

    def _disturb(self) -> None:
        settings = termios.tcgetattr(self._master)
        settings[_CFLAG] ^= termios.CLOCAL
        settings[_ISPEED] = settings[_OSPEED] = termios.B300
        termios.tcsetattr(self._master, termios.TCSANOW, settings)
