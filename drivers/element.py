"""One configured network element: its doors, how much it takes, and when it is left alone."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from drivers.breaker import Breaker, BreakerRules
from drivers.commands import AlreadySo, Command, Credentials, Done, KeepAlive, ReadSubscriber, Refused, Reply
from drivers.dialect import Capabilities, Fit
from drivers.door import Door
from drivers.errors import DriverError, InDoubt, NotSpoken, Uncertain, Unreachable
from drivers.flow import Flow, Pace
from drivers.retry import RetryRules
from drivers.session import Certain
from drivers.subscription import Imsi, Subscription
from drivers.target import INTERACTIVE, Target

_log = logging.getLogger(__name__)
_NOBODY = Imsi("001010000000000")  # TS 23.003 §2.2: a test network's IMSI; a health check is a read, even of nobody


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
        fit: Callable[[Subscription, Capabilities], Fit],
        manners: Manners | None = None,
    ) -> None:
        """What its doors can together is what it can; ``fit`` says how such an element would hold a subscription."""
        manners = manners or Manners()
        self.name = name
        self.capabilities = functools.reduce(Capabilities.and_, (door.capabilities for door in doors))
        self.retry = manners.retry
        self.flow = Flow(manners.pace)
        self._doors = doors
        self._fit = fit
        self._breaker = Breaker(manners.breaker)
        self._probe: asyncio.Task[None] | None = None
        self._parting: asyncio.Task[None] | None = None
        self._held: tuple[str, datetime | None] | None = None  # by a human's decision

    def fit(self, wanted: Subscription) -> Fit:
        """See Target."""
        return self._fit(wanted, self.capabilities)

    def describe(self, command: Command) -> str:
        """See Target."""
        return self._door(command).describe(command)

    async def send(self, command: Command, keys: Credentials | None = None, lane: int = INTERACTIVE) -> Reply:
        """See Target."""
        self.check(command)
        async with self.flow.admitted(lane):
            try:
                reply = await self._door(command).send(command, keys)
            except Uncertain:  # which says nothing about the element
                raise
            except (Unreachable, InDoubt):
                self._failed()
                raise
            self._breaker.answered()
        return replace(reply, by=self.name) if isinstance(reply, Done | AlreadySo | Refused) else reply

    def ask_first(self, certain: Certain) -> None:
        """Send nothing that changes anything unless ``certain`` says so when it is about to be written."""
        for door in self._doors:
            door.certain = certain

    @property
    def connected(self) -> bool:
        """See Target."""
        return any(door.connected for door in self._doors)

    def owes(self, command: Command) -> bool:
        """Tell whether an answer about one of the command's subscribers is still due on a line that is up."""
        return any(door.owes(command) for door in self._doors)

    @property
    def paused(self) -> tuple[str, datetime | None] | None:
        """See Target."""
        return self.flow.paused

    @property
    def in_maintenance(self) -> bool:
        """See Target."""
        return self._held is not None

    async def reopened(self, timeout_s: float) -> None:
        """See Target."""
        await self.flow.reopened(timeout_s)

    def hold(self, why: str, until: datetime | None) -> None:
        """Let nobody through, by a human's decision (maintenance), until ``release``."""
        if self._held == (why, until):
            return
        self._held = (why, until)
        self.flow.pause(why, until)
        if self._parting is None or self._parting.done():
            self._parting = asyncio.create_task(self._part(), name=f"parting {self.name}")

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
        for task in (self._probe, self._parting):
            if task is not None:
                task.cancel()
        for door in self._doors:
            await door.close()

    def _door(self, command: Command) -> Door:
        speaking = [door for door in self._doors if door.capabilities.speaks(command)]
        owing = [door for door in speaking if door.owes(command)]  # a look there is answered after what was said there
        pushing = [door for door in speaking if door.capabilities.heard(command)]
        return (owing or pushing or speaking or list(self._doors))[0]

    @property
    def _away(self) -> str:
        return f"{self.name} does not answer; it is asked again by one probe at a time"

    def _failed(self) -> None:
        if not self._breaker.failed(asyncio.get_running_loop().time()):
            return
        if self._held is None:
            self.flow.pause(self._away)
        if self._probe is None or self._probe.done():  # one that a late answer has stopped for now goes on
            self._probe = asyncio.create_task(self._until_well(), name=f"probe {self.name}")

    async def _until_well(self) -> None:
        """Ask once in a while, alone; a connect proves nothing, only answers at every door do."""
        while self._breaker.is_open:
            await asyncio.sleep(self._breaker.rules.cool_down_s)
            if await self._answers():
                self._breaker.answered()
        if self._held is None:
            self.flow.reopen()

    async def _answers(self) -> bool:
        """Ask at each door; one that knows neither reads nor keep-alives proves nothing either way."""
        for door in self._doors:
            reads = ReadSubscriber in door.capabilities.commands
            if self._held is not None:
                return False
            try:
                await door.send(ReadSubscriber(_NOBODY) if reads else KeepAlive())
            except NotSpoken:
                continue
            except DriverError:
                return False
            except Exception:  # noqa: BLE001 - a fault of ours must not leave the element alone for good
                _log.exception("probing %s stopped by a fault; it is tried again", self.name)
                return False
        return True

    async def _part(self) -> None:
        """End every session once all is answered: an element in maintenance hears nothing, not even keep-alives."""
        await self.flow.emptied()
        for door in self._doors:
            if self._held is not None:
                await door.close()
