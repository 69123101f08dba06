"""The SIM inside a modem or phone, by AT commands: ``at_modem:<device or pyserial URL>?option=…`` (TS 27.007 §8.17).

A modem has a phone stack of its own, which may send its own SELECT between two of our commands: a verified key or
a selected file is then lost, and a write may go to another file. ``stop_radio=yes`` makes the stack as quiet as AT
commands can (AT+CFUN=4 before, AT+CFUN=1 after); for personalisation a card reader is the better place.
Some modems fetch waiting answers themselves (the data comes at once with 9000), others hand out 61XX: both are fine.
``stop_radio=no`` and ``baudrate=115200`` are the defaults; every other option is pyserial's.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from types import MappingProxyType

from sim_readers.errors import CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Connection, Reader, Symptom, Transmission
from sim_readers.wire.modem import AtLine, Refusal
from sim_readers.wire.serial_line import (
    ANY_NUMBER,
    Address,
    diagnose_package,
    diagnose_ports,
    load_pyserial,
    open_line,
    parse_address,
    ports,
)

_KNOWN = MappingProxyType({"stop_radio": frozenset({"yes", "no"}), "baudrate": ANY_NUMBER})
_DEFAULTS = MappingProxyType({"stop_radio": "no", "baudrate": "115200"})
_MODEM = "ttyACM"
_LOOK_AGAIN_S = 0.5
_BACK_S = 15.0  # what a modem may need to start its SIM again
_LONG_S = 30.0  # AT+CFUN talks to the network first
_NOT_YET = frozenset({"14", "SIM BUSY"})
_NONE = frozenset({"", "10", "13", "15", "SIM NOT INSERTED", "SIM FAILURE", "SIM WRONG"})  # some just say ERROR


class ModemConnection:
    """The card in a modem, as far as the modem lets us."""

    def __init__(self, reader: ModemReader, line: AtLine) -> None:
        self._reader = reader
        self._line = line
        self._open = True

    @property
    def atr(self) -> bytes:
        """Empty: a modem keeps the ATR to itself."""
        return b""

    @property
    def transmission(self) -> Transmission:
        """T=0, as AT+CSIM speaks it; the modem may fetch answers itself."""
        return Transmission.T0

    def transmit(self, command: bytes) -> bytes:
        """Send one TPDU. Raises CardGone, Garbled, NoReader; after any of them this connection is over."""
        self._must_be_open()
        try:
            return self._line.card_command(command)
        except (CardGone, NoReader):
            self._end(broken=True)
            raise

    def reset(self) -> bytes:
        """Switch the modem's SIM off and on, which takes seconds; every verified key is forgotten. Raises CardGone."""
        self._must_be_open()
        try:
            self._line.ask("AT+CFUN=0", _LONG_S)
            self._line.ask(self._reader.awake, _LONG_S)
            if not self._reader.has_card(self._line, _BACK_S):
                raise CardGone("the card did not come back after the modem switched it off and on: seat it again")
        except Refusal as refused:
            self._end(broken=True)
            raise CardGone(f"the modem does not reset its SIM ({refused}): close and connect again") from refused
        except (CardGone, NoReader):
            self._end(broken=True)
            raise
        return b""

    def close(self) -> None:
        """Give the SIM back to the phone stack."""
        self._end(broken=False)

    def _end(self, *, broken: bool) -> None:
        if self._open:
            self._open = False
            self._reader.let_go(broken=broken)

    def _must_be_open(self) -> None:
        if not self._open:
            raise CardGone("this connection is over: connect again, and read the card before writing")


class ModemReader:
    """One modem on one line."""

    def __init__(self, address: Address) -> None:
        self._text = address.text
        self._url = address.url
        self._baudrate = int(address.options["baudrate"])
        self._stop_radio = address.options["stop_radio"] == "yes"
        self._stop = threading.Event()
        self._lock = threading.RLock()
        self._line: AtLine | None = None
        self._taken = False

    @property
    def name(self) -> str:
        """``at_modem:`` and the address as it was written."""
        return f"at_modem:{self._text}"

    @property
    def awake(self) -> str:
        """The command that switches the SIM on, the radio with it or not."""
        return "AT+CFUN=4" if self._stop_radio else "AT+CFUN=1"

    def connect(self) -> Connection:
        """Find the modem and its SIM. Raises NoCard, ReaderBusy, NoReader."""
        with self._lock:
            if self._taken:
                raise ReaderBusy(f"{self.name} is in use: close its connection first")
            try:
                line = self._opened()
                if not self.has_card(line, _BACK_S):
                    raise NoCard(f"the modem at {self._url} has no SIM, or cannot read it: seat it again")
                if self._stop_radio:
                    line.ask("AT+CFUN=4", _LONG_S)
            except (CardGone, Refusal) as broken:
                self._drop()
                raise NoReader(f"no modem answers at {self._url} as one should ({broken})") from broken
            self._taken = True
            return ModemConnection(self, line)

    def wait_for_card(self, timeout_s: float) -> bool:
        """Ask the modem until it has a card. Raises NoReader."""
        return self._wait(timeout_s, there=True)

    def wait_for_removal(self, timeout_s: float) -> bool:
        """Ask the modem until it has none. Raises NoReader."""
        return self._wait(timeout_s, there=False)

    def has_card(self, line: AtLine, patience_s: float) -> bool:
        """Ask AT+CPIN? (TS 27.007 §8.3), again while the SIM is busy. Raises CardGone, Refusal, NoReader."""
        until = time.monotonic() + patience_s
        while True:
            try:
                line.ask("AT+CPIN?")
            except Refusal as refused:
                if refused.word in _NOT_YET and time.monotonic() < until and not self._stop.wait(_LOOK_AGAIN_S):
                    continue
                if refused.word in _NONE or refused.word in _NOT_YET:
                    return False
                if refused.word.isdecimal() or refused.word.startswith("SIM P"):
                    return True  # some PIN or PUK is wanted: there is a card
                raise
            return True

    def let_go(self, *, broken: bool) -> None:
        """The connection is over: give the SIM back. A broken line is closed: a late answer would fit no question."""
        with self._lock:
            self._taken = False
            try:
                if self._line is not None and self._stop_radio:
                    self._line.ask("AT+CFUN=1", _LONG_S)
            except (CardGone, NoReader, Refusal):
                broken = True
            if broken:
                self._drop()

    def close(self) -> None:
        """Close the line."""
        if self._taken:
            self.let_go(broken=False)
        self._stop.set()
        with self._lock:
            self._drop()

    def _wait(self, timeout_s: float, *, there: bool) -> bool:
        until = time.monotonic() + timeout_s
        while True:
            with self._lock:
                try:
                    found = self.has_card(self._opened(), 0)
                except (CardGone, Refusal) as broken:
                    self._drop()
                    raise NoReader(f"no modem answers at {self._url} as one should ({broken})") from broken
            left = until - time.monotonic()
            if found == there or left <= 0:
                return found == there
            self._stop.wait(min(left, _LOOK_AGAIN_S))

    def _opened(self) -> AtLine:
        if self._stop.is_set():
            raise NoReader(f"{self.name} was closed")
        if self._line is None:
            port = open_line(self._url, baudrate=self._baudrate, parity="N", stopbits=1, lines={})
            self._line = AtLine(port, self._stop)
            self._line.greet()
        return self._line

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


def find() -> Sequence[str]:
    """The modems plugged in, as far as their device names tell."""
    return ports(lambda device: _MODEM in device)


def open_reader(address: str) -> Reader:
    """Make the reader; the line is opened when it is first used. Raises NoReader."""
    load_pyserial()
    return ModemReader(parse_address(address, _KNOWN, _DEFAULTS))


def diagnose() -> Sequence[Symptom]:
    """Look at the package and at the permissions of the devices."""
    return [diagnose_package(), *diagnose_ports(find(), lambda device: os.access(device, os.R_OK | os.W_OK))]
