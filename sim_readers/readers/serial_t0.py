"""Readers on a serial line (Phoenix, Smartmouse), near or far: ``serial_t0:<device or pyserial URL>?option=…``.

Examples: ``serial_t0:/dev/ttyUSB0``, ``serial_t0:/dev/ttyUSB0?reset=dtr&frequency_hz=6000000``,
``serial_t0:rfc2217://box:4001?detect=cts`` (a terminal server in another city).

reset         rts (default), dtr, or none: which line is wired to the card's RST
polarity      high (default) or low: the level of that line that holds the card in reset
frequency_hz  3571200 (default): the reader's clock; 6000000 for many a Smartmouse
pps           yes (default) or no: whether to speed up where the card offers it
echo          auto (default), yes, no: whether what is sent comes back
detect        none (default), cts, dsr, cd: the line that is on while a card is in

Every other option is pyserial's (``sim_readers/wire/serial_line.py``). Without ``detect`` a card is looked for by
resetting it; with ``reset=none`` the reader must reset it by itself when the line is opened, and no speed-up is tried.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from sim_readers.errors import CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Connection, Reader, Symptom, Transmission
from sim_readers.wire.phoenix import PhoenixLine, Wiring
from sim_readers.wire.serial_line import (
    ANY_NUMBER,
    Address,
    close_line,
    diagnose_package,
    diagnose_ports,
    load_pyserial,
    open_line,
    parse_address,
    ports,
    translated,
)

if TYPE_CHECKING:
    from serial import Serial

_KNOWN = MappingProxyType(
    {
        "reset": frozenset({"rts", "dtr", "none"}),
        "polarity": frozenset({"high", "low"}),
        "frequency_hz": ANY_NUMBER,
        "pps": frozenset({"yes", "no"}),
        "echo": frozenset({"yes", "no", "auto"}),
        "detect": frozenset({"none", "cts", "dsr", "cd"}),
    }
)
_DEFAULTS = MappingProxyType(
    {"reset": "rts", "polarity": "high", "frequency_hz": "3571200", "pps": "yes", "echo": "auto", "detect": "none"}
)
_MODEM = "ttyACM"
_LOOK_AGAIN_S = 0.3
_LOOK_AT_LINE_S = 0.05
_REST_S = 0.05  # a reader must notice that its line was closed


class SerialConnection:
    """The card behind a serial reader, ours until closed."""

    def __init__(self, reader: SerialReader, line: PhoenixLine, atr: bytes) -> None:
        self._reader = reader
        self._line = line
        self._atr = atr
        self._open = True

    @property
    def atr(self) -> bytes:
        """The answer to the last reset, in direct reading."""
        return self._atr

    @property
    def transmission(self) -> Transmission:
        """T=0: the only protocol spoken on such a line."""
        return Transmission.T0

    def transmit(self, command: bytes) -> bytes:
        """Send one TPDU. Raises CardGone, Garbled, NoReader; after any of them this connection is over."""
        if not self._open:
            raise CardGone("this connection is over: connect again, and read the card before writing")
        try:
            return self._line.exchange(command)
        except (CardGone, NoReader):
            self.close()
            raise

    def reset(self) -> bytes:
        """Reset the card; every verified key is forgotten. Raises CardGone, NoReader."""
        if not self._open:
            raise CardGone("this connection is over: connect again")
        try:
            self._atr = self._line.reset().raw
        except NoCard as mute:
            self.close()
            raise CardGone(f"the card did not come back from a reset: {mute}") from mute
        except (CardGone, NoReader):
            self.close()
            raise
        return self._atr

    def close(self) -> None:
        """Hold the card in reset, so that it forgets, and let the reader go."""
        if self._open:
            self._open = False
            self._reader.let_go()


class SerialReader:
    """One reader on one line. The line stays open between cards where the reader resets by a line."""

    def __init__(self, address: Address) -> None:
        self._text = address.text
        self._url = address.url
        self._wiring = _wiring(address)
        self._detect = address.options["detect"]
        self._stop = threading.Event()
        self._lock = threading.RLock()
        self._port: Serial | None = None
        self._line: PhoenixLine | None = None
        self._taken = False

    @property
    def name(self) -> str:
        """``serial_t0:`` and the address as it was written."""
        return f"serial_t0:{self._text}"

    def connect(self) -> Connection:
        """Reset the card and agree on a speed. Raises NoCard, ReaderBusy, NoReader."""
        with self._lock:
            if self._taken:
                raise ReaderBusy(f"{self.name} is in use: close its connection first")
            line = self._opened()
            try:
                atr = line.reset().raw
            except CardGone as broken:
                self._drop()
                raise NoReader(str(broken)) from broken
            except (NoCard, NoReader):
                self.let_go()
                raise
            self._taken = True
            return SerialConnection(self, line, atr)

    def wait_for_card(self, timeout_s: float) -> bool:
        """Look until a card is there, by the detect line or by resetting. Raises NoReader, ReaderBusy."""
        return self._wait(timeout_s, there=True)

    def wait_for_removal(self, timeout_s: float) -> bool:
        """Look until none is there; without a detect line a card that is there is reset each time. Raises NoReader."""
        return self._wait(timeout_s, there=False)

    def let_go(self) -> None:
        """The connection is over: take the card back into reset."""
        with self._lock:
            self._taken = False
            try:
                if self._line is not None:
                    self._line.hold()
            except CardGone:
                self._drop()
            if (
                self._wiring.reset is None and self._port is not None
            ):  # the next opening makes the reader reset its card
                self._drop()
                time.sleep(_REST_S)

    def close(self) -> None:
        """Close the line."""
        self._stop.set()
        with self._lock:
            self.let_go()
            self._drop()

    def _wait(self, timeout_s: float, *, there: bool) -> bool:
        until = time.monotonic() + timeout_s
        while True:
            if self._stop.is_set():
                raise NoReader(f"{self.name} was closed")
            if self._sees_card() == there:
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._stop.wait(min(left, _LOOK_AGAIN_S if self._detect == "none" else _LOOK_AT_LINE_S))

    def _sees_card(self) -> bool:
        if self._detect == "none":
            try:
                self.connect().close()
            except NoCard:
                return False
            return True
        with self._lock:
            self._opened()
            try:
                with translated(self._url):
                    return bool(getattr(self._port, self._detect))
            except CardGone as broken:
                self._drop()
                raise NoReader(
                    f"{broken}; a box that does not tell its lines needs poll_modem, or detect=none"
                ) from broken

    def _opened(self) -> PhoenixLine:
        if self._stop.is_set():
            raise NoReader(f"{self.name} was closed")
        if self._line is None:
            lines = self._wiring.held
            self._port = open_line(self._url, baudrate=self._wiring.default_baud, parity="E", stopbits=2, lines=lines)
            self._line = PhoenixLine(self._port, self._wiring, self._stop)
        return self._line

    def _drop(self) -> None:
        port, self._port, self._line = self._port, None, None
        if port is not None:
            close_line(port)


def find() -> Sequence[str]:
    """The serial devices plugged in, modems left out."""
    return ports(lambda device: _MODEM not in device)


def open_reader(address: str) -> Reader:
    """Make the reader; the line is opened when it is first used. Raises NoReader."""
    load_pyserial()
    return SerialReader(parse_address(address, _KNOWN, _DEFAULTS))


def diagnose() -> Sequence[Symptom]:
    """Look at the package and at the permissions of the devices."""
    return [diagnose_package(), *diagnose_ports(find(), lambda device: os.access(device, os.R_OK | os.W_OK))]


def _wiring(address: Address) -> Wiring:
    options = address.options
    return Wiring(
        reset=None if options["reset"] == "none" else options["reset"],
        reset_level=options["polarity"] == "high",
        frequency_hz=int(options["frequency_hz"]),
        pps=options["pps"] == "yes",
        echo={"yes": True, "no": False, "auto": None}[options["echo"]],
    )
