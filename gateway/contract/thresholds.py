"""Thresholds: which percentages of a limit are passed, and what of the contract holds for one line. Pure, integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.contract.rules import Rules
from gateway.contract.usage import CounterRule, ThresholdRule


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed with a customer about one threshold; ``None``: as the contract has it."""

    limit: int | None = None
    waived: bool | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed about a line's alerts: their language, and thresholds by name."""

    language: str | None = None
    thresholds: Mapping[str, Agreed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cap:
    """One threshold as it holds for one line; ``waived``: nothing is done at 100 %; ``muted``: nothing is sent."""

    rule: ThresholdRule
    counter: CounterRule
    limit: int
    waived: bool
    muted: bool

    @property
    def name(self) -> str:
        """What the contract calls it."""
        return self.rule.name

    @property
    def series(self) -> str:
        """What its alerts of one period have in common: another limit has alerts of its own."""
        return self.name if self.limit in self.rule.limits.values() else f"{self.name}/{self.limit}"

    def reached(self, used: int) -> tuple[int, ...]:
        """List the percentages that are reached, lowest first."""
        return crossed(0, used, self.limit, self.rule.percents)


def crossed(before: int, after: int, limit: int, percents: Iterable[int]) -> tuple[int, ...]:
    """List the percentages of ``limit`` that lie above ``before`` and not above ``after``, lowest first."""
    return tuple(sorted({p for p in percents if before * 100 < p * limit <= after * 100}))


def percent_used(used: int, limit: int) -> int:
    """Whole percent of the limit that are used, cut off: 100 is said at 100 and not before."""
    return used * 100 // limit


def caps_of(rules: Rules, plan: str, agreement: Agreement) -> tuple[Cap, ...]:
    """List the thresholds that hold for a line of that plan."""
    return tuple(
        Cap(
            rule=rule,
            counter=rules.counters[rule.counter],
            limit=rule.limits[plan] if agreed.limit is None else agreed.limit,
            waived=rule.waived if agreed.waived is None else agreed.waived,
            muted=agreed.muted,
        )
        for rule in rules.thresholds.values()
        if plan in rule.limits
        for agreed in (agreement.thresholds.get(rule.name, Agreed()),)
    )
