"""What is done about a difference: nothing, an order ``repair``, or an order ``adopt`` in the contract's words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

from drivers.dialect import Fit
from drivers.subscription import Subscription
from gateway.audit import adoption, book
from gateway.audit.adoption import Known, Sayings
from gateway.audit.asked import Asked, Policy
from gateway.audit.comparison import Kind
from gateway.audit.examination import Seen
from gateway.audit.expectation import Expected, StockedSim
from gateway.audit.means import Means
from gateway.contract import line as contract_line
from gateway.contract.action import Refusal, SimState
from gateway.contract.line import Life, Line
from gateway.contract.rules import Rules
from gateway.orders.codec import dump

REPORTED, LEFT = "reported", "left"

_NO_SIM = "no SIM of the stock has this IMSI: import its vendor's file first, then adopt it"
_SIM_STATES = {
    SimState.RESERVED: "its SIM is reserved by an order to come: cancel that order, or wait for it",
    SimState.ACTIVE: "its SIM serves a line on another element: audit that line, and remove it here by hand",
    SimState.REPLACED: "its SIM was replaced and is never used again: remove it there by hand",
    SimState.RETIRED: "its SIM ended with its line and is never used again: remove it there by hand",
}
_UNKNOWN = "no line has this IMSI: adopt it, or have it removed there"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What becomes of a finding; ``detail`` is the body of the order that is due, else why nothing is ordered."""

    outcome: str
    detail: str | None = None


class Remedies:
    """Decides for one audit."""

    def __init__(self, means: Means, asked: Asked, audit_id: str) -> None:
        self._means = means
        self._asked = asked
        self._by = {"who": f"audit {audit_id}", "channel": "audit"}
        self._sayings: dict[tuple[str, str, frozenset[contract_line.Kind]], Sayings] = {}
        self._reading = asyncio.Lock()

    async def decide(self, seen: Seen) -> Remedy:
        """Choose what is done about what was seen."""
        if seen.drift is None or not isinstance(seen.expected, Expected):
            return Remedy(REPORTED, seen.detail)
        if seen.drift.kind in (Kind.IN_FLIGHT, Kind.UNREADABLE):
            return Remedy(REPORTED, seen.detail)
        stranger = _stranger(seen.expected)
        match self._asked.policy:
            case Policy.REPORT:
                return Remedy(REPORTED, stranger)
            case Policy.REPAIR:
                return self._repair(seen.expected) if stranger is None else Remedy(LEFT, stranger)
            case Policy.ADOPT if _elsewhere(seen.expected):
                return Remedy(LEFT, stranger)
            case Policy.ADOPT:
                return await self._adopt(seen, seen.expected)
            case _:
                assert_never(self._asked.policy)

    def _repair(self, expected: Expected) -> Remedy:
        return self._order("repair", {"imsi": expected.imsi}, {})

    async def _adopt(self, seen: Seen, expected: Expected) -> Remedy:
        line = None if expected.record is None else expected.record.line
        if seen.held is None:
            return Remedy(LEFT, "the element holds nothing to adopt: repair the line, or terminate it")
        if line is not None and line.life is Life.TERMINATED:
            return Remedy(LEFT, f"the line {line.msisdn} was terminated: repair it, and this is removed")
        if seen.held.keys is False:
            what = "have it removed, or its keys put back" if line is None else "repair the line"
            return Remedy(LEFT, f"its keys are missing there, so nobody can use it: {what}")
        found = seen.held.subscription
        if line is None:
            return await self._adopt_new(expected, found)
        if found.msisdn != line.msisdn:
            return Remedy(
                LEFT, f"it has number {found.msisdn or '(none)'} there: repair the line, or change its number"
            )
        rules = self._means.judge.rules(line.contract)
        if isinstance(rules, Refusal):
            return Remedy(LEFT, rules.detail)
        known = Known(line.plan, line.options, line.restrictions, self._asked.hints.reasons)
        adopted = await self._say(found, rules, expected.element, known)
        if isinstance(adopted, Refusal):
            return Remedy(LEFT, adopted.detail)
        if (lifted := _lifted(line, adopted, rules)) is not None:
            return Remedy(LEFT, f"it is not {lifted} there, which only a reactivation by name can say: repair it")
        return self._order("adopt", {"msisdn": line.msisdn}, _details(adopted, line.contract, line.iccid))

    async def _adopt_new(self, expected: Expected, found: Subscription) -> Remedy:
        sim, hints = expected.sim, self._asked.hints
        if sim is None or sim.state is not SimState.STOCK:
            return Remedy(LEFT, _NO_SIM if sim is None else _SIM_STATES[sim.state])
        rules = self._contract(expected)
        if isinstance(rules, Refusal):
            return Remedy(LEFT, rules.detail)
        known = Known(hints.plan, rules.defaults.options, (), hints.reasons)
        adopted = await self._say(found, rules, expected.element, known)
        if isinstance(adopted, Refusal):
            return Remedy(LEFT, adopted.detail)
        wrong = self._served_elsewhere(expected, found, rules)
        if wrong is not None:
            return Remedy(LEFT, wrong)
        return self._order("adopt", {"msisdn": found.msisdn}, _details(adopted, rules.name, sim.iccid))

    def _contract(self, expected: Expected) -> Rules | Refusal:
        """The contract named, else the only one that could have this subscriber."""
        named = self._asked.hints.contract or self._asked.scope.contract
        names = (named,) if named else self._means.hosting.contracts(expected.element, expected.imsi)
        if len(names) == 1:
            return self._means.judge.rules(names[0])
        return Refusal("contract-missing", f"{', '.join(names) or 'no contract'} could have it: name the contract")

    def _served_elsewhere(self, expected: Expected, found: Subscription, rules: Rules) -> str | None:
        """A line is adopted only where it would be served: else the order would make a second subscriber of it."""
        host = rules.host_of(expected.imsi)
        if host is None or found.msisdn is None:
            return f"its IMSI belongs to no host of {rules.name}: name another contract, or have it removed there"
        serving = self._means.network.serving(rules.hosts[host].element, found.msisdn, expected.imsi)
        if serving.name == expected.element:
            return None
        return f"a line with {found.msisdn} is served by {serving.name}: move it there, or change the route"

    async def _say(self, found: Subscription, rules: Rules, element: str, known: Known) -> adoption.Adopted | Refusal:
        limits = adoption.limits_of(known.restrictions)
        key = (rules.name, element, limits)
        async with self._reading:
            if key not in self._sayings:
                fit: Callable[[Subscription], Fit] = self._means.network.element(element).fit
                # some thousand projections: elsewhere than where orders are carried out
                self._sayings[key] = await asyncio.to_thread(adoption.sayings, rules, fit, limits)
        return adoption.adopt(found, self._sayings[key], known)

    def _order(self, action: str, line: dict[str, Any], details: dict[str, Any]) -> Remedy:
        return Remedy(book.DUE, dump({"action": action, "line": line, "details": details, "requested_by": self._by}))


def _elsewhere(expected: Expected) -> bool:
    """Tell whether a living line's subscriber is where that line is not served."""
    record = expected.record
    return expected.wanted is None and record is not None and record.line.life is Life.ACTIVE


def _stranger(expected: Expected) -> str | None:
    """Why no order of ours can put this right; ``None`` when one can."""
    if expected.record is not None:
        return _SIM_STATES[SimState.ACTIVE] if _elsewhere(expected) else None
    sim: StockedSim | None = expected.sim
    if sim is None:
        return f"{_UNKNOWN}; {_NO_SIM}"
    return _SIM_STATES.get(sim.state, _UNKNOWN)


def _details(adopted: adoption.Adopted, contract: str, iccid: str) -> dict[str, Any]:
    details = {"contract": contract, "iccid": iccid, "plan": adopted.plan, "options": sorted(adopted.options)}
    reasons = {"barred": adopted.barred, "suspended": adopted.suspended}
    return details | {name: reason.value for name, reason in reasons.items() if reason is not None}


def _lifted(line: Line, adopted: adoption.Adopted, rules: Rules) -> str | None:
    """Name a restriction for loss, fraud or the like that adopting would lift without anybody having said so."""
    kept = {
        contract_line.Kind.SUSPENDED: adopted.suspended is not None,
        contract_line.Kind.BARRED_OUTGOING: adopted.barred is not None,
    }
    for restriction in line.restrictions:
        if not kept.get(restriction.kind, True) and restriction.reason in rules.kept_by_reactivation:
            return f"{restriction.kind.value} for {restriction.reason.value}"
    return None
