"""Batches as work: each validated whole, then placed row by row, all of them beside one another."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.batches import book
from gateway.batches.names import order_named
from gateway.batches.reading import Reader, Wrong
from gateway.batches.states import Batch, BatchState
from gateway.batches.validating import Validator
from gateway.journal.journal import Conflict, Journal, Row, Unit
from gateway.orders.bulk_placing import RowPlacing, Went
from gateway.orders.judgement import Clock
from gateway.orders.order import NewOrder, Problem


@dataclass(frozen=True, slots=True)
class BatchWork:
    """Takes every batch that is validated or runs a little further at each step."""

    journal: Journal
    clock: Clock
    validator: Validator
    placing: RowPlacing
    published: Callable[[], None]
    _turns: Iterator[int] = field(default_factory=itertools.count)

    async def step(self) -> Went:
        """See Work."""
        batches = await book.at_work(self.journal)
        first = next(self._turns) % max(1, len(batches))  # whoever comes first finds most room
        went = {await self._further(batch) for batch in (*batches[first:], *batches[:first])}
        return next((word for word in (Went.MOVED, Went.WAITS) if word in went), Went.IDLE)

    async def _further(self, batch: Batch) -> Went:
        if batch.state is BatchState.VALIDATING:
            if not await self.validator.some(batch):
                await self.validator.finish(batch)
                self.published()
            return Went.MOVED
        went = await self.placing.some(_BatchSource(self.journal, batch))
        if went is not Went.IDLE:
            return went
        unit, now = Unit(), self.clock()
        book.move(unit, batch, BatchState.COMPLETED, now, ended_at=now.isoformat())
        with contextlib.suppress(Conflict):  # paused or cancelled meanwhile
            await self.journal.commit(unit)
        self.published()
        return Went.MOVED


@dataclass(frozen=True, slots=True)
class _BatchSource:
    """See Source."""

    journal: Journal
    batch: Batch

    @property
    def name(self) -> str:
        """See Source."""
        return f"batch {self.batch.batch_id}"

    async def waiting(self, most: int) -> Sequence[Row]:
        """See Source."""
        return await book.first(self.journal, self.batch.batch_id, "valid", most)

    async def order_of(self, row: Row) -> NewOrder | Problem:
        """See Source; an order posted since the validation may bear the row's own number."""
        new = Reader(self.batch.batch_id, self.batch.options, self.batch.header).read(row["n"], row["text"])
        if isinstance(new, Wrong):
            return new.problem
        if new.external_id is not None and (order := await order_named(self.journal, new.external_id)) is not None:
            return Problem("external-id-taken", f"the order {order} has this external_id already: give the row its own")
        return new

    def set_placed(self, unit: Unit, row: Row, order_id: str) -> None:
        """See Source."""
        book.set_placed(unit, row, order_id)

    def set_refused(self, unit: Unit, row: Row, problem: Problem) -> None:
        """See Source."""
        book.set_refused(unit, row, problem)
