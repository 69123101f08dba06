"""A reader in this process with a virtual card in it: ``virtual:<card file>?image=<card image>``.

The card file is what ``sim_readers/emulator/state.py`` writes, and every change goes back into it; the image is the
TOML file of the card's type. For training, demonstrations and tests: no reader, no service, no package is needed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sim_readers.emulator.card import VirtualCard
from sim_readers.emulator.face import EmulatedCard, PulledOut
from sim_readers.emulator.image import read_image
from sim_readers.emulator.state import load, save
from sim_readers.errors import CardGone, NoCard, NoReader, ReaderBusy
from sim_readers.reader import Connection, Reader, Symptom, Transmission, Verdict

_IMAGE = "?image="
_GONE = "the card was pulled out: what it holds now is unknown; insert it again and read it before writing"
_OVER = "this connection is over: connect again, and read the card before writing"


class VirtualConnection:
    """A virtual card, ours until closed or pulled out."""

    def __init__(self, reader: VirtualReader, atr: bytes) -> None:
        self._reader = reader
        self._atr = atr

    @property
    def atr(self) -> bytes:
        """The answer to the last reset."""
        return self._atr

    @property
    def transmission(self) -> Transmission:
        """T=0: virtual cards speak nothing else."""
        return Transmission.T0

    def transmit(self, command: bytes) -> bytes:
        """Hand the card one TPDU. Raises CardGone."""
        return self._reader.ask(self, lambda card: card.transmit(command))

    def reset(self) -> bytes:
        """Reset the card. Raises CardGone."""
        self._atr = self._reader.ask(self, lambda card: card.power_on())
        return self._atr

    def close(self) -> None:
        """Take the card's power away."""
        self._reader.let_go(self)


class VirtualReader:
    """One place for one virtual card; ``insert`` and ``pull_out`` are what a hand would do."""

    def __init__(self, address: str, card: EmulatedCard | None = None) -> None:
        self._address = address
        self._card = card
        self._connection: VirtualConnection | None = None
        self._closed = False
        self._changed = threading.Condition(threading.RLock())

    @property
    def name(self) -> str:
        """``virtual:`` and the address."""
        return f"virtual:{self._address}"

    def insert(self, card: EmulatedCard) -> None:
        """Put a card in, in place of any other."""
        with self._changed:
            self.pull_out()
            self._card = card
            self._changed.notify_all()

    def pull_out(self) -> EmulatedCard | None:
        """Take the card out and return it; its connection is over. Waits for the end of a command."""
        with self._changed:
            card, self._card, self._connection = self._card, None, None
            if card is not None:
                card.power_off()
            self._changed.notify_all()
            return card

    def connect(self) -> Connection:
        """Power the card. Raises NoCard, ReaderBusy, NoReader."""
        with self._changed:
            self._must_be_open()
            if self._connection is not None:
                raise ReaderBusy(f"{self.name} is in use: close its connection first")
            if self._card is None:
                raise NoCard(f"there is no card in {self.name}: insert one")
            try:
                atr = self._card.power_on()
            except PulledOut:
                atr = b""
            if not atr:
                raise NoCard(f"the card in {self.name} does not answer to a reset: insert another")
            self._connection = VirtualConnection(self, atr)
            return self._connection

    def wait_for_card(self, timeout_s: float) -> bool:
        """Wait until one is in. Raises NoReader."""
        return self._wait(timeout_s, there=True)

    def wait_for_removal(self, timeout_s: float) -> bool:
        """Wait until none is. Raises NoReader."""
        return self._wait(timeout_s, there=False)

    def ask(self, connection: VirtualConnection, question: Callable[[EmulatedCard], bytes]) -> bytes:
        """Put a question to the card of a connection. Raises CardGone, also for a card that says nothing."""
        with self._changed:
            if self._connection is not connection or self._card is None:
                raise CardGone(_OVER)
            try:
                answer = question(self._card)
            except PulledOut as pulled:
                self.pull_out()
                raise CardGone(_GONE) from pulled
            if not answer:
                self.let_go(connection)
                raise CardGone("the card fell silent: insert it again and read it before writing")
            return answer

    def let_go(self, connection: VirtualConnection) -> None:
        """A connection was closed."""
        with self._changed:
            if self._connection is connection and self._card is not None:
                self._card.power_off()
                self._connection = None

    def close(self) -> None:
        """Take the card's power away; waits end."""
        with self._changed:
            self._closed = True
            if self._card is not None:
                self._card.power_off()
            self._connection = None
            self._changed.notify_all()

    def _wait(self, timeout_s: float, *, there: bool) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._card is not None) == there, timeout_s)
            self._must_be_open()
            return (self._card is not None) == there

    def _must_be_open(self) -> None:
        if self._closed:
            raise NoReader(f"{self.name} was closed")


def find() -> Sequence[str]:
    """None: virtual cards are made, not found."""
    return ()


def open_reader(address: str) -> Reader:
    """Load the card of a file. Raises NoReader when it cannot be."""
    file, marked, image = address.partition(_IMAGE)
    if not (file and marked and image):
        raise NoReader("name a virtual card by its file and its image: virtual:card.json?image=uicc.toml")
    try:
        card = load(Path(file), read_image(Path(image)))
    except (OSError, ValueError) as broken:
        raise NoReader(f"there is no virtual card in {file}: {broken}") from broken
    card.keep = _keeper(Path(file))
    return VirtualReader(address, card)


def diagnose() -> Sequence[Symptom]:
    """Nothing is needed."""
    return [Symptom("virtual cards", Verdict.OK, "nothing is needed")]


def _keeper(file: Path) -> Callable[[VirtualCard], None]:
    return lambda card: save(card, file)
