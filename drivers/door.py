"""One way into an element: a dialect's abilities, and the sessions that speak it, each in its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from drivers.commands import (
    ChangeImsi,
    Command,
    Credentials,
    KeepAlive,
    ListPorts,
    ListSubscribers,
    Login,
    ReadImei,
    ReadKeys,
    ReadPort,
    ReadSubscriber,
    Reply,
)
from drivers.dialect import Capabilities
from drivers.errors import InDoubt, Uncertain, Unreachable
from drivers.session import Certain, Session, always

#: what changes nothing at the element
LOOKS = (ReadSubscriber, ReadKeys, ListSubscribers, ReadImei, ReadPort, ListPorts, Login, KeepAlive)

_AVOIDED_S = 1.0  # a session that cannot be opened is left to the others for so long


class Door:
    """Several sessions as one. The idlest is spoken on; where one kept silent, its subscriber is asked after."""

    def __init__(
        self, capabilities: Capabilities, sessions: Sequence[Session], describe: Callable[[Command], str]
    ) -> None:
        self.capabilities = capabilities
        self.sessions = sessions
        self.describe = describe
        self.certain: Certain = always  #: asked before a command that changes anything is written
        self._turn = 0
        self._in_flight = dict.fromkeys(range(len(sessions)), 0)
        self._avoided_until = dict.fromkeys(range(len(sessions)), 0.0)
        self._silent: dict[str, int] = {}  # by IMSI: where a command about it was not answered

    @property
    def connected(self) -> bool:
        """Whether any session is up."""
        return any(session.connected for session in self.sessions)

    def owes(self, command: Command) -> bool:
        """Tell whether an answer about one of the command's subscribers is still due on a line that is up."""
        kept = (self._silent.get(imsi) for imsi in _about(command))
        return any(n is not None and self.sessions[n].connected for n in kept)

    async def send(self, command: Command, keys: Credentials | None = None) -> Reply:
        """Say one command. Raises as ``Session.send``."""
        chosen = self._choose(command)
        self._in_flight[chosen] += 1
        try:
            certain = always if isinstance(command, LOOKS) else self.certain
            reply = await self.sessions[chosen].send(command, keys, certain)
        except Uncertain:
            raise
        except (InDoubt, asyncio.CancelledError):  # whoever gives up waiting does not take back what was sent
            if not isinstance(command, LOOKS):
                self._silent.update(dict.fromkeys(_about(command), chosen))
            raise
        except Unreachable:
            self._avoided_until[chosen] = asyncio.get_running_loop().time() + _AVOIDED_S
            raise
        else:
            for imsi in _about(command):
                self._silent.pop(imsi, None)
            return reply
        finally:
            self._in_flight[chosen] -= 1

    async def close(self) -> None:
        """End every session; the next command opens one again."""
        for session in self.sessions:
            await session.close()

    def _choose(self, command: Command) -> int:
        for imsi in _about(command):
            # an answer on the same line comes after all that was said on it before (docs/decisions/0004)
            kept = self._silent.get(imsi)
            if kept is not None and self.sessions[kept].connected:
                return kept
            self._silent.pop(imsi, None)
        now_s, count = asyncio.get_running_loop().time(), len(self.sessions)
        self._turn += 1
        in_turn = ((self._turn + n) % count for n in range(count))
        return min(in_turn, key=lambda n: (self._avoided_until[n] > now_s, self._in_flight[n]))


def _about(command: Command) -> Iterable[str]:
    """Name the subscribers a command is about."""
    if isinstance(command, ChangeImsi):
        return (command.old_imsi, command.new_imsi)
    imsi = getattr(command, "imsi", None)
    return () if imsi is None else (imsi,)
