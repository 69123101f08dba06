"""One SMSC element as its connections share it: its knobs, who is bound, and what is due to go wrong next."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from random import Random

from hlr_sim.smsc import status
from hlr_sim.smsc.knobs import Knobs


class Door:
    """Counts submissions, and says which of them are refused by a knob. ``clock`` counts seconds."""

    def __init__(self, initial: Knobs, clock: Callable[[], float], random: Random) -> None:
        self._initial = initial
        self.clock = clock
        self.random = random
        self.binds: Counter[tuple[str, str]] = Counter()  # (kind, system_id)
        self.opened = 0
        self.submits = 0
        self.statuses: Counter[int] = Counter()
        self.reset()

    def reset(self) -> None:
        """Turn every knob back to where the scenario has it."""
        self.set(self._initial)

    def turn(self, changes: Mapping[str, object]) -> None:
        """Turn some knobs; what they count begins anew. Raises ValueError."""
        self.set(self.knobs.turned(changes))

    def set(self, knobs: Knobs) -> None:
        """Turn every knob."""
        self.knobs = knobs
        self._heard = self._answered = self._burst = self._refused_binds = 0
        self._lately: deque[float] = deque()

    def bind_refused(self, system_id: str) -> int | None:
        """Say with what status a bind with the right password is refused all the same."""
        knobs = self.knobs
        if knobs.bind_status is not None and (knobs.bind_refusals is None or self._refused_binds < knobs.bind_refusals):
            self._refused_binds += 1
            return knobs.bind_status
        bound = sum(count for (_, who), count in self.binds.items() if who == system_id)
        return status.ALREADY_BOUND if knobs.max_binds is not None and bound >= knobs.max_binds else None

    def refused(self, unanswered: int) -> int | None:
        """Count one submission; say with what status it is refused by a knob."""
        knobs = self.knobs
        self._heard += 1
        if knobs.window is not None and unanswered >= knobs.window:
            return status.QUEUE_FULL
        if self._burst or self._is_nth(knobs.system_error_every):
            self._burst = (self._burst or knobs.system_error_burst) - 1
            return status.SYSTEM_ERROR
        if self._is_nth(knobs.throttle_every) or self._too_fast(knobs.throttle_above_per_s):
            return status.THROTTLED
        if self._is_nth(knobs.queue_full_every):
            return status.QUEUE_FULL
        return knobs.vendor_status if self._is_nth(knobs.vendor_status_every) else None

    def is_nacked(self) -> bool:
        """Tell whether the submission just counted gets generic_nack."""
        return self._is_nth(self.knobs.generic_nack_every)

    def is_dropped(self) -> bool:
        """Count one answer; tell whether it is never given."""
        self._answered += 1
        every = self.knobs.drop_resp_every
        return every is not None and self._answered % every == 0

    def _is_nth(self, every: int | None) -> bool:
        return every is not None and self._heard % every == 0

    def _too_fast(self, per_s: int | None) -> bool:
        if per_s is None:
            return False
        now = self.clock()
        while self._lately and self._lately[0] <= now - 1.0:
            self._lately.popleft()
        if len(self._lately) >= per_s:
            return True
        self._lately.append(now)
        return False
