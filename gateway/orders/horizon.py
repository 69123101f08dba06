"""How far events can be told: where several instances write, a higher number may be committed before a lower one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from gateway.journal.journal import Row


class Horizon:
    """Up to it a number that is missing will never come: its commit would have ended by now."""

    def __init__(self, late_s: float) -> None:
        """``late_s``: a number is committed within so much time of being drawn, or never."""
        self._late_s = late_s
        self._seen: deque[tuple[float, int]] = deque()
        self._end = 0

    def settled(self, rows: Sequence[Row], after: int, now_s: float) -> int:
        """Return how many of these events, the first ones after a number, can be told."""
        while self._seen and self._seen[0][0] <= now_s - self._late_s:
            self._end = self._seen.popleft()[1]
        for n, row in enumerate(rows):
            if row["seq"] != after + 1 and row["seq"] > self._end:
                return n
            after = row["seq"]
        return len(rows)

    def note(self, last: int, now_s: float) -> None:
        """``last`` is the highest number there is now: whatever is missing below has been drawn before."""
        if not self._seen or last > self._seen[-1][1]:
            self._seen.append((now_s, last))
