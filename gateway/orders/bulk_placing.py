"""Making orders of the rows of bulk orders: each exactly once, whatever stops in between.

An order and the word that its row has become one are in the same commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

from gateway.contract.action import Lane, Refusal
from gateway.journal.journal import Conflict, Journal, JournalFull, Row, Unit
from gateway.orders import bulk_book as book
from gateway.orders.bodies import OrderBody, details_from, details_model
from gateway.orders.codec import dump
from gateway.orders.engine import Engine
from gateway.orders.judgement import Clock
from gateway.orders.order import LineRef, NewOrder, Problem

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 200
_LOOK_S: Final = 0.5
_AFTER_FAULT_S: Final = 2.0


class BulkPlacer:
    """Places bulk orders in the order of their acceptance, leaving half of the queue to everybody else."""

    def __init__(
        self, journal: Journal, engine: Engine, clock: Clock, max_backlog: int, published: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._engine = engine
        self._clock = clock
        self._room = max(1, max_backlog // 2)
        self._published = published
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There is something to place."""
        self._news.set()

    async def run(self) -> None:
        """Place what is to be placed for as long as the gateway runs."""
        while True:
            self._news.clear()
            try:
                for bulk in await book.placing(self._journal):
                    await self._place(bulk)
            except JournalFull:
                await asyncio.sleep(_LOOK_S)
                continue
            except Exception:  # noqa: BLE001 - a fault of ours must not leave the rows behind it unplaced for good
                _log.exception("placing bulk orders stopped; it goes on after a pause")
                await asyncio.sleep(_AFTER_FAULT_S)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_S)

    async def _place(self, bulk: Row) -> None:
        after = -1
        while rows := await book.waiting(self._journal, bulk["bulk_id"], after, _AT_ONCE):
            while self._engine.backlog >= self._room:  # noqa: ASYNC110 - the queue tells nobody of room
                await asyncio.sleep(_LOOK_S)
            results = await asyncio.gather(*(self._one(bulk, row) for row in rows), return_exceptions=True)
            for failure in (r for r in results if isinstance(r, BaseException)):
                raise failure
            after = rows[-1]["n"]
        unit = Unit()
        book.close(unit, bulk["bulk_id"], self._clock())
        await self._journal.commit(unit)
        self._published()

    async def _one(self, bulk: Row, row: Row) -> None:
        """Make one row an order, or write why not."""
        try:
            new = _order_of(bulk, row)
        except ValidationError:
            await self._refuse(row, Problem("invalid-body", "what was asked is not understood any more: ask it anew"))
            return
        unit = Unit()
        try:
            async with self._engine.enclosed(unit, new) as order:
                if not isinstance(order, Refusal):
                    book.set_placed(unit, row, order.order_id)
                    await self._journal.commit(unit)
                    return
        except Conflict as conflict:
            taken = f"the {conflict.what} was taken by another order just now"
            await self._refuse(row, Problem(f"{conflict.what}-not-available", taken))
            return
        await self._refuse(row, Problem(order.slug, order.detail))

    async def _refuse(self, row: Row, problem: Problem) -> None:
        unit = Unit()
        book.set_refused(unit, row, problem.to_json())
        with contextlib.suppress(Conflict):  # it was an order before
            await self._journal.commit(unit)


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
