"""Alerts joined together: usage in, visits and questions in, messages out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from drivers.dialects.smpp.delivery import FromPhone
from drivers.esme.esme import Esme
from gateway.alerts.outbox.outbox import Outbox
from gateway.alerts.queries import Queries
from gateway.alerts.usage.figures import UsageFigures
from gateway.alerts.usage.means import Means
from gateway.alerts.usage.usage import Usage, open_usage
from gateway.alerts.welcome import Welcomer
from gateway.network import Network
from gateway.texts import Texts


@dataclass(frozen=True, slots=True)
class Alerting:
    """What the API needs of it."""

    usage: Usage
    welcomer: Welcomer
    outbox: Outbox

    async def run(self) -> None:
        """Tidy up for as long as the gateway runs."""
        await self.usage.retention.run()


def open_alerting(means: Means, texts: Mapping[str, Texts], outbox: Outbox) -> Alerting:
    """Make it; phones are answered from now on, whenever a centre tells of them."""
    usage = open_usage(means, texts)
    welcomer = Welcomer(means.journal, means.contracts, texts, clock=means.clock, listeners=means.listeners)
    figures = UsageFigures(means.journal, means.contracts, texts)
    queries = Queries(means.journal, means.contracts, texts, figures, clock=means.clock, listeners=means.listeners)

    async def asked(centre: str, message: FromPhone) -> None:
        await queries.asked(centre, message)

    outbox.answer_by(asked)
    return Alerting(usage, welcomer, outbox)


@asynccontextmanager
async def sending(outbox: Outbox, network: Network, chance: Random) -> AsyncIterator[None]:
    """Send while the block lasts; what is out when it ends is still waited for, as long as centres take to answer."""
    centres = tuple(network.centres.values())
    esme = Esme(centres, chance, outbox.hear)
    async with outbox.sending(esme if centres else None):
        esme.start()
        try:
            yield
        finally:
            try:
                await outbox.pause()
            finally:  # nobody else may be told by centres on connections of ours, even if we leave in a hurry
                await esme.close()
