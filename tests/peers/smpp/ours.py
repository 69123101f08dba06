"""Our own ESME at one foreign message centre: texts go in, what became of each comes out."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from random import Random

from drivers.commands import Refused, Reply, Submitted
from drivers.dialects.smpp.delivery import Heard, Receipt
from drivers.dialects.smpp.submission import Submission
from drivers.dialects.smpp.text import Carriage, split
from drivers.errors import InDoubt, Unreachable
from drivers.esme.centre import Centre
from drivers.esme.config import CentreConfig, Speed, Timers
from drivers.esme.connecting import connector
from drivers.esme.esme import Esme
from drivers.retry import Pauses
from drivers.subscription import Msisdn
from tests.journeys.programs import LOOPBACK
from tests.peers.smpp.centres import PASSWORD, SYSTEM_ID, ForeignSmsc

CONFIG = CentreConfig(
    name="foreign",
    host=LOOPBACK,
    port=0,
    system_id=SYSTEM_ID,
    password=PASSWORD,
    timers=Timers(response_s=5, enquire_link_s=5),
    speed=Speed(window=10, throttle_pause_s=0.01),
    reconnect=Pauses(0.05, 0.5),
)
FIRST = 33_600_000_000

Fate = Reply | InDoubt


class OurEsme:
    """Sends as whoever never gives up does: what was refused for now, or not sent, goes out again."""

    def __init__(self, config: CentreConfig) -> None:
        self.receipts: list[Receipt] = []
        self.throttled = 0
        self.esme = Esme([Centre(config, connector(config), Random(1))], Random(1), self._hear)
        self._references = itertools.count(1)

    async def send(self, to: int, text: str) -> list[Fate]:
        """Send one text; return the fate of each of its parts."""
        parts = split(text, Carriage(), next(self._references))
        messages = [Submission("MVNO", Msisdn(f"+{to}"), part, receipt=True) for part in parts]
        fates: list[Fate | None] = [None] * len(parts)
        while None in fates:
            left = [n for n, fate in enumerate(fates) if fate is None]
            with await self.esme.place(len(left)) as place:
                answers = [place.submit(messages[n]) for n in left]
            told = await asyncio.gather(*answers, return_exceptions=True)
            for n, fate in zip(left, told, strict=True):
                fates[n] = self._final(fate)
        return [fate for fate in fates if fate is not None]

    async def send_all(self, texts: Sequence[str]) -> list[Fate]:
        """Send texts of one part each, at once; to numbers that count up."""
        told = await asyncio.gather(*(self.send(FIRST + n, text) for n, text in enumerate(texts)))
        return [fate for (fate,) in told]

    async def _hear(self, _: str, heard: Sequence[Heard]) -> None:
        self.receipts += [one.delivery for one in heard if isinstance(one.delivery, Receipt)]

    def _final(self, fate: Reply | BaseException) -> Fate | None:
        if isinstance(fate, Refused) and fate.code == "0x58":
            self.throttled += 1
            return None
        if isinstance(fate, Unreachable):
            return None
        if isinstance(fate, BaseException) and not isinstance(fate, InDoubt):
            raise fate
        return fate


@contextlib.asynccontextmanager
async def our_esme(centre: ForeignSmsc, config: CentreConfig = CONFIG) -> AsyncIterator[OurEsme]:
    """Be bound to a foreign centre, however long that takes it."""
    ours = OurEsme(replace(config, port=centre.port))
    ours.esme.start()
    try:
        yield ours
    finally:
        await ours.esme.close()


def ids(fates: Sequence[Fate]) -> list[str]:
    """The ids of messages that were all taken, sorted."""
    assert all(isinstance(fate, Submitted) for fate in fates), [f for f in fates if not isinstance(f, Submitted)][:3]
    return sorted(fate.message_id for fate in fates if isinstance(fate, Submitted))
