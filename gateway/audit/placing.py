"""Placing the orders findings are due: once each, whatever stops us, and never ahead of a long backlog."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence

from pydantic import ValidationError

from gateway.audit import book
from gateway.audit.book import Outcome, Progress
from gateway.audit.means import Means
from gateway.audit.remedies import LEFT
from gateway.journal.journal import JournalFull, Unit
from gateway.orders import records
from gateway.orders.acceptance import KeyReused
from gateway.orders.bodies import details_from, order_bodies
from gateway.orders.order import LineRef, NewOrder

AT_ONCE = 16
MOST_WAITING = 500  #: orders in the engine; with more of them an audit waits before it adds its own
_LOOK_AGAIN_S = 0.05
_WORDS = {"repair": "repairing", "adopt": "adopting"}
_CANCELLED = "the audit was cancelled before this was ordered"


class Placing:
    """Places orders for one audit, under keys that make a second time harmless."""

    def __init__(self, means: Means, audit_id: str, progress: Progress) -> None:
        self._means = means
        self._audit_id = audit_id
        self._progress = progress
        self.cancelled = False

    async def place_due(self) -> None:
        """Place every order that is due; returns early when cancelled, never in the middle of placing one."""
        while not self.cancelled and (batch := await book.due(self._means.journal, self._audit_id, AT_ONCE)):
            await self._write(batch, await asyncio.gather(*(self._place(n, body) for n, body in batch)))

    async def give_up(self) -> None:
        """The audit ends here: tell which of the due orders were placed, and leave the others."""
        while batch := await book.due(self._means.journal, self._audit_id, AT_ONCE):
            await self._write(batch, [await self._placed_before(n, body) for n, body in batch])

    async def _place(self, n: int, body: str) -> Outcome:
        asked = json.loads(body)
        try:
            order = order_bodies().validate_json(body)
        except ValidationError as invalid:
            fields = ", ".join(sorted({".".join(str(part) for part in error["loc"]) for error in invalid.errors()}))
            return Outcome(LEFT, f"what the element tells cannot be ordered ({fields})")
        new = NewOrder(
            action=order.action,
            ref=LineRef(**order.line.model_dump()),
            details=details_from(order.action, order.details),
            body=body,
            requested_by=asked["requested_by"],
            idempotency_key=self._key(n),
            payload_hash=hashlib.sha256(body.encode()).hexdigest(),
        )
        return await self._accept(new)

    async def _accept(self, new: NewOrder) -> Outcome:
        engine, most = self._means.engine, self._means.settings.engine.max_backlog
        while not self.cancelled:
            if engine.backlog < min(MOST_WAITING, most):
                try:
                    answer = await engine.accept(new, most)
                except KeyReused:
                    return Outcome(LEFT, "somebody else has used this audit's idempotency key: audit again")
                except JournalFull:
                    pass
                else:
                    if answer.problem is not None:
                        return Outcome(LEFT, str(answer.problem["detail"]))
                    return Outcome(_WORDS[new.action], order_id=(answer.order or {}).get("id"))
            await asyncio.sleep(_LOOK_AGAIN_S)
        return Outcome(LEFT, _CANCELLED)

    async def _placed_before(self, n: int, body: str) -> Outcome:
        answer = await records.answer_for_key(self._means.journal, self._key(n))
        if answer is None:
            return Outcome(LEFT, _CANCELLED)
        return Outcome(_WORDS[json.loads(body)["action"]], order_id=answer[1].get("id"))

    async def _write(self, batch: Sequence[tuple[int, str]], outcomes: Sequence[Outcome]) -> None:
        unit = Unit()
        for (n, _), outcome in zip(batch, outcomes, strict=True):
            book.set_outcome(unit, self._audit_id, n, outcome)
            self._progress.outcomes[outcome.word] += 1
        book.set_progress(unit, self._audit_id, self._progress)
        await book.commit(self._means.journal, unit)

    def _key(self, n: int) -> str:
        return f"audit-{self._audit_id}-{n}"
