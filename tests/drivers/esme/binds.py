"""One connection to a scripted SMSC, and a note of all its watcher is told."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from drivers.commands import Reply
from drivers.dialects.smpp.delivery import Heard
from drivers.esme.bind import Bind
from drivers.esme.config import CentreConfig, Speed, Timers
from drivers.esme.hearing import Hear
from drivers.esme.terms import Role
from tests.drivers.esme.smsc import Smsc

TIMERS = Timers(session_init_s=5, enquire_link_s=20, inactivity_s=300, response_s=10)


def config(window: int = 10, timers: Timers = TIMERS) -> CentreConfig:
    return CentreConfig("east", "127.0.0.1", 2775, "gate", "FAKEpw01", timers=timers, speed=Speed(window))


@dataclass
class Notes:
    """A watcher."""

    answers: list[Reply | None] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    lost: int = 0
    rooms: int = 0
    bind: Bind | None = None

    def answered(self, reply: Reply | None, sent_s: float, now_s: float) -> None:
        self.answers.append(reply)
        self.took_s.append(now_s - sent_s)

    def cut(self, count: int) -> None:
        self.lost += count

    def room(self) -> None:
        self.rooms += 1

    def changed(self) -> None:
        if self.bind is not None:
            self.states.append(self.bind.state)


async def deaf(_: Sequence[Heard]) -> None:
    """Whatever is heard is well."""


@asynccontextmanager
async def bound(
    smsc: Smsc,
    how: CentreConfig | None = None,
    role: Role = Role.TRANSCEIVER,
    hear: Hear = deaf,
    notes: Notes | None = None,
) -> AsyncIterator[Bind]:
    """A bound connection; everything is put away afterwards."""
    notes = notes or Notes()
    bind = notes.bind = Bind(how or config(), role, smsc.connect, hear, notes)
    try:
        await bind.open()
        yield bind
    finally:
        await bind.close()
        await smsc.close()
