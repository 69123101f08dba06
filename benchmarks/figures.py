"""What a measurement yields: figures with their spread, and the raw values they were taken of."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and how far they lie apart."""

    median: float
    low: float
    high: float
    rounds: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Lay it out for the results file."""
        return {"median": self.median, "min": self.low, "max": self.high, "rounds": list(self.rounds)}


Figure = float | Spread
Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one group measured: figures by measurement, and raw values that plots are drawn of."""

    figures: Mapping[str, Mapping[str, Figure]]
    raw: Mapping[str, Any] = field(default_factory=dict)


def spread(values: Iterable[float]) -> Spread:
    """Take the median and the ends. Raises ValueError for no value at all."""
    rounds = tuple(values)
    if not rounds:
        raise ValueError("nothing was measured")
    return Spread(statistics.median(rounds), min(rounds), max(rounds), rounds)


def central(figure: Figure) -> float:
    """Return the one number that stands for a figure."""
    return figure.median if isinstance(figure, Spread) else figure


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> Spread:
    """Compare round by round what was measured in turns."""
    return spread(one / other for one, other in zip(ours, theirs, strict=True))


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of them did not pass (nearest rank). Raises ValueError for no value."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def curve(values: Sequence[float], points: int = 200) -> list[tuple[float, float]]:
    """Return a cumulative distribution as (value, share not above it), thinned out to so many points."""
    ordered = sorted(values)
    count = len(ordered)
    picked = sorted({min(count - 1, n * count // points) for n in range(points)} | {count - 1}) if count else []
    return [(ordered[n], (n + 1) / count) for n in picked]


def figure_to_json(figure: Figure) -> Any:  # noqa: ANN401 - a number or an object
    """Lay a figure out for the results file."""
    return figure.to_json() if isinstance(figure, Spread) else figure


def figure_from_json(told: Any) -> Figure:  # noqa: ANN401 - as it was written
    """Read a figure back."""
    if isinstance(told, Mapping):
        return Spread(told["median"], told["min"], told["max"], tuple(told["rounds"]))
    return float(told)
