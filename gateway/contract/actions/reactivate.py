"""Lift restrictions; the services that were on before are on again, exactly (001:6226-6230)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.line import LIMITS, Line, Reason, Restriction


@dataclass(frozen=True, slots=True)
class Details:
    """The reason that no longer holds; none given: all but those the contract keeps."""

    reason: Reason | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order: only from suspended or barred."""

    def lift(restriction: Restriction) -> bool:
        if restriction.kind in LIMITS:
            return False  # ends with its period, not by asking
        if details.reason is None:
            return restriction.reason not in wish.rules.kept_by_reactivation
        return restriction.reason is details.reason

    lifted = line.lifted(lift)
    if lifted != line:
        return lifted
    held = ", ".join(sorted({r.reason.value for r in line.restrictions if r.kind not in LIMITS}))
    advice = f"it is restricted for: {held}; name that reason to lift it" if held else "the line is not restricted"
    if line.restrictions and not held:
        advice = "it is under a limit of its use, which ends with its period: order lift_limit to end it before"
    return Refusal("nothing-to-lift", f"nothing to lift: {advice}")


ACTION = Action(details=Details, apply=on_live_line(judge))
