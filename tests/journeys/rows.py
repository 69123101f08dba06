"""The table walked through row by row: on every plan each option, bar and restriction alone, and what undoes it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.journeys.agreement import FAIR_USE, AgreedLine, Json
from tests.journeys.agreement_sheets import CREDIT_USED, LOSS
from tests.journeys.cards import Card
from tests.journeys.story import Case, Story


class Rows(Story):
    """One line on one plan of a contract, its orders in the order they must be accepted."""

    def walk(self, plan: str) -> list[Case]:
        """Write all of it for one plan; options open the same on all of them."""
        return list(self._on_plan(plan))

    def _on_plan(self, plan: str) -> Iterator[Case]:
        card, msisdn = self.fresh_card(), self.number()
        reference, details = self.activation(msisdn, card, plan=plan, options=[])[1:]
        options = set(self.sheet.at_activation(plan))
        line = AgreedLine(msisdn, card.imsi, card.iccid, card.host, plan, options, contract=self.contract)
        self.lines.append(line)
        yield Case(self._order("activate", reference, details), line.expected(), line.agreed())
        if plan == self.sheet.plans[0]:
            yield from self._options(line)
        yield from self._bars(line)
        yield from self._restrictions(line)
        yield from self._limits(line)
        if self.sheet.twins and "data" not in line.options:
            yield from self._twin(line)
        yield from self._loss(line)
        if len(self.sheet.plans) > 1:
            yield from self._another_plan(line)
        line.terminated = True
        yield self._done(line, "terminate", {})

    def _options(self, line: AgreedLine) -> Iterator[Case]:
        for option in (*self.sheet.options, *self.sheet.options):  # once there and once back
            key, other = ("remove", "add") if option in line.options else ("add", "remove")
            line.options ^= {option}
            yield self._done(line, "change_options", {key: [option], other: []}, requested_start="now")

    def _bars(self, line: AgreedLine) -> Iterator[Case]:
        for bar in self.sheet.bars:
            remove, line.bars = sorted(line.bars), {bar}
            yield self._done(line, "change_bars", {"add": [bar], "remove": remove})
        for bar in sorted(set(self.sheet.bars) - line.bars):
            line.bars.add(bar)
            yield self._done(line, "change_bars", {"add": [bar]})
        if self.sheet.tops_up and self.sheet.bars:
            yield Case(self._order("top_up", self.ref(line), {"volume": "5 GB"}), {"refused": True})
        remove, line.bars = sorted(line.bars), set()
        if remove:
            yield self._done(line, "change_bars", {"remove": remove})

    def _restrictions(self, line: AgreedLine) -> Iterator[Case]:
        for action, kind, reason in (
            ("bar_outgoing", "barred", "unpaid"),
            ("bar_outgoing", "barred", "credit_limit"),
            ("suspend", "suspended", "unpaid"),
            ("suspend", "suspended", "fraud"),
        ):
            line.holds.add((kind, reason))
            yield self._done(line, action, {"reason": reason})
        line.holds = {("suspended", "fraud")}
        yield self._done(line, "reactivate", {})
        yield Case(self._order("reactivate", self.ref(line), {}), {"refused": True})
        line.holds.clear()
        yield self._done(line, "reactivate", {"reason": "fraud"})

    def _limits(self, line: AgreedLine) -> Iterator[Case]:
        limits: list[tuple[str, tuple[str, str], Json]] = []
        if CREDIT_USED in self.sheet.bar_reasons:
            limits.append(("bar_outgoing", ("barred", CREDIT_USED), {"reason": CREDIT_USED}))
        if self.sheet.fair_use:
            limits.append(("limit_use", FAIR_USE, {"effect": "fair_use"}))
        for action, held, details in limits:
            line.holds.add(held)
            yield self._done(line, action, details)
            line.holds.clear()
            yield self._done(line, "top_up", {"amount": "10 EUR"})

    def _loss(self, line: AgreedLine) -> Iterator[Case]:
        for reason in LOSS:
            line.holds.add(("suspended", reason))
            yield self._done(line, "report_lost", {"reason": reason})
            card, old = self.fresh_card(line.host), (line.imsi, line.iccid)
            line.holds.clear()
            line.imsi, line.iccid = card.imsi, card.iccid
            self.replaced.append(old)
            order = self._order("swap_sim", {"msisdn": line.msisdn}, {"new_iccid": card.iccid, "reason": reason})
            yield Case(order, line.expected() | {"dead_imsi": old[0]}, line.agreed())

    def _twin(self, line: AgreedLine) -> Iterator[Case]:
        twin, one_more = self.fresh_card(line.host), self.fresh_card(line.host)
        yield self._beside(self._done(line, "add_twin", {"iccid": twin.iccid}), twin)
        for action, details in (
            ("add_twin", {"iccid": one_more.iccid}),
            ("change_options", {"add": ["data"], "remove": []}),
            ("change_plan", {"plan": next(iter(self.sheet.with_plan))}),
        ):
            yield Case(self._order(action, self.ref(line), details), {"refused": True})
        line.bars = {"receive_sms_only", "national_only"}
        yield self._beside(self._done(line, "change_bars", {"add": sorted(line.bars)}), twin)
        line.bars.clear()
        yield self._beside(self._done(line, "change_bars", {"remove": ["receive_sms_only", "national_only"]}), twin)
        line.holds.add(("suspended", "customer"))
        yield self._beside(self._done(line, "suspend", {"reason": "customer"}), twin)
        line.holds.clear()
        yield self._beside(self._done(line, "reactivate", {}), twin)
        self.retired.append(twin.iccid)
        removed = self._done(line, "remove_twin", {})
        yield Case(removed.order, removed.expect | {"dead_imsi": twin.imsi}, removed.agreed)

    def _beside(self, case: Case, twin: Card) -> Case:
        """What holds for the line holds for its second SIM too."""
        return Case(case.order, case.expect | {"twin_imsi": twin.imsi}, case.agreed)

    def _another_plan(self, line: AgreedLine) -> Iterator[Case]:
        line.options |= {"4g", "5g"}
        yield self._done(line, "change_options", {"add": ["4g", "5g"]})
        plans = self.sheet.plans
        line.plan = plans[(plans.index(line.plan) + 1) % len(plans)]
        if line.plan == self.sheet.ends_options:
            line.options &= self.sheet.at_activation(line.plan)
        yield self._done(line, "change_plan", {"plan": line.plan})
        if self.sheet.one_plan_change:
            again = next(plan for plan in plans if plan != line.plan)
            yield Case(self._order("change_plan", self.ref(line), {"plan": again}), {"refused": True})

    def _done(self, line: AgreedLine, action: str, details: Json, **more: str) -> Case:
        """Word an order of which the line is already what it leaves."""
        order = self._order(action, self.ref(line), details) | more
        return Case(order, line.expected(), line.agreed())
