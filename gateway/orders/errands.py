"""Moving orders that are another instance's to move: asked for in the journal, done and answered by their holder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import bindparam, delete, select

from gateway.journal.journal import Journal, JournalAway, Unit
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


async def run(journal: Journal, verb: Verb, order: Order) -> None:
    """Have it done. Raises WrongState as its holder did, JournalAway when nobody answered: then it is not done."""
    errand_id, unit = new_id(datetime.now(UTC)), Unit()
    shard = shard_of(order.line_id)
    unit.add(_NEW, errand_id=errand_id, order_id=order.order_id, shard=shard, verb=verb.value)
    await journal.commit(unit)
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(_LOOK_S)
        row = (await journal.rows(_BY_ID, errand_id=errand_id))[0]
        if row["done"] is not None:
            await _forget(journal, errand_id)
            if row["said"] is not None:
                raise WrongState(row["said"])
            return
    await _forget(journal, errand_id)
    raise JournalAway


async def of_shards(journal: Journal, shards: Iterable[int]) -> list[Errand]:
    """Return what is asked about orders of these shards."""
    ours = frozenset(shards)
    rows = await journal.rows(_OPEN)
    return [Errand(row["errand_id"], Verb(row["verb"]), row["order_id"]) for row in rows if row["shard"] in ours]


async def answer(journal: Journal, errand: Errand, why_not: str | None) -> None:
    """Say that it was done, or why not."""
    unit = Unit()
    unit.add(_ANSWER, where_errand_id=errand.errand_id, done=1, said=why_not)
    await journal.commit(unit)


async def _forget(journal: Journal, errand_id: str) -> None:
    unit = Unit()
    unit.add(_FORGET, forgotten=errand_id)
    await journal.commit(unit)
