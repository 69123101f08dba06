"""What a virtual card is to the doors in front of it: power, commands, and being pulled out."""

from __future__ import annotations

from typing import Protocol


class PulledOut(Exception):
    """The card leaves its reader in the middle of a command: no answer will come."""


class EmulatedCard(Protocol):
    """One card. What it holds, tries left among them, outlives every reset; what was verified does not."""

    def power_on(self) -> bytes:
        """Apply power, or reset: forget what was selected and verified, return the ATR. Raises PulledOut."""

    def power_off(self) -> None:
        """Take the power away."""

    def transmit(self, tpdu: bytes) -> bytes:
        """Carry out one T=0 TPDU and return data and status word. Raises PulledOut, before or after doing it."""
