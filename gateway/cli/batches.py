"""``linegate batch …``: batches shown, moved, and their results written down."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from rich.console import Group, RenderableType

from gateway.cli.asker import requested_by
from gateway.cli.batch_ends import check_well, next_word
from gateway.cli.batch_following import follow_to_end
from gateway.cli.failure import NotReached, Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json, http_client
from gateway.cli.printing import cell, clock, facts, rows, show, state, table

BATCHES = "/v1/batches"
_FACTS = (
    "id",
    "state",
    "total",
    "sent_by",
    "created",
    "started",
    "ended",
    "rate_per_s",
    "eta_s",
    "approved_by",
    "detail",
)


def path(batch_id: str) -> str:
    """Return where a batch is."""
    return f"{BATCHES}/{quote(batch_id, safe='')}"


def show_one(batch_id: str, *, follow: bool, as_json: bool) -> None:
    """Print a batch; with ``follow`` once nothing moves by itself any more. Raises Refused if it ended otherwise."""
    with GatewayClient(Address.from_environment()) as client:
        where = path(batch_id)
        document = follow_to_end(client, where, quiet=as_json) if follow else client.get(where)
    show(document, as_json=as_json, drawn=lambda: draw(document))
    if follow:
        check_well(document)


def show_list(wanted: str | None, *, as_json: bool) -> None:
    """Print the newest batches."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(BATCHES, state=wanted)
    show(document, as_json=as_json, drawn=lambda: _draw_list(document))


def move(batch_id: str, verb: str, body: Mapping[str, Any] | None, *, as_json: bool) -> None:
    """Start, pause, resume or cancel a batch and print it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"{path(batch_id)}/{verb}", body)
    show(document, as_json=as_json, drawn=lambda: draw(document))


def approve(batch_id: str, *, as_json: bool) -> None:
    """Agree to a batch as whoever sits here, and print it."""
    move(batch_id, "approve", {"requested_by": requested_by()}, as_json=as_json)


def write_results(batch_id: str, out: Path, *, only_problems: bool = False) -> None:
    """Write a batch's results to a new file. Raises WrongUse when it is there, Refused, NotReached."""
    address = Address.from_environment()
    headers = {} if address.token is None else {"Authorization": f"Bearer {address.token}"}
    headers["Accept"] = "text/csv" if out.suffix.lower() == ".csv" else "application/x-ndjson"
    query = {"state": "problem"} if only_problems else {}
    try:
        with (
            http_client(address.url, headers) as http,
            http.stream("GET", f"{path(batch_id)}/results", params=query) as answer,
        ):
            if answer.status_code != HTTPStatus.OK:
                answer.read()
                raise Refused(f"{answer.status_code} {answer.json().get('detail', answer.reason_phrase)}")
            with out.open("xb") as file:
                for piece in answer.iter_bytes():
                    file.write(piece)
    except FileExistsError:
        raise WrongUse(f"{out} is there: it is not overwritten; name another file") from None
    except OSError as wrong:
        raise WrongUse(f"{out} cannot be written: {wrong.strerror}") from wrong
    except httpx.TransportError as broken:
        raise NotReached(f"no answer from {address.url} ({broken}): {out} is not whole") from broken


def draw(document: Json) -> RenderableType:
    """Draw a batch: what it is, its rows and orders by state, its problems by type."""
    shown = document | {
        "sent_by": (document["requested_by"] or {}).get("who"),
        "approved_by": (document["approved_by"] or {}).get("who"),
        **{name: clock(document[f"{name}_at"]) for name in ("created", "started", "ended")},
    }
    parts: list[RenderableType] = [facts(shown, *_FACTS)]
    for name in ("rows", "orders", "problems"):
        if document[name]:
            counted = ((state(word), count) for word, count in document[name].items())
            parts.append(rows(table("", name, "count"), counted))
    if document["state"] == "ready":
        parts.append(cell(next_word(document)))
    return Group(*parts)


def _draw_list(document: Json) -> RenderableType:
    made = table("", "id", "state", "rows", "problems", "created", "sent by")
    return rows(
        made,
        (
            (
                i["id"],
                state(i["state"]),
                i["total"],
                sum(i["problems"].values()),
                clock(i["created_at"]),
                (i["requested_by"] or {}).get("who"),
            )
            for i in document["items"]
        ),
    )
