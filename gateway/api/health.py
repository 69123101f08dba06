"""/health and /metrics: for whoever watches the gateway."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from pydantic import BaseModel
from sqlalchemy import func, or_, select

from gateway.api.archive_metrics import tell_archive
from gateway.api.context import TheGateway
from gateway.api.message_metrics import tell_messages
from gateway.api.port_metrics import tell_ports
from gateway.api.problems import answered
from gateway.audit import book
from gateway.journal.journal import JournalAway
from gateway.journal.listed import ORDERS_LISTED
from gateway.journal.messaging import messages
from gateway.journal.schema import NOT_ENDED, orders

router = APIRouter(tags=["health"])
# only what has no end yet: both have an index of that size, whatever was ever ordered or sent
_ORDERS = (
    select(orders.c.state, func.count().label("count")).where(NOT_ENDED, ORDERS_LISTED[orders]).group_by(orders.c.state)
)
_UNSENT = or_(*(messages.c.state == state for state in ("queued", "sending", "parked", "failed")))
_MESSAGES = select(messages.c.state, func.count().label("count")).where(_UNSENT).group_by(messages.c.state)


class Live(BaseModel):
    """The process answers."""

    status: str


class Ready(BaseModel):
    """Orders are taken; ``elements`` tells which have a conversation open now (none is needed to take orders)."""

    status: str
    backlog: int
    elements: dict[str, bool]


@router.get("/health/live", responses={200: {"model": Live}})
async def live() -> Response:
    """Tell that the process answers."""
    return JSONResponse({"status": "live"})


@router.get("/health/ready", responses=answered({200: Ready}, 503))
async def ready(gateway: TheGateway) -> Response:
    """Tell that orders are taken; 503 while the database does not answer."""
    if not gateway.journal.tenure.certain():
        raise JournalAway
    elements = {name: element.connected for name, element in gateway.network.all().items()}
    return JSONResponse({"status": "ready", "backlog": gateway.engine.backlog, "elements": elements})


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(gateway: TheGateway) -> Response:
    """Tell figures in Prometheus' text format."""
    registry = CollectorRegistry()
    by_state = Gauge("linegate_orders", "Orders without an end, by state", ["state"], registry=registry)
    for row in await gateway.journal.rows(_ORDERS):
        by_state.labels(row["state"]).set(row["count"])
    ended = Counter("linegate_orders_ended", "Orders ended since the start, by state", ["state"], registry=registry)
    for state, count in gateway.engine.ended.items():
        ended.labels(state).inc(count)
    texts = Gauge("linegate_messages", "Messages not sent, by state", ["state"], registry=registry)
    for row in await gateway.journal.rows(_MESSAGES):
        texts.labels(row["state"]).set(row["count"])
    await tell_messages(gateway, registry)
    await tell_ports(gateway, registry)
    tell_archive(gateway.archive.figures, registry)
    Counter("linegate_audited", "Lines and subscribers audited", registry=registry).inc(gateway.auditor.looked)
    drift = Gauge("linegate_audit_findings", "Findings of the audit that ended last", ["kind"], registry=registry)
    last = await book.last_ended(gateway.journal)
    for kind, count in ({} if last is None else book.Progress.from_row(last).kinds).items():
        drift.labels(kind).set(count)
    Gauge("linegate_backlog", "Orders waiting or in progress", registry=registry).set(gateway.engine.backlog)
    up = Gauge("linegate_element_connected", "Whether a session is open", ["element"], registry=registry)
    for name, element in gateway.network.all().items():
        up.labels(name).set(element.connected)
    Gauge("linegate_shards", "Shards of lines held by this instance", registry=registry).set(
        len(gateway.journal.tenure.shards)
    )
    Gauge("linegate_office", "Whether this instance does what one does for all", registry=registry).set(
        gateway.journal.tenure.office
    )
    return Response(generate_latest(registry), media_type="text/plain")
