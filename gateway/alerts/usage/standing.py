"""How a line stands: what it has used, of which limits, what it was told and what was done about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.alerts.usage import ledger
from gateway.alerts.usage.agreements import NOTHING, agreement_of
from gateway.alerts.usage.crossing import reference
from gateway.contract.periods import Period, PeriodRule, period_labelled, period_of
from gateway.contract.quantities import MILLIONTHS, Measure
from gateway.contract.rules import Rules
from gateway.contract.thresholds import Cap, caps_of, percent_used
from gateway.contract.usage import CounterRule
from gateway.journal.journal import Journal
from gateway.orders.judgement import Clock
from gateway.orders.order import LineRecord

_UNITS = {Measure.VOLUME: "B", Measure.TIME: "s", Measure.PIECES: "count"}


class Standing:
    """Reads usage."""

    def __init__(self, journal: Journal, contracts: Mapping[str, Rules], clock: Clock) -> None:
        self._journal = journal
        self._contracts = contracts
        self._clock = clock

    async def usage(self, line: LineRecord, label: str | None) -> dict[str, Any]:
        """Lay out a line's counters and thresholds in the period of that name; without one, in the current ones."""
        rules = self._contracts[line.line.contract]
        agreement = await agreement_of(self._journal, line.line_id, rules)
        counters, thresholds = [], []
        caps = caps_of(rules, line.line.plan, agreement)
        for rule in rules.counters.values():
            period = self._period(rule.period, label)
            if period is None:
                continue
            used = await ledger.used(self._journal, line.line_id, (rule.name, period.label)) or 0
            counters.append({"counter": rule.name, **_amount("used", used, rule), **_period_view(period)})
            concerned = (cap for cap in caps if cap.counter.name == rule.name)
            thresholds += [await self._threshold(line, cap, period, used) for cap in concerned]
        return {"msisdn": line.line.msisdn, "counters": counters, "thresholds": thresholds}

    async def alerting(self, line: LineRecord) -> dict[str, Any]:
        """Lay out what was agreed, and what holds for each threshold with it."""
        rules = self._contracts[line.line.contract]
        body = await ledger.agreed(self._journal, line.line_id)
        agreement = await agreement_of(self._journal, line.line_id, rules)
        agreed: dict[str, Any] = {**NOTHING, **(json.loads(body) if body is not None else {})}
        holds = [
            {
                "threshold": cap.name,
                **_amount("limit", cap.limit, cap.counter),
                "percents": list(cap.rule.percents),
                "at_100": cap.rule.at_100.value,
                "waived": cap.waived,
                "muted": cap.muted,
            }
            for cap in caps_of(rules, line.line.plan, agreement)
        ]
        language = agreement.language or rules.language
        return {"msisdn": line.line.msisdn, "agreed": agreed, "language": language, "holds": holds}

    def _period(self, rule: PeriodRule, label: str | None) -> Period | None:
        return period_of(rule, self._clock()) if label is None else period_labelled(rule, label)

    async def _threshold(self, line: LineRecord, cap: Cap, period: Period, used: int) -> dict[str, Any]:
        rows = await ledger.crossings_of(self._journal, line.line_id, cap.name, period.label)
        wanted = ("percent", "outcome", "message_id", "crossed_at", "used_at", "record_id", "action", "order_id")
        held = any(
            r.kind is cap.rule.at_100.kind and r.reference == reference(cap, period) for r in line.line.restrictions
        )
        return {
            "threshold": cap.name,
            "counter": cap.counter.name,
            "period": period.label,
            **_amount("limit", cap.limit, cap.counter),
            "percent": percent_used(used, cap.limit),
            "at_100": cap.rule.at_100.value,
            "waived": cap.waived,
            "muted": cap.muted,
            "action": "in_force" if held else next((r["action"] for r in rows if r["action"] is not None), None),
            "crossings": [{name: row[name] for name in wanted} for row in rows],
        }


def _amount(name: str, kept: int, rule: CounterRule) -> dict[str, Any]:
    """A quantity as it is told: whole bytes, seconds or pieces; of money a decimal text, exactly."""
    if rule.measure is not Measure.AMOUNT:
        return {name: kept, "unit": _UNITS[rule.measure]}
    units, rest = divmod(kept, MILLIONTHS)
    cents = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return {name: f"{units}.{cents}", "unit": rule.currency}


def _period_view(period: Period) -> dict[str, str]:
    return {"period": period.label, "begins": period.begins.isoformat(), "ends": period.ends.isoformat()}
