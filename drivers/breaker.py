"""When to stop asking an element that does not answer, and when to ask again. Pure: the time is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """Open after so many failures in a row over so long; then one probe each ``cool_down_s``."""

    failures: int = 5
    over_s: float = 1.0  # a broken connection fails all its commands in one blink: that is one misfortune
    cool_down_s: float = 1.0


class Breaker:
    """Counts failures in a row; any answer, whatever it says, is a success."""

    def __init__(self, rules: BreakerRules) -> None:
        self.rules = rules
        self.is_open = False
        self._failures = 0
        self._since_s = 0.0

    def answered(self) -> None:
        """The element said something."""
        self._failures, self.is_open = 0, False

    def failed(self, now_s: float) -> bool:
        """A command got no answer; return whether the circuit has opened by it."""
        if not self._failures:
            self._since_s = now_s
        self._failures += 1
        enough = self._failures >= self.rules.failures and now_s - self._since_s >= self.rules.over_s
        if self.is_open or not enough:
            return False
        self.is_open = True
        return True
