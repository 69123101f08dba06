"""The outbox: what is queued is sent, by whichever centre has room, until it has an end that can be proven.

Before a message is written to a line its row says ``sending``; whatever stops us then leaves it in doubt, never lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from drivers.dialects.smpp.delivery import Available, FromPhone, Heard, Receipt
from drivers.dialects.smpp.text import Carriage
from drivers.errors import Unreachable
from gateway.alerts.outbox import book
from gateway.alerts.outbox.claiming import TOO_LATE, Claimer
from gateway.alerts.outbox.clerk import Clerk
from gateway.alerts.outbox.fitting import WaitedFor
from gateway.alerts.outbox.flight import Flight
from gateway.alerts.outbox.pacing import Pacing
from gateway.alerts.outbox.receipts import Receipts
from gateway.alerts.outbox.retrying import in_doubt
from gateway.alerts.outbox.tries import Sender, standing_of
from gateway.journal.journal import Journal, JournalAway, Unit
from gateway.orders.ids import born
from gateway.orders.judgement import Clock
from gateway.orders.messages import MessageState
from gateway.sending import MessageSettings

_log = logging.getLogger(__name__)
_PAUSE_S = 0.5
_TEND_S = 2.0
_OVERDUE_AT_ONCE = 500
_STOPPED = "the gateway stopped while it was being sent"

Asked = Callable[[str, FromPhone], Awaitable[None]]
"""Takes what a phone has sent to a centre into safe keeping; when it raises, the centre tells it again."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the outbox is: ``queued`` by priority and ``oldest_s`` are of what may go now, ``later`` has its time."""

    queued: dict[int, int]
    oldest_s: float
    later: int
    in_flight: int
    parked_receipts: int
    tries: dict[str, int]  # by what became of them: sent retried in_doubt failed parked
    receipts: dict[tuple[str, str], int]  # by what was told, and what was made of it


class Outbox:
    """``wake`` it when something was queued, give it what centres tell, and have it send by an ESME."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        settings: MessageSettings,
        random: Random,
        published: Callable[[], None],
    ) -> None:
        """``published`` is called after commits that may have brought events."""
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._random = random
        self._published = published
        self._take_posts()
        self._woken = asyncio.Event()
        self._asked: Asked = _nobody_answers
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting = 0  # messages, as of a moment ago
        self._count_again_s = 0.0
        self.carriage: Carriage | None = None  # how the first centre takes texts
        self._resting = False  # the sending task waits, and can be stopped without harm
        self.pacing = Pacing(settings.customers)

    def _take_posts(self) -> None:
        """Make who does the work, for one spell of sending; nothing is known of the spell before."""
        self._flight = Flight()
        self._receipts = Receipts(self._journal, self._clock, self._settings, self._flight)
        self._clerk = Clerk(self._journal, self._clock, self._settings.retry, self._receipts, self._flight)
        self._clerk.moved = self._moved
        self._claimer = Claimer(self._journal, self._flight, self._clock, self._random)
        self._stopping = False

    async def is_full(self) -> bool:
        """Tell whether so many messages wait, whoever sends them, that no more should be taken."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._count_again_s:
            self._count_again_s = now_s + _TEND_S
            counts = [row["count"] for row in await book.waiting(self._journal)]
            self._waiting = sum(counts) + await book.waiting_for_later(self._journal)
        return self._waiting >= self._settings.most_waiting

    def wake(self) -> None:
        """Something may have been queued."""
        self._woken.set()

    def answer_by(self, asked: Asked) -> None:
        """Hand what phones send to ``asked`` from now on."""
        self._asked = asked

    async def hear(self, centre: str, heard: Sequence[Heard]) -> None:
        """Take what a centre tells; returns once it is durable. Raises when it is not: then it is to be told again."""
        told = [one.delivery for one in heard]
        receipts = [one for one in told if isinstance(one, Receipt)]
        if receipts:
            await self._clerk.hear(centre, receipts)
        back = [one for one in told if isinstance(one, Available)]
        if back:
            unit = Unit()
            for phone in back:
                book.release_for(unit, phone.msisdn)
            await self._journal.commit(unit)
            self.wake()
        for one in told:
            if isinstance(one, FromPhone):
                await self._asked(centre, one)

    @contextlib.asynccontextmanager
    async def sending(self, sender: Sender | None) -> AsyncIterator[None]:
        """Send while the block lasts; leave it when no more answers will come, then all that is known is written.

        Without ``sender`` messages wait, and end when their time is over.
        """
        self._take_posts()
        if sender is not None:
            self.carriage = next((one.config.carriage for one in sender.centres), None)
            self._receipts.forms = {one.name: one.config.message_ids for one in sender.centres}
        await self._recover()
        clerk = asyncio.create_task(self._clerk.run(), name="outbox clerk")
        self._tasks = [asyncio.create_task(self._tend(), name="outbox tending")]
        if sender is not None:
            self._tasks.append(asyncio.create_task(self._send(sender), name="outbox"))
        try:
            yield
        finally:
            await self.pause()
            self._clerk.end()
            await clerk

    async def pause(self) -> None:
        """Claim nothing more, for good; what is under way goes on."""
        self._stopping = True
        tending, *sending = self._tasks
        tending.cancel()
        if self._resting:
            for task in sending:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def figures(self) -> Figures:
        """Tell how it is."""
        rows = await book.waiting(self._journal)
        now = self._clock()
        return Figures(
            queued={row["priority"]: row["count"] for row in rows},
            oldest_s=max(((now - born(row["oldest"])).total_seconds() for row in rows), default=0.0),
            later=await book.waiting_for_later(self._journal),
            in_flight=len(self._flight),
            parked_receipts=self._receipts.parked,
            tries=dict(self._clerk.counts),
            receipts=dict(self._receipts.counts),
        )

    async def _recover(self) -> None:
        """What was being sent when we stopped may have gone out."""
        unit, now = Unit(), self._clock()
        for row in await book.being_sent(self._journal):
            fate = in_doubt(standing_of(row, tries=1, partly=False), self._settings.retry, now, _STOPPED)
            book.settle(unit, row, fate, now)
        if unit.writes:
            await self._journal.commit(unit)
            _log.warning("messages that were being sent when the gateway stopped are in doubt; see /v1/messages")
        await self._receipts.start()
        await self.pacing.start(self._journal, now)

    async def _send(self, sender: Sender) -> None:
        in_hand: WaitedFor | None = None
        while not self._stopping:
            self._woken.clear()
            try:
                found, in_hand = await self._claimer.claim(sender, in_hand, self._clerk.done), None
                if found.lacking:
                    with self._at_rest():
                        in_hand = WaitedFor(await sender.place(found.lacking), found.lacking)
                elif not found.further:
                    await self._nap(await book.next_due(self._journal))
            except Unreachable as away:
                _log.info("nothing can be sent: %s", away)
                await self._nap(None)
            except Exception:  # noqa: BLE001 - a fault of ours must not end all sending for good
                in_hand = None
                _log.exception("the outbox stopped; it goes on after a pause")
                await self._nap(None)

    @contextlib.contextmanager
    def _at_rest(self) -> Iterator[None]:
        """Nothing is claimed in here: being stopped does no harm."""
        if self._stopping:
            raise asyncio.CancelledError
        self._resting = True
        try:
            yield
        finally:
            self._resting = False

    async def _nap(self, due: datetime | None) -> None:
        """Wait until something is queued, or due; look by itself now and then."""
        pause_s = _PAUSE_S
        if due is not None:
            pause_s = min(pause_s, max(0.001, (due - self._clock()).total_seconds()))
        with self._at_rest(), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._woken.wait()

    async def _tend(self) -> None:
        """End what is too late, give up on receipts whose message never came."""
        while True:
            try:
                await self._expire()
                self._clerk.sweep()
            except JournalAway:
                _log.warning("the outbox waits for the database")
            except Exception:  # noqa: BLE001 - the same
                _log.exception("tending the outbox stopped; it goes on after a pause")
            await asyncio.sleep(_TEND_S)

    async def _expire(self) -> None:
        now = self._clock()
        while rows := await book.overdue(self._journal, now, _OVERDUE_AT_ONCE):
            await book.end_queued(self._journal, rows, MessageState.EXPIRED, TOO_LATE, now)
            self._published()

    def _moved(self) -> None:
        self._published()
        self.wake()


async def _nobody_answers(centre: str, phone: FromPhone) -> None:
    del phone
    _log.info("a phone has written to %s, and nothing answers here", centre)
