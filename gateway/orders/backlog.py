"""What waits for its turn: a window of it in memory, the rest where it is durable, so that any number may wait.

Loaded are, for each host and lane, the oldest orders that can begin; a line's loaded orders are always its first ones.
A host and lane of which not everything is loaded has a tail: it is loaded on as the window empties. Of emergency orders
all are loaded at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.contract.action import Lane
from gateway.journal.journal import JournalAway, Row
from gateway.journal.shards import shard_of
from gateway.orders.dispatcher import Dispatcher, Key
from gateway.orders.order import Order
from gateway.orders.ready import Dated, Ready, in_turn, stays_put

_log = logging.getLogger(__name__)
WINDOW: Final = 5000  #: orders loaded for each host and lane
_PAGE: Final = 500
_LOOK_S: Final = 0.2
_LONG_AGO: Final[Dated] = ("", 0)


class Backlog:
    """Keeps the dispatcher fed from the shards taken.

    ``shared``: other instances accept orders of theirs too; ``late_s``: see Tenure.
    """

    def __init__(  # noqa: PLR0913 - what it stands between, and two measures
        self,
        ready: Ready,
        dispatcher: Dispatcher,
        clock: Callable[[], datetime],
        hosts: Iterable[str],
        *,
        shared: bool = False,
        late_s: float = 5.0,
        window: int = WINDOW,
        look_s: float = _LOOK_S,
    ) -> None:
        self._ready = ready
        self._shared = shared
        self._late_s = late_s
        self._look_s = look_s
        self._window, self._page = window, min(_PAGE, window)
        self._dispatcher = dispatcher
        self._clock = clock
        self._ours: frozenset[int] = frozenset()
        self._taking = False  # not all that is first on its line is loaded yet
        self._hosts = set(hosts)
        self._tails: dict[Key, int] = {}  # how far each is loaded
        self._grown: set[Key] = set()  # tails behind which something was accepted since they were last read
        self._unseen: set[str] = set()  # lines of which another instance has accepted orders we were not told of yet
        self._lines: list[Order] = []  # accepted, and what is before them on their line may not be loaded
        self._due_after: dict[str, Dated] = {}  # by host, how far those with a date are loaded
        self._floor = self._next_floor = 0  # what was numbered before is loaded or behind a tail
        self._again_at, self._first_look = 0.0, False
        self._wake = asyncio.Event()
        self._hands = asyncio.Lock()
        self.unloaded = 0  #: about how many wait behind tails

    def __len__(self) -> int:
        return len(self._dispatcher) + len(self._lines) + self.unloaded

    async def take(self, shards: frozenset[int]) -> None:
        """Load what these shards hold: first what has begun, then a window of the rest."""
        async with self._hands:
            self._ours |= shards
            self._taking = True
            try:
                await self._take(shards)
            finally:
                self._taking = False

    async def leave(self, shards: frozenset[int]) -> None:
        """Let these shards go once nothing is under way in them."""
        self._ours -= shards
        await self._dispatcher.leave(shards)

    def holds(self, line_id: str) -> bool:
        """Tell whether a line's orders are ours to run."""
        return self.holds_shard(shard_of(line_id))

    def holds_shard(self, shard: int) -> bool:
        """Tell whether a shard's orders are ours to run."""
        return shard in self._ours

    async def lose(self) -> None:
        """Everything is somebody else's."""
        self._ours = frozenset()
        await self._dispatcher.stop()
        self._lines.clear()
        self._unseen.clear()
        self._tails.clear()
        self.unloaded = 0

    def admit(self, order: Order) -> None:
        """An order was made durable here that can begin now: queue it, unless it is behind a tail."""
        key = (order.host, order.lane)
        if key in self._tails and order.lane is not Lane.EMERGENCY:
            self._grown.add(key)
            self.unloaded += 1
        elif self._tails or self._taking or order.line_id in self._unseen or self._is_brought(order.line_id):
            self._unseen.discard(order.line_id)
            self._lines.append(order)
            self._wake.set()
        else:
            self._dispatcher.put(order)
            if self._dispatcher.loaded[key] > 2 * self._window and order.lane is not Lane.EMERGENCY:
                self._tails[key] = 0  # from here on the journal keeps the rest

    def brought_forward(self, order: Order) -> None:
        """A dated order need not wait any more: it may be numbered before all that is still to be loaded."""
        self._lines.append(order)
        self._wake.set()

    async def goes_on(self, order: Order) -> None:
        """An order that was held need not wait any more, whatever was just being read of it."""
        self._dispatcher.release(order)
        async with self._hands:
            self._dispatcher.release(order)

    def dropped(self, order: Order) -> None:
        """An order was cancelled that may be behind a tail."""
        if not self._dispatcher.knows(order.order_id):
            self.unloaded = max(0, self.unloaded - 1)

    async def pending(self, line_id: str) -> bool:
        """Tell whether a line has orders before the one now being asked for."""
        here = self._dispatcher.pending(line_id) or self._is_brought(line_id)
        all_loaded = self.holds(line_id) and not self._taking and not self._tails
        if all_loaded and not self._shared:
            return here
        ids = await self._ready.ids_of_line(line_id, self._clock())
        if self.holds(line_id) and not all(map(self._dispatcher.knows, ids)):
            self._unseen.add(line_id)
        return here or bool(ids)

    async def news(self) -> None:
        """Load what others have accepted since."""
        async with self._hands:
            after, began = self._floor, _now()
            while rows := await self._ready.new(after, self._page, self._ours):
                after = rows[-1]["seq"]
                await self._put([row for row in rows if not self._is_behind(row)], None)
                if len(rows) < self._page:
                    break
            if began >= self._again_at:  # what was numbered before is in all that was read since
                if self._first_look:
                    await self._take_ready()
                self._first_look, self._again_at = False, _now() + self._late_s
                self._floor, self._next_floor = max(self._floor, self._next_floor), after

    async def load_due(self) -> None:
        """Queue every order whose time has come."""
        async with self._hands:
            await self._load_due()

    async def run(self) -> None:
        """Load as places become free and dates come, for as long as the gateway runs."""
        while True:
            try:
                async with asyncio.timeout(self._look_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
            try:
                await self._look()
            except JournalAway:
                await asyncio.sleep(JournalAway.retry_after_s)
            except Exception:  # noqa: BLE001 - a fault of ours must not keep what waits from ever beginning
                _log.exception("loading orders stopped; it goes on after a pause")
                await asyncio.sleep(JournalAway.retry_after_s)

    async def _look(self) -> None:
        self._wake.clear()
        async with self._hands:
            while self._lines:
                first = self._lines[0]
                await self._bring(first.line_id)
                self._lines[:] = [order for order in self._lines if order is not first]  # it may have been lost
            if self._tails:
                stuck = self._dispatcher.stuck()
                for key in [key for key in self._tails if self._room(key, stuck[key]) > self._window // 2]:
                    await self._fill(key, stuck[key])
            await self._load_due()

    def _is_brought(self, line_id: str) -> bool:
        """Tell whether a line is about to be loaded: until it is, nobody knows what comes first on it."""
        return any(order.line_id == line_id for order in self._lines)

    def _room(self, key: Key, stuck: int) -> int:
        return self._window - (self._dispatcher.loaded[key] - stuck)

    def _is_behind(self, row: Row) -> bool:
        """Tell whether a row will be loaded with its tail; note that the tail has grown."""
        key = (row["host"], Lane(row["lane"]))
        behind = key[1] is not Lane.EMERGENCY and key in self._tails and row["seq"] > self._tails[key]
        if behind:
            self._grown.add(key)
        return behind

    async def _take(self, shards: frozenset[int]) -> None:
        self._hosts |= await self._ready.hosts()
        self._floor = max(self._floor, await self._ready.last())
        self._next_floor, self._again_at, self._first_look = self._floor, _now() + self._late_s, True
        await self._take_started(shards)
        await self._take_ready()
        self._due_after.clear()
        await self._load_due()

    async def _take_started(self, shards: frozenset[int]) -> None:
        after = 0
        while rows := await self._ready.started(after, self._page, shards):
            after = rows[-1]["seq"]
            for row in rows:
                self._queue(row)

    async def _take_ready(self) -> None:
        """Begin every host and lane anew: most are read whole by their first page."""
        self._tails = dict.fromkeys(((host, lane) for host in self._hosts for lane in Lane), 0)
        whole: list[Row] = []
        for key in tuple(self._tails):
            self._grown.discard(key)
            rows = await self._ready.of_key(*key, 0, self._page, self._ours)
            if len(rows) < self._page and key not in self._grown:
                del self._tails[key]
                whole += rows
        await self._put(whole, None)
        for key in sorted(self._tails, key=lambda key: key[1]):
            await self._fill(key)
        self.unloaded = 0
        if self._tails:
            self.unloaded = max(0, await self._ready.count(self._ours) - len(self._dispatcher))

    async def _fill(self, key: Key, stuck: int = 0) -> None:
        """Load on from where a tail begins until the window is full; without more, it is a tail no longer."""
        room = self._room(key, stuck)
        while room > 0 or key[1] is Lane.EMERGENCY:
            self._grown.discard(key)
            rows = await self._ready.of_key(*key, self._tails[key], self._page, self._ours)
            fresh = [row for row in rows if not self._dispatcher.knows(row["order_id"])]
            await self._put(fresh, key)
            room -= len(fresh)
            self.unloaded = max(0, self.unloaded - len(fresh))
            if rows:
                self._tails[key] = rows[-1]["seq"]
            if len(rows) < self._page and key not in self._grown:
                del self._tails[key]
                return

    async def _load_due(self) -> None:
        now = self._clock()
        for host in self._hosts:
            await self._load_due_of(host, now)

    async def _load_due_of(self, host: str, now: datetime) -> None:
        """Queue those of one host whose date has come, as long as there is room."""
        latest = ((now - timedelta(seconds=self._late_s)).isoformat(), 0)
        after = min(self._due_after.get(host, _LONG_AGO), latest)  # a clock that was put back begins anew
        while sum(self._room((host, lane), 0) for lane in Lane) > 0:
            rows = await self._ready.due(host, after, now, self._page, self._ours)
            await self._put(rows, None)
            if len(rows) < self._page:
                self._due_after[host] = latest
                return
            after = self._due_after[host] = (rows[-1]["due_at"], rows[-1]["seq"])

    async def _put(self, rows: Sequence[Row], own: Key | None) -> None:
        """Queue rows; what their lines have before them, behind another tail than their own, comes with them."""
        behind_others = bool(self._tails.keys() - {own})
        for row in in_turn(rows):
            if behind_others:
                await self._bring(row["line_id"])
            else:
                self._queue(row)

    async def _bring(self, line_id: str) -> None:
        for row in await self._ready.of_line(line_id, self._clock()):
            self._queue(row)

    def _queue(self, row: Row) -> None:
        if self._dispatcher.knows(row["order_id"]) or not self.holds(row["line_id"]):
            return  # while it was read its shard was let go, perhaps
        if stays_put(row):
            self._dispatcher.hold(row["order_id"], row["line_id"])
        self._dispatcher.put(Order.from_row(row))


def _now() -> float:
    """A clock nobody puts back."""
    return asyncio.get_running_loop().time()
