"""``linegate card report``: what could not be told the gateway is told now, facts about cards first, then orders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType

from gateway.cli.card.facts import Facts
from gateway.cli.card.station import open_station
from gateway.cli.card.swap_orders import SwapOrders
from gateway.cli.card.troubles import explained
from gateway.cli.failure import Failure
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import rows, show, state, table


def report(station: Path | None, *, as_json: bool) -> None:
    """Send everything and print counts. Raises NotReached, or Failure when something could not be taken."""
    with explained():
        place = open_station(station)
        address = Address.from_environment()
        with GatewayClient(address) as client:
            client.get("/v1/orders", limit=1)  # nobody there, or the wrong token: said once, and nothing is touched
        facts = Facts(place, address)
        facts.send()
        with GatewayClient(address) as client:
            orders = [_post(client, SwapOrders(place), waiting) for waiting in place.orders().waiting()]
        told = {"facts": facts.to_json(), "orders": orders}
        show(told, as_json=as_json, drawn=lambda: _draw(facts, orders))
        _judge(facts, orders)


def _post(client: GatewayClient, orders: SwapOrders, waiting: Json) -> Json:
    named = {"msisdn": waiting["order"]["line"]["msisdn"], "new_iccid": waiting["order"]["details"]["new_iccid"]}
    try:
        accepted = orders.post(client, waiting)
    except Failure as failed:
        still = any(one["id"] == waiting["id"] for one in orders.waiting())
        return {**named, "id": None, "state": "waiting" if still else "refused", "why": str(failed)}
    return {**named, "id": accepted["id"], "state": accepted["state"], "why": None}


def _judge(facts: Facts, orders: Sequence[Json]) -> None:
    wrong = [f"swap of {one['msisdn']} to {one['new_iccid']}: {one['why']}" for one in orders if one["why"]]
    if statement := facts.statement():
        wrong.append(statement)
    if wrong:
        raise Failure("\n".join(wrong))


def _draw(facts: Facts, orders: Sequence[Json]) -> RenderableType:
    made = table("", "what", "which", "state")
    lines: list[tuple[object, ...]] = [("facts about cards", f"{facts.sent} sent", f"{len(facts.waiting())} kept")]
    lines += [("swap", f"{one['msisdn']} to {one['new_iccid']}", state(one["state"])) for one in orders]
    return rows(made, lines)
