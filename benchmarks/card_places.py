"""Places for cards that never wait for a hand: what is measured is the work, not how soon pcscd sees a card come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from sim_readers.emulator.face import EmulatedCard
from sim_readers.reader import Connection, Reader

BAUD = 223_200
BITS_A_BYTE = 12  # ISO/IEC 7816-3 §7.2: ten bits and two of guard time
COMMAND_S = 0.001
WRITE_S = 0.003
_WRITES = (0xD6, 0xDC)


class LineCard(EmulatedCard):
    """A card at the pace of a real one: every byte takes its time on the line, commands and writes take theirs."""

    def __init__(self, card: EmulatedCard) -> None:
        self._card = card

    def power_on(self) -> bytes:
        """Reset it; the ATR takes no time."""
        return self._card.power_on()

    def power_off(self) -> None:
        """Take its power away."""
        self._card.power_off()

    def transmit(self, tpdu: bytes) -> bytes:
        """Answer as late as a real card would."""
        begun = time.perf_counter()
        answer = self._card.transmit(tpdu)
        line_s = (len(tpdu) + 1 + len(answer)) * BITS_A_BYTE / BAUD  # one byte acknowledges the command
        takes_s = line_s + COMMAND_S + (WRITE_S if tpdu[1] in _WRITES else 0.0)
        time.sleep(max(0.0, begun + takes_s - time.perf_counter()))
        return answer


class Stack(EmulatedCard):
    """A card that is another one from its next power-up on, without leaving its slot."""

    def __init__(self, card: EmulatedCard) -> None:
        self._card = card

    def put(self, card: EmulatedCard) -> None:
        """Be this card from now on; nobody may hold the one before."""
        self._card = card

    def power_on(self) -> bytes:
        """Reset the card on top."""
        return self._card.power_on()

    def power_off(self) -> None:
        """Take its power away."""
        self._card.power_off()

    def transmit(self, tpdu: bytes) -> bytes:
        """Let it answer."""
        return self._card.transmit(tpdu)


class Pile:
    """Blank cards, taken by whichever place is free."""

    def __init__(self, cards: list[EmulatedCard]) -> None:
        self._cards = deque(cards)
        self._lock = Lock()

    def take(self) -> EmulatedCard | None:
        """Take the next one, if there is one."""
        with self._lock:
            return self._cards.popleft() if self._cards else None


class QuickPlace(Reader):
    """A reader whose card is gone at once when it is done, and followed by the next."""

    def __init__(self, reader: Reader, put: Callable[[EmulatedCard], object], pile: Pile) -> None:
        self._reader = reader
        self._put = put
        self._pile = pile

    @property
    def name(self) -> str:
        """As the reader is called."""
        return self._reader.name

    def connect(self) -> Connection:
        """Power the card."""
        return self._reader.connect()

    def wait_for_card(self, timeout_s: float) -> bool:
        """Put the next card in."""
        card = self._pile.take()
        if card is None:
            time.sleep(timeout_s)
            return False
        self._put(card)
        return True

    def wait_for_removal(self, timeout_s: float) -> bool:
        """It is out, whatever the time."""
        return timeout_s >= 0

    def close(self) -> None:
        """Let go of the reader."""
        self._reader.close()
