"""What lines use and which alerts that must bring, reckoned without asking the gateway."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.journeys.agreement import Json

_LINES_A_BATCH = 20
_FULL_SHARE = 2 / 3  # of the lines whose cap abroad is reached
_ORDER_SHARE = 0.1  # of the lines that are throttled: an order of the gateway's own
_LATEST_BATCHES = 4  # how many other batches may lie between 80 % and 100 % of a line


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: whose, of which limit, at which percentage."""

    msisdn: str
    threshold: str
    percent: int


@dataclass(frozen=True, slots=True)
class Series:
    """A limit of the `unlimited` plan: what reaches 80 % and then 100 % of it, and how a message names it."""

    threshold: str
    counter: str
    unit: str
    amounts: tuple[int, int]
    limit: str
    roaming: bool = False
    kept: int = 1  # of what is kept, in one of the unit


SERIES = (
    Series("fair_use", "data", "GB", (40, 10), "50 Go", kept=10**9),
    Series("unlimited_voice", "voice", "h", (32, 8), "40 h", kept=3600),
    Series("unlimited_numbers", "numbers", "count", (120, 30), "150"),
    Series("unlimited_sms", "sms", "count", (800, 200), "1000"),
    Series("unlimited_sms_recipients", "sms_recipients", "count", (40, 10), "50"),
    Series("roaming_data", "data", "EUR", (40, 10), "50 EUR", roaming=True, kept=10**6),
)
_ORDERING, _ROAMING = SERIES[0], SERIES[5]
_BY_LIMIT = {series.limit: series.threshold for series in SERIES}
_SAYS = "{percent} % de {limit}"
_SAID = re.compile(r"^([0-9]+) % de ([^:]+):")
_ON_AND_ON = "il faut plus d'un segment pour dire tout cela, et chacun peut se perdre sans les autres. " * 2
#: texts of our own: which alert a phone shows is told from what it shows
TEXTS = f"""
spec = "1"
languages = ["fr"]

[confirm.fr]

[templates.fair_use]
kind = "alert"
fr = "{_SAYS}: internet."

[templates.plan_limit]
kind = "alert"
fr = "{_SAYS}: votre forfait."

[templates.roaming_data]
kind = "alert"
fr = "{_SAYS}: le plafond hors de France."

[templates.roaming_data_80]
kind = "alert"
segments = 2
fr = "{_SAYS}: {_ON_AND_ON}"
"""


def recognise(msisdn: str, text: str) -> Alert | None:
    """Tell from what a phone shows which alert it is."""
    found = _SAID.match(text)
    if found is None or found[2] not in _BY_LIMIT:
        return None
    return Alert(msisdn, _BY_LIMIT[found[2]], int(found[1]))


class Plan:
    """So many lines, all they use, in batches in the order they are posted, and every alert of it."""

    def __init__(self, seed: str, lines: int) -> None:
        chance = random.Random(seed)
        self.numbers = [f"+3371{n:07d}" for n in range(lines)]
        self.at = datetime.now(UTC).isoformat()
        self.full_abroad = {number for number in self.numbers if chance.random() < _FULL_SHARE}
        self.limited = {number for number in self.numbers if chance.random() < _ORDER_SHARE}
        self.batches = self._shuffled(chance)

    def alerts(self) -> set[Alert]:
        """Every alert there must be."""
        due = {Alert(number, series.threshold, 80) for number in self.numbers for series in SERIES}
        return due | {Alert(number, series.threshold, 100) for number, series in self._full(self.numbers)}

    def used(self) -> dict[tuple[str, str], int]:
        """What every counter must stand at in the end, by number and the counter's name in the contract."""
        names = {series: "roaming_data_spend" if series.roaming else series.counter for series in SERIES}
        total = {(number, names[s]): s.amounts[0] * s.kept for number in self.numbers for s in SERIES}
        for number, series in self._full(self.numbers):
            total[number, names[series]] += series.amounts[1] * series.kept
        return total

    def _shuffled(self, chance: random.Random) -> list[list[Json]]:
        """The batches that bring 80 %; after each, soon or a little later, the one that fills the limits up."""
        placed: list[tuple[float, list[Json]]] = []
        for n, start in enumerate(range(0, len(self.numbers), _LINES_A_BATCH)):
            some = self.numbers[start : start + _LINES_A_BATCH]
            placed.append((n, [self._record(number, series, 0) for number in some for series in SERIES]))
            later = n + chance.choice((0.1, 0.1, chance.uniform(0, _LATEST_BATCHES)))
            placed.append((later, [self._record(number, series, 1) for number, series in self._full(some)]))
        return [batch for _, batch in sorted(placed, key=lambda each: each[0]) if batch]

    def _full(self, some: Sequence[str]) -> Iterator[tuple[str, Series]]:
        """Which limits of these lines are filled up."""
        yield from ((number, _ROAMING) for number in some if number in self.full_abroad)
        yield from ((number, _ORDERING) for number in some if number in self.limited)

    def _record(self, number: str, series: Series, step: int) -> Json:
        record: Json = {"id": f"{number}-{series.threshold}-{step}", "msisdn": number, "counter": series.counter}
        record |= {"amount": series.amounts[step], "unit": series.unit, "at": self.at}
        return record | ({"roaming": True} if series.roaming else {})
