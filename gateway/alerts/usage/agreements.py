"""What was agreed with a customer about alerts: their language, caps of their own, waivers, silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.alerts.usage import ledger
from gateway.contract.quantities import BadQuantity, quantity
from gateway.contract.rules import Rules
from gateway.contract.thresholds import Agreed, Agreement
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
        counter = rules.counters[rules.thresholds[name].counter]
        limit, written = None, said.get("limit")
        try:
            limit = None if written is None else quantity(written, counter.measure, counter.currency)
        except BadQuantity as bad:
            mistakes[f"thresholds.{name}.limit"] = str(bad)
        thresholds[name] = Agreed(limit, said.get("waived"), bool(said.get("muted", False)))
    return Agreement(body.get("language"), thresholds), mistakes
