"""``linegate order …``: posting, previewing, following and moving orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rich.console import Group, RenderableType

from gateway.cli import order_tables
from gateway.cli.failure import Refused
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import show
from gateway.cli.waiting import ENDED, until_ended


@dataclass(frozen=True, slots=True)
class Manner:
    """How orders are posted; ``timeout_s`` is how long each is waited for, ``None`` is not at all."""

    dry_run: bool = False
    timeout_s: float | None = None
    idempotency_key: str | None = None
    as_json: bool = False


def post(orders: Sequence[Json], manner: Manner) -> None:
    """Post orders in turn and print what became of them. Raises Refused when one did not end as wished."""
    with GatewayClient(Address.from_environment()) as client:
        if len(orders) == 1:
            outcomes = [_post_one(client, orders[0], manner.idempotency_key, manner)]
        else:
            outcomes = [_try_one(client, order, n, manner) for n, order in enumerate(orders, start=1)]
    told = outcomes[0] if len(outcomes) == 1 else outcomes
    show(told, as_json=manner.as_json, drawn=lambda: _draw(outcomes, manner))
    _judge(outcomes, manner)


def move(order_id: str, verb: str, *, as_json: bool) -> None:
    """Cancel, hold or resume an order and print it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"/v1/orders/{quote(order_id, safe='')}/{verb}")
    show(document, as_json=as_json, drawn=lambda: order_tables.order(document))


def show_one(order_id: str, *, as_json: bool) -> None:
    """Print an order."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(f"/v1/orders/{quote(order_id, safe='')}")
    show(document, as_json=as_json, drawn=lambda: order_tables.order(document))


def show_list(filters: Mapping[str, str | int | None], *, as_json: bool) -> None:
    """Print the newest orders that fit."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get("/v1/orders", **filters)
    show(document, as_json=as_json, drawn=lambda: order_tables.orders(document["items"], document.get("next")))


def _post_one(client: GatewayClient, order: Json, key: str | None, manner: Manner) -> Json:
    if manner.dry_run:
        return client.preview(order)
    accepted = client.place(order, key)
    return accepted if manner.timeout_s is None else until_ended(client, accepted["id"], manner.timeout_s)


def _try_one(client: GatewayClient, order: Json, number: int, manner: Manner) -> Json:
    """Post one of several: a refused one does not keep the others back, and one key is for one order."""
    key = None if manner.idempotency_key is None else f"{manner.idempotency_key}-{number}"
    try:
        return _post_one(client, order, key, manner)
    except Refused as refused:
        told = {name: order.get(name) for name in ("external_id", "action", "line")}
        return {"id": None, **told, "state": "refused", "error": refused.document or {"detail": str(refused)}}


def _draw(outcomes: Sequence[Json], manner: Manner) -> RenderableType:
    if manner.dry_run:
        return Group(*(order_tables.plan(outcome) for outcome in outcomes))
    if len(outcomes) == 1 and manner.timeout_s is not None:
        return order_tables.order(outcomes[0])
    return order_tables.orders(outcomes)


def _judge(outcomes: Sequence[Json], manner: Manner) -> None:
    wrong = [text for outcome in outcomes if (text := _wrong(outcome, manner)) is not None]
    if wrong:
        raise Refused("\n".join(wrong))


def _wrong(outcome: Json, manner: Manner) -> str | None:
    """Tell why an outcome is not what was wished; ``None`` when it is."""
    state = outcome.get("state")
    name = f"order {outcome.get('id') or outcome.get('external_id') or 'without id'}"
    detail = (outcome.get("error") or {}).get("detail", "see its steps")
    if state == "refused":
        return f"{name} was refused: {detail}"
    if manner.timeout_s is None or state == "completed" or manner.dry_run:
        return None
    if state in ENDED:
        return f"{name} ended {state}: {detail}"
    why = outcome.get("waiting_for") or "it waits for its turn or its time"
    advice = f"follow it with `linegate order show {outcome.get('id')}`"
    return f"{name} has not ended after {manner.timeout_s:g} s ({state}: {why}); {advice}"
