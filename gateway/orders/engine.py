"""The engine: takes orders in, keeps due times, runs each in its turn, and goes on after a stop where it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import assert_never

from gateway.contract.action import Lane, Refusal
from gateway.contract.effects import cancellable_until
from gateway.journal.journal import Journal, JournalAway, Unit
from gateway.orders import errands
from gateway.orders.acceptance import Acceptance, Answer, Preview
from gateway.orders.backlog import Backlog
from gateway.orders.desk import Desk
from gateway.orders.dispatcher import Dispatcher
from gateway.orders.errands import Verb, WrongState
from gateway.orders.judgement import Judge
from gateway.orders.order import FINAL, NewOrder, Order, OrderState
from gateway.orders.ready import OPERATOR, Ready
from gateway.orders.saga import Saga


class Engine:
    """The only object the API needs to move orders."""

    def __init__(  # noqa: PLR0913 - the parts, each once
        self, journal: Journal, desk: Desk, judge: Judge, saga: Saga, *, lines_at_once: int, hosts: Iterable[str]
    ) -> None:
        """``lines_at_once`` are in progress for each host; ``hosts`` are those of all contracts."""
        self._journal = journal
        self._desk = desk
        self._dispatcher = Dispatcher(saga.run, lines_at_once)
        desk.places = self._dispatcher
        held = journal.tenure
        self._backlog = Backlog(
            Ready(journal), self._dispatcher, desk.now, hosts, shared=held.shared, late_s=held.late_s
        )
        self._acceptance = Acceptance(journal, desk, judge, (self._dispatcher, self._backlog), self._admitted)
        self._loading: asyncio.Task[None] | None = None
        self._hands = asyncio.Lock()  # two operators at once would each act on what the other is about to change
        self._losses = 0  # how often everything held was lost: what was seen before may have gone on elsewhere
        self._last_urgent = 0.0

    @property
    def backlog(self) -> int:
        """How many orders wait or are in progress, future-dated ones apart."""
        return len(self._backlog)

    def unfinished_in(self, lane: Lane) -> int:
        """Count the orders of a lane that are loaded and have not ended."""
        return sum(count for (_, of), count in self._dispatcher.loaded.items() if of is lane)

    @property
    def last_urgent(self) -> float:
        """Loop time at which an order that is not of the bulk was last accepted here, or came to be run here."""
        return max(self._last_urgent, self._dispatcher.last_urgent)

    @property
    def ended(self) -> Mapping[str, int]:
        """How many orders have ended since the start, by state."""
        return self._desk.ended

    async def pending(self, line_id: str) -> bool:
        """Tell whether an order of this line waits or is in progress, future-dated ones apart."""
        return await self._backlog.pending(line_id)

    def start(self) -> None:
        """Begin to load what can begin; of which shards, ``take`` tells."""
        self._loading = asyncio.create_task(self._backlog.run(), name="loading orders")

    async def stop(self) -> None:
        """Stop where we are; nothing is lost."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await self._dispatcher.stop()

    async def take(self, shards: frozenset[int]) -> None:
        """See Tenant. What was asked about their orders before was asked of somebody else."""
        if self._journal.tenure.shared:
            await errands.forget(self._journal, shards)
        await self._backlog.take(shards)

    async def leave(self, shards: frozenset[int]) -> None:
        """See Tenant. Whoever is moving an order of theirs has done so before; whoever comes asks the next holder."""
        async with self._hands:
            await self._backlog.leave(shards)

    async def lose(self) -> None:
        """See Tenant."""
        self._losses += 1
        await self._backlog.lose()

    async def news(self) -> None:
        """See Tenant: orders, and what is asked of us about some of them."""
        await self._backlog.news()
        for errand in await errands.of_shards(self._journal, self._journal.tenure.shards):
            async with self._hands:
                if self._backlog.holds_shard(errand.shard):
                    await errands.answer(self._journal, errand, await self._said(errand.verb, errand.order_id))

    async def begin_due(self) -> None:
        """Put every order whose time has come into its line's queue."""
        await self._backlog.load_due()

    async def accept(self, new: NewOrder, max_backlog: int) -> Answer:
        """See Acceptance.accept."""
        return await self._acceptance.accept(new, max_backlog)

    def enclosed(self, unit: Unit, new: NewOrder) -> AbstractAsyncContextManager[Order | Refusal]:
        """See Acceptance.enclosed."""
        return self._acceptance.enclosed(unit, new)

    async def preview(self, new: NewOrder) -> Preview | Refusal:
        """See Acceptance.preview."""
        return await self._acceptance.preview(new)

    async def move(self, verb: Verb, order_id: str) -> None:
        """Cancel, hold or resume an order, by whoever has its line. Raises LookupError, WrongState, JournalAway."""
        order = await self._desk.reload(order_id)
        async with self._hands:
            ours = self._backlog.holds(order.line_id)
            if ours:
                await self._move(verb, order_id)
        if not ours:
            await errands.run(self._journal, verb, order)

    async def cancel(self, order_id: str) -> None:
        """Cancel an order that has not started, while its contract allows it. Raises as ``move``."""
        await self.move(Verb.CANCEL, order_id)

    async def hold(self, order_id: str) -> None:
        """Keep an order, and those of its line behind it, from starting. Raises as ``move``."""
        await self.move(Verb.HOLD, order_id)

    async def resume(self, order_id: str) -> None:
        """Let a held order start in its turn; a partial one tries its undo again, one that waits for its date begins.

        Raises as ``move``.
        """
        await self.move(Verb.RESUME, order_id)

    async def _said(self, verb: Verb, order_id: str) -> str | None:
        """Do somebody else's errand; return why not, if not."""
        try:
            await self._move(verb, order_id)
        except (LookupError, WrongState) as why:
            return str(why)
        return None

    async def _move(self, verb: Verb, order_id: str) -> None:
        """Do it; the caller has ``_hands``, and has seen that the order is ours."""
        match verb:
            case Verb.CANCEL:
                await self._cancel(order_id)
            case Verb.HOLD:
                async with self._idle(order_id, "held") as order:
                    await self._desk.set_state(order, OrderState.HELD, OPERATOR, "order.held")
            case Verb.RESUME:
                await self._resume(order_id)
            case _:
                assert_never(verb)

    async def _cancel(self, order_id: str) -> None:
        async with self._idle(order_id, "cancelled", self._check_window) as order:
            await self._desk.cancel(order)
        self._backlog.dropped(order)
        self._dispatcher.remove(order)

    async def _resume(self, order_id: str) -> None:
        losses = self._losses
        order = await self._desk.reload(order_id)
        if order.state is OrderState.PARTIAL:
            await self._dispatcher.settled(order)
        self._lost_nothing_since(losses)
        if order.state is OrderState.PENDING:
            await self._desk.begin_now(order)
            self._backlog.brought_forward(order)
            return
        if order.state not in (OrderState.HELD, OrderState.PARTIAL) or self._dispatcher.is_running(order):
            raise WrongState(f"the order is {order.state.value}: only a held or partial order can be resumed")
        later = order.due_at is not None and order.due_at > self._desk.now()
        state = OrderState.PENDING if later else OrderState.ACKNOWLEDGED
        if order.plan is not None:
            state = OrderState.IN_PROGRESS
        await self._desk.set_state(order, state, None, "order.resumed")
        await self._backlog.goes_on(order)

    async def _check_window(self, order: Order) -> None:
        """Raise WrongState when the contract's time for taking the order back is over."""
        record = await self._desk.line(order.line_id)
        if order.due_at is None or record is None:
            return
        until = cancellable_until(self._desk.rules(record.line.contract), order.action, order.due_at)
        if until is not None and self._desk.now() > until:
            raise WrongState(f"{order.action} could be cancelled until {until.isoformat()}: order the opposite instead")

    def _lost_nothing_since(self, losses: int) -> None:
        """Raise JournalAway if what was seen before may not be so any more, although it is ours again, perhaps.

        A write that is asked for at once after this fails unless its shard has been ours all the time.
        """
        if self._losses != losses:
            raise JournalAway

    @asynccontextmanager
    async def _idle(
        self, order_id: str, wish: str, check: Callable[[Order], Awaitable[None]] | None = None
    ) -> AsyncIterator[Order]:
        """Give an order that has not started, kept from starting from here on unless ``check`` or what follows fails.

        What follows begins with a write.
        """
        losses = self._losses
        order = await self._desk.reload(order_id)
        if order.state in FINAL:
            raise WrongState(f"the order is {order.state.value}: it cannot be {wish} any more")
        if order.plan is not None or self._dispatcher.is_running(order):
            raise WrongState(f"the order has reached the network: it cannot be {wish}; order the opposite instead")
        held = self._dispatcher.is_held(order_id)
        self._dispatcher.hold(order_id, order.line_id)
        try:
            if check is not None:
                await check(order)
            self._lost_nothing_since(losses)
            yield order
        except Exception:
            if not held and self._losses == losses:
                self._dispatcher.release(order)
            raise

    def _admitted(self, order: Order) -> None:
        """Queue what is ours and can begin; what is not is told to its holder, or read from the journal on its day."""
        if order.lane <= Lane.INTERACTIVE:
            self._last_urgent = asyncio.get_running_loop().time()
        waits = order.plan is None and order.due_at is not None and order.due_at > self._desk.now()
        if self._backlog.holds(order.line_id) and not waits:
            self._backlog.admit(order)
        self._desk.published()
