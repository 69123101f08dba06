"""What /metrics tells of messages: the outbox, receipts, and each short message centre."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from drivers.esme.centre import Centre
from gateway.app import Gateway


async def tell_messages(gateway: Gateway, registry: CollectorRegistry) -> None:
    """Add the figures of the outbox and of every centre."""
    figures = await gateway.alerting.outbox.figures()
    queued = Gauge("linegate_outbox_queued", "Messages that may go now, by priority", ["priority"], registry=registry)
    for priority, count in figures.queued.items():
        queued.labels(priority).set(count)
    for name, help_, value in (
        ("oldest_seconds", "Age of the oldest message that may go now", figures.oldest_s),
        ("later", "Messages that wait for their time", figures.later),
        ("in_flight", "Messages being sent", figures.in_flight),
    ):
        Gauge(f"linegate_outbox_{name}", help_, registry=registry).set(value)
    tries = Counter("linegate_outbox_tries", "Tries since the start, by what came of them", ["end"], registry=registry)
    for end, count in figures.tries.items():
        tries.labels(end).inc(count)
    Gauge("linegate_receipts_parked", "Receipts whose message is not known yet", registry=registry).set(
        figures.parked_receipts
    )
    receipts = Counter("linegate_receipts", "Receipts since the start", ["state", "outcome"], registry=registry)
    for (state, outcome), count in figures.receipts.items():
        receipts.labels(state, outcome).inc(count)
    _tell_centres(gateway.network.centres.values(), registry)


def _tell_centres(centres: Iterable[Centre], registry: CollectorRegistry) -> None:
    bound = Gauge("linegate_centre_bound", "Connections bound", ["centre"], registry=registry)
    used = Gauge("linegate_centre_window_in_use", "Segments without an answer", ["centre"], registry=registry)
    answers = Counter("linegate_centre_answers", "Answers to segments", ["centre", "status"], registry=registry)
    latency = Gauge(
        "linegate_centre_latency_seconds", "Of the latest answers", ["centre", "quantile"], registry=registry
    )
    for centre in centres:
        figures = centre.figures()
        bound.labels(centre.name).set(figures.bound)
        used.labels(centre.name).set(figures.window_in_use)
        for status, count in figures.by_status.items():
            answers.labels(centre.name, status).inc(count)
        for quantile, value_s in (("0.5", figures.latency_p50_s), ("0.99", figures.latency_p99_s)):
            if value_s is not None:
                latency.labels(centre.name, quantile).set(value_s)
