"""What PC/SC says went wrong, by its number: which of our errors that is, in which words, and what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sim_readers.errors import CardError, CardGone, NoCard, NoReader, ReaderBusy

INVALID_HANDLE: Final = 0x80100003
UNKNOWN_READER: Final = 0x80100009
TIMEOUT: Final = 0x8010000A
SHARING_VIOLATION: Final = 0x8010000B
NO_SMARTCARD: Final = 0x8010000C
PROTO_MISMATCH: Final = 0x8010000F
CANCELLED: Final = 0x80100002
COMM_ERROR: Final = 0x80100013
NOT_TRANSACTED: Final = 0x80100016
READER_UNAVAILABLE: Final = 0x80100017
NO_SERVICE: Final = 0x8010001D
SERVICE_STOPPED: Final = 0x8010001E
NO_ACCESS: Final = 0x80100027
NO_READERS: Final = 0x8010002E
UNRESPONSIVE: Final = 0x80100066
UNPOWERED: Final = 0x80100067
RESET: Final = 0x80100068
REMOVED: Final = 0x80100069
DENIED: Final = 0x8010006A

PASSING = frozenset(
    {COMM_ERROR, NO_SERVICE, SERVICE_STOPPED, INVALID_HANDLE, UNKNOWN_READER, READER_UNAVAILABLE, NO_READERS}
)
"""What goes by itself when pcscd has started again or the reader is plugged in again."""

_NO_CARD = frozenset({NO_SMARTCARD, PROTO_MISMATCH, NOT_TRANSACTED, UNRESPONSIVE, UNPOWERED, REMOVED})
_POLKIT = (
    "polkit or the socket's mode keeps this user out: allow org.debian.pcsc-lite.access_pcsc and "
    "org.debian.pcsc-lite.access_card in a polkit rule, or run pcscd with --disable-polkit"
)
_WORDS: Final = {
    INVALID_HANDLE: "the connection to pcscd is closed: open the reader again",
    UNKNOWN_READER: "pcscd knows no reader of this name: plug it in, and look at its name with `pcsc_scan -r`",
    SHARING_VIOLATION: "another program holds the card: end it (gpg-agent and pcsc_scan are common), then try again",
    NO_SMARTCARD: "there is no card in the reader: insert one",
    PROTO_MISMATCH: "the card speaks neither T=0 nor T=1: it is no SIM, or its contacts are dirty",
    COMM_ERROR: "pcscd broke off: see that it runs; where it does, " + _POLKIT,
    NOT_TRANSACTED: "the card did not answer: it was taken out, or its contacts are dirty; insert it again",
    READER_UNAVAILABLE: "the reader was unplugged: plug it in again",
    SERVICE_STOPPED: "pcscd has ended: start it again",
    NO_ACCESS: _POLKIT,
    NO_READERS: "pcscd sees no reader: plug one in; its driver (libccid for USB) must be installed",
    UNRESPONSIVE: "the card is mute: see which way round it is in, and clean its contacts",
    UNPOWERED: "the card has no power: insert it again",
    RESET: "another program has reset the card: what was verified is forgotten; begin with this card again",
    REMOVED: "the card was taken out: insert it again; what it holds is unknown until it is read",
    DENIED: _POLKIT,
}


class PcscTrouble(Exception):
    """A call to PC/SC failed; never leaves ``sim_readers.pcsc`` but as one of our errors."""

    def __init__(self, code: int) -> None:
        super().__init__(words(code))
        self.code = code


def words(code: int) -> str:
    """Say what a number means and what to do about it; the number is in it."""
    told = _no_service() if code == NO_SERVICE else _WORDS.get(code, "PC/SC failed in a way it seldom does: see pcscd")
    return f"{told} (PC/SC 0x{code:08X})"


def before(code: int, reader: str) -> CardError:
    """Make the error of a card that could not be had: NoCard, ReaderBusy or NoReader."""
    text = f"{reader}: {words(code)}"
    if code in _NO_CARD:
        return NoCard(text)
    return ReaderBusy(text) if code == SHARING_VIOLATION else NoReader(text)


def amid(code: int, reader: str) -> CardGone:
    """Make the error of a conversation that broke, whoever broke it: card, reader or pcscd."""
    return CardGone(f"{reader}: {words(code)}")


def socket_of_pcscd() -> Path:
    """Where programs find pcscd; libpcsclite reads the variable once in a process's life."""
    return Path(os.environ.get("PCSCLITE_CSOCK_NAME", "/run/pcscd/pcscd.comm"))


def _no_service() -> str:
    if not socket_of_pcscd().exists():
        return (
            "pcscd does not run: install it and run `systemctl enable --now pcscd.socket` "
            "(without systemd, in a container: `pcscd --foreground`)"
        )
    if not os.access(socket_of_pcscd(), os.R_OK | os.W_OK):
        return _POLKIT
    return "pcscd has left its socket behind and does not run: start it again"
