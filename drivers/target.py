"""What commands are addressed to: one element or a group of them, all the same to whoever sends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Protocol

from drivers.commands import (
    Command,
    Credentials,
    Held,
    KeysHeld,
    Listed,
    ListSubscribers,
    Provide,
    ReadKeys,
    ReadSubscriber,
    Refused,
    Reply,
    Why,
)
from drivers.dialect import Capabilities, Fit, wording
from drivers.errors import Busy, Garbled, NotSpoken
from drivers.retry import RetryRules
from drivers.subscription import Imsi, Subscription

INTERACTIVE = 1  #: the lane of whoever does not say


class Standing(Protocol):
    """How anything that can be spoken to is doing, whatever it is."""

    name: str

    @property
    def connected(self) -> bool:
        """Whether any conversation is open."""

    @property
    def paused(self) -> tuple[str, datetime | None] | None:
        """Why nobody is let through now and until when; ``None`` when somebody is."""

    @property
    def in_maintenance(self) -> bool:
        """Whether that is by a human's decision."""


class Target(ABC):
    """Where commands for a range of subscribers go."""

    name: str
    capabilities: Capabilities
    retry: RetryRules

    @abstractmethod
    async def send(self, command: Command, keys: Credentials | None = None, lane: int = INTERACTIVE) -> Reply:
        """Carry one command. Raises Unreachable (Busy, Paused), InDoubt, Garbled, NotSpoken."""

    @abstractmethod
    def fit(self, wanted: Subscription) -> Fit:
        """Say how this element would hold a subscription."""

    @abstractmethod
    def describe(self, command: Command) -> str:
        """Write a command as this element would be sent it, secrets masked."""

    @property
    @abstractmethod
    def connected(self) -> bool:
        """Whether any session is up."""

    @property
    @abstractmethod
    def paused(self) -> tuple[str, datetime | None] | None:
        """Why nobody is let through now and until when; ``None`` when somebody is."""

    @property
    @abstractmethod
    def in_maintenance(self) -> bool:
        """Whether nobody is let through by a human's decision."""

    @abstractmethod
    async def reopened(self, timeout_s: float) -> None:
        """Wait until somebody is let through, or nobody is for another reason or time, at most so long."""

    @abstractmethod
    async def close(self) -> None:
        """End every session."""

    def check(self, command: Command) -> None:
        """Raise NotSpoken, naming what is missing, when this element cannot be told the command."""
        if self.capabilities.speaks(command):
            return
        if isinstance(command, Provide) and Provide in self.capabilities.commands:
            raise NotSpoken(f"element {self.name} cannot hold {wording(command.facet)}")
        raise NotSpoken(f"element {self.name} has no command for {type(command).__name__}")

    async def look(self, imsi: Imsi, lane: int = INTERACTIVE) -> Held | None:
        """Read one subscriber; ``None`` when the element holds none. Raises as ``send``; Garbled if it refuses."""
        match await self._ask(ReadSubscriber(imsi), lane):
            case Held() as held:
                return held
            case Refused(Why.NOT_FOUND):
                return None
            case other:
                raise Garbled(f"{self.name} does not let itself be read: {other}")

    async def read(self, imsi: Imsi, lane: int = INTERACTIVE) -> Subscription | None:
        """Read one subscriber's data. Raises as ``look``."""
        held = await self.look(imsi, lane)
        return None if held is None else held.subscription

    async def has_keys(self, imsi: Imsi, lane: int = INTERACTIVE) -> bool:
        """Tell whether the element holds keys for this IMSI. Raises as ``look``."""
        match await self._ask(ReadKeys(imsi), lane):
            case KeysHeld():
                return True
            case Refused(Why.NOT_FOUND):
                return False
            case other:
                raise Garbled(f"{self.name} does not let its keys be listed: {other}")

    async def list(self, prefix: str, lane: int = INTERACTIVE) -> tuple[Imsi, ...]:
        """Tell which IMSIs beginning with ``prefix`` are held. Raises as ``look``."""
        match await self._ask(ListSubscribers(prefix), lane):
            case Listed(imsis):
                return imsis
            case other:
                raise Garbled(f"{self.name} does not list its subscribers: {other}")

    async def _ask(self, question: Command, lane: int) -> Reply:
        """Ask something that changes nothing; Busy is raised, since there is nothing to decide."""
        match await self.send(question, lane=lane):
            case Refused(Why.BUSY) as busy:
                raise Busy(f"{self.name} is busy (code {busy.code})")
            case reply:
                return reply
