"""The door of batches: files in, and words about those that are here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.batches import book
from gateway.batches.intake import Intake
from gateway.batches.states import CANCELLABLE, Batch, BatchState, Start
from gateway.batches.tally import Tallies
from gateway.contract.action import Refusal
from gateway.journal.journal import Conflict, Journal, Unit
from gateway.orders.bulk import folded
from gateway.orders.codec import dump
from gateway.orders.judgement import Clock


@dataclass(frozen=True, slots=True)
class Batches:
    """What the API asks about batches; any instance may be asked."""

    journal: Journal
    clock: Clock
    intake: Intake
    tallies: Tallies
    told: Callable[[], None]

    async def start(self, batch: Batch, *, accept_problems: bool) -> Refusal | None:
        """Begin placing a validated batch; return why not, if so. Raises JournalFull."""
        if batch.state is not BatchState.READY:
            return _wrong_state(batch, "one that is ready can be started")
        if batch.approved_by is None and await book.needs_approval(self.journal, batch.batch_id):
            return Refusal("approval-needed", "a row of it needs a second person: somebody else must approve it first")
        if batch.problems and not accept_problems:
            told = f"{batch.problems} of {batch.total} rows have problems: see rows?state=problem"
            return Refusal("problems-found", f"{told}; correct the file, or start with accept_problems: true")
        return await self._moved(batch, BatchState.RUNNING, started_at=self.clock().isoformat())

    async def approve(self, batch: Batch, by: Mapping[str, str]) -> Refusal | None:
        """Take the second person's word; return why it does not count, if so. Raises JournalFull."""
        needed = await book.needs_approval(self.journal, batch.batch_id)
        if batch.state is not BatchState.READY or batch.approved_by is not None or not needed:
            return _wrong_state(batch, "one that is ready and awaits a second person can be approved")
        who, sender = folded(by["who"]), batch.options.sender.requested_by
        if (sender is not None and who == folded(sender["who"])) or await book.asked_by(
            self.journal, batch.batch_id, who
        ):
            return Refusal("same-person", f"{by['who']} asked for it: another person must agree")
        at = self.clock().isoformat()
        agreed = {"approved_by": dump(by), "approved_at": at}
        if batch.options.start is Start.AUTO and not batch.problems:
            return await self._moved(batch, BatchState.RUNNING, **agreed, started_at=at)
        return await self._moved(batch, BatchState.READY, **agreed)

    async def pause(self, batch: Batch) -> Refusal | None:
        """Place no more for now; orders placed go on. Raises JournalFull."""
        if batch.state is not BatchState.RUNNING:
            return _wrong_state(batch, "one that is running can be paused")
        return await self._moved(batch, BatchState.PAUSED)

    async def resume(self, batch: Batch) -> Refusal | None:
        """Go on placing. Raises JournalFull."""
        if batch.state is not BatchState.PAUSED:
            return _wrong_state(batch, "one that is paused can be resumed")
        return await self._moved(batch, BatchState.RUNNING)

    async def cancel(self, batch: Batch) -> Refusal | None:
        """Place no more at all; orders placed go on. Raises JournalFull."""
        if batch.state not in CANCELLABLE:
            return _wrong_state(batch, "only one that is not over can be cancelled")
        return await self._moved(batch, BatchState.CANCELLED, ended_at=self.clock().isoformat())

    async def _moved(self, batch: Batch, state: BatchState, **values: str) -> Refusal | None:
        unit = Unit()
        book.move(unit, batch, state, self.clock(), **values)
        try:
            await self.journal.commit(unit)
        except Conflict:
            return Refusal("wrong-state", "it changed just now: look at it and ask again")
        self.told()
        return None


def _wrong_state(batch: Batch, rule: str) -> Refusal:
    return Refusal("wrong-state", f"the batch is {batch.state.value}: {rule}")
