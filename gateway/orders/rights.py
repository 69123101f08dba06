"""What a channel may ask for under a contract: ``[rights.<channel>]`` (see docs/rights.md)."""

from __future__ import annotations

from typing import Final

from gateway.contract.action import Refusal
from gateway.contract.rulebook.bounds import OWN_CHANNELS, RightRule
from gateway.contract.rules import Rules
from gateway.orders.order import NewOrder

_LIFTS_BY_REASON: Final = "reactivate"


def refused(rules: Rules, new: NewOrder) -> Refusal | None:
    """Return why the order's channel may not ask for it; ``None``: it may, or the contract does not name the channel.

    No order before it could change that: the refusal is timeless.
    """
    channel = (new.requested_by or {}).get("channel")
    rule = None if channel is None or channel in OWN_CHANNELS else rules.bounds.rights.get(channel)
    if channel is None or rule is None:
        return None
    if rule.actions and new.action not in rule.actions:
        may = ", ".join(sorted(rule.actions))
        return _no(f"under {rules.name} the channel {channel} may ask for: {may}; have another channel order this")
    if new.action == _LIFTS_BY_REASON and rule.lifts:
        return _refused_lift(rules, rule, channel, getattr(new.details, "reason", None))
    return None


def _refused_lift(rules: Rules, rule: RightRule, channel: str, reason: str | None) -> Refusal | None:
    """A reactivation without a reason would lift what the channel may not."""
    if reason in rule.lifts:
        return None
    may = ", ".join(sorted(rule.lifts))
    return _no(f"under {rules.name} the channel {channel} lifts one of these reasons, named in details.reason: {may}")


def _no(detail: str) -> Refusal:
    return Refusal("not-allowed", detail, timeless=True)
