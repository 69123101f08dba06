"""The engine: takes orders in, keeps due times, runs each in its turn, and goes on after a stop where it was."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from gateway.contract.action import Refusal
from gateway.contract.effects import cancellable_until
from gateway.journal.journal import Journal, Unit
from gateway.orders import records
from gateway.orders.acceptance import Acceptance, Answer, Preview
from gateway.orders.desk import Desk
from gateway.orders.dispatcher import Dispatcher
from gateway.orders.judgement import Judge
from gateway.orders.order import FINAL, NewOrder, Order, OrderState
from gateway.orders.saga import Saga

OPERATOR = "operator"
_LONGEST_NAP_S = 0.5


class WrongState(Exception):
    """The order cannot be cancelled, held or resumed now; the message says why."""


class Engine:
    """The only object the API needs to move orders."""

    def __init__(self, journal: Journal, desk: Desk, judge: Judge, saga: Saga, lines_at_once: int) -> None:
        self._journal = journal
        self._desk = desk
        self._dispatcher = Dispatcher(saga.run, lines_at_once)
        desk.places = self._dispatcher
        self._acceptance = Acceptance(journal, desk, judge, self._dispatcher, self._admitted)
        self._due: list[tuple[datetime, int, Order]] = []
        self._ticket = itertools.count()
        self._clockwork: asyncio.Task[None] | None = None
        self._hands = asyncio.Lock()  # two operators at once would each act on what the other is about to change

    @property
    def backlog(self) -> int:
        """How many orders wait or are in progress, future-dated ones apart."""
        return len(self._dispatcher)

    @property
    def ended(self) -> Mapping[str, int]:
        """How many orders have ended since the start, by state."""
        return self._desk.ended

    def pending(self, line_id: str) -> bool:
        """Tell whether an order of this line waits or is in progress, future-dated ones apart."""
        return self._dispatcher.pending(line_id)

    async def start(self) -> int:
        """Take up every order without an end, in the order of acceptance; return how many."""
        orders = await records.unfinished(self._journal)
        for order in orders:
            row = await records.order(self._journal, order.order_id)
            by_hand = row is not None and row["waiting_for"] == OPERATOR
            if by_hand or order.state is OrderState.PARTIAL:
                self._dispatcher.hold(order.order_id)
            self._admitted(order)
        self._clockwork = asyncio.create_task(self._start_due(), name="due orders")
        return len(orders)

    async def stop(self) -> None:
        """Stop where we are; nothing is lost."""
        if self._clockwork is not None:
            self._clockwork.cancel()
        await self._dispatcher.stop()

    async def accept(self, new: NewOrder, max_backlog: int) -> Answer:
        """See Acceptance.accept."""
        return await self._acceptance.accept(new, max_backlog)

    def enclosed(self, unit: Unit, new: NewOrder) -> AbstractAsyncContextManager[Order | Refusal]:
        """See Acceptance.enclosed."""
        return self._acceptance.enclosed(unit, new)

    async def preview(self, new: NewOrder) -> Preview | Refusal:
        """See Acceptance.preview."""
        return await self._acceptance.preview(new)

    async def cancel(self, order_id: str) -> None:
        """Cancel an order that has not started, while its contract allows it. Raises LookupError, WrongState."""
        async with self._hands:
            async with self._idle(order_id, "cancelled") as order:
                await self._check_window(order)
                await self._desk.cancel(order)
            self._dispatcher.remove(order)
            self._not_due(order_id)

    async def hold(self, order_id: str) -> None:
        """Keep an order, and those of its line behind it, from starting. Raises LookupError, WrongState."""
        async with self._hands, self._idle(order_id, "held") as order:
            await self._desk.set_state(order, OrderState.HELD, OPERATOR, "order.held")

    async def resume(self, order_id: str) -> None:
        """Let a held order start in its turn; a partial one tries its undo again, one that waits for its date begins.

        Raises LookupError, WrongState.
        """
        async with self._hands:
            order = await self._desk.reload(order_id)
            if order.state is OrderState.PENDING:
                await self._bring_forward(order)
                return
            if order.state is OrderState.PARTIAL:
                await self._dispatcher.settled(order)
            if order.state not in (OrderState.HELD, OrderState.PARTIAL) or self._dispatcher.is_running(order):
                raise WrongState(f"the order is {order.state.value}: only a held or partial order can be resumed")
            later = order.due_at is not None and order.due_at > self._desk.now()
            state = OrderState.PENDING if later else OrderState.ACKNOWLEDGED
            if order.plan is not None:
                state = OrderState.IN_PROGRESS
            await self._desk.set_state(order, state, None, "order.resumed")
            self._dispatcher.release(order)

    async def _bring_forward(self, order: Order) -> None:
        """Begin an order now that would have begun later: the customer's word comes before the contract's delay."""
        self._not_due(order.order_id)
        await self._desk.begin_now(order)
        self._admitted(await self._desk.reload(order.order_id))

    def _not_due(self, order_id: str) -> None:
        self._due = [entry for entry in self._due if entry[2].order_id != order_id]
        heapq.heapify(self._due)

    async def _check_window(self, order: Order) -> None:
        """Raise WrongState when the contract's time for taking the order back is over."""
        record = await self._desk.line(order.line_id)
        if order.due_at is None or record is None:
            return
        until = cancellable_until(self._desk.rules(record.line.contract), order.action, order.due_at)
        if until is not None and self._desk.now() > until:
            raise WrongState(f"{order.action} could be cancelled until {until.isoformat()}: order the opposite instead")

    @asynccontextmanager
    async def _idle(self, order_id: str, wish: str) -> AsyncIterator[Order]:
        """Give an order that has not started, kept from starting from here on unless what follows fails."""
        order = await self._desk.reload(order_id)
        if order.state in FINAL:
            raise WrongState(f"the order is {order.state.value}: it cannot be {wish} any more")
        if order.plan is not None or self._dispatcher.is_running(order):
            raise WrongState(f"the order has reached the network: it cannot be {wish}; order the opposite instead")
        held = self._dispatcher.is_held(order_id)
        self._dispatcher.hold(order_id)
        try:
            yield order
        except Exception:
            if not held:
                self._dispatcher.release(order)
            raise

    def _admitted(self, order: Order) -> None:
        if order.plan is None and order.due_at is not None and order.due_at > self._desk.now():
            heapq.heappush(self._due, (order.due_at, next(self._ticket), order))
        else:
            self._dispatcher.put(order)
        self._desk.published()

    def begin_due(self) -> None:
        """Put every order whose time has come into its line's queue."""
        while self._due and self._due[0][0] <= self._desk.now():
            _, _, order = heapq.heappop(self._due)
            self._dispatcher.put(order)

    async def _start_due(self) -> None:
        """Move orders whose time has come to the tail of their line."""
        while True:
            self.begin_due()
            nap_s = _LONGEST_NAP_S
            if self._due:
                nap_s = min(nap_s, max(0.0, (self._due[0][0] - self._desk.now()).total_seconds()))
            await asyncio.sleep(nap_s)
