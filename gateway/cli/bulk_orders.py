"""``linegate bulk …``: one action for many lines, followed and agreed to."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from rich.console import Group, RenderableType

from gateway.cli.asker import requested_by
from gateway.cli.failure import WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import cell, clock, facts, rows, show, state, table

_BULKS = "/v1/bulk-orders"
_NAMES = ("msisdn", "imsi", "iccid")
_FACTS = ("id", "external_id", "action", "state", "total", "accepted", "asked_by", "decided", "decided_by")


def make(action: str, by: str, file: str, details: str, rest: Mapping[str, str | None]) -> Json:
    """Make a body from the command line's words. Raises WrongUse."""
    if by not in _NAMES:
        raise WrongUse(f"--by must be one of: {', '.join(_NAMES)}")
    try:
        asked = json.loads(details)
    except ValueError as wrong:
        raise WrongUse(f"--details is no JSON ({wrong})") from wrong
    named = [row.strip() for row in _text(file).splitlines() if row.strip()]
    if not named:
        raise WrongUse(f"{file} names no line: write one a row")
    said = {name: value for name, value in rest.items() if value is not None}
    return {"action": action, "details": asked, "lines": [{by: name} for name in named], **said}


def submit(wish: Json, key: str | None, *, as_json: bool) -> None:
    """Post a bulk order and print what was taken."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(_BULKS, {**wish, "requested_by": requested_by()}, key or uuid.uuid4().hex)
    show(document, as_json=as_json, drawn=lambda: facts(document, "id", "external_id", "state", "total"))


def show_one(bulk_id: str, limit: int, cursor: str | None, *, as_json: bool) -> None:
    """Print a bulk order and some of its lines."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(_path(bulk_id), limit=limit, cursor=cursor)
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def show_list(wanted: str | None, *, as_json: bool) -> None:
    """Print the newest bulk orders."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(_BULKS, state=wanted)
    show(document, as_json=as_json, drawn=lambda: _draw_list(document))


def decide(bulk_id: str, verb: str, *, as_json: bool) -> None:
    """Approve or reject a bulk order and print it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"{_path(bulk_id)}/{verb}", {"requested_by": requested_by()})
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def _path(bulk_id: str) -> str:
    return f"{_BULKS}/{quote(bulk_id, safe='')}"


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise WrongUse(f"{file} cannot be read: {wrong}") from wrong


def _draw(document: Json) -> RenderableType:
    decided = document["decided_by"] or {}
    shown = document | {
        "accepted": clock(document["accepted_at"]),
        "asked_by": document["requested_by"]["who"],
        "decided": clock(document["decided_at"]),
        "decided_by": decided.get("who"),
    }
    counts = rows(table("", "state", "lines"), ((state(name), count) for name, count in document["counts"].items()))
    parts: list[RenderableType] = [facts(shown, *_FACTS), counts]
    if items := document.get("items"):
        made = table("", "n", "line", "state", "order", "why")
        parts.append(
            rows(made, ((i["n"], *i["line"].values(), state(i["state"]), i["order_id"], _why(i)) for i in items))
        )
    if document.get("next"):
        parts.append(cell(f"more with --cursor {document['next']}"))
    return Group(*parts)


def _why(item: Json) -> str | None:
    return None if item["problem"] is None else item["problem"].get("detail")


def _draw_list(document: Json) -> RenderableType:
    made = table("", "id", "action", "state", "lines", "accepted", "asked by")
    return rows(
        made,
        (
            (i["id"], i["action"], state(i["state"]), i["total"], clock(i["accepted_at"]), i["requested_by"]["who"])
            for i in document["items"]
        ),
    )
