"""A virtual modem on a line: on the network (``socket://``) or on a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import tty
from types import TracebackType
from typing import Protocol, Self

from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.modem import Modem, ModemHabits

_CHUNK = 4096
_TICK_S = 0.01


class _Line(Protocol):
    """Where hosts connect, one after the other."""

    @property
    def url(self) -> str: ...

    def read(self) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class ModemDoor:
    """A modem at ``url`` with the card in it; ``pty`` puts it on a pseudo-terminal, ``port`` 0 is any free one."""

    def __init__(
        self, card: EmulatedCard, *, habits: ModemHabits | None = None, pty: bool = False, port: int = 0
    ) -> None:
        self._modem = Modem(card, habits or ModemHabits())
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._line: _Line = _PtyLine() if pty else _TcpLine(port)
        self._thread = threading.Thread(target=self._serve, name="modem door", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The modem's line, for pyserial."""
        return self._line.url

    @property
    def log(self) -> list[str]:
        """The names of the commands the modem got, in order."""
        return self._modem.log

    def insert(self) -> None:
        """Put the card in."""
        with self._lock:
            self._modem.insert()

    def pull_out(self) -> None:
        """Take the card out."""
        with self._lock:
            self._modem.pull_out()

    def close(self) -> None:
        """Hang up and stop serving."""
        self._closed.set()
        self._thread.join()
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            if data := self._line.read():
                with self._lock:
                    answer = self._modem.hear(data)
                with contextlib.suppress(OSError):  # the host may have hung up
                    self._line.write(answer)


class _TcpLine:
    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._host: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def read(self) -> bytes:
        """What has come within a tick; nothing when nothing has, or the host hung up."""
        source = self._host or self._listener
        if not select.select([source], [], [], _TICK_S)[0]:
            return b""
        if self._host is None:
            self._host, _ = self._listener.accept()
            self._host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return b""
        data = b""
        with contextlib.suppress(ConnectionError):
            data = self._host.recv(_CHUNK)
        if not data:
            self._host.close()
            self._host = None
        return data

    def write(self, data: bytes) -> None:
        if self._host is not None:
            self._host.sendall(data)

    def close(self) -> None:
        if self._host is not None:
            self._host.close()
        self._listener.close()


class _PtyLine:
    def __init__(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.url = os.ttyname(slave)
        self._slave = slave  # kept open: without it the master hangs up whenever the host closes

    def read(self) -> bytes:
        """What has come within a tick."""
        if select.select([self._master], [], [], _TICK_S)[0]:
            return os.read(self._master, _CHUNK)
        return b""

    def write(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        os.close(self._slave)
        os.close(self._master)
