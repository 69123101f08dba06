"""Usage records: what one says, what it counts in, and why one cannot be counted. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateway.contract.periods import Period, agrees, period_of
from gateway.contract.quantities import BadQuantity, Unit, unit_named, whole
from gateway.contract.rules import Rules
from gateway.contract.usage import CounterRule

_LATEST = timedelta(days=90)  # 001:6471-6475: roaming usage may come so late
_EARLIEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One record as it was posted; ``place`` is its index in the list, or its line of NDJSON (from 1)."""

    place: int
    record_id: str
    msisdn: str
    counter: str
    amount: int | Decimal
    unit: str
    at: datetime
    abroad: bool = False
    country: str | None = None
    period: str | None = None

    @property
    def digest(self) -> str:
        """What its content comes to: the same for the same use, however its numbers and times are written."""
        number = str((self.amount if isinstance(self.amount, Decimal) else Decimal(self.amount)).normalize())
        said = (self.msisdn, self.counter, number, self.unit, self.at.astimezone(UTC).isoformat())
        rest = (str(self.abroad), self.country or "", self.period or "")
        return hashlib.blake2b("|".join((*said, *rest)).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Hit:
    """What a record adds to one counter in one period."""

    counter: CounterRule
    period: Period
    amount: int


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a record is kept out, with advice."""

    slug: str
    detail: str


def assess(record: UsageRecord, rules: Rules, now: datetime) -> tuple[Hit, ...] | Misfit:
    """Say what a record counts in by a contract; use that no counter looks at is no mistake and counts nowhere."""
    if record.at > now + _EARLIEST:
        return Misfit("in-the-future", "at lies more than an hour ahead: check the clock that wrote it")
    if record.at < now - _LATEST:
        return Misfit("too-late", "at lies more than 90 days back: such use is counted no more")
    try:
        unit = unit_named(record.unit)
        amount = whole(record.amount, unit)
    except BadQuantity as bad:
        return Misfit("bad-quantity", str(bad))
    counters = _counters(record.counter, unit, rules)
    if isinstance(counters, Misfit):
        return counters
    hits = tuple(Hit(counter, period_of(counter.period, record.at), amount) for counter in counters)
    if record.period is not None and not agrees(record.period, record.at, rules.time_zone, (h.period for h in hits)):
        named = ", ".join(sorted({h.period.label for h in hits}))
        return Misfit("period-contradicts", f"at lies in {named}: say that period, or none")
    return tuple(hit for hit in hits if hit.counter.counts(abroad=record.abroad))


def _counters(word: str, unit: Unit, rules: Rules) -> tuple[CounterRule, ...] | Misfit:
    called = tuple(c for c in rules.counters.values() if word in (c.of, c.name))
    if not called:
        there = ", ".join(sorted({word for c in rules.counters.values() for word in (c.of, c.name)})) or "nothing"
        return Misfit("unknown-counter", f"{rules.name} counts no {word}; it counts: {there}")
    fitting = tuple(c for c in called if (c.measure, c.currency) == (unit.measure, unit.currency))
    if not fitting:
        takes = ", ".join(sorted({c.currency or c.measure.value for c in called}))
        return Misfit("wrong-unit", f"{word} is counted in units of: {takes}")
    return fitting
