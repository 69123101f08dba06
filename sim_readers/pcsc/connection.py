"""A card at PC/SC that is ours alone, until the first thing that goes wrong, or until we let it go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sim_readers.errors import CardGone, Garbled
from sim_readers.pcsc.scard import Card, Context
from sim_readers.pcsc.trouble import NOT_TRANSACTED, PcscTrouble, amid
from sim_readers.reader import Transmission

_STATUS_WORD: Final = 2


class PcscConnection:
    """A card that no other program can use; ``close`` takes its power, and with it every verified key."""

    def __init__(self, held: Context, card: Card, label: str) -> None:
        self._context = held
        self._card = card
        self._label = label
        self._open = True
        self._lock = threading.Lock()

    @property
    def atr(self) -> bytes:
        """The answer to the last reset."""
        return self._card.atr

    @property
    def transmission(self) -> Transmission:
        """What the card speaks."""
        return self._card.transmission

    def transmit(self, command: bytes) -> bytes:
        """Send one TPDU or APDU. Raises CardGone, also when reader or pcscd went, and Garbled: both close."""
        with self._in_use():
            answer = self._context.transmit(self._card, command)
            if not answer:  # what vpcd makes of a card that leaves while it is asked
                raise PcscTrouble(NOT_TRANSACTED)
            if len(answer) < _STATUS_WORD:
                raise Garbled(f"{self._label}: the answer has no status word: take the card out, look at its contacts")
        return answer

    def reset(self) -> bytes:
        """Take the power away and give it again. Raises CardGone."""
        with self._in_use():
            self._card = self._context.power_again(self._card.handle)
        return self._card.atr

    def close(self) -> None:
        """Power the card off and let go of the reader; never raises."""
        with self._lock:
            self._let_go()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._lock:
            if not self._open:
                raise CardGone(f"{self._label}: the connection is closed: connect again")
            try:
                yield
            except Garbled:
                self._let_go()
                raise
            except PcscTrouble as trouble:
                self._let_go()  # whoever answers on this handle next may be another card
                raise amid(trouble.code, self._label) from trouble

    def _let_go(self) -> None:
        if self._open:
            self._open = False
            self._context.leave(self._card.handle)
            self._context.release()
