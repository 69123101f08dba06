"""Judging an order against its line: the same words when it is accepted, when its turn comes, and in a dry run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from drivers.errors import NotSpoken
from drivers.subscription import Iccid, Msisdn, Subscription
from gateway.contract.action import Claims, Refusal, Wish
from gateway.contract.actions import every
from gateway.contract.line import Life, Line
from gateway.contract.plan import Picture, Step, diff
from gateway.contract.projection import project, project_twin
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal
from gateway.network import Network
from gateway.orders import records
from gateway.orders.order import LineRecord, LineRef
from gateway.stock.shelf import Shelf

Clock = Callable[[], datetime]
Pictures = tuple[Picture | None, Picture | None]
_LINES_KEPT = 1024
_Fitted = tuple[Picture, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """A wish about to be judged; ``order_id`` is ``None`` while it has none."""

    action: str
    details: Any
    ref: LineRef
    order_id: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a question: the next line or a refusal, what it claims, and whether that can still be had."""

    result: Line | Refusal
    claims: Claims
    sim_free: bool
    number_free: bool
    coming_free: bool = True


class Judge:
    """Knows the contracts and the network's abilities, and looks at the stock; changes nothing."""

    def __init__(
        self, journal: Journal, shelf: Shelf, contracts: Mapping[str, Rules], clock: Clock, network: Network
    ) -> None:
        self._journal = journal
        self._shelf = shelf
        self._contracts = contracts
        self._clock = clock
        self._network = network
        # pure but for what is configured: a line is looked at again when its order is read back
        self._fitted = lru_cache(_LINES_KEPT)(self._fit_line)

    def rules(self, contract: str) -> Rules | Refusal:
        """Return a contract's rules."""
        if contract in self._contracts:
            return self._contracts[contract]
        there = ", ".join(sorted(self._contracts))
        return Refusal("unknown-contract", f"there is no contract {contract!r}; there are: {there}", timeless=True)

    async def find(self, ref: LineRef) -> LineRecord | Refusal:
        """Find the line an order names, by what it is or by what a pending order is about to make it."""
        found = await records.find_line(self._journal, ref)
        if found is not None:
            return found
        row = None
        if ref.msisdn is not None:
            row = await self._shelf.number_row(ref.msisdn)
        elif ref.imsi is not None:
            row = await self._shelf.sim_row_of_imsi(ref.imsi)
        elif ref.iccid is not None:
            row = await self._shelf.sim_row(ref.iccid)
        if row is not None and row["state"] == "replaced":
            return Refusal("sim-replaced", f"the SIM with {ref} was replaced: name the line by its msisdn")
        if row is not None and row["line_id"] is not None:
            reserved = await records.line(self._journal, row["line_id"])
            if reserved is not None:
                return reserved
        return Refusal("line-unknown", f"there is no line with {ref}: check it, or activate the line first")

    async def judge(self, question: Question, line: Line | None) -> Verdict:
        """Apply the action to the line, pure but for a look at the stock."""
        action = every()[question.action]
        claims = action.claims(question.details, question.ref.msisdn)
        now = self._clock()
        sim = None if claims.iccid is None else await self._shelf.sim(claims.iccid, question.order_id)
        number_free = claims.msisdn is None or await self._shelf.number_free(claims.msisdn, question.order_id, now)
        coming = claims.coming
        coming_free = coming is None or await self._shelf.number_free(coming, question.order_id, now, comes=True)
        if line is None and not action.opens_line:
            gone = Refusal("line-unknown", f"there is no line with {question.ref}: its activation did not succeed")
            return Verdict(gone, claims, sim_free=False, number_free=False)
        rules = self.rules(question.details.contract if action.opens_line or line is None else line.contract)
        if isinstance(rules, Refusal):
            return Verdict(rules, claims, sim_free=False, number_free=number_free)
        wish = Wish(
            rules=rules,
            now=now,
            msisdn=question.ref.msisdn,
            sim=sim,
            number_free=number_free,
            customer_lines=await self._others_of_customer(question, line, rules),
            coming_free=coming_free,
            ports=self._network.clearing is not None,
            order_id=question.order_id,
        )
        result = action.apply(line, question.details, wish)
        return Verdict(result, claims, sim is not None and sim.ours, number_free, coming_free)

    async def _others_of_customer(self, question: Question, line: Line | None, rules: Rules) -> tuple[datetime, ...]:
        """When the customer's other living lines under the contract were taken; none unless somebody counts them."""
        customer = getattr(question.details, "customer", None)
        if customer is None or rules.bounds.lines is None:
            return ()
        own = question.ref.msisdn if line is None else line.msisdn
        return await records.lines_of_customer(self._journal, rules.name, customer, but=own)

    def wanted(self, line: Line | None) -> Subscription | None:
        """Return what the network should hold for a line, whichever element serves it; ``None``: nothing."""
        if line is None or line.life is not Life.ACTIVE:
            return None
        return project(line, self._contracts[line.contract])

    def picture(self, line: Line | None) -> Picture | None:
        """Return what the element serving a line should hold, as far as it can. Raises NotSpoken if there is none."""
        return self.pictures(line)[0]

    def pictures(self, line: Line | None) -> Pictures:
        """Return the picture of the line's SIM, and that of its second SIM if it has one. Raises as ``picture``."""
        own, twin = self._fitted(line)
        return None if own is None else own[0], None if twin is None else twin[0]

    def plan(self, before: Line | None, after: Line) -> tuple[Step, ...]:
        """Derive the commands that make the network follow the line. Raises NotSpoken naming what it cannot hold."""
        steps: tuple[Step, ...] = ()
        for was, fitted in zip(self.pictures(before), self._fitted(after), strict=True):
            picture, missing = (None, ()) if fitted is None else fitted
            if picture is not None and missing:
                raise NotSpoken(f"element {picture.element} {'; '.join(missing)}: order without it, or on another host")
            steps += diff(was, picture)
        return steps

    def _fit_line(self, line: Line | None) -> tuple[_Fitted | None, _Fitted | None]:
        subscription = self.wanted(line)
        if line is None or subscription is None:
            return None, None
        rules = self._contracts[line.contract]
        called = rules.hosts[line.host].element
        own = self._fit(called, line.iccid, subscription)
        second = project_twin(line, rules)
        if second is None or line.twin is None:
            return own, None
        return own, self._fit(called, line.twin.iccid, second)

    def _fit(self, called: str, iccid: Iccid, wanted: Subscription) -> _Fitted:
        target = self._network.serving(called, wanted.msisdn or Msisdn(""), wanted.imsi)
        fit = target.fit(wanted)
        return Picture(target.name, iccid, fit.held, target.capabilities), fit.missing
