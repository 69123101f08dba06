"""Elements made of sessions to scripted peers, and peers that stand still when told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from drivers import commands as c
from drivers.breaker import BreakerRules
from drivers.commands import Command, Refused, Why
from drivers.dialect import Capabilities, Client
from drivers.dialects import mml_h
from drivers.door import LOOKS, Door
from drivers.element import Element, Manners
from drivers.errors import Unreachable
from drivers.flow import Pace, Paused
from drivers.session import Session
from drivers.stream import Stream
from drivers.subscription import Imsi
from tests.drivers.peer import LOGIN, QUICK, Act, Peer, Silence
from tests.drivers.timelapse import ended

PROBE = c.ReadSubscriber(Imsi("001010000000000"))  #: what an element that is away is asked
BRISK = Manners(Pace(window=8, ramp_s=1.0), BreakerRules(failures=3, over_s=1.0, cool_down_s=2.0))


def mml() -> Client:
    return mml_h.client({})


def speaking(*commands: type, pushes: Sequence[type] = ()) -> Capabilities:
    """Less than the whole dialect."""
    return replace(mml_h.CAPABILITIES, commands=frozenset(commands), pushes=frozenset(pushes))


def empty(command: Command) -> Act:
    """Answer as one that holds nobody and does everything."""
    return Refused(Why.NOT_FOUND, "") if isinstance(command, LOOKS) and command != c.KeepAlive() else c.Done()


@dataclass
class Mortal(Peer):
    """Answers while it is alive; notes when it heard what."""

    alive: bool = True
    reachable: bool = True
    answer: Callable[[Command], Act] = empty
    at: list[tuple[float, Command]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.script = self._said

    async def connect(self) -> Stream:
        if not self.reachable:
            raise Unreachable("nobody there")
        return await super().connect()

    @property
    def asked(self) -> list[Command]:
        """What it was asked, logins apart."""
        return [command for command in self.heard if command != LOGIN]

    def _said(self, command: Command) -> Act:
        self.at.append((asyncio.get_running_loop().time(), command))
        if not self.alive:
            return Silence()
        return c.Done() if command == LOGIN else self.answer(command)


def door(
    *peers: Peer,
    can: Capabilities = mml_h.CAPABILITIES,
    client: Callable[[], Client] = mml,
    answer_timeout_s: float = QUICK.answer_timeout_s,
) -> Door:
    """One session for each peer."""
    limits = replace(QUICK, answer_timeout_s=answer_timeout_s)
    return Door(can, [Session("hlr-1", peer.connect, client, LOGIN, limits) for peer in peers], repr)


def element(*doors: Door, manners: Manners = BRISK, name: str = "hlr-1") -> Element:
    return Element(name, doors, mml_h.fit, manners)


@asynccontextmanager
async def standing(*elements: Element) -> AsyncIterator[None]:
    """Close them afterwards."""
    try:
        yield
    finally:
        for one in elements:
            await one.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


async def until_away(hlr: Element) -> list[type]:
    """Send one command after another until nobody is let through; return what came of each."""
    came: list[type] = []
    while not isinstance(end := await ended(hlr.send(c.RemoveSubscriber(Imsi("208990000000001")))), Paused):
        came.append(type(end))
        assert len(came) < 100
        await asyncio.sleep(0.2)
    return came


def lets_in(hlr: Element) -> bool:
    return hlr.paused is None
