"""The day itself: what the clearing house has released is put into service, what leaves is taken out of it."""

from __future__ import annotations

import logging

from gateway.contract.action import Refusal
from gateway.contract.actions import complete_port
from gateway.contract.line import Life
from gateway.journal.journal import Conflict, Row, Unit
from gateway.orders import records
from gateway.orders.errands import WrongState
from gateway.orders.order import LineRecord, OrderState
from gateway.portability import book, ending
from gateway.portability.means import Means, own_order, problem_of

_log = logging.getLogger(__name__)
_BADLY = frozenset({OrderState.FAILED.value, OrderState.CANCELLED.value, OrderState.REJECTED.value})


class Days:
    """Places the orders of the day, each once."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def begin_all(self) -> None:
        """Begin everything whose time has come."""
        now = self._means.clock().isoformat()
        for port in await book.select_rows(self._means.journal, book.RELEASED):
            await self._arrive(port)
        for port in await book.select_rows(self._means.journal, book.RENUMBERED, now=now):
            await self._open_renumbered(port)
        for port in await book.select_rows(self._means.journal, book.LEAVING, now=now):
            record = await self._means.line_of(port)
            if record is not None:
                await self._switch(port, record)

    async def drop_orphans(self) -> None:
        """Give up the number of an activation that came to nothing and took its line along; tell what came too late."""
        for port in await book.select_rows(self._means.journal, book.LOST):
            unit = Unit()
            ending.stuck(unit, self._means, port, "the donor let go, and no line here takes the number")
            await self._means.commit(unit)
        for port in await book.select_rows(self._means.journal, book.ORPHANS):
            unit = Unit()
            book.put(unit, port["reference"], dropped="its activation came to nothing", waits=0)
            await self._means.commit(unit)

    async def _arrive(self, port: Row) -> None:
        record = await self._means.line_of(port)
        if record is None:
            return
        if record.line.life is Life.ORDERED:
            await self._open(port)
        elif record.line.porting is not None:
            await self._switch(port, record)

    async def _open(self, port: Row) -> bool:
        """Let an activation begin that waits; ``False``: it does not wait any more."""
        order = await records.order(self._means.journal, str(port["order_id"]))
        if order is None or order["state"] != OrderState.PENDING.value:
            return False
        try:
            await self._means.engine.resume(port["order_id"])
        except (WrongState, LookupError) as late:  # somebody else has just let it begin, or taken it back
            _log.info("the activation of port %s had begun: %s", port["reference"], late)
        return True

    async def _open_renumbered(self, port: Row) -> None:
        record = await self._means.line_of(port)
        line = None if record is None else record.line
        if line is not None and line.life is Life.ORDERED:
            if line.msisdn == port["msisdn"]:
                return  # it has no number yet
            if await self._open(port):
                return
        unit, over = Unit(), port["state"] in ("refused", "cancelled")
        book.put(unit, port["reference"], waits=0, ended_at=self._means.clock().isoformat() if over else None)
        await self._means.commit(unit)

    async def _switch(self, port: Row, record: LineRecord) -> None:
        if port["day_order"] is not None:
            await self._look_after(port)
            return
        unit, details = Unit(), complete_port.Details(port["reference"])
        try:
            async with self._means.engine.enclosed(unit, own_order("complete_port", record, details)) as placed:
                if isinstance(placed, Refusal):
                    ending.stuck(unit, self._means, port, f"{placed.slug}: {placed.detail}")
                else:
                    book.place_once(unit, port["reference"], placed.order_id)
                await self._means.journal.commit(unit)
        except Conflict:
            return  # it was placed, or is about to be said to be stuck: the next look tells
        self._means.listeners.published()

    async def _look_after(self, port: Row) -> None:
        """Tell a human when the order of the day has ended badly: a customer is without service."""
        order = await records.order(self._means.journal, port["day_order"])
        if order is not None and order["state"] in _BADLY:
            unit = Unit()
            ending.stuck(unit, self._means, port, f"order {order['order_id']} ended {problem_of(order)}")
            await self._means.commit(unit)
