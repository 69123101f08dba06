"""``linegate card swap``: the card in hand becomes the line's; it has proven its keys before anything is ordered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType

from gateway.cli import order_tables
from gateway.cli.card.checking import check
from gateway.cli.card.desk import Desk, at_desk
from gateway.cli.card.options import Given, Origins
from gateway.cli.card.outcomes import failure_of
from gateway.cli.card.showing import line as one_line
from gateway.cli.card.single import Task, carry_out, prepared, state_unreported
from gateway.cli.card.swap_orders import SwapOrders
from gateway.cli.failure import Failure, NotReached, Refused, WrongUse
from gateway.cli.gateway_client import Address, GatewayClient, Json
from gateway.cli.printing import cell, show
from gateway.cli.waiting import ENDED, until_ended

REASONS: Final = ("lost", "stolen", "malfunction", "damaged", "other")
_MSISDN: Final = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Swap:
    """Which line gets the card, why, and what is done to the card before: without a job it is only checked."""

    msisdn: str
    reason: str
    job: Path | None
    origins: Origins
    accept_tries: int | None
    timeout_s: float


def swap(given: Given, wished: Swap, *, as_json: bool) -> None:
    """Do it all and print. Raises Failure when the card is not fit, or the order not accepted or not completed."""
    if wished.reason not in REASONS:
        raise WrongUse(f"--reason must be one of {', '.join(REASONS)}")
    if not _MSISDN.fullmatch(wished.msisdn):
        raise WrongUse("--msisdn must be E.164 with +, as +33699000001")
    with at_desk(given) as desk:
        try:
            iccid, card, words = _fit(desk, wished)
            order = _order(desk, wished, iccid)
        finally:
            state_unreported(desk)
        show({"card": card, "order": order}, as_json=as_json, drawn=lambda: _draw(words, order))
        _judge(order, wished, iccid)


def _fit(desk: Desk, wished: Swap) -> tuple[str, Json, str]:
    """Personalise or check the card; return its ICCID and what to show. Raises Failure unless it is proven."""
    if wished.job is not None:
        work = prepared(desk, Task(wished.job, wished.origins, wished.accept_tries))
        result = carry_out(desk, work)
        if (failure := failure_of(result)) is not None:
            failure.document = {"card": result.to_json(), "order": None}
            raise failure
        return result.iccid or "", result.to_json(), one_line(result)
    try:
        checked = check(desk, desk.cards(wished.origins, without_adm=True), wished.accept_tries)
    finally:
        desk.facts.send()
    if checked.why:
        text = f"card {checked.iccid}: {checked.why}; nothing was ordered"
        raise Failure(text, {"card": checked.to_json(), "order": None})
    return checked.iccid, checked.to_json(), f"{checked.iccid}: keys proven"


def _order(desk: Desk, wished: Swap, iccid: str) -> Json:
    """Post the swap and see it to its end. Raises Refused; NotReached and WrongUse when it is kept for later."""
    orders = SwapOrders(desk.station)
    document = orders.write_down(wished.msisdn, iccid, wished.reason)
    kept = f"the card {iccid} is done; the order is kept here, and `linegate card report` posts it"
    with GatewayClient(Address.from_environment()) as client:
        try:
            accepted = orders.post(client, document)
        except (NotReached, WrongUse) as away:
            raise type(away)(f"{away}\n{kept}") from away
        except Refused as refused:
            waits = any(one["id"] == document["id"] for one in orders.waiting())
            raise Refused(f"{refused}\n{kept}" if waits else f"{refused}", refused.document) from refused
        ended = until_ended(client, accepted["id"], wished.timeout_s)
        if ended["state"] == "completed":
            ended["line_iccid"] = client.get(f"/v1/lines/{wished.msisdn}").get("iccid")
        return ended


def _judge(order: Json, wished: Swap, iccid: str) -> None:
    state, name = order.get("state"), f"order {order.get('id')}"
    if state == "completed":
        if order["line_iccid"] != iccid:
            text = f"{name} had given the line this card before, and it has another by now: order it anew"
            raise Refused(f"{text} with `linegate order new swap_sim`")
        return
    if state in ENDED:
        raise Refused(f"{name} ended {state}: {(order.get('error') or {}).get('detail', 'see its steps')}")
    why = order.get("waiting_for") or "it waits for its turn or its time"
    advice = f"follow it with `linegate order show {order.get('id')}`"
    raise Refused(f"{name} has not ended after {wished.timeout_s:g} s ({state}: {why}); {advice}")


def _draw(words: str, order: Json) -> RenderableType:
    return Group(cell(words), order_tables.order(order))
