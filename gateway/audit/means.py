"""What audits work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.audit.expectation import Expectations
from gateway.audit.hosting import Hosting
from gateway.audit.reading import Pace
from gateway.journal.journal import Journal
from gateway.network import Network
from gateway.orders.engine import Engine
from gateway.orders.judgement import Clock, Judge
from gateway.settings import Settings
from gateway.stock.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Means:
    """The parts of the gateway an audit asks, and the pace all audits share."""

    settings: Settings
    journal: Journal
    network: Network
    judge: Judge
    shelf: Shelf
    engine: Engine
    clock: Clock
    published: Callable[[], None]
    expectations: Expectations
    hosting: Hosting
    pace: Pace


def gather(  # noqa: PLR0913 - the parts, each once
    *,
    settings: Settings,
    journal: Journal,
    network: Network,
    judge: Judge,
    shelf: Shelf,
    engine: Engine,
    clock: Clock,
    published: Callable[[], None],
) -> Means:
    """Add what follows from them."""
    expectations = Expectations(journal, judge, shelf)
    hosting = Hosting(settings.contracts, settings.topology)
    pace = Pace(settings.audit.per_s)
    return Means(settings, journal, network, judge, shelf, engine, clock, published, expectations, hosting, pace)
