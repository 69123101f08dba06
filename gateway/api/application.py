"""The FastAPI application: routers, errors, correlation, and an OpenAPI document that knows every action."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from gateway.api import (
    attaches,
    audits,
    batch_bodies,
    batch_events,
    batch_rows,
    batches,
    bulk_bodies,
    bulk_orders,
    deadlines,
    elements,
    events,
    handset_bodies,
    handsets,
    health,
    lines,
    loss_bodies,
    loss_reports,
    message_bodies,
    messages,
    orders,
    ports,
    problems,
    sims,
    usage,
    usage_bodies,
)
from gateway.api.audit_bodies import AUDIT_REQUEST
from gateway.api.correlation import Correlation
from gateway.api.forwarding import ToTheOffice
from gateway.app import Gateway
from gateway.orders.bodies import order_bodies

_DESCRIPTION = (
    "Orders say what was agreed; Linegate makes the network true and tells three facts apart: "
    "accepted (durable here), stored (read back from the element), effective (known to the serving node)."
)


def create_api(gateway: Gateway) -> FastAPI:
    """Make the application that serves one gateway."""
    app = FastAPI(title="Linegate", version="1", description=_DESCRIPTION, redoc_url=None, redirect_slashes=False)
    app.state.gateway = gateway
    for router in (
        orders.router,
        loss_reports.router,
        bulk_orders.router,
        batch_rows.router,
        batch_events.router,
        batches.router,
        lines.router,
        ports.router,
        handsets.router,
        deadlines.router,
        sims.router,
        usage.router,
        messages.router,
        attaches.router,
        audits.router,
        elements.router,
        events.router,
        health.router,
    ):
        app.include_router(router)
    problems.install(app)
    app.add_middleware(
        ToTheOffice,
        tenure=lambda: gateway.journal.tenure,
        max_body_bytes=lambda: gateway.settings.max_body_bytes,
    )
    app.add_middleware(Correlation, fault=problems.fault_of_ours)
    document: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not document:
            document.update(_document(app))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
    return app


def _shapes() -> dict[str, TypeAdapter[Any]]:
    """Bodies that are read by hand, so that FastAPI does not know them; and the one every error has."""
    return {
        "Order": order_bodies(),
        "BulkOrder": bulk_bodies.bulk_bodies(),
        "BulkDecision": bulk_bodies.DECISION,
        "BatchStart": batch_bodies.START,
        "LossReport": loss_bodies.LOSS_REPORT,
        "BlockRequest": handset_bodies.BLOCK,
        "UnblockRequest": handset_bodies.UNBLOCK,
        "UsageRecords": usage_bodies.RECORDS,
        "Alerting": TypeAdapter(usage_bodies.AlertingBody),
        "MessageRequest": message_bodies.MESSAGE_REQUEST,
        "PukRequest": TypeAdapter(sims.PukRequest),
        "AuditRequest": AUDIT_REQUEST,
        "MaintenanceRequest": elements.BODY,
        "Problem": TypeAdapter(problems.Problem),
    }


def _document(app: FastAPI) -> dict[str, Any]:
    """Describe the routes, and orders by the union of what the open folder of actions holds."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas: dict[str, Any] = document["components"]["schemas"]
    for name, shape in _shapes().items():
        schema = shape.json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    body = document["paths"]["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {"$ref": "#/components/schemas/Order"}
    return document
