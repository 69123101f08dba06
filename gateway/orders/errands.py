"""Moving orders that are another instance's to move: asked for in the journal, done and answered by their holder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam, delete, select

from gateway.journal.journal import Journal, JournalAway, Row, Unit
from gateway.journal.schema import insert_row, row_by, update_row
from gateway.journal.shards import shard_of
from gateway.journal.sharing import errands
from gateway.orders.ids import new_id
from gateway.orders.order import Order

_PATIENCE_S: Final = 5.0  # a dead holder's shards have another long before
_LOOK_S: Final = 0.02
_NEW = insert_row(errands, "said", "done")
_OPEN = select(errands).where(errands.c.done.is_(None)).order_by(errands.c.errand_id)
_BY_ID = row_by(errands, "errand_id")
_ANSWER = update_row(errands, "errand_id", "done", "said").where(errands.c.done.is_(None))
_FORGET = delete(errands).where(errands.c.errand_id == bindparam("forgotten"))
_FORGET_OPEN = delete(errands).where(errands.c.shard == bindparam("forgotten"), errands.c.done.is_(None))


class Verb(StrEnum):
    """What is asked."""

    CANCEL = "cancel"
    HOLD = "hold"
    RESUME = "resume"


class WrongState(Exception):
    """The order cannot be cancelled, held or resumed now; the message says why."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked of an order's holder."""

    errand_id: str
    verb: Verb
    order_id: str
    shard: int


async def run(journal: Journal, verb: Verb, order: Order) -> None:
    """Have it done. Raises WrongState as its holder did, JournalAway when nobody answered: it may be done or not."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while (answered := await _asked(journal, verb, order)) is None:
                pass  # the shard has been taken by somebody who was not asked yet
    except TimeoutError:
        raise JournalAway from None
    if answered["said"] is not None:
        raise WrongState(answered["said"])


async def _asked(journal: Journal, verb: Verb, order: Order) -> Row | None:
    """Ask and wait for the answer; ``None``: nobody did it, nor ever will."""
    errand_id, unit = new_id(datetime.now(UTC)), Unit()
    unit.add(_NEW, errand_id=errand_id, order_id=order.order_id, shard=shard_of(order.line_id), verb=verb.value)
    await journal.commit(unit)
    try:
        while True:
            await asyncio.sleep(_LOOK_S)
            rows = await journal.rows(_BY_ID, errand_id=errand_id)
            if not rows or rows[0]["done"] is not None:
                return rows[0] if rows else None
    finally:
        unit = Unit()
        unit.add(_FORGET, forgotten=errand_id)
        await journal.commit(unit)


async def of_shards(journal: Journal, shards: Iterable[int]) -> list[Errand]:
    """Return what is asked about orders of these shards."""
    ours = frozenset(shards)
    rows = await journal.rows(_OPEN)
    return [
        Errand(row["errand_id"], Verb(row["verb"]), row["order_id"], row["shard"])
        for row in rows
        if row["shard"] in ours
    ]


async def answer(journal: Journal, errand: Errand, why_not: str | None) -> None:
    """Say that it was done, or why not."""
    unit = Unit()
    unit.add(_ANSWER, where_errand_id=errand.errand_id, done=1, said=why_not)
    await journal.commit(unit)


async def forget(journal: Journal, shards: Iterable[int]) -> None:
    """Delete what is asked about orders of these shards and not done: whoever still wants it asks again."""
    unit = Unit()
    for shard in shards:
        unit.add(_FORGET_OPEN, forgotten=shard)
    await journal.commit(unit)
