"""A limit of use is reached: what the contract does then is laid over the line, at once (001:7085-7107)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gateway.contract.action import Action, Lane, Refusal, Wish, on_live_line
from gateway.contract.line import Kind, Line, Reason, Restriction

_REASONS: Mapping[Kind, Reason] = {
    Kind.FAIR_USE: Reason.FAIR_USE,
    Kind.ROAMING_DATA_CUT: Reason.SPENDING_CAP,
    Kind.UNLIMITED_OFF: Reason.PLAN_LIMIT,
}


@dataclass(frozen=True, slots=True)
class Details:
    """What is laid over the line; the reference names the limit and its period, and each holds for itself."""

    effect: Literal[Kind.FAIR_USE, Kind.ROAMING_DATA_CUT, Kind.UNLIMITED_OFF]
    reference: str | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order; one limit twice is once."""
    if details.effect not in wish.rules.restrictions:
        return Refusal(
            "limit-unknown", f"{wish.rules.name} has no restriction {details.effect.value}: add it there", timeless=True
        )
    reason = _REASONS[details.effect]
    added = Restriction(details.effect, reason, wish.now, details.reference)
    if any((r.kind, r.reason, r.reference) == (added.kind, reason, added.reference) for r in line.restrictions):
        return line
    return replace(line, restrictions=(*line.restrictions, added))


ACTION = Action(details=Details, apply=on_live_line(judge), lane=Lane.EMERGENCY)
