"""The FastAPI application: routers, errors, correlation, and an OpenAPI document that knows every action."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.api import audits, elements, events, health, lines, orders, problems, sims
from gateway.api.audit_bodies import AUDIT_REQUEST
from gateway.api.correlation import Correlation
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
        lines.router,
        sims.router,
        audits.router,
        elements.router,
        events.router,
        health.router,
    ):
        app.include_router(router)
    problems.install(app)
    app.add_middleware(Correlation, fault=problems.fault_of_ours)
    document: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not document:
            document.update(_document(app))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """Describe the routes, and orders by the union of what the open folder of actions holds."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas: dict[str, Any] = document["components"]["schemas"]
    order = order_bodies().json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(order.pop("$defs"))
    schemas["Order"] = order
    puk_request = sims.PukRequest.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(puk_request.pop("$defs"))
    schemas["PukRequest"] = puk_request
    audit_request = AUDIT_REQUEST.json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(audit_request.pop("$defs"))
    schemas["AuditRequest"] = audit_request
    schemas["MaintenanceRequest"] = elements.schema()
    schemas.update(schemas["MaintenanceRequest"].pop("$defs"))
    schemas["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs"))
    body = document["paths"]["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {"$ref": "#/components/schemas/Order"}
    return document
