"""``linegate ports`` and ``linegate line rio``: numbers that come and go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import RenderableType

from gateway.cli.asker import requested_by
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.options import AsJson, Msisdn
from gateway.cli.printing import clock, facts, rows, state, table
from gateway.cli.printing import show as print_document

_Reference = Annotated[str | None, typer.Argument(help="A port's reference: all that is known of it.")]
_Number = Annotated[str | None, typer.Option("--msisdn", help="Only those of this number.")]
_Ends = Annotated[str | None, typer.Option("--commitment-ends", help="Last day the customer is bound, as 2026-11-30.")]


def ports(
    reference: _Reference = None,
    *,
    msisdn: _Number = None,
    in_state: Annotated[str | None, typer.Option("--state", help="Only those in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """List numbers that come and go, newest first, or show one of them."""
    with GatewayClient(Address.from_environment()) as client:
        if reference is None:
            document = client.get("/v1/ports", msisdn=msisdn, state=in_state)
        else:
            document = client.get(f"/v1/ports/{quote(reference, safe='')}")
    shown = _all if reference is None else _one
    print_document(document, as_json=as_json, drawn=lambda: shown(document))


def rio(msisdn: Msisdn, *, commitment_ends: _Ends = None, as_json: AsJson = False) -> None:
    """Have a line's RIO sent to its phone; it is shown to nobody else."""
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
