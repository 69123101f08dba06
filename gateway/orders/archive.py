"""Orders that ended long ago are moved out of the working tables, and old idempotency keys are forgotten.

One instance does it for all, a few orders a commit: killed anywhere, an order is in one place, never in two or none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Insert, Select, Table, and_, bindparam, delete, exists, insert, select

from gateway.journal.archived import archived_orders, archived_steps
from gateway.journal.bulk import any_of, as_list
from gateway.journal.journal import Conflict, Journal, Row, Unit
from gateway.journal.schema import NOT_ENDED, events, idempotency, orders, steps
from gateway.orders.judgement import Clock
from gateway.orders.routine import again_and_again
from gateway.retention import RetentionSettings

_log = logging.getLogger(__name__)
_EVERY_S: Final = 3600.0
_PAGE: Final = 200
_ORDERS_A_COMMIT: Final = 50  # a few milliseconds, in which nobody else writes
_KEYS_A_COMMIT: Final = 500
_PAUSE_S: Final = 0.05

#: every end is an event, so what has none since has ended before
_STIRRED = exists(
    select(events.c.seq).where(
        events.c.line_id == orders.c.line_id, events.c.order_id == orders.c.order_id, events.c.at >= bindparam("before")
    )
)
_PAGE_OF_OLD: Select[Any] = (
    select(orders.c.seq, orders.c.order_id, and_(~NOT_ENDED, ~_STIRRED).label("ended"), orders.c.accepted_at)
    .where(orders.c.seq > bindparam("after"))
    .order_by(orders.c.seq)
    .limit(bindparam("most"))
)


def _copy(old: Table, to: Table) -> Insert:
    names = [column.name for column in to.c]
    chosen = select(*(old.c[name] for name in names)).where(any_of(old.c.order_id, "ids"))
    return insert(to).from_select(names, chosen)


_KEEP_ORDERS = _copy(orders, archived_orders)
_KEEP_STEPS = _copy(steps, archived_steps)
_DROP_STEPS = delete(steps).where(any_of(steps.c.order_id, "ids"))
_DROP_ORDERS = delete(orders).where(any_of(orders.c.order_id, "ids"))
_OLD_KEY = idempotency.c.at < bindparam("before")
_HAS_OLD_KEYS = select(idempotency.c.key).where(_OLD_KEY).limit(1)
_FORGET_KEYS = delete(idempotency).where(
    idempotency.c.key.in_(select(idempotency.c.key).where(_OLD_KEY).limit(bindparam("most")))
)


@dataclass(slots=True)
class Figures:
    """What was done since the start."""

    orders: int = 0


class Archive:
    """Looks every hour; what is not kept for good goes when its time has come."""

    def __init__(self, journal: Journal, settings: RetentionSettings, clock: Clock, pause_s: float = _PAUSE_S) -> None:
        """``pause_s``: between commits, for everybody else."""
        self._journal = journal
        self._settings = settings
        self._clock = clock
        self._pause_s = pause_s
        self.figures = Figures()

    async def run(self) -> None:
        """Tidy up for as long as the office is held."""
        await again_and_again("archiving", _EVERY_S, self.tidy, _log)

    async def tidy(self) -> None:
        """Move and forget everything whose time has come. Raises JournalFull, JournalAway."""
        if self._settings.orders_days:
            await self._move_orders(self._ago(self._settings.orders_days))
        if self._settings.keys_days:
            await self._forget_keys(self._ago(self._settings.keys_days))

    async def _move_orders(self, before: str) -> None:
        """Go through orders from the oldest on, until there are only newer ones."""
        after = 0
        while page := await self._journal.rows(_PAGE_OF_OLD, after=after, before=before, most=_PAGE):
            if all(row["accepted_at"] >= before for row in page):
                return
            ended = [row["order_id"] for row in page if row["ended"] and row["accepted_at"] < before]
            for some in _chunks(ended, _ORDERS_A_COMMIT):
                await self._move(some)
                await asyncio.sleep(self._pause_s)
            after = page[-1]["seq"]

    async def _move(self, order_ids: Sequence[str]) -> None:
        unit, ids = Unit(), as_list(order_ids)
        unit.add(_KEEP_ORDERS, "moved", ids=ids)
        for statement in (_KEEP_STEPS, _DROP_STEPS, _DROP_ORDERS):
            unit.add(statement, ids=ids)
        try:
            await self._journal.commit(unit)
        except Conflict:
            return  # who held the office before was about it still
        self.figures.orders += len(order_ids)

    async def _forget_keys(self, before: str) -> None:
        more: Sequence[Row] | bool = True
        while more:
            unit = Unit()
            unit.add(_FORGET_KEYS, before=before, most=_KEYS_A_COMMIT)
            await self._journal.commit(unit)
            await asyncio.sleep(self._pause_s)
            more = await self._journal.rows(_HAS_OLD_KEYS, before=before)

    def _ago(self, days: int) -> str:
        at: datetime = self._clock().astimezone(UTC) - timedelta(days=days)
        return at.isoformat()


def _chunks(names: Sequence[str], most: int) -> Iterable[Sequence[str]]:
    return (names[n : n + most] for n in range(0, len(names), most))
