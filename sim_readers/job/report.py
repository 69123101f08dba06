"""What became of a batch, in figures."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim_readers.job.events import Turned, TurnedAway
from sim_readers.job.outcome import Outcome
from sim_readers.job.runner import CardResult
from sim_readers.job.turns import Ending

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch that has ended. ``results``: the last of each card, in the order the cards came first."""

    ending: Ending
    why: str
    results: tuple[CardResult, ...]
    turned_away: tuple[TurnedAway, ...]
    lost_readers: tuple[str, ...]
    elapsed_s: float

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many cards ended how; only what happened."""
        return dict(Counter(result.outcome for result in self.results))

    @property
    def done(self) -> int:
        """Cards that are as wished and proven."""
        return sum(result.well for result in self.results)

    @property
    def already(self) -> int:
        """Cards this job had done before."""
        return self._turned(Turned.ALREADY)

    @property
    def duplicates(self) -> int:
        """Cards of which there seem to be two."""
        return self._turned(Turned.DUPLICATE)

    @property
    def median_s(self) -> float | None:
        """Seconds from power-up to power-off, of cards that are well; ``None`` if there are none."""
        return _median([result.duration_s for result in self._well()])

    @property
    def p95_s(self) -> float | None:
        """Seconds that 95 of 100 such cards did not pass."""
        ordered = sorted(result.duration_s for result in self._well())
        return ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else None

    @property
    def median_apdus(self) -> float | None:
        """Commands sent to a card that is well."""
        return _median([result.apdus for result in self._well()])

    @property
    def cards_per_hour(self) -> float:
        """Cards done, by the time the whole batch took, people included."""
        return self.done / self.elapsed_s * _HOUR_S if self.elapsed_s else 0.0

    def to_json(self) -> dict[str, Any]:
        """Write it for scripts."""
        return {
            "ending": self.ending.value,
            "why": self.why,
            "done": self.done,
            "already": self.already,
            "duplicates": self.duplicates,
            "counts": {outcome.value: count for outcome, count in self.counts.items()},
            "lost_readers": list(self.lost_readers),
            "elapsed_s": round(self.elapsed_s, 3),
            "cards_per_hour": round(self.cards_per_hour, 1),
            "median_s": self.median_s,
            "p95_s": self.p95_s,
            "median_apdus": self.median_apdus,
            "results": [result.to_json() for result in self.results],
        }

    def _turned(self, how: Turned) -> int:
        return len({each.iccid for each in self.turned_away if each.turned is how})

    def _well(self) -> list[CardResult]:
        return [result for result in self.results if result.well]


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
