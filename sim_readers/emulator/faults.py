"""What goes wrong with a virtual card, and when: counted, so that a test can walk through every place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sim_readers.emulator.face import EmulatedCard

_WRITES = (0xD6, 0xDC)  # UPDATE BINARY, UPDATE RECORD


@dataclass(frozen=True, slots=True)
class Faults:
    """All counts begin at 1 when the card is made, and each fault happens once.

    ``pull_out_at``: the n-th TPDU, ``before`` or ``after`` it is carried out. ``write_fails_at``: the n-th write that
    would have succeeded is answered with 6581 or 9240 and changes nothing; with ``torn`` half of its bytes are written
    and the card is gone. ``mute``: the card answers to no reset, its ATR is empty.
    """

    pull_out_at: int | None = None
    pull_out: Literal["before", "after"] = "before"
    write_fails_at: int | None = None
    torn: bool = False
    mute: bool = False


class SlowCard(EmulatedCard):
    """A card that takes its time: seconds per TPDU, and seconds more per TPDU that writes."""

    def __init__(
        self,
        card: EmulatedCard,
        sleep: Callable[[float], None],
        *,
        per_tpdu_s: float,
        per_write_s: float = 0.0,
    ) -> None:
        self._card = card
        self._sleep = sleep
        self._per_tpdu_s = per_tpdu_s
        self._per_write_s = per_write_s

    def power_on(self) -> bytes:
        """Reset the card behind it."""
        return self._card.power_on()

    def power_off(self) -> None:
        """Take the card's power away."""
        self._card.power_off()

    def transmit(self, tpdu: bytes) -> bytes:
        """Wait, then let the card answer. Raises PulledOut as the card does."""
        writes = tpdu[1:2] and tpdu[1] in _WRITES
        self._sleep(self._per_tpdu_s + (self._per_write_s if writes else 0.0))
        return self._card.transmit(tpdu)
