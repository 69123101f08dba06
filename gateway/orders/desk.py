"""What every order needs done around its steps: reading it, ending it, reserving, confirming, waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from gateway.contract.actions import every
from gateway.contract.line import Life, Line
from gateway.contract.rules import Rules
from gateway.journal.journal import Journal, Unit
from gateway.journal.shards import shard_of
from gateway.orders import records
from gateway.orders.bodies import details_from, details_model
from gateway.orders.codec import dump
from gateway.orders.ids import new_id
from gateway.orders.judgement import Clock, Verdict
from gateway.orders.messages import Handling, Kind, NewMessage, queue_message
from gateway.orders.order import LineRecord, Order, OrderState, Problem
from gateway.stock import shelf
from gateway.texts import Texts


class Places(Protocol):
    """Who counts how many orders are in progress: one that waits for its element leaves its place to another."""

    def waits(self, order: Order) -> None:
        """It has begun to wait."""

    def goes_on(self, order: Order) -> None:
        """It goes on."""

    def lane(self, order: Order) -> int:
        """How urgent it is by now: as urgent as what waits behind it."""


class _NoPlaces:
    """Before there is an engine nobody counts."""

    def waits(self, order: Order) -> None:
        """See Places."""

    def goes_on(self, order: Order) -> None:
        """See Places."""

    def lane(self, order: Order) -> int:
        """See Places."""
        return order.lane


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told after a commit: ``published`` of new events, ``queued`` of new messages."""

    published: Callable[[], None]
    queued: Callable[[], None]


class Desk:
    """The engine's view of the journal."""

    def __init__(
        self,
        journal: Journal,
        contracts: Mapping[str, Rules],
        texts: Mapping[str, Texts],
        clock: Clock,
        listeners: Listeners,
    ) -> None:
        self._journal = journal
        self._contracts = contracts
        self._texts = texts
        self.now = clock
        self.ended: Counter[str] = Counter()  # orders by their end, since the start
        self.published = listeners.published
        self.queued = listeners.queued
        self.places: Places = _NoPlaces()

    async def commit(self, unit: Unit) -> None:
        """Make a unit durable."""
        await self._journal.commit(unit)

    async def reload(self, order_id: str) -> Order:
        """Read an order as it is now."""
        row = await records.order(self._journal, order_id)
        if row is None:
            raise LookupError(f"order {order_id} is not in the journal")
        return Order.from_row(row)

    async def line(self, line_id: str) -> LineRecord | None:
        """Read a line."""
        return await records.line(self._journal, line_id)

    async def moved_to_new_line(self, order: Order) -> Order | None:
        """Give an activation a line of its own if its number's line, alive when it was accepted, has ended since."""
        if not every()[order.action].opens_line:
            return None
        record = await self.line(order.line_id)
        if record is None or (record.line.life is not Life.TERMINATED and record.line.owns(order.msisdn)):
            return None
        unit, moved = Unit(), replace(order, line_id=self._new_id_beside(order.line_id))
        records.set_order(unit, order.order_id, line_id=moved.line_id)
        await self.commit(unit)
        return moved

    def _new_id_beside(self, line_id: str) -> str:
        """Name a line of the same shard: its order stays where it is."""
        while shard_of(beside := new_id(self.now())) != shard_of(line_id):
            pass
        return beside

    async def step_outcomes(self, order_id: str) -> dict[int, str]:
        """Read how far an order got."""
        return {row["n"]: row["outcome"] for row in await records.order_steps(self._journal, order_id)}

    def rules(self, contract: str) -> Rules:
        """Return a contract's rules."""
        return self._contracts[contract]

    def details(self, order: Order) -> Any:  # noqa: ANN401 - each action has its own Details
        """Read an order's details back."""
        # through JSON again: strict models take times and enums only in the form they were posted in
        return details_from(order.action, details_model(order.action).model_validate_json(dump(order.asked["details"])))

    def claim(self, unit: Unit, order: Order, verdict: Verdict) -> None:
        """Reserve what the order claims and can have."""
        claims = verdict.claims
        if claims.iccid is not None and verdict.sim_free:
            shelf.reserve_sim(unit, claims.iccid, order.line_id, order.order_id)
        if claims.msisdn is not None and verdict.number_free:
            shelf.reserve_number(unit, claims.msisdn, order.line_id, order.order_id, self.now())
        if claims.coming is not None and verdict.coming_free:
            shelf.reserve_coming(unit, claims.coming, order.line_id, order.order_id, self.now())

    async def reject(self, order: Order, problem: Problem) -> None:
        """End an order that makes no sense; nothing was sent."""
        unit = Unit()
        records.set_order(unit, order.order_id, state=OrderState.REJECTED.value, error=dump(problem.to_json()))
        await self._end(unit, order, OrderState.REJECTED, problem=problem.slug, detail=problem.detail)

    async def cancel(self, order: Order) -> None:
        """End an order that has not started."""
        unit = Unit()
        records.set_order(unit, order.order_id, state=OrderState.CANCELLED.value, waiting_for=None, expected_at=None)
        await self._end(unit, order, OrderState.CANCELLED)

    async def begin_now(self, order: Order) -> None:
        """Write that an order waits for no date any more."""
        unit, now = Unit(), self.now()
        records.set_order(unit, order.order_id, state=OrderState.ACKNOWLEDGED.value, due_at=None)
        records.add_event(
            unit, "order.brought_forward", order, now, was_due_at=order.due_at and order.due_at.isoformat()
        )
        await self.commit(unit)
        self.published()

    async def fail(self, order: Order) -> None:
        """End an order that was undone; its reason was written when it turned round."""
        unit = Unit()
        records.set_order(unit, order.order_id, state=OrderState.FAILED.value, waiting_for=None, expected_at=None)
        await self._end(unit, order, OrderState.FAILED)

    async def park(self, order: Order, why: str) -> None:
        """Leave an order half undone at the head of its line, for a human."""
        unit = Unit()
        records.set_order(unit, order.order_id, state=OrderState.PARTIAL.value, waiting_for=why, expected_at=None)
        records.add_event(unit, "order.partial", order, self.now(), detail=why)
        await self.commit(unit)
        self.published()

    async def set_state(
        self, order: Order, state: OrderState, waiting_for: str | None, event: str, until: datetime | None = None
    ) -> None:
        """Write that an order waits, until then as far as anybody knows, or goes on."""
        unit, expected_at = Unit(), None if until is None else until.isoformat()
        records.set_order(unit, order.order_id, state=state.value, waiting_for=waiting_for, expected_at=expected_at)
        records.add_event(unit, event, order, self.now(), waiting_for=waiting_for, expected_at=expected_at)
        await self.commit(unit)
        self.published()

    def confirm(self, unit: Unit, order: Order, line: Line, now: datetime) -> None:
        """Queue the confirmation SMS in the commit that completes the order."""
        rules = self.rules(line.contract)
        texts = self._texts.get(line.contract)
        text = None if texts is None else texts.confirmation(rules.language, order.action, line)
        if text is not None:
            new = NewMessage(
                to=line.msisdn,
                sender=rules.sms_sender,
                text=text,
                kind=Kind.CONFIRMATION,
                handling=Handling(validity_s=rules.sms_validity_s),
                line_id=order.line_id,
                order_id=order.order_id,
                template=f"confirm.{order.action}",
                language=rules.language,
            )
            queue_message(unit, new_id(now), new, now)

    def patience(self, order: Order) -> OrderPatience:
        """Make what tells the order's readers that it waits for an element."""
        return OrderPatience(self, order, self.places)

    async def _end(self, unit: Unit, order: Order, state: OrderState, **data: object) -> None:
        shelf.release(unit, order.order_id)
        records.drop_line_never_opened(unit, order)
        records.add_event(unit, f"order.{state.value}", order, self.now(), **data)
        await self.commit(unit)
        self.ended[state.value] += 1
        self.published()


class OrderPatience:
    """Shows an order as ``held`` while an element cannot be had, once, and as ``in_progress`` again after."""

    def __init__(self, desk: Desk, order: Order, places: Places) -> None:
        self._desk = desk
        self._order = order
        self._places = places
        self._shown = False
        self._pause: tuple[str, datetime | None] | None = None

    @property
    def lane(self) -> int:
        """See Patience."""
        return self._places.lane(self._order)

    async def waiting(self, why: str) -> None:
        """See Patience; told once, for the words differ at every attempt."""
        if not self._shown or self._pause is not None:
            await self._show(why, None)
        self._pause = None

    async def paused(self, why: str, until: datetime | None) -> None:
        """See Patience; another reason or end is told again."""
        if self._pause != (why, until):
            await self._show(why, until)
        self._pause = (why, until)

    async def _show(self, why: str, until: datetime | None) -> None:
        if not self._shown:
            self._places.waits(self._order)
        self._shown = True
        await self._desk.set_state(self._order, OrderState.HELD, why, "order.held", until)

    async def going_on(self) -> None:
        """See Patience."""
        self._shown, self._pause = False, None
        self._places.goes_on(self._order)
        await self._desk.set_state(self._order, OrderState.IN_PROGRESS, None, "order.resumed")
