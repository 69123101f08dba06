"""``linegate order …``: posting, previewing, following and moving orders."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.cli import order_tables
from gateway.cli.failure import Refused, WrongUse
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


def read_orders(source: str) -> list[Json]:
    """Read one JSON order, a list of them, or one a line; ``-`` is stdin. Raises WrongUse."""
    name = "stdin" if source == "-" else source
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except OSError as missing:
        raise WrongUse(f"{name}: cannot be read ({missing.strerror})") from missing
    except UnicodeDecodeError as broken:
        raise WrongUse(f"{name}: is not UTF-8") from broken
    found = _documents(name, text)
    if not found:
        raise WrongUse(f"{name}: has no order; give one JSON object, or one a line")
    for number, order in enumerate(found, start=1):
        if not isinstance(order, dict):
            raise WrongUse(f"{name}: order {number} is no JSON object")
    return found


def _documents(name: str, text: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except ValueError:
        return [json_line(name, n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    return whole if isinstance(whole, list) else [whole]


def json_line(name: str, number: int, line: str) -> Any:  # noqa: ANN401 - any JSON
    """Read one line of a JSONL file. Raises WrongUse naming it."""
    try:
        return json.loads(line)
    except ValueError as broken:
        raise WrongUse(f"{name}: line {number} is not JSON: {broken}") from broken


def make_order(action: str, line: Mapping[str, str | None], details: str, rest: Mapping[str, object]) -> Json:
    """Make a body from the command line's words. Raises WrongUse."""
    named = {name: value for name, value in line.items() if value is not None}
    if len(named) != 1:
        raise WrongUse("name the line by exactly one of --msisdn, --imsi and --iccid")
    try:
        read = json.loads(details)
    except ValueError as broken:
        raise WrongUse(f"--details is not JSON ({broken}): write it like '{{\"reason\": \"fraud\"}}'") from broken
    if not isinstance(read, dict):
        raise WrongUse("--details must be a JSON object, like '{\"reason\": \"fraud\"}'")
    given = {name: value for name, value in rest.items() if value is not None}
    who = {"who": _who(), "channel": "cli"}
    return {"action": action, "line": named, "details": read, "requested_by": who, **given}


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in many containers
        return "unknown"


def post(orders: Sequence[Json], manner: Manner) -> None:
    """Post orders in turn and print what became of them. Raises Refused when one did not end completed."""
    with GatewayClient(Address.from_environment()) as client:
        if manner.dry_run:
            _preview(client, orders, manner)
            return
        outcomes = [_post_one(client, order, _key(manner, n, len(orders)), manner) for n, order in enumerate(orders, 1)]
    told = outcomes[0] if len(outcomes) == 1 else outcomes
    draw = order_tables.order if len(outcomes) == 1 else lambda _: order_tables.orders(outcomes)
    show(
        told,
        as_json=manner.as_json,
        drawn=lambda: order_tables.acknowledged(outcomes) if manner.timeout_s is None else draw(outcomes[0]),
    )
    _judge(outcomes, manner)


def move(order_id: str, verb: str, *, as_json: bool) -> None:
    """Cancel, hold or resume an order and print it."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.post(f"/v1/orders/{order_id}/{verb}")
    show(document, as_json=as_json, drawn=lambda: order_tables.order(document))


def show_one(order_id: str, *, as_json: bool) -> None:
    """Print an order."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get(f"/v1/orders/{order_id}")
    show(document, as_json=as_json, drawn=lambda: order_tables.order(document))


def show_list(filters: Mapping[str, str | int | None], *, as_json: bool) -> None:
    """Print the newest orders that fit."""
    with GatewayClient(Address.from_environment()) as client:
        document = client.get("/v1/orders", **filters)
    show(document, as_json=as_json, drawn=lambda: order_tables.orders(document["items"]))


def _key(manner: Manner, number: int, count: int) -> str | None:
    """One key is for one order: of several, each gets the key and its number."""
    if manner.idempotency_key is None or count == 1:
        return manner.idempotency_key
    return f"{manner.idempotency_key}-{number}"


def _preview(client: GatewayClient, orders: Sequence[Json], manner: Manner) -> None:
    plans = [client.preview(order) for order in orders]
    if manner.as_json:
        show(plans[0] if len(plans) == 1 else plans, as_json=True, drawn=str)
        return
    for plan in plans:
        show(plan, as_json=False, drawn=lambda plan=plan: order_tables.plan(plan))  # type: ignore[misc]  # bound now


def _post_one(client: GatewayClient, order: Json, key: str | None, manner: Manner) -> Json:
    """Post; of several orders a refused one does not keep the others back."""
    accepted = client.place(order, key)
    return accepted if manner.timeout_s is None else until_ended(client, accepted["id"], manner.timeout_s)


def _judge(outcomes: Sequence[Json], manner: Manner) -> None:
    if manner.timeout_s is None:
        return
    for outcome in outcomes:
        if outcome["state"] not in ENDED:
            why = outcome.get("waiting_for") or "it waits its turn"
            raise Refused(
                f"order {outcome['id']} has not ended after {manner.timeout_s:g} s ({outcome['state']}: {why}); "
                f"follow it with `linegate order show {outcome['id']}`"
            )
        if outcome["state"] != "completed":
            detail = (outcome.get("error") or {}).get("detail", "see its steps")
            raise Refused(f"order {outcome['id']} ended {outcome['state']}: {detail}")
