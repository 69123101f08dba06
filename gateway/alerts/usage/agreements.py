"""What was agreed with a customer about alerts: their language, caps of their own, waivers, silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.alerts.usage import ledger
from gateway.contract.quantities import BadQuantity, quantity, say
from gateway.contract.rules import Rules
from gateway.contract.thresholds import Agreed, Agreement
from gateway.contract.usage import CounterRule, ThresholdRule
from gateway.journal.journal import Journal

NOTHING: Mapping[str, Any] = {"language": None, "thresholds": {}}


async def agreement_of(journal: Journal, line_id: str, rules: Rules) -> Agreement:
    """Read what was agreed about a line, as far as its contract still has it."""
    body = await ledger.agreed(journal, line_id)
    return as_agreed(body, rules)


def as_agreed(body: str | None, rules: Rules) -> Agreement:
    """Make sense of what the journal holds, as far as the contract still has it; ``None``: nothing was agreed."""
    return Agreement() if body is None else read_agreement(json.loads(body), rules)[0]


def read_agreement(body: Mapping[str, Any], rules: Rules) -> tuple[Agreement, dict[str, str]]:
    """Read an agreement as it is posted: ``{language, thresholds: {name: {limit, waived, muted}}}``.

    Returns what makes sense of it, and by field what does not.
    """
    thresholds: dict[str, Agreed] = {}
    mistakes: dict[str, str] = {}
    for name, said in body.get("thresholds", {}).items():
        if name not in rules.thresholds:
            there = ", ".join(rules.thresholds) or "none"
            mistakes[f"thresholds.{name}"] = f"{rules.name} has no such threshold; it has: {there}"
            continue
        rule = rules.thresholds[name]
        counter = rules.counters[rule.counter]
        limit, written = None, said.get("limit")
        try:
            limit = None if written is None else quantity(written, counter.measure, counter.currency)
        except BadQuantity as bad:
            mistakes[f"thresholds.{name}.limit"] = str(bad)
        if limit is not None and not (rule.agreed_from or 0) <= limit <= (rule.agreed_to or limit):
            mistakes[f"thresholds.{name}.limit"] = f"must lie where {rules.name} allows: {_range(rule, counter)}"
        thresholds[name] = Agreed(limit, said.get("waived"), bool(said.get("muted", False)))
    return Agreement(body.get("language"), thresholds), mistakes


def _range(rule: ThresholdRule, counter: CounterRule) -> str:
    said = [
        f"{word} {say(bound, counter.measure, counter.currency, 'en')}"
        for word, bound in (("from", rule.agreed_from), ("to", rule.agreed_to))
        if bound is not None
    ]
    return " ".join(said)
