"""``linegate card puk …``: PUKs told by the gateway, and the trail of who had a card's secrets."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from rich.console import Group, RenderableType

from gateway.cli.card.disclosure import Reason, puks_told
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.lines import whole_history
from gateway.cli.printing import cell, clock, facts, rows, show, table


def show_puks(iccid: str, why: str, approved_by: str | None, *, as_json: bool) -> None:
    """Print a card's PUKs. Raises Refused with what to do, WrongUse, NotReached."""
    with GatewayClient(Address.from_environment()) as client:
        told = puks_told(client, iccid, Reason(why, approved_by))
    show(told, as_json=as_json, drawn=lambda: _draw(told))


def show_history(iccid: str, *, as_json: bool) -> None:
    """Print a card's trail, oldest first. Raises Refused, WrongUse, NotReached."""
    with GatewayClient(Address.from_environment()) as client:
        told = whole_history(client, f"/v1/sims/{quote(iccid, safe='')}/history")
    show(told, as_json=as_json, drawn=lambda: _trail(told["items"]))


def _draw(told: Json) -> RenderableType:
    return Group(facts(told, "iccid", "puk1", "puk2"), cell("ten wrong PUKs and the card is dead"))


def _trail(items: Sequence[Json]) -> RenderableType:
    made = table("", "when", "what", "who", "agreed", "station", "why")
    return rows(made, (_line(item, item["data"]) for item in items))


def _line(item: Json, data: Json) -> Sequence[object]:
    asked, agreed = (data.get(name) or {} for name in ("requested_by", "approved_by"))
    who = asked.get("who") or data.get("who")
    why = data.get("why") or data.get("detail")
    return (clock(item["at"]), item["type"], who, agreed.get("who"), data.get("station"), why)
