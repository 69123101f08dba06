"""Adding records up for one line, and noticing which percentages of its limits that reaches. Pure, integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.contract.periods import Period
from gateway.contract.thresholds import Cap

Key = tuple[str, str]
"""A counter and a period, by name."""

MOST = 2**63 - 1  # what a database's integer holds


@dataclass(frozen=True, slots=True)
class Reached:
    """A percentage that is reached: by which record, used when, and how much had been used then."""

    cap: Cap
    period: Period
    percent: int
    used: int
    record_id: str
    used_at: datetime

    @property
    def group(self) -> Key:
        """The threshold and the period it belongs to."""
        return (self.cap.name, self.period.label)


class Tally:
    """The counters of one line while a batch is counted."""

    def __init__(self, caps: Iterable[Cap], used: Mapping[Key, int]) -> None:
        """``used``: what was counted before, for every key that will be added to."""
        self.used = dict(used)
        self.reached: list[Reached] = []
        self._seen: set[tuple[Key, int]] = set()
        self._caps: dict[str, list[Cap]] = {}
        for cap in caps:
            self._caps.setdefault(cap.counter.name, []).append(cap)

    def add(self, key: Key, period: Period, amount: int, record_id: str, used_at: datetime) -> None:
        """Count one record; note every percentage that is reached by now, once."""
        self.used[key] = used = min(self.used[key] + amount, MOST)
        for cap in self._caps.get(key[0], ()):
            if used * 100 < cap.rule.percents[0] * cap.limit:
                continue
            for percent in cap.reached(used):
                found = Reached(cap, period, percent, used, record_id, used_at)
                if (found.group, percent) not in self._seen:
                    self._seen.add((found.group, percent))
                    self.reached.append(found)
