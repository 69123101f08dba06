"""One audit from where it is to its end: page by page, each page's findings and the place after it in one commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Literal, TypeVar

from gateway.audit import book
from gateway.audit.asked import Asked
from gateway.audit.book import Finding, Progress
from gateway.audit.examination import Examiner, Seen, Subject
from gateway.audit.means import Means
from gateway.audit.placing import Placing
from gateway.audit.reading import Reader
from gateway.audit.remedies import Remedies
from gateway.audit.sources import Source, sources
from gateway.journal.journal import Row, Unit
from gateway.orders import records

T = TypeVar("T")
EQUAL: Literal["equal"] = "equal"

Looked = Finding | Literal["equal"] | None
"""What is written about one subject; of somebody no line has, and the element neither, nothing is."""


class Cancelled(Exception):
    """Somebody has cancelled the audit."""


class PlaceGone(Exception):
    """The place where the audit should go on is none any more."""


class Run:
    """An audit at work."""

    def __init__(self, means: Means, row: Row, asked: Asked) -> None:
        self.audit_id: str = row["audit_id"]
        self.asked = asked
        self.progress = Progress.from_row(row)
        self.looked = 0  # of the page being looked at
        self._means = means
        self._reader = Reader(means.pace)
        self._examiner = Examiner(means.network, means.engine, means.expectations, keys=asked.keys)
        self._remedies = Remedies(means, asked, self.audit_id)
        self._placing = Placing(means, self.audit_id, self.progress)
        self._interruptible: asyncio.Task[Any] | None = None
        self._n = 0
        self._since = (time.monotonic(), self.progress.done)

    @property
    def done(self) -> int:
        """How many have been looked at, by the second."""
        return self.progress.done + self.looked

    @property
    def per_s(self) -> float:
        """How many a second, since it was started or taken up again."""
        return self.looked_here / max(time.monotonic() - self._since[0], 1e-3)

    @property
    def looked_here(self) -> int:
        """How many since then."""
        return self.done - self._since[1]

    @property
    def waiting_for(self) -> str | None:
        """Why it stands still, if it does."""
        return self._reader.waiting_for

    def cancel(self) -> None:
        """Stop looking; an order that is just being placed is placed."""
        self._placing.cancelled = True
        if self._interruptible is not None:
            self._interruptible.cancel()

    async def to_the_end(self, turn: asyncio.Semaphore) -> None:
        """Wait for a turn and go on from where it was."""
        try:
            await self._unless_cancelled(turn.acquire())
        except Cancelled:
            await self._finish("cancelled")
            return
        try:
            await self._go_on()
        except Cancelled:
            await self._finish("cancelled")
        except PlaceGone:
            await self.fail("the configuration has changed since it was begun: audit again")
        else:
            await self._finish("completed")
        finally:
            turn.release()

    async def fail(self, why: str) -> None:
        """End it for a fault of ours."""
        self.progress.note(why)
        await self._finish("failed")

    async def _go_on(self) -> None:
        self._since = (time.monotonic(), self.progress.done)
        self._n = await book.last_n(self._means.journal, self.audit_id)
        await self._placing.place_due()
        found = sources(self.asked.scope, self._means, self._reader)
        names = [source.name for source in found]
        start, after = 0, ""
        if self.progress.source:
            if self.progress.source not in names:
                raise PlaceGone
            start, after = names.index(self.progress.source), self.progress.after
        else:
            self.progress.total = sum([await source.size() for source in found])
        for source in found[start:]:
            await self._exhaust(source, after)
            after = ""

    async def _exhaust(self, source: Source, after: str) -> None:
        more = await self._unless_cancelled(source.open(after, self.progress.note))
        if not after:
            self.progress.total += more
        most = self._means.settings.audit.page
        while page := await self._unless_cancelled(source.take(after, most)):
            found = await self._unless_cancelled(self._look_at(page))
            after = page[-1].place
            await self._write(found, source.name, after)
            await self._placing.place_due()

    async def _look_at(self, page: Sequence[Subject]) -> list[Looked]:
        """Look at a page's subjects, some at once; what was found stays in the page's order."""
        found: list[Looked] = [None] * len(page)
        turns = iter(enumerate(page))

        async def look() -> None:
            for n, subject in turns:
                seen = await self._examiner.examine(subject, self._reader)
                found[n] = None if seen is None else await self._judge(seen)
                self.looked += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._means.settings.audit.at_once, len(page))):
                group.create_task(look())
        return found

    async def _write(self, found: Sequence[Looked], source: str, after: str) -> None:
        """One commit: the page's findings, what they count, and the place after it."""
        unit, now, progress = Unit(), self._means.clock(), self.progress
        for one in found:
            if isinstance(one, Finding):
                self._n += 1
                book.add_finding(unit, self.audit_id, self._n, one, now)
                progress.kinds[one.kind.value] += 1
                if one.outcome != book.DUE:  # it is counted when its order is placed
                    progress.outcomes[one.outcome] += 1
            elif one is not None:
                progress.kinds[one] += 1
        progress.source, progress.after = source, after
        progress.done, self.looked = progress.done + len(found), 0
        progress.total = max(progress.total, progress.done)
        book.set_progress(unit, self.audit_id, progress)
        await book.commit(self._means.journal, unit)

    async def _judge(self, seen: Seen) -> Looked:
        """Say what is to be written about what was seen."""
        drift = seen.drift
        if drift is None:
            return EQUAL if seen.expected.record is not None else None
        remedy = await self._remedies.decide(seen)
        record, held = seen.expected.record, None if seen.held is None else seen.held.subscription.msisdn
        return Finding(
            kind=drift.kind,
            element=seen.expected.element,
            imsi=seen.expected.imsi,
            msisdn=held if record is None else record.line.msisdn,
            line_id=None if record is None else record.line_id,
            differences=drift.differences,
            outcome=remedy.outcome,
            detail=remedy.detail,
        )

    async def _finish(self, state: str) -> None:
        await self._placing.give_up()
        unit, now, progress = Unit(), self._means.clock(), self.progress
        book.end_audit(unit, self.audit_id, state, progress.detail, now)
        told = {"state": state, "done": progress.done, "counts": progress.kinds, "outcomes": progress.outcomes}
        records.add_notice(unit, "audit.ended", now, None, audit_id=self.audit_id, **told)
        await book.commit(self._means.journal, unit)
        self._means.published()

    async def _unless_cancelled(self, what: Coroutine[Any, Any, T]) -> T:
        """Do something that may take long. Raises Cancelled."""
        if self._placing.cancelled:
            what.close()
            raise Cancelled
        task: asyncio.Task[T] = asyncio.create_task(what)
        self._interruptible = task
        try:
            return await task
        except asyncio.CancelledError:
            if self._placing.cancelled:
                raise Cancelled from None
            raise
        finally:
            self._interruptible = None
