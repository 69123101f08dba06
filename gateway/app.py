"""The composition root: the one place where the parts are made and joined."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.alerts.alerting import Alerting, open_alerting, sending
from gateway.alerts.outbox.outbox import Outbox
from gateway.alerts.usage.means import Means
from gateway.audit.auditor import Auditor
from gateway.audit.means import gather
from gateway.audit.schedule import auditing
from gateway.clients import without_token
from gateway.clocks.clockwork import Clocks
from gateway.elements import EIR
from gateway.handsets.handsets import Handsets, keeping
from gateway.journal.journal import Journal
from gateway.journal.sqlite import SqliteJournal
from gateway.network import Network, open_network
from gateway.orders.bulk import BulkOrders
from gateway.orders.bulk_placing import BulkPlacer
from gateway.orders.desk import Desk, Listeners
from gateway.orders.engine import Engine
from gateway.orders.judgement import Clock, Judge
from gateway.orders.saga import Saga
from gateway.orders.upkeep import Upkeep
from gateway.orders.work import Worker
from gateway.portability.means import Means as PortingMeans
from gateway.portability.porter import Porter
from gateway.routing import Topology
from gateway.settings import Settings
from gateway.stock.shelf import Shelf
from gateway.stock.vault import Vault, load_key

_log = logging.getLogger(__name__)


class Bell:
    """Wakes whoever waits for news: something was committed."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody waiting now."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def listen(self) -> asyncio.Event:
        """Return what the next ring sets: taken before looking, so that no news in between is missed."""
        return self._news

    @staticmethod
    async def wait(news: asyncio.Event, timeout_s: float) -> None:
        """Wait for that ring, at most so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), timeout_s)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway."""

    settings: Settings
    journal: Journal
    vault: Vault
    shelf: Shelf
    network: Network
    judge: Judge
    engine: Engine
    upkeep: Upkeep
    clocks: Clocks
    auditor: Auditor
    alerting: Alerting
    bell: Bell
    clock: Clock
    bulk: BulkOrders
    handsets: Handsets
    porter: Porter


def utc_now() -> datetime:
    """The time as everything here keeps it."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_gateway(
    settings: Settings,
    clock: Clock = utc_now,
    chance: random.Random | None = None,
    reach: Callable[[Topology], Network] = open_network,
) -> AsyncIterator[Gateway]:
    """Start a gateway and stop it again; ``reach`` makes its network. Raises ConfigError, VaultError, JournalLocked."""
    for advice in without_token(settings.clients):
        _log.warning("%s", advice)
    vault = Vault(load_key(settings.vault_key, settings.vault_key_file))
    journal = SqliteJournal(settings.data / "journal.db")
    network = reach(settings.topology)
    shelf, bell = Shelf(journal, vault), Bell()
    judge = Judge(journal, shelf, settings.contracts, clock, network)
    chance = chance or random.SystemRandom()
    outbox = Outbox(journal, clock, settings.messages, chance, bell.ring)
    listeners = Listeners(bell.ring, outbox.wake)
    desk = Desk(journal, settings.contracts, settings.texts, clock, listeners)
    worker = Worker(shelf.credentials, chance)
    engine = Engine(journal, desk, judge, Saga(desk, judge, network, worker), settings.engine.lines_at_once)
    upkeep = Upkeep(journal, network, clock)
    await upkeep.tend()  # before the first order: an element in maintenance hears nothing at all
    alerting = open_alerting(Means(journal, engine, settings.contracts, clock, listeners), settings.texts, outbox)
    placer = BulkPlacer(journal, engine, clock, settings.engine.max_backlog, bell.ring)
    bulk = BulkOrders(journal, clock, settings.bulk.needs_second_person, placer, bell.ring)
    registers = [name for name, config in settings.topology.elements.items() if config.role == EIR]
    handsets = Handsets(journal, registers, clock, bell.ring)
    tasks = [asyncio.create_task(part.run(), name=name) for name, part in (("upkeep", upkeep), ("alerting", alerting))]
    try:
        taken_up = await engine.start()
        _log.info("started; %d unfinished orders taken up", taken_up)
        tasks.append(asyncio.create_task(placer.run(), name="bulk orders"))  # after those they may not overtake
        clocks = Clocks(journal, engine, settings.contracts, clock, bell.ring)
        tasks.append(asyncio.create_task(clocks.run(), name="clocks"))  # what is under way comes before what is due
        porting = PortingMeans(journal, engine, network, settings.contracts, settings.texts, clock, listeners)
        porter = Porter(porting)
        tasks.append(asyncio.create_task(porter.run(), name="ports"))
        means = gather(
            settings=settings,
            journal=journal,
            network=network,
            judge=judge,
            shelf=shelf,
            engine=engine,
            clock=clock,
            published=bell.ring,
        )
        async with (
            auditing(means) as auditor,  # after the orders: what they change meanwhile is no drift
            sending(outbox, network, chance),
            keeping(handsets, network, (journal, clock, chance, bell.ring)),
        ):
            yield Gateway(
                settings=settings,
                journal=journal,
                vault=vault,
                shelf=shelf,
                network=network,
                judge=judge,
                engine=engine,
                upkeep=upkeep,
                clocks=clocks,
                auditor=auditor,
                alerting=alerting,
                bell=bell,
                clock=clock,
                bulk=bulk,
                handsets=handsets,
                porter=porter,
            )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await engine.stop()  # after those that still gave it orders
        await network.close()
        await journal.close()
