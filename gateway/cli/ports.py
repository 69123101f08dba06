"""Numbers that come and go, asked of the gateway and printed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from rich.console import RenderableType

from gateway.cli.asker import requested_by
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import clock, facts, rows, state, table
from gateway.cli.printing import show as print_document


def show_ports(reference: str | None, msisdn: str | None, in_state: str | None, *, as_json: bool) -> None:
    """Print the numbers that come and go, or one of them."""
    with GatewayClient(Address.from_environment()) as client:
        if reference is None:
            document = client.get("/v1/ports", msisdn=msisdn, state=in_state)
        else:
            document = client.get(f"/v1/ports/{quote(reference, safe='')}")
    shown = _all if reference is None else _one
    print_document(document, as_json=as_json, drawn=lambda: shown(document))


def send_rio(msisdn: str, commitment_ends: str | None, *, as_json: bool) -> None:
    """Have a RIO sent to the line's phone."""
    body = {"requested_by": requested_by()} | ({} if commitment_ends is None else {"commitment_ends": commitment_ends})
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"/v1/lines/{quote(msisdn, safe='+')}/rio", body)
    print_document(document, as_json=as_json, drawn=lambda: facts(document, *document))


def _all(document: Json) -> RenderableType:
    items: Sequence[Json] = document["items"]
    made = table("", "reference", "way", "number", "day", "state", "released", "stored", "outage")
    told = (
        (
            port["reference"],
            port["direction"],
            port["msisdn"],
            port["day"],
            state(port["state"]),
            clock(port["released_at"]),
            clock(port["stored_at"]),
            "" if port["outage_s"] is None else f"{port['outage_s']:.0f} s",
        )
        for port in items
    )
    return rows(made, told)


def _one(document: Json) -> RenderableType:
    return facts(document, *(name for name in document if document[name] is not None))
