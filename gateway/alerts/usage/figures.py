"""What a line has used and has left in the current periods, in the words of its messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.alerts.usage import ledger
from gateway.alerts.usage.agreements import agreement_of
from gateway.contract.periods import Period, period_of
from gateway.contract.quantities import say, say_date
from gateway.contract.rules import Rules
from gateway.contract.thresholds import caps_of
from gateway.contract.usage import CounterRule, Where
from gateway.journal.journal import Journal
from gateway.orders.order import LineRecord
from gateway.texts import Texts


class UsageFigures:
    """See ``gateway.alerts.queries.Figures``; read from the counters."""

    def __init__(self, journal: Journal, contracts: Mapping[str, Rules], texts: Mapping[str, Texts]) -> None:
        self._journal = journal
        self._contracts = contracts
        self._texts = texts

    async def balance(self, record: LineRecord, language: str, now: datetime) -> Mapping[str, str]:
        """See Figures. Use abroad is told of once there is some in its period."""
        rules, texts = self._contracts[record.line.contract], self._texts[record.line.contract]
        agreement = await agreement_of(self._journal, record.line_id, rules)
        limits: dict[str, int] = {}
        for cap in caps_of(rules, record.line.plan, agreement):
            limits[cap.counter.name] = min(cap.limit, limits.get(cap.counter.name, cap.limit))
        left: list[str] = []
        used: list[str] = []
        ends: list[Period] = []
        for name, counter in rules.counters.items():
            period = period_of(counter.period, now)
            amount = await ledger.used(self._journal, record.line_id, (name, period.label)) or 0
            if counter.where is Where.ABROAD and not amount:
                continue
            used.append(_said(texts, counter, amount, language))
            if name in limits:
                left.append(_said(texts, counter, max(limits[name] - amount, 0), language))
                ends.append(period)
        values = {"used": ", ".join(used)}
        if left:
            first = min(ends, key=lambda period: period.ends)
            values |= {"balance": ", ".join(left), "period_end": say_date(first.last_day, language)}
        return {name: value for name, value in values.items() if value}


def _said(texts: Texts, counter: CounterRule, amount: int, language: str) -> str:
    return f"{texts.name(counter.name, language)} {say(amount, counter.measure, counter.currency, language)}"
