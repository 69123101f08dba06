"""What an instance holds of the database: shards of lines, and the office, whose holder does what is done only once.

An embedded journal is its one process's own: everything is held from the start to the end. A shared one is held in
parts, each by one instance at a time; what is held comes and goes.
"""

from __future__ import annotations

from typing import Protocol

from gateway.journal.shards import EVERY_SHARD


class Tenant(Protocol):
    """Who works on what is held."""

    async def take(self, shards: frozenset[int]) -> None:
        """These shards are ours from here on: take up their orders."""

    async def leave(self, shards: frozenset[int]) -> None:
        """Begin nothing more in these shards; return when nothing is under way in them, at most a few seconds later."""

    async def lose(self) -> None:
        """Nothing is ours any more: stop everything at once; what was sent is somebody else's to look at."""

    async def news(self) -> None:
        """Other instances have accepted orders that may be ours to run."""

    async def take_office(self) -> None:
        """Begin what one instance does for all."""

    async def leave_office(self) -> None:
        """End it."""


class Tenure(Protocol):
    """Who knows what is held."""

    @property
    def shards(self) -> frozenset[int]:
        """The shards held now."""

    @property
    def office(self) -> bool:
        """Whether the office is held."""

    @property
    def shared(self) -> bool:
        """Whether other instances may write in the same database."""

    @property
    def late_s(self) -> float:
        """What was numbered or dated before may become visible so much later, not more."""

    def certain(self) -> bool:
        """Tell whether what is held is certainly held still: nothing may be sent to an element otherwise."""

    async def begin(self, tenant: Tenant) -> None:
        """Start holding; the tenant is told of everything from here on. Returns once the first share is taken."""

    async def end(self) -> None:
        """Hand everything back in good order, as at a planned stop."""

    async def holder_url(self, shard: int | None) -> str | None:
        """Return where the instance listens that holds a shard, or the office; ``None``: nobody does just now."""


class SoleTenure:
    """Everything is held by the one process there is."""

    def __init__(self) -> None:
        self._tenant: Tenant | None = None
        self.shards: frozenset[int] = frozenset()
        self.office = False
        self.shared = False
        self.late_s = 5.0

    def certain(self) -> bool:
        """See Tenure."""
        return True

    async def begin(self, tenant: Tenant) -> None:
        """See Tenure."""
        self._tenant, self.shards, self.office = tenant, EVERY_SHARD, True
        await tenant.take(EVERY_SHARD)
        await tenant.take_office()

    async def end(self) -> None:
        """See Tenure."""
        if self._tenant is not None and self.office:
            self.office = False
            await self._tenant.leave_office()

    async def holder_url(self, shard: int | None) -> str | None:  # noqa: ARG002 - it is all the same here
        """See Tenure: nobody else ever asks."""
        return None
