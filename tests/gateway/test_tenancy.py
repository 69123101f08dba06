"""What is held is not given up for what passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from gateway.journal.journal import JournalFull
from gateway.tenancy import Tenancy

if TYPE_CHECKING:
    from gateway.orders.engine import Engine


class _Crowded:
    """An engine and an office that find no room in the journal at first."""

    def __init__(self) -> None:
        self.taken: list[frozenset[int]] = []
        self.open = 0
        self.tries = 0

    async def take(self, shards: frozenset[int]) -> None:
        self._try()
        self.taken.append(shards)

    @asynccontextmanager
    async def office(self) -> AsyncIterator[None]:
        self._try()
        self.open += 1
        yield
        self.open -= 1

    def _try(self) -> None:
        self.tries += 1
        if self.tries % 3:
            raise JournalFull


async def test_while_too_much_waits_to_be_written_shards_and_office_are_taken_a_little_later() -> None:
    crowded = _Crowded()
    tenancy = Tenancy(cast("Engine", crowded), crowded.office)
    await tenancy.take(frozenset({1}))
    await tenancy.take_office()
    assert (crowded.taken, crowded.open, crowded.tries) == ([frozenset({1})], 1, 6)
    await tenancy.leave_office()
    assert crowded.open == 0
