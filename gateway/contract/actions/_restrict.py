"""Laying one more restriction over a line."""

from __future__ import annotations

from gateway.contract.action import Refusal
from gateway.contract.line import Line, Restriction
from gateway.contract.rules import Rules


def restrict(line: Line, added: Restriction, rules: Rules) -> Line | Refusal:
    """Return the restricted line, or a refusal when the contract knows no such reason for this restriction."""
    allowed = rules.restrictions[added.kind].reasons
    if added.reason not in allowed:
        words = ", ".join(sorted(allowed))
        return Refusal("reason-not-allowed", f"{added.kind.value} takes one of these reasons: {words}", timeless=True)
    return line.restricted(added)
