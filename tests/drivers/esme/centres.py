"""Centres in front of scripted SMSCs, and an ESME in front of those."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

from drivers.dialects.smpp.delivery import Heard
from drivers.esme.centre import Centre
from drivers.esme.config import CentreConfig, Speed, Timers
from drivers.esme.esme import Esme
from drivers.esme.window import Answer
from drivers.retry import Pauses
from tests.drivers.esme.smsc import Smsc, submission
from tests.drivers.timelapse import soon

PLAIN = CentreConfig(
    "east",
    "127.0.0.1",
    2775,
    "gate",
    "FAKEpw01",
    timers=Timers(session_init_s=5, enquire_link_s=20, inactivity_s=300, response_s=10),
    reconnect=Pauses(0.5, 60),
)


def named(name: str, rank: int = 1, weight: int = 1, speed: Speed | None = None) -> CentreConfig:
    return dataclasses.replace(PLAIN, name=name, rank=rank, weight=weight, speed=speed or Speed())


class Ear:
    """Notes what was heard, and of whom."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Heard]] = []

    async def __call__(self, name: str, heard: Sequence[Heard]) -> None:
        self.heard += [(name, one) for one in heard]


@asynccontextmanager
async def esme_with(
    *pairs: tuple[CentreConfig, Smsc], ear: Ear | None = None, wait: bool = True, seed: int = 1
) -> AsyncIterator[Esme]:
    """A started ESME, all its centres bound; everything is put away afterwards."""
    random = Random(seed)
    esme = Esme([Centre(how, smsc.connect, random) for how, smsc in pairs], random, ear or Ear())
    esme.start()
    try:
        if wait:
            await soon(lambda: all(centre.usable for centre in esme.centres))
        yield esme
    finally:
        await esme.close(1)
        for _, smsc in pairs:
            await smsc.close()


async def send(esme: Esme, count: int = 1, avoid: frozenset[str] = frozenset()) -> tuple[str, list[Answer]]:
    """One message of so many segments; returns by whom it goes."""
    with await esme.place(count, avoid) as place:
        return place.centre.name, [place.submit(submission()) for _ in range(count)]
