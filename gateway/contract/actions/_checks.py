"""Judgements several actions share: each returns a refusal, or ``None`` when all is well."""

from __future__ import annotations

from collections.abc import Iterable

from drivers.subscription import Iccid, Msisdn
from gateway.contract.action import Refusal, Sim, SimState, Wish
from gateway.contract.identity import luhn_holds
from gateway.contract.line import Line
from gateway.contract.rules import Rules


def options(names: Iterable[str], rules: Rules) -> Refusal | None:
    """Every option must be one the contract sells."""
    unknown = sorted(set(names) - set(rules.options))
    if not unknown:
        return None
    sold = ", ".join(sorted(rules.options))
    return Refusal("unknown-option", f"{rules.name} has no option {', '.join(unknown)}; it has: {sold}", timeless=True)


def plan(name: str, rules: Rules) -> Refusal | None:
    """The plan must be one the contract sells."""
    if name in rules.plans:
        return None
    return Refusal(
        "unknown-plan", f"{rules.name} has no plan {name}; it has: {', '.join(sorted(rules.plans))}", timeless=True
    )


def twin(line: Line, rules: Rules) -> Refusal | None:
    """A second SIM does not go with everything the contract sells (003 art. 9.3.7)."""
    if line.twin is None:
        return None
    rule = rules.bounds.twin
    if rule is None:
        return Refusal("no-twins", f"{rules.name} sells no second SIM for a line", timeless=True)
    wrong = sorted(line.options & rule.not_with_options) + sorted({line.plan} & rule.not_with_plans)
    if not wrong:
        return None
    return Refusal("twin-incompatible", f"a second SIM does not go with {', '.join(wrong)}: give up one of them first")


def lines_of_customer(wish: Wish) -> Refusal | None:
    """A customer may have so many lines, so many taken at once, and then one in a while (004 art. 3.2)."""
    limit, taken = wish.rules.bounds.lines, wish.customer_lines
    if limit is None:
        return None
    if len(taken) >= limit.most:
        return Refusal(
            "too-many-lines", f"the customer has {len(taken)} lines, and {wish.rules.name} allows {limit.most}"
        )
    if len(taken) < limit.at_once:
        return None
    free_at = wish.rules.timing.calendar.after(max(taken), limit.then_one_every)
    if free_at <= wish.now:
        return None
    advice = f"after {limit.at_once} lines {wish.rules.name} allows one every {limit.then_one_every}"
    return Refusal("too-many-lines", f"{advice}: the next from {free_at.isoformat()}")


def luhn(iccid: Iccid) -> Refusal | None:
    """The last digit must be the check digit of the others (ITU-T E.118, ISO/IEC 7812-1)."""
    if luhn_holds(iccid):
        return None
    return Refusal(
        "iccid-check-digit", f"ICCID {iccid} has a wrong check digit: read it from the card again", timeless=True
    )


def usable_sim(iccid: Iccid, sim: Sim | None) -> Sim | Refusal:
    """Return the SIM if this order may put it into service."""
    if sim is None:
        return luhn(iccid) or Refusal("sim-unknown", f"SIM {iccid} is not in stock: import its vendor file first")
    if sim.dead:
        return Refusal(
            "sim-dead", f"SIM {iccid} was reported dead and is never used again: take another SIM", timeless=True
        )
    if sim.ours:
        return sim
    advice = {
        SimState.STOCK: "is not available",
        SimState.RESERVED: "is reserved by another order: wait for it, or take another SIM",
        SimState.ACTIVE: "serves another line: take another SIM",
        SimState.REPLACED: "was replaced and is never used again: take another SIM",
        SimState.RETIRED: "ended with its line and is never used again: take another SIM",
    }
    return Refusal("sim-not-available", f"SIM {iccid} {advice[sim.state]}")


def number(msisdn: Msisdn, wish: Wish) -> Refusal | None:
    """The number must lie in the contract's ranges and be free."""
    if not wish.rules.owns_number(msisdn):
        ranges = ", ".join(wish.rules.msisdn_prefixes)
        return Refusal(
            "number-out-of-range", f"{msisdn} is outside the ranges of {wish.rules.name} ({ranges})", timeless=True
        )
    if not wish.number_free:
        return Refusal("number-not-free", f"{msisdn} serves another line, or is reserved or in quarantine")
    return None
