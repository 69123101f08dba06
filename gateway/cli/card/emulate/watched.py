"""A card that knows whether somebody has worked on it and left it: then a tray may put the next one in."""

from __future__ import annotations

import threading
from typing import Final

from sim_readers.emulator.face import EmulatedCard

_HEADER: Final = 5
_VERIFY: Final = 0x20
_WRITES: Final = (0xD6, 0xDC)  # UPDATE BINARY, UPDATE RECORD


class WatchedCard(EmulatedCard):
    """Another card. ``left`` is set while it is without power after a key was presented or a file written."""

    def __init__(self, card: EmulatedCard) -> None:
        self._card = card
        self.worked = False
        self.left = threading.Event()

    def power_on(self) -> bytes:
        """As the card does; nobody has left it now."""
        self.left.clear()
        return self._card.power_on()

    def power_off(self) -> None:
        """As the card does."""
        self._card.power_off()
        if self.worked:
            self.left.set()

    def transmit(self, tpdu: bytes) -> bytes:
        """As the card does. Raises PulledOut."""
        if len(tpdu) > _HEADER and tpdu[1] in (_VERIFY, *_WRITES):
            self.worked = True
        return self._card.transmit(tpdu)
