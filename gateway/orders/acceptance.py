"""Accepting an order: judged if nothing is before it, then order, key, reservations and event in one commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from drivers.errors import NotSpoken
from drivers.subscription import Msisdn, Subscription
from gateway.contract.action import Lane, Refusal
from gateway.contract.actions import every
from gateway.contract.effects import begins_at
from gateway.contract.line import Life, Line
from gateway.contract.plan import Step
from gateway.journal.journal import Conflict, Journal, JournalFull, Unit
from gateway.journal.shards import shard_of
from gateway.orders import diary, ports, records, rights
from gateway.orders.backlog import Backlog
from gateway.orders.desk import Desk
from gateway.orders.dispatcher import Dispatcher
from gateway.orders.ids import new_id
from gateway.orders.judgement import Judge, Question, Verdict
from gateway.orders.order import LineRecord, NewOrder, Order, OrderState, Problem

_SOON = timedelta(seconds=1)
#: of the orders that may wait, how many may when one of this lane comes
_ROOM = {Lane.EMERGENCY: 2.0, Lane.INTERACTIVE: 1.0, Lane.BULK: 0.8, Lane.AUDIT: 0.5}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told: the order as acknowledged (and so again whenever asked again), or the problem."""

    order: dict[str, Any] | None
    problem: dict[str, Any] | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would do, nothing written."""

    before: Subscription | None
    after: Subscription | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """The line an order is for: the record it has, or the id it will get."""

    line_id: str
    record: LineRecord | None


class KeyReused(Exception):
    """The idempotency key was used for another body."""


class Acceptance:
    """The door of the engine."""

    def __init__(
        self,
        journal: Journal,
        desk: Desk,
        judge: Judge,
        queues: tuple[Dispatcher, Backlog],
        accepted: Callable[[Order], None],
    ) -> None:
        self._journal = journal
        self._desk = desk
        self._judge = judge
        self._dispatcher, self._backlog = queues
        self._accepted = accepted

    async def accept(self, new: NewOrder, max_backlog: int) -> Answer:
        """Take an order in. Returns once it is durable. Raises KeyReused, JournalFull.

        The less urgent, the sooner it is turned away: a lost SIM is taken in while twice as many wait.
        """
        if len(self._backlog) >= max_backlog * _ROOM[_lane(new)]:
            raise JournalFull
        place = await self._place(new)
        if isinstance(place, Refusal):
            return await self._refuse(new, place)
        async with self._turn_kept(place) as pending:
            place = await self._as_it_is(place, pending=pending)
            judged = await self._judged(new, place, pending=pending)
            if isinstance(judged, Refusal):
                return await self._refuse(new, judged)
            return await self._admit(new, place, *judged)

    @asynccontextmanager
    async def enclosed(self, unit: Unit, new: NewOrder) -> AsyncIterator[Order | Refusal]:
        """Write an order into a unit that is committed inside: the order is taken once that is left without an error.

        The commit is the last thing done inside, so that nobody's order overtakes one that is durable. A refusal
        writes nothing. Such an order has no idempotency key: what asks for it happens once.
        """
        place = await self._place(new)
        if isinstance(place, Refusal):
            yield place
            return
        async with self._turn_kept(place) as pending:
            place = await self._as_it_is(place, pending=pending)
            judged = await self._judged(new, place, pending=pending)
            if isinstance(judged, Refusal):
                yield judged
                return
            order, verdict = judged
            self._write(unit, new, place, order, verdict)
            yield order
            self._accepted(order)

    async def preview(self, new: NewOrder) -> Preview | Refusal:
        """Judge and plan on the same path as the real order; write and send nothing."""
        place = await self._place(new)
        if isinstance(place, Refusal):
            return place
        line = None if place.record is None else place.record.line
        if (forbidden := self._forbidden(new, line)) is not None:
            return forbidden
        verdict = await self._judge.judge(Question(new.action, new.details, new.ref, None), line)
        if isinstance(verdict.result, Refusal):
            return verdict.result
        before = None if line is None or line.life is Life.ORDERED else line
        try:
            steps = self._judge.plan(before, verdict.result)
        except NotSpoken as missing:
            return Refusal("not-supported", str(missing))
        return Preview(self._judge.wanted(before), self._judge.wanted(verdict.result), steps)

    async def _place(self, new: NewOrder) -> _Place | Refusal:
        found = await self._judge.find(new.ref)
        if not every()[new.action].opens_line:
            return found if isinstance(found, Refusal) else _Place(found.line_id, found)
        if isinstance(found, LineRecord) and found.line.life is not Life.TERMINATED:
            return _Place(found.line_id, found)
        return _Place(self._new_line_id(), None)

    def _new_line_id(self) -> str:
        """Name a new line so that it is ours to serve, if anything is."""
        shards = self._journal.tenure.shards
        while shard_of(line_id := new_id(self._desk.now())) not in shards and shards:
            pass
        return line_id

    @asynccontextmanager
    async def _turn_kept(self, place: _Place) -> AsyncIterator[bool]:
        """Tell whether orders are before the one about to be made; whoever asks meanwhile comes after it."""
        pending = await self._backlog.pending(place.line_id)
        self._dispatcher.expect(place.line_id)
        try:
            yield pending
        finally:
            self._dispatcher.expected_no_more(place.line_id)

    async def _as_it_is(self, place: _Place, *, pending: bool) -> _Place:
        """Read the line again once nothing is before the order: what was has just ended, perhaps, and changed it.

        An embedded journal answers within one turn of the event loop: nothing ends between two of its answers.
        """
        if pending or place.record is None or not self._journal.tenure.shared:
            return place
        return _Place(place.line_id, await self._desk.line(place.line_id))

    async def _judged(self, new: NewOrder, place: _Place, *, pending: bool) -> tuple[Order, Verdict] | Refusal:
        """Judge now what can be judged now; return the order that will be written."""
        now = self._desk.now()
        order_id, line = new_id(now), None if place.record is None else place.record.line
        if (forbidden := self._forbidden(new, line)) is not None:
            return forbidden
        due_at = self._due_at(new, line, now)
        later = due_at is not None
        verdict = await self._judge.judge(Question(new.action, new.details, new.ref, order_id), line)
        # what lies before it, or ahead of it, may still change the answer; an activation takes from stock now
        open_ended = pending or (later and not every()[new.action].opens_line)
        if isinstance(verdict.result, Refusal) and (verdict.result.timeless or not open_ended):
            return verdict.result
        return _order(new, place, verdict, order_id=order_id, now=now, due_at=due_at), verdict

    def _forbidden(self, new: NewOrder, line: Line | None) -> Refusal | None:
        """Tell why the order's channel may not ask for this under the line's contract, if it may not."""
        rules = self._judge.rules(new.details.contract if line is None else line.contract)
        return rules if isinstance(rules, Refusal) else rights.refused(rules, new)

    def _due_at(self, new: NewOrder, line: Line | None, now: datetime) -> datetime | None:
        """Return when the order may begin if that is not now: as it was asked, else as the contract has it."""
        if ports.waits(new.details):
            return ports.AT_RELEASE
        asked = new.requested_start
        if asked is None and not new.at_once:
            rules = self._judge.rules(new.details.contract if line is None else line.contract)
            asked = None if isinstance(rules, Refusal) else begins_at(rules, new.action, new.details, now)
        return asked if asked is not None and asked > now + _SOON else None

    def _write(self, unit: Unit, new: NewOrder, place: _Place, order: Order, verdict: Verdict) -> None:
        """Write order, reservations, the line to be, and the event."""
        now = order.accepted_at
        records.add_order(unit, order)
        if place.record is None and isinstance(verdict.result, Line):
            ordered = verdict.result.ordered()
            records.add_line(unit, LineRecord(order.line_id, ordered), now)
            rules = self._desk.rules(ordered.contract)
            diary.follow(unit, order.line_id, None, ordered, rules)
            ports.follow(unit, order, None, ordered, (rules, now))
        self._desk.claim(unit, order, verdict)
        told = {"external_id": new.external_id, "requested_by": new.requested_by}
        records.add_event(unit, "order.accepted", order, now, **told)

    async def _admit(self, new: NewOrder, place: _Place, order: Order, verdict: Verdict) -> Answer:
        """One commit: the idempotency key and all of the order."""
        unit = Unit()
        shown = {"id": order.order_id, "external_id": order.external_id, "state": order.state.value}
        if new.idempotency_key is not None:
            records.add_key(unit, new.idempotency_key, new.payload_hash, shown, order.accepted_at)
        self._write(unit, new, place, order, verdict)
        try:
            await self._journal.commit(unit)
        except Conflict as conflict:
            if conflict.what == "key":
                return await self._replay(new)
            taken = Refusal(
                f"{conflict.what}-not-available", f"the {conflict.what} was taken by another order just now"
            )
            return await self._refuse(new, taken)
        self._accepted(order)
        return Answer(order=shown, problem=None)

    async def _refuse(self, new: NewOrder, refusal: Refusal) -> Answer:
        """Say no, unless this key has been answered before; a no takes no key: nothing came of it."""
        key = new.idempotency_key
        if key is not None and await records.answer_for_key(self._journal, key) is not None:
            return await self._replay(new)
        return Answer(order=None, problem=Problem(refusal.slug, refusal.detail).to_json())

    async def _replay(self, new: NewOrder) -> Answer:
        """Give the first answer again. Raises KeyReused when the body is another one."""
        known = await records.answer_for_key(self._journal, new.idempotency_key or "")
        if known is None or known[0] != new.payload_hash:
            raise KeyReused
        return Answer(order=known[1], problem=None, replayed=True)


def _order(  # noqa: PLR0913 - all that an order is made of
    new: NewOrder, place: _Place, verdict: Verdict, *, order_id: str, now: datetime, due_at: datetime | None
) -> Order:
    """Make the order that will be written."""
    action = every()[new.action]
    line = place.record.line if place.record is not None else verdict.result
    msisdn = line.msisdn if isinstance(line, Line) else new.ref.msisdn
    if action.opens_line and place.record is not None:
        msisdn = new.ref.msisdn  # a line found by the number it is about to get has another one yet
    return Order(
        order_id=order_id,
        external_id=new.external_id,
        line_id=place.line_id,
        msisdn=msisdn or Msisdn(""),
        action=new.action,
        state=OrderState.ACKNOWLEDGED if due_at is None else OrderState.PENDING,
        lane=_lane(new),
        host=line.host if isinstance(line, Line) else "",
        body=new.body,
        due_at=due_at,
        accepted_at=now,
        fresh=True,
    )


def _lane(new: NewOrder) -> Lane:
    """How urgent an order is: as it was asked, but what is an emergency stays one."""
    lane = every()[new.action].lane
    return lane if new.lane is None or lane is Lane.EMERGENCY else new.lane
