"""A virtual card behind a serial reader on the network (RFC 2217), with every line and setting of a real one."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from sim_readers.emulator.face import EmulatedCard
from sim_readers.emulator.phoenix_wire import Habits, PhoenixWire, carried

if TYPE_CHECKING:
    from serial.rfc2217 import PortManager, Serial

_CHUNK = 4096


class PhoenixDoor:
    """A reader at ``url`` with the card in it, for one host at a time. ``log`` has what the host did to its line."""

    def __init__(self, card: EmulatedCard, port: int = 0, habits: Habits | None = None) -> None:
        self._wire = PhoenixWire(card, habits or Habits())
        self._listener = socket.create_server(("127.0.0.1", port))
        self._host: _Host | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="phoenix door", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The reader's address, for pyserial."""
        return f"rfc2217://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def log(self) -> list[tuple[str, object]]:
        """Every setting and line change, in order, as (what, to what)."""
        return self._wire.log

    @property
    def present(self) -> bool:
        """Whether the card is in."""
        return self._wire.present

    def insert(self) -> None:
        """Put the card in."""
        self._wire.insert()
        self._tell_lines()

    def pull_out(self) -> None:
        """Take the card out."""
        self._wire.pull_out()
        self._tell_lines()

    def close(self) -> None:
        """Hang up and stop serving."""
        self._closed = True
        host = self._host
        for end in (self._listener, *([host.connection] if host else [])):
            with contextlib.suppress(OSError):  # the host may have hung up first
                end.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tell_lines(self) -> None:
        host = self._host
        if host is not None:
            with contextlib.suppress(OSError):  # a host that has hung up need not know
                host.manager.check_modem_lines()

    def _serve(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with contextlib.suppress(OSError):  # the host hung up
                    self._host = _Host(connection, self._wire)
                    self._host.serve()
                self._host = None
                self._wire.hold()


class _Host:
    """The one that is connected."""

    def __init__(self, connection: socket.socket, wire: PhoenixWire) -> None:
        from serial.rfc2217 import PortManager  # noqa: PLC0415 - only who opens this door needs pyserial

        self.connection = connection
        self._wire = wire
        self._sending = threading.Lock()
        port = cast("Serial", _Port(wire, self._to_host))
        self.manager: PortManager = PortManager(port, cast("Serial", self))

    def write(self, data: bytes) -> None:
        """What PortManager sends by itself."""
        with self._sending:
            self.connection.sendall(data)

    def serve(self) -> None:
        """Carry bytes until the host hangs up."""
        while data := self.connection.recv(_CHUNK):
            answer = b""
            for byte in self.manager.filter(data):
                for chunk in carried(self._wire, byte):
                    answer += chunk
                    if self._wire.habits.null_gap_s:
                        self._to_host(answer)
                        answer = b""
                        time.sleep(self._wire.habits.null_gap_s if chunk == b"\x60" else 0)
            self._to_host(answer)

    def _to_host(self, data: bytes) -> None:
        if data:
            self.write(b"".join(self.manager.escape(data)))


def _setting(name: str) -> property:
    def read(port: _Port) -> object:
        return getattr(port.wire.host, name)

    def write(port: _Port, value: object) -> None:
        port.wire.log.append((name, value))
        setattr(port.wire.host, name, value)

    return property(read, write)


def _line(name: str) -> property:
    def read(port: _Port) -> object:
        return port.levels.get(name)

    def write(port: _Port, value: object) -> None:
        port.wire.log.append((name, value))
        before = port.levels.get(name)
        port.levels[name] = value
        if value != before:
            port.moved(name, value)

    return property(read, write)


class _Port:
    """What PortManager believes to be a serial port: setting something moves the wires."""

    xonxoff = rtscts = break_condition = False
    dsr = ri = cd = False
    baudrate, bytesize, parity, stopbits = map(_setting, ("baudrate", "bytesize", "parity", "stopbits"))
    rts, dtr = map(_line, ("rts", "dtr"))

    def __init__(self, wire: PhoenixWire, to_host: Callable[[bytes], None]) -> None:
        self.wire = wire
        self.levels: dict[str, object] = {}
        self._to_host = to_host

    @property
    def cts(self) -> bool:
        """On while a card is in."""
        return self.wire.present

    def moved(self, name: str, level: object) -> None:
        """A control line has another level now; one of them is RST."""
        habits = self.wire.habits
        if name != habits.reset_line:
            return
        if level == habits.reset_level:
            self.wire.hold()
        else:
            self._to_host(self.wire.release())

    def reset_input_buffer(self) -> None:
        """Nothing is kept here."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept here."""
