"""Several elements before the same subscribers, as two provisioning gateways of one HLR: a primary and its backups."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from drivers.commands import Command, Credentials, Reply
from drivers.dialect import Fit
from drivers.element import Element
from drivers.errors import Unreachable
from drivers.flow import Paused
from drivers.subscription import Subscription
from drivers.target import INTERACTIVE, Target


class Group(Target):
    """Several elements before the same subscribers; the first that lets commands through is spoken to."""

    def __init__(self, name: str, members: Sequence[Element]) -> None:
        self.name = name
        self.members = members
        self.capabilities = members[0].capabilities
        self.retry = members[0].retry

    def fit(self, wanted: Subscription) -> Fit:
        """See Target."""
        return self.members[0].fit(wanted)

    def describe(self, command: Command) -> str:
        """See Target."""
        return self.members[0].describe(command)

    async def send(self, command: Command, keys: Credentials | None = None, lane: int = INTERACTIVE) -> Reply:
        """See Target. What was certainly not sent to one is sent to the next; what is in doubt is not."""
        self.check(command)
        away: Unreachable | None = None
        for member in self.members:
            try:
                return await member.send(command, keys, lane)
            except Unreachable as trouble:
                if member.owes(command):  # by another way even a look could overtake what it still has in its hands
                    raise Unreachable(f"{member.name} may still do what it was told: {trouble}") from trouble
                away = away or (None if isinstance(trouble, Paused) else trouble)
        if away is not None:  # one that is not paused may answer any moment: no reason to wait for the others
            raise away
        raise Paused(*(self.paused or (f"no element of {self.name} lets anybody through", None)))

    @property
    def connected(self) -> bool:
        """See Target."""
        return any(member.connected for member in self.members)

    @property
    def paused(self) -> tuple[str, datetime | None] | None:
        """See Target; until the first of them is expected back."""
        pauses = [pause for member in self.members if (pause := member.paused) is not None]
        if len(pauses) < len(self.members):
            return None
        ends = [until for _, until in pauses if until is not None]
        return "; ".join(why for why, _ in pauses), min(ends, default=None)

    @property
    def in_maintenance(self) -> bool:
        """See Target."""
        return all(member.in_maintenance for member in self.members)

    async def reopened(self, timeout_s: float) -> None:
        """See Target."""
        waits = [asyncio.create_task(member.reopened(timeout_s)) for member in self.members]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def close(self) -> None:
        """See Target."""
        for member in self.members:
            await member.close()
