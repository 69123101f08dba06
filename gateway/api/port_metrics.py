"""What /metrics tells of numbers that come and go."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from gateway.app import Gateway
from gateway.portability import book


async def tell_ports(gateway: Gateway, registry: CollectorRegistry) -> None:
    """Add how many are on their way, and how long numbers that came were out of service."""
    labels = ["direction", "state"]
    open_ = Gauge("linegate_ports", "Numbers on their way, by direction and state", labels, registry=registry)
    for row in await book.counts(gateway.journal):
        open_.labels(row["direction"], row["state"]).set(row["count"])
    figures = gateway.porter.figures
    help_ = "Numbers that came since the start, by whether the outage promised was kept"
    came = Counter("linegate_ports_completed", help_, ["within_promise"], registry=registry)
    for within, count in figures.came.items():
        came.labels(str(within).lower()).inc(count)
    total = Counter("linegate_port_outage_seconds", "Outage of those numbers, added up", registry=registry)
    total.inc(figures.outage_s)
    Gauge("linegate_port_outage_longest_seconds", "The longest of them", registry=registry).set(figures.longest_s)
