"""How many segments a second an SMSC is given: a bucket of tokens, and less of them after it has said "too many"."""

from __future__ import annotations

from drivers.esme.config import Speed

_GRAIN_S = 0.01  # what timers may be late by; a bucket somebody waits at does not lose what came meanwhile
_ENOUGH = 1e-6  # what sums of small fractions may lack
_LEAST_PER_S = 1.0
_GROWTH_PER_S = 0.1  # of the rate it had
_CHOKED = 3  # times throttled with nothing accepted between


class Rate:
    """Tokens for segments; throttled, it pauses and is halved, then grows again, both at most once for one reason."""

    def __init__(self, speed: Speed) -> None:
        self.per_s = speed.per_s  # now; ``None``: as many as the window lets through
        self.paused_until_s = 0.0
        self._speed = speed
        self._full_per_s = speed.per_s or 0.0
        self._tokens = float(speed.burst)
        self._filled_s = 0.0
        self._awaited = False
        self._strikes = 0
        self._counted_from_s = 0.0
        self._counted = 0
        self._achieved_per_s = 0.0

    def choked(self, now_s: float) -> bool:
        """Whether the SMSC has let nothing through for a while: then others are better asked."""
        return self._strikes >= _CHOKED and now_s < self.paused_until_s

    def due_s(self, count: int, now_s: float) -> float:
        """How long until so many segments may go out together; 0: now."""
        if now_s < self.paused_until_s:
            return self.paused_until_s - now_s
        if self.per_s is None:
            return 0.0
        self._fill(count, now_s)
        if self.per_s is None or self._tokens >= count - _ENOUGH:
            return 0.0
        self._awaited = True
        return (count - self._tokens) / self.per_s

    def take(self, count: int) -> None:
        """Use tokens that ``due_s`` has promised."""
        if self.per_s is not None:
            self._tokens -= count
            self._awaited = False

    def give_back(self, count: int) -> None:
        """Return tokens that were not used."""
        if self.per_s is not None:
            self._tokens += count

    def accepted(self, now_s: float) -> None:
        """The SMSC took a segment."""
        self._strikes = 0
        passed_s = now_s - self._counted_from_s
        if passed_s >= 1:
            self._achieved_per_s = self._counted / passed_s
            self._counted_from_s, self._counted = now_s, 0
        self._counted += 1

    def throttled(self, sent_s: float, now_s: float) -> bool:
        """The SMSC has said "too many" to a segment sent then; return whether that is news.

        Segments sent before the last pause are no news: a whole window of them may be refused for one reason.
        """
        if sent_s < self.paused_until_s:
            return False
        achieved = max(self._achieved_per_s, float(self._counted))
        self._full_per_s = self._speed.per_s or max(self._full_per_s, achieved, _LEAST_PER_S)
        per_s = achieved if self.per_s is None else min(self.per_s, achieved)
        self.per_s = max(per_s / 2, min(_LEAST_PER_S, self._full_per_s))
        self.paused_until_s = now_s + self._speed.throttle_pause_s
        self._tokens, self._filled_s = 0.0, self.paused_until_s
        self._strikes += 1
        return True

    def _fill(self, count: int, now_s: float) -> None:
        passed_s, self._filled_s = now_s - self._filled_s, now_s
        per_s = self.per_s or 0.0
        if per_s < self._full_per_s or self._speed.per_s is None:
            per_s += passed_s * self._full_per_s * _GROWTH_PER_S
            self.per_s = per_s if self._speed.per_s is None else min(per_s, self._full_per_s)
        most = max(self._speed.burst, count) + (per_s * _GRAIN_S if self._awaited else 0.0)
        self._tokens = min(most, self._tokens + passed_s * per_s)
        if self._speed.per_s is None and per_s >= 2 * self._full_per_s:
            self.per_s = None  # it has been well for so long that nothing is left of the reason
