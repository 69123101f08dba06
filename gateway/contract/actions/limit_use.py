"""A limit of use is reached: what the contract does then is laid over the line (001:7085-7107).

At once, unless the contract has a ladder for it that begins with the next billing period (003 art. 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from gateway.contract.action import Action, Lane, Refusal, Wish, on_live_line
from gateway.contract.calendar import Span
from gateway.contract.line import Kind, Line, Offence, Reason, Restriction
from gateway.contract.periods import PeriodKind, PeriodRule, period_of
from gateway.contract.rulebook.timing import LadderRule

_REASONS: Mapping[Kind, Reason] = {
    Kind.FAIR_USE: Reason.FAIR_USE,
    Kind.ROAMING_DATA_CUT: Reason.SPENDING_CAP,
    Kind.UNLIMITED_OFF: Reason.PLAN_LIMIT,
    Kind.SMS_OFF: Reason.ABUSE,
    Kind.BARRED_OUTGOING: Reason.CREDIT_USED,  # of a blocked plan (003 art. 8.2; 004 blocked-plan § 3)
}


@dataclass(frozen=True, slots=True)
class Details:
    """What is laid over the line; the reference names the limit and its period, and each holds for itself."""

    effect: Literal[Kind.FAIR_USE, Kind.ROAMING_DATA_CUT, Kind.UNLIMITED_OFF, Kind.SMS_OFF, Kind.BARRED_OUTGOING]
    reference: str | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order; one limit twice is once, and what was bought on top is used up before."""
    if details.effect not in wish.rules.restrictions:
        return Refusal(
            "limit-unknown", f"{wish.rules.name} has no restriction {details.effect.value}: add it there", timeless=True
        )
    reason = _REASONS[details.effect]
    if any((r.kind, r.reason, r.reference) == (details.effect, reason, details.reference) for r in line.restrictions):
        return line
    if (begun := _next_top_up(line, reason, wish)) is not None:
        return begun
    ladder = _ladder(details.effect, wish)
    if ladder is None:
        added = Restriction(details.effect, reason, wish.now, details.reference)
        return replace(line, restrictions=(*line.restrictions, added))
    name, rule = ladder
    if any(r.kind is details.effect and r.until is not None and r.until > wish.now for r in line.restrictions):
        return line  # of the same time as the one that holds: no next step of the ladder
    before = [o for o in line.offences if o.ladder == name]
    until = _until(rule, rule.spans[min(len(before), len(rule.spans) - 1)], wish)
    added = Restriction(details.effect, reason, wish.now, details.reference, until)
    offences = (*line.offences, Offence(name, wish.now))
    return replace(line, restrictions=(*line.restrictions, added), offences=offences)


def _next_top_up(line: Line, reason: Reason, wish: Wish) -> Line | None:
    """Begin the next of what was bought, if it ends this: several queue one after the other (003 art. 9.3.1)."""
    rule = wish.rules.bounds.top_ups
    if rule is None or reason not in rule.lifts:
        return None
    waiting = next((n for n, top_up in enumerate(line.top_ups) if top_up.begun_at is None), None)
    if waiting is None:
        return None
    begun = replace(line.top_ups[waiting], begun_at=wish.now)
    return replace(line, top_ups=(*line.top_ups[:waiting], begun, *line.top_ups[waiting + 1 :]))


def _ladder(effect: Kind, wish: Wish) -> tuple[str, LadderRule] | None:
    return next(((name, r) for name, r in wish.rules.timing.ladders.items() if r.effect is effect), None)


def _until(rule: LadderRule, span: Span, wish: Wish) -> datetime:
    """A restriction from a period on counts from its beginning, however long the network took."""
    rules, since = wish.rules, wish.now
    if rule.from_next_period:
        since = period_of(PeriodRule(PeriodKind.BILLING_MONTH, rules.time_zone, rules.timing.billing_day), since).begins
    return rules.timing.calendar.after(since, span)


ACTION = Action(details=Details, apply=on_live_line(judge), lane=Lane.EMERGENCY)
