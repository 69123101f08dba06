"""One configured network element: its doors, how much it takes, and when it is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from drivers.breaker import Breaker, BreakerRules
from drivers.commands import AlreadySo, Command, Credentials, Done, KeepAlive, ReadSubscriber, Refused, Reply
from drivers.dialect import Capabilities, Fit
from drivers.errors import DriverError, InDoubt, Unreachable
from drivers.flow import Flow, Pace
from drivers.retry import RetryRules
from drivers.session import Session
from drivers.subscription import Imsi, Subscription
from drivers.target import INTERACTIVE, Target

_NOBODY = Imsi("001010000000000")  # TS 23.003 §2.2: a test network's IMSI; a health check is a read, even of nobody


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: a dialect's abilities, and the sessions that speak it."""

    capabilities: Capabilities
    sessions: Sequence[Session]
    describe: Callable[[Command], str]


@dataclass(frozen=True, slots=True)
class Manners:
    """How an element is treated, whatever it speaks."""

    pace: Pace = field(default_factory=Pace)
    breaker: BreakerRules = field(default_factory=BreakerRules)
    retry: RetryRules = field(default_factory=RetryRules)


class Element(Target):
    """One configured element. A command goes through the first door whose dialect pushes it, else that speaks it."""

    def __init__(
        self,
        name: str,
        doors: Sequence[Door],
        fit: Callable[[Subscription], Fit],
        manners: Manners | None = None,
        capabilities: Capabilities | None = None,
    ) -> None:
        """``capabilities`` may take away from what the doors can; ``fit`` says how it would hold a subscription."""
        manners = manners or Manners()
        together = doors[0].capabilities
        for door in doors[1:]:
            together = together.and_(door.capabilities)
        self.name = name
        self.capabilities = capabilities or together
        self.retry = manners.retry
        self.flow = Flow(manners.pace)
        self._doors = doors
        self._fit = fit
        self._breaker = Breaker(manners.breaker)
        self._turn = 0
        self._probe: asyncio.Task[None] | None = None
        self._held: tuple[str, datetime | None] | None = None  # by a human's decision

    def fit(self, wanted: Subscription) -> Fit:
        """See Target."""
        return self._fit(wanted)

    def describe(self, command: Command) -> str:
        """See Target."""
        return self._door(command).describe(command)

    async def send(self, command: Command, keys: Credentials | None = None, lane: int = INTERACTIVE) -> Reply:
        """See Target."""
        self.check(command)
        async with self.flow.admitted(lane):
            try:
                reply = await self._say(self._door(command), command, keys)
            except (Unreachable, InDoubt):
                self._failed()
                raise
        self._breaker.answered()
        return replace(reply, by=self.name) if isinstance(reply, Done | AlreadySo | Refused) else reply

    @property
    def connected(self) -> bool:
        """See Target."""
        return any(session.connected for door in self._doors for session in door.sessions)

    @property
    def paused(self) -> tuple[str, datetime | None] | None:
        """See Target."""
        return self.flow.paused

    async def reopened(self, timeout_s: float) -> None:
        """See Target."""
        await self.flow.reopened(timeout_s)

    def hold(self, why: str, until: datetime | None) -> None:
        """Let nobody through, by a human's decision (maintenance), until ``release``."""
        if self._held != (why, until):
            self._held = (why, until)
            self.flow.pause(why, until)

    def release(self) -> None:
        """End ``hold``, if there is one; if the element does not answer anyway, only its probe goes on."""
        if self._held is None:
            return
        self._held = None
        if self._breaker.is_open:
            self.flow.pause(self._away)
        else:
            self.flow.reopen()

    async def close(self) -> None:
        """See Target."""
        if self._probe is not None:
            self._probe.cancel()
        for door in self._doors:
            for session in door.sessions:
                await session.close()

    def _door(self, command: Command) -> Door:
        speaking = [door for door in self._doors if door.capabilities.speaks(command)]
        pushing = [door for door in speaking if door.capabilities.heard(command)]
        return (pushing or speaking or list(self._doors))[0]

    async def _say(self, door: Door, command: Command, keys: Credentials | None) -> Reply:
        self._turn += 1
        return await door.sessions[self._turn % len(door.sessions)].send(command, keys)

    @property
    def _away(self) -> str:
        return f"{self.name} does not answer; it is asked again by one probe at a time"

    def _failed(self) -> None:
        if self._breaker.failed(asyncio.get_running_loop().time()):
            if self._held is None:
                self.flow.pause(self._away)
            self._probe = asyncio.create_task(self._until_well(), name=f"probe {self.name}")

    async def _until_well(self) -> None:
        """Ask once in a while, alone; a connect proves nothing, only answers at every door do."""
        while self._breaker.is_open:
            await asyncio.sleep(self._breaker.rules.cool_down_s)
            if self._held is None and await self._answers():
                self._breaker.answered()
        if self._held is None:
            self.flow.reopen()

    async def _answers(self) -> bool:
        try:
            for door in self._doors:
                reads = ReadSubscriber in door.capabilities.commands
                await self._say(door, ReadSubscriber(_NOBODY) if reads else KeepAlive(), None)
        except DriverError:
            return False
        return True
