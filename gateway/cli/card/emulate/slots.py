"""Virtual slots with cards in them: each card stays, or from a tray the next one comes when the one before is done."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

from gateway.cli.card.emulate.made_cards import Made
from gateway.cli.card.emulate.watched import WatchedCard
from gateway.cli.failure import NothingThere, WrongUse
from gateway.cli.gateway_client import Json
from sim_readers.emulator.vpcd_door import VpcdDoor

_LOOK_S: Final = 0.05
_SETTLE_S: Final = 0.15  # a reader that resets a card takes its power away for a moment
_AGAIN_S: Final = 1.0

Tell = Callable[[Json], None]


class Tray:
    """The cards that are still to come, and those that were given out. Thread-safe."""

    def __init__(self, cards: Iterator[Made], count: int) -> None:
        self._cards = cards
        self._lock = threading.Lock()
        self.left = count
        self.given: list[Made] = []

    def next(self) -> Made | None:
        """Give the next card out; ``None``: the tray is empty."""
        with self._lock:
            made = next(self._cards, None)
            if made is not None:
                self.left -= 1
                self.given.append(made)
            return made


class Slot:
    """One slot of a virtual reader, and the thread that is its hand. ``swaps``: cards make room for the next."""

    def __init__(self, where: str, tray: Tray, tell: Tell, stop: threading.Event, *, swaps: bool) -> None:
        self.where = where
        self._tray = tray
        self._tell = tell
        self._stop = stop
        self._swaps = swaps
        self._door: VpcdDoor | None = None
        self._card: WatchedCard | None = None
        self._thread = threading.Thread(target=self._run, name=f"slot {where}", daemon=True)

    @property
    def working(self) -> bool:
        """Whether there is a card in it, or one may come."""
        return self._thread.is_alive()

    def fill(self) -> None:
        """Put the first card in. Raises WrongUse for no address, NothingThere when no reader listens."""
        host, _, port = self.where.rpartition(":")
        if not (host and port.isdecimal() and 0 < int(port) <= 0xFFFF):  # noqa: PLR2004 - the last port
            raise WrongUse(f"--vpcd {self.where!r} is no slot: write it as 127.0.0.1:35963")
        first = self._tray.next()
        if first is None:
            return
        self._card = WatchedCard(first.face)
        self._door = VpcdDoor(self._card, host.strip("[]"), int(port))
        try:
            self._door.insert()
        except OSError as nobody:
            raise NothingThere(
                f"no reader listens at {self.where} ({nobody.strerror}): start pcscd with vpcd, or a reader vpcd::PORT"
            ) from nobody
        self._announce(first)

    def start(self) -> None:
        """Let the slot's cards come and go by themselves."""
        self._thread.start()

    def close(self) -> None:
        """Take the card out."""
        if self._thread.is_alive():
            self._thread.join()
        if self._door is not None:
            self._door.close()

    def _run(self) -> None:
        while self._card is not None and self._door is not None and not self._stop.is_set():
            if self._swaps and self._is_done(self._card):
                self._next(self._door)
            elif not self._door.inserted:
                self._put_back(self._door)
            else:
                self._stop.wait(_LOOK_S)

    def _is_done(self, card: WatchedCard) -> bool:
        return card.left.is_set() and not self._stop.wait(_SETTLE_S) and card.left.is_set()

    def _next(self, door: VpcdDoor) -> None:
        door.pull_out()
        made = self._tray.next()
        self._card = None if made is None else WatchedCard(made.face)
        if made is None or self._card is None:
            self._tell({"event": "empty", "slot": self.where})
            return
        while not self._stop.is_set():
            with contextlib.suppress(OSError):  # the reader's service starts again, perhaps
                door.insert(self._card)
                self._announce(made)
                return
            self._stop.wait(_AGAIN_S)

    def _put_back(self, door: VpcdDoor) -> None:
        """The reader has hung up, as pcscd does when it is started anew."""
        with contextlib.suppress(OSError):
            door.insert()
            return
        self._stop.wait(_AGAIN_S)

    def _announce(self, made: Made) -> None:
        self._tell({"event": "in", "slot": self.where, "iccid": made.data.iccid, "left": self._tray.left})
