"""When an order takes effect by the contract, and until when it may be cancelled."""

from __future__ import annotations

from datetime import datetime

from gateway.contract.rulebook.timing import EffectRule
from gateway.contract.rules import Rules


def begins_at(rules: Rules, action: str, details: object, now: datetime) -> datetime | None:
    """Return when the contract lets an order asked for now begin; ``None``: at once."""
    begins = [rules.timing.calendar.after(now, rule.after) for rule in _rules(rules, action, details) if rule.after]
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
