"""The few calls of PC/SC we make, with types: over ``smartcard.scard``, pyscard's thin layer, loaded when first needed.

Nothing else of pyscard is used: its monitors are one per process and do not outlive pcscd.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

from sim_readers.errors import NoReader
from sim_readers.pcsc.trouble import NO_READERS, TIMEOUT, PcscTrouble
from sim_readers.reader import Transmission

MISSING = (
    "readers at PC/SC need pyscard: pip install 'linegate[pcsc]' "
    "(it is compiled: Debian and Ubuntu need gcc and libpcsclite-dev first)"
)
_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Card:
    """A handle of a connected card, what it speaks, and its ATR."""

    handle: int
    transmission: Transmission
    atr: bytes


def load() -> ModuleType:
    """Load pyscard. Raises NoReader with what to install."""
    try:
        return importlib.import_module("smartcard.scard")
    except Exception as missing:  # it is compiled, and fails in its own ways where libpcsclite is gone
        raise NoReader(f"{MISSING}; loading it said: {missing}") from missing


class Context:
    """One SCARDCONTEXT; it belongs to one thread, but for ``cancel``. Every call raises PcscTrouble."""

    __slots__ = ("_handle", "_lib")

    def __init__(self, lib: ModuleType, handle: int) -> None:
        self._lib = lib
        self._handle = handle

    def readers(self) -> tuple[str, ...]:
        """Name every reader; there may be none."""
        code, names = self._lib.SCardListReaders(self._handle, [])
        if code & _WORD == NO_READERS:
            return ()
        _check(code)
        return tuple(str(name) for name in names)

    def state(self, reader: str, known: int = 0, timeout_s: float = 0.0) -> int:
        """Wait until the reader's state is another than the known one, or time is up, and return it."""
        code, states = self._lib.SCardGetStatusChange(self._handle, round(timeout_s * 1000), [(reader, known)])
        if code & _WORD == TIMEOUT:
            return known
        _check(code)
        return int(states[0][1])

    def cancel(self) -> None:
        """End another thread's ``state``; tell nobody if there is none."""
        self._lib.SCardCancel(self._handle)

    def connect(self, reader: str) -> Card:
        """Take a card for ourselves, and take its power away and give it again: whoever had it, nothing is verified."""
        lib = self._lib
        either = lib.SCARD_PROTOCOL_T0 | lib.SCARD_PROTOCOL_T1
        code, handle, _ = lib.SCardConnect(self._handle, reader, lib.SCARD_SHARE_EXCLUSIVE, either)
        _check(code)
        try:
            return self.power_again(handle)
        except PcscTrouble:
            self.leave(handle)
            raise

    def power_again(self, handle: int) -> Card:
        """Take the power away and give it again (a cold reset)."""
        lib = self._lib
        either = lib.SCARD_PROTOCOL_T0 | lib.SCARD_PROTOCOL_T1
        code, protocol = lib.SCardReconnect(handle, lib.SCARD_SHARE_EXCLUSIVE, either, lib.SCARD_UNPOWER_CARD)
        _check(code)
        code, _, _, _, atr = lib.SCardStatus(handle)
        _check(code)
        return Card(handle, Transmission.T1 if protocol == lib.SCARD_PROTOCOL_T1 else Transmission.T0, _bytes(atr))

    def transmit(self, card: Card, command: bytes) -> bytes:
        """Send a TPDU or APDU and return the answer."""
        protocol = self._lib.SCARD_PCI_T1 if card.transmission is Transmission.T1 else self._lib.SCARD_PCI_T0
        code, answer = self._lib.SCardTransmit(card.handle, protocol, list(command))
        _check(code)
        return _bytes(answer)

    def leave(self, handle: int) -> None:
        """Take the power away and let go; what cannot be let go of is gone."""
        self._lib.SCardDisconnect(handle, self._lib.SCARD_UNPOWER_CARD)

    def release(self) -> None:
        """Give the context back; nothing may be called afterwards."""
        self._lib.SCardReleaseContext(self._handle)


def establish() -> Context:
    """Open a context. Raises NoReader where pyscard is missing, PcscTrouble where pcscd does not run."""
    lib = load()
    code, handle = lib.SCardEstablishContext(lib.SCARD_SCOPE_SYSTEM)
    _check(code)
    return Context(lib, handle)


@contextmanager
def context() -> Iterator[Context]:
    """Hold a context for a while. Raises NoReader, PcscTrouble."""
    held = establish()
    try:
        yield held
    finally:
        held.release()


def _check(code: int) -> None:
    if code & _WORD:
        raise PcscTrouble(code & _WORD)


def _bytes(octets: Sequence[int]) -> bytes:
    return bytes(octet & 0xFF for octet in octets)
