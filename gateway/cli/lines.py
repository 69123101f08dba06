"""``linegate line …``: what a line is, and what happened to it."""

from __future__ import annotations

from urllib.parse import quote

from gateway.cli import order_tables
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import show


def show_line(msisdn: str, *, as_json: bool) -> None:
    """Print a line."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(f"/v1/lines/{quote(msisdn, safe='+')}")
    show(document, as_json=as_json, drawn=lambda: order_tables.line(document))


def show_history(msisdn: str, *, as_json: bool) -> None:
    """Print a line's history, oldest first."""
    with GatewayClient(Address.from_environment()) as client:
        document = whole_history(client, f"/v1/lines/{quote(msisdn, safe='+')}/history")
    show(document, as_json=as_json, drawn=lambda: order_tables.history(document["items"]))


def whole_history(client: GatewayClient, path: str) -> Json:
    """Ask for a history page after page, and return it as one."""
    document = page = client.get(path)
    while page["next"] is not None:
        page = client.get(path, cursor=page["next"])
        document["items"] += page["items"]
    return document | {"next": None}
