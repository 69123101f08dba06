"""A limit of use holds no more: its period is over, or the customer asked to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.line import Kind, Line, Reason, Restriction

_USED_UP = (Reason.CREDIT_LIMIT, Reason.CREDIT_USED)


@dataclass(frozen=True, slots=True)
class Details:
    """What is lifted: the limit of that reference, which may have ended already; none given: all of that effect.

    Of outgoing bars only those for credit.
    """

    effect: Literal[Kind.FAIR_USE, Kind.ROAMING_DATA_CUT, Kind.UNLIMITED_OFF, Kind.SMS_OFF, Kind.BARRED_OUTGOING]
    reference: str | None = None


def judge(line: Line, details: Details, _wish: Wish) -> Line | Refusal:
    """Judge the order."""

    def lift(restriction: Restriction) -> bool:
        if restriction.kind is not details.effect:
            return False
        if details.effect is Kind.BARRED_OUTGOING and restriction.reason not in _USED_UP:
            return False
        return details.reference is None or restriction.reference == details.reference

    lifted = line.lifted(lift)
    if lifted == line and details.reference is None:
        return Refusal("nothing-to-lift", f"nothing to lift: the line is under no limit {details.effect.value}")
    return lifted


ACTION = Action(details=Details, apply=on_live_line(judge), follows_line=True)
