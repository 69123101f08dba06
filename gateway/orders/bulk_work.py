"""Bulk orders as rows to be placed, in the order of their acceptance."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.contract.action import Lane
from gateway.journal.journal import Journal, Row, Unit
from gateway.orders import bulk_book as book
from gateway.orders.bodies import OrderBody, details_from, details_model
from gateway.orders.bulk_placing import RowPlacing, Went
from gateway.orders.codec import dump
from gateway.orders.judgement import Clock
from gateway.orders.order import LineRef, NewOrder, Problem


@dataclass(frozen=True, slots=True)
class BulkWork:
    """Places the oldest bulk order that is not placed yet, a few rows at a step."""

    journal: Journal
    clock: Clock
    placing: RowPlacing
    published: Callable[[], None]

    async def step(self) -> Went:
        """See Work."""
        bulks = await book.placing(self.journal)
        if not bulks:
            return Went.IDLE
        went = await self.placing.some(_BulkSource(self.journal, bulks[0]))
        if went is not Went.IDLE:
            return went
        unit = Unit()
        book.close(unit, bulks[0]["bulk_id"], self.clock())
        await self.journal.commit(unit)
        self.published()
        return Went.MOVED


@dataclass(frozen=True, slots=True)
class _BulkSource:
    """See Source."""

    journal: Journal
    bulk: Row

    @property
    def name(self) -> str:
        """See Source."""
        return f"bulk {self.bulk['bulk_id']}"

    async def waiting(self, most: int) -> Sequence[Row]:
        """See Source: its lines are each another, as far as it names them."""
        rows = await book.waiting(self.journal, self.bulk["bulk_id"], -1, most)
        return [{**row, "after_n": None} for row in rows]

    async def order_of(self, row: Row) -> NewOrder | Problem:
        """See Source."""
        try:
            return _order_of(self.bulk, row)
        except ValidationError:
            return Problem("invalid-body", "what was asked is not understood any more: ask it anew")

    def set_placed(self, unit: Unit, row: Row, order_id: str) -> None:
        """See Source."""
        book.set_placed(unit, row, order_id)

    def set_refused(self, unit: Unit, row: Row, problem: Problem) -> None:
        """See Source."""
        book.set_refused(unit, row, problem.to_json())


def _order_of(bulk: Row, row: Row) -> NewOrder:
    """Lay one row out as the order it is. Raises ValidationError when this version does not know what was asked."""
    asked: dict[str, Any] = json.loads(bulk["body"])
    line: dict[str, Any] = json.loads(row["line"])
    said = {name: asked[name] for name in OrderBody.model_fields if name in asked}
    common = OrderBody.model_validate_json(dump(said))
    start = common.requested_start
    details = details_model(bulk["action"]).model_validate_json(dump(asked["details"]))
    body = {"action": bulk["action"], "line": line, "details": asked["details"], **said, "bulk_id": bulk["bulk_id"]}
    return NewOrder(
        action=bulk["action"],
        ref=LineRef(**line),
        details=details_from(bulk["action"], details),
        body=dump(body),
        external_id=common.external_id,
        requested_by=asked["requested_by"],
        requested_start=None if start is None or start == "now" else start,
        at_once=start == "now",
        lane=Lane[(common.priority or "bulk").upper()],
    )
