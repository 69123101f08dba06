"""Several elements before the same subscribers, as two provisioning gateways of one HLR: a primary and its backups."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from drivers.commands import Command, Credentials, Reply
from drivers.dialect import Fit
from drivers.element import Element
from drivers.errors import Busy, Paused, Unreachable
from drivers.subscription import Subscription
from drivers.target import INTERACTIVE, Target


class Group(Target):
    """Several elements before the same subscribers; the first that lets commands through is spoken to."""

    def __init__(self, name: str, members: Sequence[Element]) -> None:
        self.name = name
        self.capabilities = members[0].capabilities
        self.retry = members[0].retry
        self._members = members

    def fit(self, wanted: Subscription) -> Fit:
        """See Target."""
        return self._members[0].fit(wanted)

    def describe(self, command: Command) -> str:
        """See Target."""
        return self._members[0].describe(command)

    async def send(self, command: Command, keys: Credentials | None = None, lane: int = INTERACTIVE) -> Reply:
        """See Target. What was certainly not sent to one is sent to the next; what is in doubt is not."""
        nobody: Unreachable = Paused(f"no element of {self.name} is in service", None)
        for member in self._members:
            try:
                return await member.send(command, keys, lane)
            except Busy:
                raise
            except Unreachable as away:
                nobody = away
        raise nobody

    @property
    def connected(self) -> bool:
        """See Target."""
        return any(member.connected for member in self._members)

    @property
    def paused(self) -> tuple[str, datetime | None] | None:
        """See Target."""
        pauses = [member.paused for member in self._members]
        return None if None in pauses else pauses[0]

    async def reopened(self, timeout_s: float) -> None:
        """See Target."""
        waits = [asyncio.create_task(member.reopened(timeout_s)) for member in self._members]
        _, late = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in late:
            wait.cancel()

    async def close(self) -> None:
        """See Target."""
        for member in self._members:
            await member.close()
