"""All SMSCs together: which of them a message goes to, and who is next."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from random import Random

from drivers.errors import Unreachable
from drivers.esme.centre import Centre, HearFrom
from drivers.esme.place import Place
from drivers.esme.waiting import Row, Waiter, Waiting
from drivers.target import INTERACTIVE

_NOBODY: frozenset[str] = frozenset()
_NO_CENTRE = "no short message centre can be reached now; what is to be sent has to wait"


class Esme:
    """Gives messages places: at the lowest rank that is well, shared there by weight; by lane, then by age."""

    def __init__(self, centres: Sequence[Centre], random: Random, hear: HearFrom) -> None:
        """``random`` makes several gateways begin with different centres; ``hear`` gets the centre's name."""
        self.centres = tuple(centres)
        self._hear = hear
        self._credit = {centre.name: random.random() * centre.weight for centre in centres}
        self._waiting = Waiting()
        self._ticket = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()  # set, and replaced, when the state of any centre has changed
        self._closed = False
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """Bind everywhere; returns at once."""
        for centre in self.centres:
            centre.start(self._hear, self._let_in, self._changed)

    async def close(self, timeout_s: float = 10.0) -> None:
        """Send everybody away who waits, let what is out be answered for so long, unbind."""
        self._closed = True
        self._waiting.refuse_all("the gateway is being stopped; nothing was sent")
        await asyncio.gather(*(centre.close(timeout_s) for centre in self.centres))
        if self._alarm is not None:
            self._alarm.cancel()

    async def run(self) -> None:
        """Be bound for as long as this task is let run."""
        self.start()
        try:
            await self._loop.create_future()
        finally:
            await self.close()

    @property
    def usable(self) -> bool:
        """Whether any SMSC takes messages, now or as soon as there is room."""
        return any(centre.usable for centre in self.centres)

    async def news(self) -> None:
        """Wait until the state of any centre has changed."""
        await self._news.wait()

    def try_place(self, segments: int, avoid: frozenset[str] = _NOBODY) -> Place | None:
        """Return room for one message if there is some now and nobody waits for it; ``avoid`` names centres."""
        if self._waiting or self._closed:
            return None
        now_s = self._loop.time()
        return self._choose(segments, self._eligible(avoid, now_s), now_s)

    async def place(
        self, segments: int, avoid: frozenset[str] = _NOBODY, lane: int = INTERACTIVE, *, wait: bool = True
    ) -> Place:
        """Wait for room for all segments of one message; lower lanes go first.

        Raises Unreachable when every centre is to be avoided, and at once, instead of waiting until one is back, when
        none is well and ``wait`` is not wished.
        """
        if self._closed or all(centre.name in avoid for centre in self.centres):
            raise Unreachable("there is no (other) short message centre to send by")
        if (place := self.try_place(segments, avoid)) is not None:
            return place
        waiter = Waiter(lane, next(self._ticket), segments, avoid, wait, self._loop.create_future())
        self._waiting.put(waiter)
        self._let_in()
        try:
            return await waiter.place
        except asyncio.CancelledError:
            if waiter.place.done() and not waiter.place.cancelled() and waiter.place.exception() is None:
                waiter.place.result().release()
            raise

    def _eligible(self, avoid: frozenset[str], now_s: float) -> list[Centre]:
        """The centres of the lowest rank at which any is well."""
        well = [centre for centre in self.centres if centre.name not in avoid and centre.healthy(now_s)]
        if len(well) > 1:
            rank = min(centre.rank for centre in well)
            well = [centre for centre in well if centre.rank == rank]
        return well

    def _choose(self, segments: int, among: Sequence[Centre], now_s: float) -> Place | None:
        """Smooth weighted choice among those that have room now."""
        free = [centre for centre in among if centre.due_s(segments, now_s) == 0]
        if not free:
            for centre in among:
                centre.wake(segments)
            return None
        if len(free) == 1:
            return free[0].place(segments)
        for centre in free:
            self._credit[centre.name] += centre.weight
        best = max(free, key=lambda centre: self._credit[centre.name])
        self._credit[best.name] -= sum(centre.weight for centre in free)
        return best.place(segments)

    def _changed(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
        self._let_in()

    def _let_in(self) -> None:
        """Give room to those who wait, in order; nobody takes what somebody before him waits for."""
        spoken_for, blocked = set[str](), set[Row]()
        now_s = self._loop.time()  # once: what falls due between two looks at the clock would be seen by neither
        while (waiter := self._waiting.first(blocked)) is not None:
            if not self._serve(waiter, spoken_for, now_s):
                blocked.add(waiter.row)
        self._set_alarm(now_s)

    def _serve(self, waiter: Waiter, spoken_for: set[str], now_s: float) -> bool:
        among = self._eligible(waiter.avoid, now_s)
        if not among and not waiter.patient:
            waiter.refuse(_NO_CENTRE)
            return True
        place = self._choose(waiter.segments, [centre for centre in among if centre.name not in spoken_for], now_s)
        if place is None:
            spoken_for.update(centre.name for centre in among or self.centres if centre.name not in waiter.avoid)
            return False
        waiter.place.set_result(place)
        return True

    def _set_alarm(self, now_s: float) -> None:
        """If time alone lets somebody in, come back then."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        dues = [
            due_s
            for head in self._waiting.heads()
            for centre in self.centres
            if centre.name not in head.avoid and (due_s := centre.due_s(head.segments, now_s))
        ]
        if dues:
            self._alarm = self._loop.call_later(min(dues), self._let_in)
