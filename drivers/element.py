"""One configured network element: its dialect's abilities and the sessions that carry commands to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drivers.commands import (
    Command,
    Credentials,
    Held,
    KeysHeld,
    Provide,
    ReadKeys,
    ReadSubscriber,
    Refused,
    Reply,
    Why,
)
from drivers.dialect import Capabilities
from drivers.errors import Garbled, NotSpoken
from drivers.session import Session
from drivers.subscription import Imsi, Subscription


class Element:
    """Where commands for a range of subscribers go."""

    def __init__(
        self,
        name: str,
        capabilities: Capabilities,
        sessions: Sequence[Session],
        describe: Callable[[Command], str],
    ) -> None:
        """``describe`` writes a command as this element would be sent it, secrets masked."""
        self.name = name
        self.describe = describe
        self.capabilities = capabilities
        self._sessions = sessions
        self._turn = 0

    def check(self, command: Command) -> None:
        """Raise NotSpoken, naming what is missing, when this element cannot be told the command."""
        if type(command) not in self.capabilities.commands:
            raise NotSpoken(f"element {self.name} has no command for {type(command).__name__}")
        if isinstance(command, Provide) and type(command.facet) not in self.capabilities.facets:
            raise NotSpoken(f"element {self.name} cannot hold {type(command.facet).__name__} ({command.facet})")

    async def send(self, command: Command, keys: Credentials | None = None) -> Reply:
        """Carry one command; see Session.send for what it raises."""
        self.check(command)
        self._turn = (self._turn + 1) % len(self._sessions)
        return await self._sessions[self._turn].send(command, keys)

    async def read(self, imsi: Imsi) -> Subscription | None:
        """Read one subscriber back; ``None`` when the element holds none. Raises as ``send``; Garbled if it refuses."""
        match await self.send(ReadSubscriber(imsi)):
            case Held(subscription):
                return subscription
            case Refused(Why.NOT_FOUND):
                return None
            case other:
                raise Garbled(f"{self.name} does not let itself be read: {other}")

    async def has_keys(self, imsi: Imsi) -> bool:
        """Tell whether the element holds keys for this IMSI. Raises as ``read``."""
        match await self.send(ReadKeys(imsi)):
            case KeysHeld():
                return True
            case Refused(Why.NOT_FOUND):
                return False
            case other:
                raise Garbled(f"{self.name} does not let its keys be listed: {other}")

    @property
    def connected(self) -> bool:
        """Whether any session is up."""
        return any(s.connected for s in self._sessions)

    async def close(self) -> None:
        """End every session."""
        for session in self._sessions:
            await session.close()
