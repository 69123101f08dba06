"""Those who wait for room, in the order they are to be let in."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from drivers.errors import Unreachable
from drivers.esme.place import Place

Row = tuple[frozenset[str], bool]
"""Which centres are avoided, and whether others are waited for: those alike in both are served one after the other."""


@dataclass(order=True, slots=True)
class Waiter:
    """Somebody who wants room for ``segments``; lower lanes go first, then lower tickets."""

    lane: int
    ticket: int
    segments: int = field(compare=False)
    avoid: frozenset[str] = field(compare=False)
    patient: bool = field(compare=False)
    place: asyncio.Future[Place] = field(compare=False)

    @property
    def row(self) -> Row:
        """Where it stands."""
        return self.avoid, self.patient

    def refuse(self, why: str) -> None:
        """Tell it that there will be no room."""
        if not self.place.done():
            self.place.set_exception(Unreachable(why))


class Waiting:
    """Rows of waiters. Only the heads are looked at, so it costs the same however many wait."""

    def __init__(self) -> None:
        self._rows: dict[Row, list[Waiter]] = {}

    def __bool__(self) -> bool:
        return any(True for _ in self.heads())

    def put(self, waiter: Waiter) -> None:
        """Let one stand in its row."""
        heapq.heappush(self._rows.setdefault(waiter.row, []), waiter)

    def heads(self) -> Iterator[Waiter]:
        """The first of each row; those who have their place, or have gone, are put away."""
        for row, waiters in list(self._rows.items()):
            while waiters and waiters[0].place.done():
                heapq.heappop(waiters)
            if waiters:
                yield waiters[0]
            else:
                del self._rows[row]

    def first(self, blocked: AbstractSet[Row]) -> Waiter | None:
        """Return who is next among all rows that are not blocked."""
        return min((head for head in self.heads() if head.row not in blocked), default=None)

    def refuse_all(self, why: str) -> None:
        """Send everybody away."""
        for waiters in self._rows.values():
            for waiter in waiters:
                waiter.refuse(why)
        self._rows.clear()
