"""``linegate element …``: how elements are, and leaving them alone for a while."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from rich.console import Group, RenderableType

from gateway.cli.asker import requested_by
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import cell, clock, facts, rows, show, state, table

_FACTS = ("name", "kind", "role", "dialects", "transport", "connected", "state", "reason", "until", "window", "per_s")


def show_list(*, as_json: bool) -> None:
    """Print every element and group, one a row."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get("/v1/elements")
    show(document, as_json=as_json, drawn=lambda: _draw_all(document["items"]))


def show_one(name: str, *, as_json: bool) -> None:
    """Print an element."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(_path(name))
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def hold(name: str, why: str, until: str | None, *, as_json: bool) -> None:
    """Open a window by hand and print what the element is now."""
    body = {"why": why, "requested_by": requested_by()} | ({} if until is None else {"until": until})
    with GatewayClient(Address.from_environment()) as client:
        document = client.put(f"{_path(name)}/maintenance", body)
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def release(name: str, *, as_json: bool) -> None:
    """Close the window opened by hand and print what the element is now."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.delete(f"{_path(name)}/maintenance")
    show(document, as_json=as_json, drawn=lambda: _draw(document))


def _path(name: str) -> str:
    return f"/v1/elements/{quote(name, safe='')}"


def _draw_all(documents: Sequence[Json]) -> RenderableType:
    made = table("", "name", "role", "speaks", "state", "until", "window", "a second", "why")
    return rows(
        made,
        (
            (
                d["name"],
                d["role"],
                _speaks(d),
                state(d["state"]),
                clock(d["until"]),
                d["window"],
                d["per_s"],
                d["reason"],
            )
            for d in documents
        ),
    )


def _speaks(document: Json) -> str:
    if document["members"]:
        return "group of " + ", ".join(member["name"] for member in document["members"])
    return f"{' and '.join(document['dialects'])} over {document['transport']}"


def _draw(document: Json) -> RenderableType:
    shown = {**document, "until": clock(document["until"]), "connected": "yes" if document["connected"] else "no"}
    parts: list[RenderableType] = [facts(shown, *(name for name in _FACTS if shown.get(name) is not None))]
    if members := document["members"]:
        parts.append(rows(table("members", "name", "state"), ((m["name"], state(m["state"])) for m in members)))
    windows = [("by hand", document["opened"])] if document["opened"] else []
    windows += [("planned", window) for window in document["planned"]]
    if windows:
        made = table("maintenance", "", "since", "until", "why", "who")
        told = ((how, clock(w["since"]), clock(w["until"]), w["why"], w["who"]) for how, w in windows)
        parts.append(rows(made, told))
    can = table("can", "", "words")
    parts.append(rows(can, ((kind, cell(words)) for kind, words in document["capabilities"].items())))
    return Group(*parts)
