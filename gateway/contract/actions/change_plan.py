"""Change the plan; number and SIM stay, and the options too unless the new plan ends them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.actions import _checks
from gateway.contract.identity import Name
from gateway.contract.line import Line
from gateway.contract.periods import PeriodKind, PeriodRule, period_of


@dataclass(frozen=True, slots=True)
class Details:
    """The plan by the contract's name."""

    plan: Name


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order (003 art. 16.2-16.3; 004 blocked-plan § 5)."""
    wrong = _checks.plan(details.plan, wish.rules)
    if wrong is not None:
        return wrong
    if details.plan == line.plan:
        return line
    rules = wish.rules
    if rules.bounds.plan_changes is not None and line.plan_since is not None:
        period = period_of(PeriodRule(PeriodKind.BILLING_MONTH, rules.time_zone, rules.timing.billing_day), wish.now)
        if line.plan_since >= period.begins:
            advice = f"the next change is possible from {period.ends_on.isoformat()}"
            return Refusal("plan-changed-already", f"the plan was changed in this billing period: {advice}")
    changed = replace(line, plan=details.plan, plan_since=wish.now)
    if rules.plans[details.plan].ends_options:
        kept = line.options & rules.at_activation(details.plan)
        changed = replace(changed, options=kept, ends=tuple(end for end in line.ends if end.option in kept))
    return _checks.twin(changed, rules) or changed


ACTION = Action(details=Details, apply=on_live_line(judge))
