"""Whose turn it is: orders of one line in the order of acceptance, lanes between lines, a limit for each host.

Emergency orders ignore the limit: a lost SIM never waits for lines that themselves wait for an element.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from gateway.contract.action import Lane
from gateway.journal.journal import JournalAway
from gateway.journal.shards import EVERY_SHARD, shard_of
from gateway.orders.order import Order

_log = logging.getLogger(__name__)
_PAUSE_AFTER_FAULT_S = 5.0
_WAITING_AT_MOST = 10_000  # each is a task; those beyond wait unseen until these have gone on
_LAST_WORD_S = 2.0  # what is under way in shards to be left has so long to come to an end

Key = tuple[str, Lane]  #: host and lane: what is counted apart, so that no host's orders keep another's out


@dataclass(slots=True)
class _Group:
    """Lines of one host: those ready by lane and age, and how many are in progress."""

    ready: list[tuple[int, int, str]] = field(default_factory=list)
    in_progress: int = 0
    waiting: set[str] = field(default_factory=set)  # orders in progress whose element cannot be had

    @property
    def active(self) -> int:
        """How many are in progress and not waiting."""
        return self.in_progress - len(self.waiting)


class Dispatcher:
    """Starts ``run`` for each order in its turn; ``run`` returns when the order has ended or is to stay at the head."""

    def __init__(self, run: Callable[[Order], Awaitable[bool | Order]], lines_at_once: int) -> None:
        """``run`` returns whether the order has left its line's queue, or the order as it is to be queued anew."""
        self._run = run
        self._limit = lines_at_once
        self._queues: dict[str, deque[Order]] = {}
        self._expected: dict[str, int] = {}
        self._running: set[str] = set()
        self._held: dict[str, str] = {}  # the line of each order held, queued or not
        self._groups: dict[str, _Group] = {}
        self._ticket = itertools.count()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, str] = {}  # the line of each order queued
        self._left: frozenset[int] = frozenset()  # shards in which nothing is begun any more
        self.loaded: Counter[Key] = Counter()  #: orders queued
        self.last_urgent = 0.0  #: loop time at which one that is not of the bulk was last queued, whoever accepted it

    def __len__(self) -> int:
        return len(self._known)

    def knows(self, order_id: str) -> bool:
        """Tell whether an order is queued."""
        return order_id in self._known

    def stuck(self) -> Counter[Key]:
        """Count the orders queued that nothing but a human's hand moves: those held, and what is behind them."""
        found: Counter[Key] = Counter()
        for order_id, line_id in self._held.items():
            queue = self._queues.get(line_id)
            if queue is not None and queue[0].order_id == order_id:
                found.update((order.host, order.lane) for order in queue)
        return found

    def pending(self, line_id: str) -> bool:
        """Tell whether a line has orders before the one now being asked for."""
        return line_id in self._queues or line_id in self._expected

    def expect(self, line_id: str) -> None:
        """An order for this line is being made durable: whoever asks next comes after it."""
        self._expected[line_id] = self._expected.get(line_id, 0) + 1

    def expected_no_more(self, line_id: str) -> None:
        """Take back one ``expect``."""
        self._expected[line_id] -= 1
        if not self._expected[line_id]:
            del self._expected[line_id]

    def put(self, order: Order) -> None:
        """Queue an accepted order behind its line's others, once."""
        if order.order_id in self._known:
            return
        if order.lane <= Lane.INTERACTIVE:
            self.last_urgent = asyncio.get_running_loop().time()
        self._known[order.order_id] = order.line_id
        self.loaded[order.host, order.lane] += 1
        self._queues.setdefault(order.line_id, deque()).append(order)
        self._offer(order.line_id)

    def hold(self, order_id: str, line_id: str) -> None:
        """Do not start this order until ``release``, or its shard is dropped; the orders behind it wait too."""
        self._held[order_id] = line_id

    def is_held(self, order_id: str) -> bool:
        """Tell whether the order waits for ``release``."""
        return order_id in self._held

    def release(self, order: Order) -> None:
        """Let a held order start in its turn."""
        self._held.pop(order.order_id, None)
        if order.line_id in self._queues:
            self._offer(order.line_id)

    def is_running(self, order: Order) -> bool:
        """Tell whether the order has reached the network."""
        queue = self._queues.get(order.line_id)
        return order.line_id in self._running and queue is not None and queue[0].order_id == order.order_id

    async def settled(self, order: Order) -> None:
        """Wait until the order is not running, for the blink between its last commit and its leaving."""
        while self.is_running(order):  # noqa: ASYNC110 - a turn or two of the loop
            await asyncio.sleep(0)

    def waits(self, order: Order) -> None:
        """See Places: while an element is away the next orders are looked at too, so that each is seen to wait."""
        group = self._group(order)
        if group is not None and len(group.waiting) < _WAITING_AT_MOST:
            group.waiting.add(order.order_id)
            self._start_ready(group)

    def goes_on(self, order: Order) -> None:
        """See Places."""
        if (group := self._group(order)) is not None:
            group.waiting.discard(order.order_id)

    def lane(self, order: Order) -> int:
        """See Places: a lost SIM is not kept waiting by what its own line has ordered before."""
        return min((queued.lane for queued in self._queues.get(order.line_id, ())), default=order.lane)

    def remove(self, order: Order) -> None:
        """Take out an order that was cancelled before it started."""
        self._held.pop(order.order_id, None)
        queue = self._queues.get(order.line_id)
        if queue is None:
            return
        for queued in (o for o in queue if o.order_id == order.order_id):
            self._forget(queued)
        self._keep(order.line_id, deque(o for o in queue if o.order_id != order.order_id))

    async def stop(self) -> None:
        """Stop where we are: the journal knows how far each order got."""
        self._left = EVERY_SHARD
        try:
            await self.drop(EVERY_SHARD)
        finally:
            self._left = frozenset()

    async def leave(self, shards: frozenset[int]) -> None:
        """Begin nothing more in these shards, let what is under way come to its end, and forget them."""
        self._left |= shards
        try:
            tasks = [task for line_id, task in self._tasks.items() if shard_of(line_id) in shards]
            if tasks:
                await asyncio.wait(tasks, timeout=_LAST_WORD_S)
            await self.drop(shards)
        finally:  # whoever cancels this drops them, and may take them again
            self._left -= shards

    async def drop(self, shards: frozenset[int]) -> None:
        """Forget these shards, whatever is under way in them: the journal knows how far each order got."""
        lines = [line_id for line_id in self._queues if shard_of(line_id) in shards]
        tasks = [self._tasks[line_id] for line_id in lines if line_id in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for line_id in lines:
            self._never_begun(line_id)
            for order in self._queues.pop(line_id, ()):
                self._forget(order)
        self._held = {held: line_id for held, line_id in self._held.items() if shard_of(line_id) not in shards}

    def _never_begun(self, line_id: str) -> None:
        """Give back the place of a task that was cancelled before its first step."""
        if line_id in self._running:
            self._running.discard(line_id)
            self._tasks.pop(line_id, None)
            self._groups[self._queues[line_id][0].host].in_progress -= 1

    def _forget(self, order: Order) -> None:
        if self._known.pop(order.order_id, None) is not None:
            self.loaded[order.host, order.lane] -= 1

    def _keep(self, line_id: str, queue: deque[Order]) -> None:
        if queue:
            self._queues[line_id] = queue
            self._offer(line_id)
        else:
            self._queues.pop(line_id, None)

    def _offer(self, line_id: str) -> None:
        """Put a line among the ready ones, with the most urgent lane of its orders: they push those before them."""
        queue = self._queues[line_id]
        if line_id in self._running or queue[0].order_id in self._held:
            return
        group = self._groups.setdefault(queue[0].host, _Group())
        heapq.heappush(group.ready, (min(o.lane for o in queue), next(self._ticket), line_id))
        self._start_ready(group)

    def _group(self, order: Order) -> _Group | None:
        queue = self._queues.get(order.line_id)
        return None if queue is None else self._groups.get(queue[0].host)

    def _start_ready(self, group: _Group) -> None:
        while group.ready and (group.active < self._limit or group.ready[0][0] == Lane.EMERGENCY):
            _, _, line_id = heapq.heappop(group.ready)
            queue = self._queues.get(line_id)
            if queue is None or line_id in self._running or queue[0].order_id in self._held:
                continue  # offered twice, or changed since
            if shard_of(line_id) in self._left:
                continue  # somebody else's in a moment
            self._running.add(line_id)
            group.in_progress += 1
            order = queue[0]
            queue[0] = replace(order, fresh=False)  # whenever it is begun again, the journal knows how far it got
            task = asyncio.create_task(self._take_turn(group, line_id, order), name=f"order {order.order_id}")
            self._tasks[line_id] = task

    async def _take_turn(self, group: _Group, line_id: str, order: Order) -> None:
        left: bool | Order = False
        try:
            left = await self._run(order)
            if not left:
                self.hold(order.order_id, line_id)  # it stays at the head of its line until somebody releases it
        except JournalAway:
            _log.warning("order %s waits for the database", order.order_id)
            await asyncio.sleep(JournalAway.retry_after_s)
        except Exception:  # noqa: BLE001 - a fault of ours must neither lose the order nor let others overtake it
            _log.exception("order %s stopped by a fault; it is tried again", order.order_id)
            await asyncio.sleep(_PAUSE_AFTER_FAULT_S)
        finally:
            self._running.discard(line_id)
            self._tasks.pop(line_id, None)
            group.in_progress -= 1
            group.waiting.discard(order.order_id)
        queue = self._queues.get(line_id, deque())
        if left and queue and queue[0].order_id == order.order_id:
            self._forget(queue.popleft())
        self._keep(line_id, queue)
        if isinstance(left, Order):
            self.put(left)
        self._start_ready(group)
