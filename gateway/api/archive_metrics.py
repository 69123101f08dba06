"""What /metrics tells of the archive."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from gateway.orders.archive import Figures


def tell_archive(figures: Figures, registry: CollectorRegistry) -> None:
    """Add how many orders this instance has moved."""
    Counter("linegate_orders_archived", "Orders archived since the start", registry=registry).inc(figures.orders)
