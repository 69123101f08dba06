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
from gateway.batches.batches import Batches
from gateway.batches.intake import Intake
from gateway.batches.judging import Jury
from gateway.batches.tally import Tallies
from gateway.batches.validating import Validator
from gateway.batches.working import BatchWork
from gateway.clients import without_token
from gateway.clocks.clockwork import Clocks
from gateway.databases import open_journal
from gateway.elements import EIR
from gateway.handsets.handsets import Handsets, keeping
from gateway.journal.journal import Journal
from gateway.network import Network, open_network
from gateway.orders.archive import Archive
from gateway.orders.bulk import BulkOrders
from gateway.orders.bulk_placing import BulkPlacer, RowPlacing
from gateway.orders.bulk_work import BulkWork
from gateway.orders.desk import Desk, Listeners
from gateway.orders.engine import Engine
from gateway.orders.fair_share import FairShare
from gateway.orders.horizon import Horizon
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
from gateway.tenancy import Tenancy

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
            async with asyncio.timeout(timeout_s):  # wait_for may lose a cancel that comes with the news
                await news.wait()


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
    horizon: Horizon
    clock: Clock
    chance: random.Random
    bulk: BulkOrders
    batches: Batches
    archive: Archive
    placer: BulkPlacer
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
    """Start a gateway and stop it again; ``reach`` makes its network.

    Raises ConfigError, VaultError, JournalUnusable.
    """
    for advice in without_token(settings.clients):
        _log.warning("%s", advice)
    vault = Vault(load_key(settings.vault_key, settings.vault_key_file))
    bell = Bell()
    journal = await open_journal(settings.data, settings.database, bell.ring)
    network = reach(settings.topology)
    gateway = _join(settings, (journal, vault, bell), network, clock, chance or random.SystemRandom())
    upkeep = asyncio.create_task(gateway.upkeep.run(), name="upkeep")
    tenancy = Tenancy(gateway.engine, lambda: _office(gateway))
    try:
        await gateway.upkeep.tend()  # before the first order: an element in maintenance hears nothing at all
        gateway.engine.start()
        await journal.tenure.begin(tenancy)
        _log.info("started; %d unfinished orders taken up", gateway.engine.backlog)
        yield gateway
    finally:
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
        await journal.tenure.end()
        await gateway.engine.stop()  # after those that still gave it orders
        await network.close()
        await journal.close()


def _join(
    settings: Settings, own: tuple[Journal, Vault, Bell], network: Network, clock: Clock, chance: random.Random
) -> Gateway:
    """Make the parts and join them; nothing runs yet."""
    journal, vault, bell = own
    network.ask_first(journal.tenure.certain)
    shelf = Shelf(journal, vault)
    judge = Judge(journal, shelf, settings.contracts, clock, network)
    outbox = Outbox(journal, clock, settings.messages, chance, bell.ring)
    outbox.carriage = next((centre.config.carriage for centre in network.centres.values()), None)
    listeners = Listeners(bell.ring, outbox.wake)
    desk = Desk(journal, settings.contracts, settings.texts, clock, listeners)
    saga = Saga(desk, judge, network, Worker(shelf.credentials, chance))
    hosts = {host for rules in settings.contracts.values() for host in rules.hosts}
    engine = Engine(journal, desk, judge, saga, lines_at_once=settings.engine.lines_at_once, hosts={"", *hosts})
    share = FairShare(engine, settings.engine.lines_at_once)
    placing = RowPlacing(journal, engine, share, settings.engine.max_backlog)
    validator = Validator(Jury(journal, engine, judge, clock), share, settings.bulk.needs_second_person)
    works = (
        BulkWork(journal, clock, placing, bell.ring),
        BatchWork(journal, clock, validator, placing, bell.ring),
    )
    placer = BulkPlacer(share, works)
    intake = Intake(journal, clock, share, settings.max_body_bytes, placer.wake)
    registers = [name for name, config in settings.topology.elements.items() if config.role == EIR]
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
    return Gateway(
        settings=settings,
        journal=journal,
        vault=vault,
        shelf=shelf,
        network=network,
        judge=judge,
        engine=engine,
        upkeep=Upkeep(journal, network, clock),
        clocks=Clocks(journal, engine, settings.contracts, clock, bell.ring),
        auditor=Auditor(means),
        alerting=open_alerting(Means(journal, engine, settings.contracts, clock, listeners), settings.texts, outbox),
        bell=bell,
        horizon=Horizon(journal.tenure.late_s),
        clock=clock,
        chance=chance,
        bulk=BulkOrders(journal, clock, settings.bulk.needs_second_person, placer, bell.ring),
        batches=Batches(journal, clock, intake, Tallies(journal), placer.wake),
        archive=Archive(journal, settings.retention, clock),
        placer=placer,
        handsets=Handsets(journal, registers, clock, bell.ring),
        porter=Porter(PortingMeans(journal, engine, network, settings.contracts, settings.texts, clock, listeners)),
    )


@asynccontextmanager
async def _office(gateway: Gateway) -> AsyncIterator[None]:
    """Do what one instance does for all, for as long as this is entered."""
    journal, clock, ring = gateway.journal, gateway.clock, gateway.bell.ring
    parts = {
        "alerting": gateway.alerting.run,
        "bulk orders": gateway.placer.run,
        "clocks": gateway.clocks.run,
        "ports": gateway.porter.run,
        "archive": gateway.archive.run,
    }
    tasks = [asyncio.create_task(run(), name=name) for name, run in parts.items()]
    try:
        async with (
            auditing(gateway.auditor),  # after the orders: what they change meanwhile is no drift
            sending(gateway.alerting.outbox, gateway.network, gateway.chance),
            keeping(gateway.handsets, gateway.network, (journal, clock, gateway.chance, ring)),
        ):
            yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
