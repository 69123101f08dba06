"""Something bought on top of the plan: it ends what the plan's end had closed, or waits behind earlier ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gateway.contract.action import Action, Refusal, Wish, on_live_line
from gateway.contract.line import Line, TopUp

#: how much: a number, or a text with its unit, as "5 GB" or "10 EUR"
Quantity = str | int | float

_WRITTEN = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,6})?(?: ?[A-Za-z_]{1,8})?")
_MOST = 10**15  # as of use: more than anybody buys


@dataclass(frozen=True, slots=True)
class Details:
    """What was bought: a volume or an amount, one of the two."""

    volume: Quantity | None = None
    amount: Quantity | None = None


def judge(line: Line, details: Details, wish: Wish) -> Line | Refusal:
    """Judge the order (002 mobile 1.1; 003 art. 8.5, 9.3.1; 004 blocked-plan § 3)."""
    rule = wish.rules.bounds.top_ups
    if rule is None:
        return Refusal("no-top-ups", f"{wish.rules.name} sells nothing on top of its plans: change the plan")
    if (details.volume is None) is (details.amount is None):
        return Refusal("top-up-unclear", "give either a volume or an amount", timeless=True)
    if not _sound(details.amount if details.volume is None else details.volume):
        advice = "what is bought must be more than nothing: a number, or a number and its unit as 5 GB or 10 EUR"
        return Refusal("top-up-unclear", advice, timeless=True)
    if closed := sorted(bar for bar in line.bars if wish.rules.bars[bar].top_ups):
        return Refusal("top-ups-barred", f"the customer has barred top-ups: remove {', '.join(closed)} first")
    kind, value = ("volume", details.volume) if details.amount is None else ("amount", details.amount)
    lifted = line.lifted(lambda held: held.reason in rule.lifts)
    begun_at = None if lifted == line else wish.now
    return replace(lifted, top_ups=(*lifted.top_ups, TopUp(f"{kind} {value}", wish.now, begun_at)))


def _sound(quantity: Quantity | None) -> bool:
    if isinstance(quantity, str):
        return _WRITTEN.fullmatch(quantity) is not None and any(char in "123456789" for char in quantity)
    return quantity is not None and 0 < quantity <= _MOST


ACTION = Action(details=Details, apply=on_live_line(judge))
