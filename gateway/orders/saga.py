"""One order from its turn to its end: judged, planned, step by step, read back; refused at a step, undone in reverse.

Each arrow is a commit, so a crash leaves at most one step in doubt, and that one is looked at before anything is sent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from drivers.commands import AlreadySo, CancelLocation, Done, Held, ReadKeys, Refused
from drivers.errors import NotSpoken
from gateway.contract.action import Manner, Refusal
from gateway.contract.actions import every
from gateway.contract.line import Life, Line
from gateway.contract.plan import Picture, Step, diff, heard_at_once, is_so, mend
from gateway.journal.journal import Conflict, Unit
from gateway.network import Network
from gateway.orders import diary, ports, records
from gateway.orders.codec import dump
from gateway.orders.desk import Desk
from gateway.orders.judgement import Judge, Question
from gateway.orders.order import FINAL, LineRecord, LineRef, Order, OrderState, Problem, StepResult
from gateway.orders.plan import Plan
from gateway.orders.work import Patience, Worker
from gateway.stock import shelf

_DONE = frozenset({"done", "already_so"})


class Saga:
    """Runs orders; holds nothing of its own but what it was given."""

    def __init__(self, desk: Desk, judge: Judge, network: Network, worker: Worker) -> None:
        self._desk = desk
        self._judge = judge
        self._network = network
        self._worker = worker

    async def run(self, queued: Order) -> bool | Order:
        """Bring an order to its end.

        ``False``: it stays at the head of its line (partial, for a human). An order: it was moved to a line of its own.
        """
        order = queued if queued.fresh else await self._desk.reload(queued.order_id)
        if order.state in FINAL:
            return True  # it was read from a page older than its end
        resumed = order.plan is not None
        if not resumed and (moved := await self._desk.moved_to_new_line(order)) is not None:
            return moved
        if order.plan is None:
            plan = await self._decide(order)
            if plan is None:
                return True
        else:
            plan = Plan.from_json(order.plan)
        if order.undoing:
            return await self._undo(order, plan, in_doubt=True)
        return await self._carry_out(order, plan, in_doubt=resumed)

    async def _decide(self, order: Order) -> Plan | None:
        """Judge the order against the line as it is now; plan it, or end it as rejected."""
        record = await self._desk.line(order.line_id)
        line = None if record is None else record.line
        details = self._desk.details(order)
        if line is not None and (stale := _names_another(order, line)) is not None:
            await self._desk.reject(order, stale)
            return None
        ref = LineRef(msisdn=order.msisdn)
        verdict = await self._judge.judge(Question(order.action, details, ref, order.order_id), line)
        if isinstance(verdict.result, Refusal):
            await self._desk.reject(order, Problem(verdict.result.slug, verdict.result.detail))
            return None
        unit = Unit()
        try:
            plan = self._plan(order, line, verdict.result)
            for n, step in enumerate(plan.steps):
                element = self._network.element(step.element)
                for command in (step.command, *step.undo):
                    element.check(command)
                records.add_step(unit, order.order_id, n, element.name, element.describe(step.command))
        except NotSpoken as missing:
            await self._desk.reject(order, Problem("not-supported", str(missing)))
            return None
        self._desk.claim(unit, order, verdict)
        if record is None:  # an activation before this one failed and took its line along
            records.add_line(unit, LineRecord(order.line_id, plan.after.ordered()), self._desk.now())
        records.set_order(
            unit, order.order_id, state=OrderState.IN_PROGRESS.value, plan=plan.to_json(), host=plan.after.host
        )
        records.add_event(unit, "order.started", order, self._desk.now(), steps=len(plan.steps))
        try:
            await self._desk.commit(unit)
            self._desk.published()
        except Conflict as taken:
            await self._desk.reject(
                order, Problem(f"{taken.what}-not-available", f"the {taken.what} was taken meanwhile")
            )
            return None
        return plan

    def _plan(self, order: Order, line: Line | None, after: Line) -> Plan:
        """Derive what is to be done. Raises NotSpoken when the element cannot hold what is wished."""
        before = None if line is None or line.life is Life.ORDERED else line
        manner = every()[order.action].manner
        if manner is Manner.MENDS and before is not None:
            before = replace(before, life=Life.ACTIVE)  # whatever became of it, what it once had is looked for
        steps = self._judge.plan(before, after)  # also where none is sent yet: it may name what cannot be held
        return Plan(before, after, steps if manner is Manner.CHANGES else ())

    async def _carry_out(self, order: Order, plan: Plan, *, in_doubt: bool) -> bool:
        results = await self._desk.step_outcomes(order.order_id) if in_doubt else {}
        effect_told = True
        for round_ in (1, 2):
            for n, step in enumerate(plan.steps):
                if results.get(n) in _DONE:
                    continue
                refused = await self._take_step(order, plan, n, in_doubt=in_doubt)
                in_doubt = False
                if refused is None:
                    results[n] = "done"
                elif isinstance(step.command, CancelLocation):
                    effect_told, results[n] = False, "done"
                else:
                    return await self._give_up(order, plan, Problem("element-refused", _said(refused, step)))
            missing = await self._read_back(order, plan)
            if missing is None:
                await self._complete(order, plan, effect_told=effect_told)
                return True
            if round_ == 1:
                plan = await self._extend(order, plan, missing)
        detail = "the element confirmed every command but does not hold what they say"
        return await self._give_up(order, plan, Problem("not-stored", detail))

    async def _take_step(self, order: Order, plan: Plan, n: int, *, in_doubt: bool) -> Refused | None:
        """Carry one command and checkpoint it; return the refusal if the element said no."""
        step = plan.steps[n]
        element, patience = self._network.element(step.element), self._desk.patience(order)
        reply = await self._worker.perform(element, step.command, patience, in_doubt=in_doubt)
        unit = Unit()
        outcome = "refused" if isinstance(reply, Refused) else "already_so" if isinstance(reply, AlreadySo) else "done"
        said = reply if isinstance(reply, Done | AlreadySo | Refused) else Done("")
        result = StepResult(outcome, said.code, said.text, self._desk.now(), said.by or step.element)
        records.set_step(unit, order.order_id, n, result)
        await self._desk.commit(unit)
        return reply if isinstance(reply, Refused) else None

    async def _read_back(self, order: Order, plan: Plan) -> tuple[Step, ...] | None:
        """Return ``None`` when the network holds exactly what the plan says, else the steps that lead there."""
        pairs = zip(self._judge.pictures(plan.before), self._judge.pictures(plan.after), strict=True)
        found = [await self._compare(order, before, after) for before, after in pairs]
        missing = [steps for steps in found if steps is not None]
        return tuple(step for steps in missing for step in steps) if missing else None

    async def _compare(self, order: Order, before: Picture | None, after: Picture | None) -> tuple[Step, ...] | None:
        """Read one SIM's subscriber back; see ``_read_back``."""
        patience, wrong = self._desk.patience(order), False
        missing: tuple[Step, ...] = ()
        if after is not None:
            held = await self._held(after, patience, with_keys=every()[order.action].manner is Manner.MENDS)
            wrong, missing = not is_so(after, held), mend(after, held)
        if before is not None and (after is None or _elsewhere(before, after)):
            left = await self._held(before, patience, with_keys=False)
            if left is not None:
                wrong, missing = True, missing + diff(replace(before, subscription=left.subscription), None)
        return missing if wrong else None

    async def _held(self, picture: Picture, patience: Patience, *, with_keys: bool) -> Held | None:
        """Read what the element holds for a picture's IMSI, keys too if they matter."""
        element, imsi = self._network.element(picture.element), picture.subscription.imsi
        held = await self._worker.look(element, imsi, patience)
        if held is None or held.keys is not None or not (with_keys and ReadKeys in element.capabilities.commands):
            return held
        return replace(held, keys=await self._worker.has_keys(element, imsi, patience))

    async def _extend(self, order: Order, plan: Plan, more: tuple[Step, ...]) -> Plan:
        """Add the steps that lead from what the element holds to what it should; journalled before they are sent."""
        extended = replace(plan, steps=(*plan.steps, *more))
        unit = Unit()
        for n, step in enumerate(more, start=len(plan.steps)):
            element = self._network.element(step.element)
            records.add_step(unit, order.order_id, n, element.name, element.describe(step.command))
        records.set_order(
            unit,
            order.order_id,
            state=OrderState.IN_PROGRESS.value,
            plan=extended.to_json(),
            host=plan.after.host,
        )
        await self._desk.commit(unit)
        return extended

    async def _complete(self, order: Order, plan: Plan, *, effect_told: bool) -> None:
        """One commit: the order's end, what the line has become, the stock, the confirmation, the event."""
        now = self._desk.now()
        opened = plan.before is None and plan.after.life is Life.ACTIVE
        swapped = plan.before is not None and plan.before.imsi != plan.after.imsi
        heard = heard_at_once(plan.steps, lambda name: self._network.element(name).capabilities)
        at_once = effect_told and heard and not opened and not swapped
        unit = Unit()
        records.set_order(
            unit,
            order.order_id,
            state=OrderState.COMPLETED.value,
            stored_at=now.isoformat(),
            effective_at=now.isoformat() if at_once else None,
            effective="now" if at_once else "next_registration",
            waiting_for=None,
            expected_at=None,
        )
        records.set_line(unit, LineRecord(order.line_id, plan.after), now)
        rules = self._desk.rules(plan.after.contract)
        diary.follow(unit, order.line_id, plan.before, plan.after, rules)
        ports.follow(unit, order, plan.before, plan.after, (rules, now))
        quarantine = timedelta(days=rules.quarantine_days)
        if every()[order.action].manner is not Manner.MENDS:  # whose SIM and number are what they are
            shelf.settle(unit, shelf.Change(order.line_id, plan.before, plan.after), now, quarantine)
        self._desk.confirm(unit, order, plan.after, now)
        records.add_event(unit, "order.completed", order, now, line_state=plan.after.state, imsi=plan.after.imsi)
        await self._desk.commit(unit)
        self._desk.ended[OrderState.COMPLETED.value] += 1
        self._desk.published()
        self._desk.queued()

    async def _give_up(self, order: Order, plan: Plan, problem: Problem) -> bool:
        """Turn round: from here the order is undone, whatever happens."""
        unit = Unit()
        records.set_order(
            unit,
            order.order_id,
            state=OrderState.IN_PROGRESS.value,
            undoing=1,
            error=dump(problem.to_json()),
        )
        await self._desk.commit(unit)
        return await self._undo(order, plan, in_doubt=False)

    async def _undo(self, order: Order, plan: Plan, *, in_doubt: bool) -> bool:
        """Take back what was done, last first (what already was so stays); ``False``: even that was refused."""
        outcomes = await self._desk.step_outcomes(order.order_id)
        patience = self._desk.patience(order)
        for n in sorted((n for n, outcome in outcomes.items() if outcome == "done"), reverse=True):
            step = plan.steps[n]
            element = self._network.element(step.element)
            for command in step.undo:
                reply = await self._worker.perform(element, command, patience, in_doubt=in_doubt)
                in_doubt = False
                if isinstance(reply, Refused):
                    await self._desk.park(order, f"undoing failed: {_said(reply, step)}")
                    return False
            unit = Unit()
            undone = StepResult("undone", "", "taken back", self._desk.now(), step.element)
            records.set_step(unit, order.order_id, n, undone)
            await self._desk.commit(unit)
        await self._desk.fail(order)
        return True


def _elsewhere(before: Picture, after: Picture) -> bool:
    """Tell whether what was there before is not what is there after, but beside it."""
    return (before.element, before.subscription.imsi) != (after.element, after.subscription.imsi)


def _names_another(order: Order, line: Line) -> Problem | None:
    """Orders before this one may have taken away the SIM or number it names the line by."""
    action = every()[order.action]
    if action.opens_line or action.follows_line:
        return None
    ((name, value),) = order.asked["line"].items()
    if value in (getattr(line, name), getattr(line.twin, name, None), getattr(line.porting, name, None)):
        return None
    if name == "msisdn":
        return Problem("line-unknown", f"{value} is no longer the line's number: name it by {line.msisdn}")
    return Problem("sim-replaced", f"the SIM with {name} {value} does not serve the line: name it by its msisdn")


def _said(refused: Refused, step: Step) -> str:
    """The element's no, with what to do about it."""
    advice = {
        "not_found": "it does not hold this subscriber: audit the line",
        "exists": "it already holds other data under this identity: audit the line",
        "conflict": "the number serves another subscriber there: audit the line",
        "forbidden": "our user lacks the right: ask the element's owner",
    }.get(refused.why.value, "see the element's own documentation of the code")
    word = type(step.command).__name__
    return f"{refused.by or step.element} refused {word} (code {refused.code} {refused.text}): {advice}"
