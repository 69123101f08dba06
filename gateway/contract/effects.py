"""When an order takes effect by the contract, and until when it may be cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.contract.periods import PeriodKind, PeriodRule, period_of
from gateway.contract.rulebook.timing import EffectRule
from gateway.contract.rules import Rules


def begins_at(rules: Rules, action: str, details: object, now: datetime) -> datetime | None:
    """Return when the contract lets an order asked for now begin; ``None``: at once."""
    begins = [rules.timing.calendar.after(now, rule.after) for rule in _rules(rules, action, details) if rule.after]
    begins.extend(_by_itself(rules, details))
    begins.extend(_next_period(rules, action, details, now))
    return max(begins, default=None)


def promised_by(rules: Rules, action: str, details: object, asked_at: datetime) -> datetime | None:
    """Return by when the contract promises it; ``None``: it promises nothing."""
    spans = [span for rule in _rules(rules, action, details) if (span := rule.within or rule.after)]
    return min((rules.timing.calendar.after(asked_at, span) for span in spans), default=None)


def cancellable_until(rules: Rules, action: str, due_at: datetime) -> datetime | None:
    """Return the last moment an order due then may be cancelled; ``None``: until it begins."""
    window = rules.timing.windows.get(action)
    return None if window is None else rules.timing.calendar.before(due_at, window.before)


def _rules(rules: Rules, action: str, details: object) -> list[EffectRule]:
    named = {name for key in ("add", "remove", "options") for name in getattr(details, key, ())}
    return [r for r in rules.timing.effects if r.action == action and (r.option is None or r.option in named)]


def _by_itself(rules: Rules, details: object) -> Iterator[datetime]:
    """An activation whose SIM is on its way waits for the customer's word, but not for ever (002 mobile 2.1)."""
    delivered_at: datetime | None = getattr(details, "delivered_at", None)
    if delivered_at is not None and rules.timing.automatic_activation is not None:
        yield rules.timing.calendar.after(delivered_at, rules.timing.automatic_activation)


def _next_period(rules: Rules, action: str, details: object, now: datetime) -> Iterator[datetime]:
    """What an abuse is answered with may begin with the next billing period (003 art. 13)."""
    effect = getattr(details, "effect", None)
    if action == "limit_use" and any(r.from_next_period for r in rules.timing.ladders.values() if r.effect is effect):
        month = PeriodRule(PeriodKind.BILLING_MONTH, rules.time_zone, rules.timing.billing_day)
        yield period_of(month, now).ends
