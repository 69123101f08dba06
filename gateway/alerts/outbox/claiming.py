"""Claiming messages while there is room for them: room first, then the claims in one commit, then all goes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from drivers.errors import NotSpoken
from gateway.alerts.outbox import book
from gateway.alerts.outbox.fitting import FRESH, Begun, NoRoom, Round, WaitedFor
from gateway.alerts.outbox.flight import Flight
from gateway.alerts.outbox.references import References
from gateway.alerts.outbox.tries import Sender, Try, moment
from gateway.journal.journal import Journal, Row, Unit
from gateway.orders.judgement import Clock
from gateway.orders.messages import MessageState

_FEWEST, _MOST = 16, 512
TOO_LATE = "its time was over before an SMSC had it"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a round came to: messages that left the queue, the segments there was no room for, whether to look on."""

    moved: int
    lacking: int
    further: bool


class Claimer:
    """Takes what may go now off the queue; ``done`` hears of each try when all of its parts have a result."""

    def __init__(self, journal: Journal, flight: Flight, clock: Clock, random: Random) -> None:
        self._journal = journal
        self._flight = flight
        self._clock = clock
        self._references = References(random)
        self._look_at = _FEWEST
        self._skipped = 0  # those at the head of the queue that wait for another one of their series

    async def claim(self, sender: Sender, in_hand: WaitedFor | None, done: Callable[[Try], None]) -> Claimed:
        """Send what there is room for; ``in_hand`` is used or given back. ``done`` hears of each try once."""
        await self._release_due(self._clock())
        limit = self._look_at + self._skipped
        rows = await book.ready(self._journal, limit)
        round_ = Round(sender, self._references, in_hand)
        try:
            ended, lacking = await self._choose(rows, round_)
            if round_.unit.writes:
                await self._journal.commit(round_.unit)
        except BaseException:
            for each in round_.tries:
                self._drop(each)
            raise
        finally:
            round_.give_back()
        await self._go(round_.tries, done)
        moved = ended + len(round_.tries)
        self._look_at = max(_FEWEST, min(_MOST, 2 * len(round_.tries)))
        return Claimed(moved, lacking, bool(moved) or self._skipped == limit)

    async def _release_due(self, now: datetime) -> None:
        due = await book.next_due(self._journal)
        if due is not None and due <= now:
            unit = Unit()
            book.release_due(unit, now)
            await self._journal.commit(unit)

    async def _choose(self, rows: Sequence[Row], round_: Round) -> tuple[int, int]:
        """Claim; return how many ended without being sent, and the segments there was no room for."""
        now, lacking, self._skipped = self._clock(), 0, 0
        late, wrong = list[Row](), 0
        for row in rows:
            if not self._flight.lets(row):
                self._skipped += 1
            elif over(row, now):
                late.append(row)
            else:
                try:
                    one = round_.fit(row, await self._begun(row))
                except NotSpoken as never:
                    wrong += await book.end_queued(self._journal, [row], MessageState.FAILED, str(never), now)
                except NoRoom as no:
                    lacking = no.segments
                    break
                else:
                    self._took(row, one)
        if late:
            await book.end_queued(self._journal, late, MessageState.EXPIRED, TOO_LATE, now)
        return len(late) + wrong, lacking

    def _took(self, row: Row, one: Try | None) -> None:
        if one is None:
            self._skipped += 1
        else:
            self._flight.begin(row)

    async def _begun(self, row: Row) -> Begun:
        if not row["tries"] or (row["segments"] or 0) <= 1:
            return FRESH
        parts = await book.parts(self._journal, row["message_id"])
        if not parts:
            return FRESH
        return Begun(frozenset(part["n"] for part in parts), row["segments"], parts[0]["smsc"])

    async def _go(self, tries: Sequence[Try], done: Callable[[Try], None]) -> None:
        if not tries:
            return
        try:
            held = await book.claimed(self._journal, [one.message_id for one in tries])
        except BaseException:
            for one in tries:  # they are claimed, and nobody else would ever look at them
                one.never("the journal could not be read", done)
            raise
        # from here to the last of them nothing else runs: what was read holds until all have gone out
        now = self._clock()
        for one in tries:
            if one.message_id in held:
                one.go(now, done)
            else:
                self._drop(one)

    def _drop(self, one: Try) -> None:
        one.place.release()
        self._flight.end(one.row)


def over(row: Row, now: datetime) -> bool:
    """Tell whether a message's time is over."""
    expires_at = moment(row["expires_at"])
    return expires_at is not None and expires_at <= now
