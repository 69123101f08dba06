"""What a contract says of use: counters, and the limits on them; read from ``[counters.*]`` and ``[thresholds.*]``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.contract.identity import NAME_PATTERN
from gateway.contract.line import Kind, Reason
from gateway.contract.periods import PeriodKind, PeriodRule
from gateway.contract.quantities import BadQuantity, Measure, quantity
from gateway.contract.table import Table

_LAST_BILLING_DAY = 28  # the last day every month has
_FULL = 100


class Where(StrEnum):
    """Which use a counter counts."""

    ANYWHERE = "anywhere"
    HOME = "home"
    ABROAD = "abroad"


class AtLimit(StrEnum):
    """What is done at 100 %."""

    NONE = "none"
    FAIR_USE = "fair_use"
    CUT_ROAMING_DATA = "cut_roaming_data"
    BAR_OUTGOING = "bar_outgoing"  # the credit limit is passed: until it is settled
    CREDIT_USED = "credit_used"  # what was paid for is used: as barred, until more is bought
    UNLIMITED_OFF = "unlimited_off"
    SMS_OFF = "sms_off"

    @property
    def kind(self) -> Kind | None:
        """The restriction that is laid over the line."""
        return _KINDS.get(self)


_KINDS: Mapping[AtLimit, Kind] = {
    AtLimit.FAIR_USE: Kind.FAIR_USE,
    AtLimit.CUT_ROAMING_DATA: Kind.ROAMING_DATA_CUT,
    AtLimit.BAR_OUTGOING: Kind.BARRED_OUTGOING,
    AtLimit.CREDIT_USED: Kind.BARRED_OUTGOING,
    AtLimit.UNLIMITED_OFF: Kind.UNLIMITED_OFF,
    AtLimit.SMS_OFF: Kind.SMS_OFF,
}


class Until(StrEnum):
    """When what was done at 100 % ends."""

    PERIOD_END = "period_end"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class CounterRule:
    """One counter: the word its records use (its own name will do too), what it measures, where, in which periods."""

    name: str
    of: str
    measure: Measure
    where: Where
    period: PeriodRule
    currency: str | None

    def counts(self, *, abroad: bool) -> bool:
        """Tell whether use there counts."""
        return self.where is Where.ANYWHERE or (self.where is Where.ABROAD) is abroad


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """One limit on a counter, by plan, with the percentages told of and what is done at 100 %.

    ``waived``: nothing is done at 100 % unless the customer asked for it; alerts go out all the same.
    """

    name: str
    counter: str
    limits: Mapping[str, int]
    percents: tuple[int, ...]
    template: str
    at_100: AtLimit
    waived: bool
    until: Until
    source: str
    agreed_from: int | None = None  # what a customer may agree on instead lies between these
    agreed_to: int | None = None


def read_counters(root: Table, time_zone: str) -> dict[str, CounterRule]:
    """Read ``[counters.*]``; a contract may have none."""
    return {
        name: _counter(root, name, table, time_zone) for name, table in root.tables("counters", optional=True).items()
    }


def read_thresholds(
    root: Table,
    counters: Mapping[str, CounterRule],
    plans: Collection[str],
    restrictions: Mapping[Kind, Collection[Reason]],
) -> dict[str, ThresholdRule]:
    """Read ``[thresholds.*]``; a contract may have none. What they do must be among its restrictions."""
    thresholds: dict[str, ThresholdRule] = {}
    for name, table in root.tables("thresholds", optional=True).items():
        _check_name(root, f"thresholds.{name}", name)
        thresholds[name] = threshold = _threshold(name, table, counters, plans)
        kind = threshold.at_100.kind
        if kind is not None and kind not in restrictions:
            root.wrong(f"restrictions.{kind.value}", f"is missing: thresholds.{name} lays it over lines at 100 %")
        reason = Reason.CREDIT_USED if threshold.at_100 is AtLimit.CREDIT_USED else Reason.CREDIT_LIMIT
        if kind is Kind.BARRED_OUTGOING and reason not in restrictions.get(kind, ()):
            root.wrong(f"thresholds.{name}.at_100", f"bars for {reason}: add it to restrictions.barred_outgoing")
    return thresholds


def _check_name(root: Table, path: str, name: str) -> None:
    if not re.fullmatch(NAME_PATTERN, name):
        root.wrong(path, "its name must be lower-case letters, digits, - and _, at most 40")


def _counter(root: Table, name: str, table: Table, time_zone: str) -> CounterRule:
    _check_name(root, f"counters.{name}", name)
    measure = Measure(table.choice("measures", Measure))
    kind = PeriodKind(table.choice("period", PeriodKind))
    currency = table.optional_text("currency")
    if (currency is not None) is not (measure is Measure.AMOUNT):
        table.wrong("currency", 'goes with measures = "amount", and only with it')
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        table.wrong("currency", "must be three capital letters, as EUR")
    day = table.number("billing_day", default=1, least=1, most=_LAST_BILLING_DAY)
    if day > 1 and kind in (PeriodKind.DAY, PeriodKind.MONTH):
        table.wrong("billing_day", "is for billing_month and roaming_month only")
    return CounterRule(
        name=name,
        of=table.text("of", name),
        measure=measure,
        where=Where(table.choice("where", Where, Where.ANYWHERE)),
        period=PeriodRule(kind, time_zone, day),
        currency=currency,
    )


def _threshold(name: str, table: Table, counters: Mapping[str, CounterRule], plans: Collection[str]) -> ThresholdRule:
    counter = table.text("counter")
    if counter not in counters:
        table.wrong("counter", f"must be one of: {', '.join(counters) or 'none is defined'}")
    concerned = table.choices("plans", plans, tuple(plans))
    return ThresholdRule(
        name=name,
        counter=counter,
        limits=_limits(table, counters.get(counter), concerned),
        percents=_percents(table),
        template=table.text("template"),
        at_100=AtLimit(table.choice("at_100", AtLimit, AtLimit.NONE)),
        waived=table.switch("waived", default=False),
        until=Until(table.choice("until", Until, Until.PERIOD_END)),
        source=table.text("source"),
        agreed_from=_optional_limit(table, "agreed_from", counters.get(counter)),
        agreed_to=_optional_limit(table, "agreed_to", counters.get(counter)),
    )


def _optional_limit(table: Table, key: str, counter: CounterRule | None) -> int | None:
    return None if table.optional_text(key) is None else _limit(table, key, counter)


def _limits(table: Table, counter: CounterRule | None, plans: Collection[str]) -> dict[str, int]:
    """Read one limit for all plans, or a table of them by plan."""
    if not table.holds_table("limit"):
        limit = _limit(table, "limit", counter)
        return dict.fromkeys(plans, limit)
    by_plan = table.table("limit")
    return {plan: _limit(by_plan, plan, counter) for plan in plans}


def _limit(table: Table, key: str, counter: CounterRule | None) -> int:
    written = table.text(key)
    if counter is None or not written:
        return 1  # said already
    try:
        return quantity(written, counter.measure, counter.currency)
    except BadQuantity as bad:
        table.wrong(key, str(bad))
        return 1


def _percents(table: Table) -> tuple[int, ...]:
    percents = table.numbers("percents", (80, _FULL))
    rising = sorted(set(percents))
    if list(percents) != rising or not rising or rising[0] < 1 or rising[-1] != _FULL:
        table.wrong("percents", "must rise from at least 1 and end with 100, as [80, 100]")
    return tuple(rising)
