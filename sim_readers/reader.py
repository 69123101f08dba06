"""What a reader is to the rest: a place for one card. All calls block; one thread per reader (never an event loop).

An open folder: ``sim_readers/readers/<kind>.py`` exports ``find``, ``open_reader`` and ``diagnose`` (``ReaderModule``).
A reader is named ``kind:address``, as ``pcsc:Virtual PCD 00 00`` or ``serial_t0:rfc2217://box:4001?reset=rts``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sim_readers import readers
from sim_readers.errors import NoReader


class Transmission(StrEnum):
    """How commands reach the card; it decides who fetches answers (T=0: we do, with GET RESPONSE)."""

    T0 = "T=0"
    T1 = "T=1"


class Connection(Protocol):
    """A powered card that is ours alone until ``close``, which takes its power away and with it every verified key."""

    @property
    def atr(self) -> bytes:
        """The answer to the last reset; empty where the reader cannot tell (a modem)."""

    @property
    def transmission(self) -> Transmission:
        """What the card speaks."""

    def transmit(self, command: bytes) -> bytes:
        """Send one TPDU (T=0) or APDU (T=1) and return data and status word. Raises CardGone, Garbled, NoReader."""

    def reset(self) -> bytes:
        """Reset the card and return its ATR. Raises CardGone, NoReader."""

    def close(self) -> None:
        """Power the card off and let go of the reader; never raises."""


class Reader(Protocol):
    """A place for one card."""

    @property
    def name(self) -> str:
        """``kind:address``, stable over re-plugging."""

    def connect(self) -> Connection:
        """Power the card. Raises NoCard, ReaderBusy, NoReader."""

    def wait_for_card(self, timeout_s: float) -> bool:
        """Wait until a card is there; tell whether one is. Raises NoReader."""

    def wait_for_removal(self, timeout_s: float) -> bool:
        """Wait until the place is empty; tell whether it is. Raises NoReader."""

    def close(self) -> None:
        """Let go of everything; another thread's wait ends soon. Never raises."""


class Verdict(StrEnum):
    """How bad a symptom is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Symptom:
    """What was looked at, what was found, what to do about it (empty when nothing)."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""


class ReaderModule(Protocol):
    """What a file in ``sim_readers/readers/`` exports."""

    def find(self) -> Sequence[str]:
        """Return the addresses that can be seen now, without the kind; none where they cannot be listed."""

    def open_reader(self, address: str) -> Reader:
        """Make the reader at an address. Raises NoReader with advice, also for an address that makes no sense."""

    def diagnose(self) -> Sequence[Symptom]:
        """Look at what this kind needs: packages, services, permissions. Never raises."""


def kinds() -> tuple[str, ...]:
    """The kinds of reader there are: the files of the folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(readers.__path__)))


def module_of(kind: str) -> ReaderModule:
    """Load one kind. Raises NoReader when there is none of that name."""
    if kind not in kinds():
        raise NoReader(f"there is no kind of reader {kind!r}: there are {', '.join(kinds())}")
    return importlib.import_module(f"sim_readers.readers.{kind}")


def open_reader(name: str) -> Reader:
    """Open ``kind:address``. Raises NoReader."""
    kind, colon, address = name.partition(":")
    if not colon:
        raise NoReader(f"{name!r} is no reader: name it kind:address, as pcsc:Virtual PCD 00 00")
    return module_of(kind).open_reader(address)


def find_readers() -> Iterator[str]:
    """Every reader that can be seen, by its full name."""
    for kind in kinds():
        for address in module_of(kind).find():
            yield f"{kind}:{address}"
