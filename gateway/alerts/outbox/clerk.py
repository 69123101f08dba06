"""The one who writes what came of messages and what was heard: one after the other, so that none overtakes another."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from drivers.commands import Submitted
from drivers.dialects.smpp.delivery import Receipt
from drivers.dialects.smpp.matching import canonical
from gateway.alerts.outbox import book
from gateway.alerts.outbox.flight import Flight
from gateway.alerts.outbox.parking import Arrived
from gateway.alerts.outbox.receipts import Receipts
from gateway.alerts.outbox.retrying import Fate, fate_of
from gateway.alerts.outbox.tries import Try
from gateway.journal.journal import Journal, JournalAway, JournalFull, Unit
from gateway.orders.judgement import Clock
from gateway.orders.messages import MessageState
from gateway.sending import RetryTable

_log = logging.getLogger(__name__)
_PAUSE_S = 0.2
_LONG_PAUSE_S = 2.0
_Fated = tuple[Try, Fate]
_Heard = tuple[list[Arrived], "asyncio.Future[None]"]


class Clerk:
    """Writes in batches: all that came in while the last one was written. ``counts`` are of tries, by their fate."""

    def __init__(self, journal: Journal, clock: Clock, retry: RetryTable, receipts: Receipts, flight: Flight) -> None:
        self.counts: Counter[str] = Counter()
        self.moved: Callable[[], None] = _nobody  # called after each batch
        self._journal = journal
        self._clock = clock
        self._retry = retry
        self._receipts = receipts
        self._flight = flight
        self._tries: list[Try] = []
        self._heard: list[_Heard] = []
        self._work = asyncio.Event()
        self._sweeping = False
        self._ending = False

    def done(self, one: Try) -> None:
        """All parts of a try have their results."""
        self._tries.append(one)
        self._work.set()

    async def hear(self, centre: str, receipts: Iterable[Receipt]) -> None:
        """Return once the receipts are durable. Raises what the journal raises."""
        now = self._clock()
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard.append(([Arrived(centre, receipt, now) for receipt in receipts], written))
        self._work.set()
        await written

    def sweep(self) -> None:
        """Have receipts given up whose message has not turned up."""
        self._sweeping = True
        self._work.set()

    async def run(self) -> None:
        """Write until ``end``, and then what is left."""
        while not self._ending:
            await self._work.wait()
            self._work.clear()
            while self._tries or self._heard:
                await self._batch()
                self.moved()
            if self._sweeping:
                self._sweeping = False
                await self._sweep()

    def end(self) -> None:
        """Let ``run`` return once nothing is left to write."""
        self._ending = True
        self._work.set()

    async def _batch(self) -> None:
        tries, self._tries = self._tries, []
        heard, self._heard = self._heard, []
        try:
            await self._record(tries)
        except JournalAway:
            _log.warning("what came of messages waits for the database")
        except Exception:  # noqa: BLE001 - a fault of ours must not keep all others from being written
            _log.exception("of %d messages that were tried, not all was learnt that there was", len(tries))
        if not heard:
            return
        try:
            await self._receipts.take([arrived for batch, _ in heard for arrived in batch])
        except Exception as fault:  # noqa: BLE001 - whoever told us is not answered, and tells it again
            _answer(heard, fault)
        else:
            _answer(heard, None)

    async def _sweep(self) -> None:
        try:
            await self._receipts.sweep()
        except JournalAway:
            _log.warning("what came of messages waits for the database")
        except Exception:  # noqa: BLE001 - the same
            _log.exception("receipts without a message were not given up; that is tried again")

    async def _record(self, tries: Sequence[Try]) -> None:
        """Write the fate of each try; then receipts that came before the answer find their message."""
        now = self._clock()
        fates: Sequence[_Fated] = [
            (one, fate_of(one.results.values(), one.standing(), self._retry, now)) for one in tries
        ]
        if fates:
            fates = await self._write(fates, now)
        taken = list[tuple[str, str, int]]()
        for one, fate in fates:
            self._flight.end(one.row)
            self.counts[_name(fate)] += 1
            taken += [(one.centre.name, smsc_id, one.reference) for smsc_id in _taken(one).values()]
            if not fate.doubts and one.row["doubtful"]:
                self._receipts.doubts.forget(one.reference, one.row["msisdn"])
            elif fate.doubts:
                self._receipts.doubts.note(one.reference, one.row["msisdn"], one.message_id)
                taken.append((one.centre.name, "", one.reference))
        await self._receipts.took(taken)

    async def _write(self, fates: Sequence[_Fated], now: datetime) -> Sequence[_Fated]:
        """All in one unit; if that cannot be written, each in its own. Return those that are written."""
        unit = Unit()
        for one, fate in fates:
            _settle(unit, one, fate, now)
        try:
            await self._patiently(unit)
        except Exception:  # noqa: BLE001 - whatever the database has against one of them
            if len(fates) > 1:
                return [each for alone in fates for each in await self._write([alone], now)]
            _log.exception("what came of message %s cannot be written; it is tried again", fates[0][0].message_id)
            asyncio.get_running_loop().call_later(_LONG_PAUSE_S, self.done, fates[0][0])
            return []
        return fates

    async def _patiently(self, unit: Unit) -> None:
        while True:
            try:
                await self._journal.commit(unit)
            except JournalFull:
                await asyncio.sleep(_PAUSE_S)
            else:
                return


def _settle(unit: Unit, one: Try, fate: Fate, now: datetime) -> None:
    taken, centre, at = _taken(one), one.centre.name, now.isoformat()
    for n, smsc_id in taken.items():
        book.add_part(
            unit,
            one.message_id,
            n,
            smsc=centre,
            smsc_id=smsc_id,
            match_key=canonical(smsc_id),
            reference=one.reference,
            sent_at=at,
        )
    book.settle(unit, one.row, fate, now, next(iter(taken.values()), None))


def _taken(one: Try) -> dict[int, str]:
    """The parts an SMSC has taken now, by number, with its ids."""
    return {n: each.message_id for n, each in sorted(one.results.items()) if isinstance(each, Submitted)}


def _name(fate: Fate) -> str:
    if fate.doubts:
        return "in_doubt"
    return "retried" if fate.state is MessageState.QUEUED else fate.state.value


def _answer(heard: Sequence[_Heard], fault: Exception | None) -> None:
    for _, written in heard:
        if written.done():
            continue  # whoever told it has gone
        if fault is None:
            written.set_result(None)
        else:
            written.set_exception(fault)


def _nobody() -> None:
    return
