"""``linegate loss`` and ``linegate handset …``: lost and stolen lines, and the handsets that were in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from rich.console import Group, RenderableType

from gateway.cli.asker import requested_by
from gateway.cli.failure import Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import clock, facts, rows, show, state, table

_REASONS = ("lost", "stolen")
_FACTS = ("imei", "state", "reason", "reference", "asked", "confirmed")


def make(reason: str, named: Mapping[str, Sequence[str]], imei: str | None, rest: Mapping[str, str | None]) -> Json:
    """Make a body from the command line's words. Raises WrongUse."""
    if reason not in _REASONS:
        raise WrongUse(f"the reason must be one of: {', '.join(_REASONS)}")
    lines = [{name: value} for name, values in named.items() for value in values]
    if not lines:
        raise WrongUse("name at least one line by --msisdn, --imsi or --iccid")
    if imei is not None and len(lines) > 1:
        raise WrongUse("--imei goes with one line: report each handset with its own line")
    if imei is not None:
        lines[0]["imei"] = imei
    return {"reason": reason, "lines": lines, **{name: value for name, value in rest.items() if value is not None}}


def report(wish: Json, key: str | None, *, as_json: bool) -> None:
    """Post a report and print what became of each line. Raises Refused when one was not taken."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post("/v1/loss-reports", {**wish, "requested_by": requested_by()}, key or uuid.uuid4().hex)
    show(document, as_json=as_json, drawn=lambda: _draw_report(document))
    wrong = [f"{_line(item)}: {item['problem']['detail']}" for item in document["items"] if item.get("problem")]
    wrong += [f"{_line(i)}: {p['detail']}" for i in document["items"] if (p := (i.get("handset") or {}).get("problem"))]
    if wrong:
        raise Refused("\n".join(wrong))


def move_handset(imei: str, verb: str, said: Mapping[str, str | None], *, as_json: bool) -> None:
    """Block or unblock a handset and print it."""
    body = {name: value for name, value in said.items() if value is not None}
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"{_path(imei)}/{verb}", {**body, "requested_by": requested_by()})
    show(document, as_json=as_json, drawn=lambda: _draw_handset(document))


def show_handset(imei: str, *, as_json: bool) -> None:
    """Print a handset."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(_path(imei))
    show(document, as_json=as_json, drawn=lambda: _draw_handset(document))


def list_handsets(*, as_json: bool) -> None:
    """Print handsets."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get("/v1/handsets", limit=200)
    made = table("", *_FACTS)
    told = [_shown(item) for item in document["items"]]
    show(document, as_json=as_json, drawn=lambda: rows(made, ([i[name] for name in _FACTS] for i in told)))


def _path(imei: str) -> str:
    return f"/v1/handsets/{quote(imei, safe='')}"


def _line(item: Json) -> str:
    return " ".join(f"{name} {value}" for name, value in item["line"].items())


def _draw_report(document: Json) -> RenderableType:
    made = table(f"report {document['id']}", "line", "state", "order", "why")
    return rows(
        made,
        (
            (_line(i), state(i.get("state") or "refused"), i.get("id"), (i.get("problem") or {}).get("detail"))
            for i in document["items"]
        ),
    )


def _shown(document: Json) -> Json:
    return document | {"asked": clock(document["asked_at"]), "confirmed": clock(document["confirmed_at"])}


def _draw_handset(document: Json) -> RenderableType:
    made = table("registers", "element", "state", "at", "code", "text")
    told = ((e["element"], state(e["state"]), clock(e["at"]), e["code"], e["text"]) for e in document["elements"])
    return Group(facts(_shown(document), *_FACTS), rows(made, told))
